"""Margin notes: how a reply went, in figures next to it. Only wide panes have room for them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING, Final, Literal, Protocol, TypeAlias

from rich.segment import Segment
from textual.strip import Strip

from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.wording.measures import pace, usage_of
from chatgrid_tui.ui.appearance import Signs
from chatgrid_tui.ui.transcript.render import formats
from chatgrid_tui.ui.transcript.render.figures import failing
from chatgrid_tui.ui.transcript.render.frame import Frame
from chatgrid_tui.ui.transcript.render.marks import mark_notes
from chatgrid_tui.ui.transcript.render.wrap import cells, fold
from chatgrid_tui.units import per_second

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.engine.stream_report import Notice, NoticeKind, StreamReport

Tone: TypeAlias = Literal["text", "muted", "warn", "error", "pulse"]
Note: TypeAlias = tuple[tuple[Tone, str], ...]
"""A row of the margin: pieces of text with their tones."""

_WIDTH: Final = 28
_PULSE: Final = 20
_LEVELS: Final = "▁▂▃▅▆▇"
_LONG_GAP: Final = 1.0
"""Seconds without text that are worth a note."""
_MOST_SAMPLES: Final = 1_000
_MINOR: Final[frozenset[NoticeKind]] = frozenset({"split_surrogates", "split_utf8", "slices"})
"""What is odd about a stream, and does no harm."""


class Pulse:
    """When the characters of a reply arrived."""

    def __init__(self) -> None:
        self._times: list[float] = []
        self._counts: list[int] = []
        self.longest_gap = 0.0

    def add(self, time: float, characters: int) -> None:
        """Record how many characters there are `time` seconds after sending."""
        if self._times and time <= self._times[-1]:
            self._counts[-1] = characters
            return
        if self._times:
            self.longest_gap = max(self.longest_gap, time - self._times[-1])
        self._times.append(time)
        self._counts.append(characters)
        if len(self._times) > _MOST_SAMPLES:
            del self._times[1::2], self._counts[1::2]

    def bars(self, end: float) -> str:
        """Return a bar for each of several equal parts of the time until `end`, as high as its share of the
        characters.
        """
        if len(self._times) < 2 or end <= 0:
            return ""
        ends = [bisect_left(self._times, end * (cell + 1) / _PULSE + 1e-9) for cell in range(_PULSE)]
        totals = [self._counts[at - 1] if at else 0 for at in ends]
        shares = [after - before for before, after in zip([0, *totals], totals, strict=False)]
        most = max(1, *shares)
        return "".join(_LEVELS[ceil(max(0, share) / most * (len(_LEVELS) - 1))] for share in shares)


class Margin(Protocol):
    """Knows what a reply does not know itself."""

    def report(self, turn: Turn, reply: Reply) -> StreamReport | None:
        """Return how a reply streamed, if that is known."""
        ...

    def hint(self, signs: Signs) -> str:
        """Return the key that shows more, and its name; empty if there is none."""
        ...


class NoMargin:
    """A margin without anything to add."""

    def report(self, turn: Turn, reply: Reply) -> StreamReport | None:
        """Return None."""
        return None

    def hint(self, signs: Signs) -> str:
        """Return nothing."""
        return ""


def notes_of(
    turn: Turn,
    reply: Reply,
    elapsed: float,
    pulse: Pulse | None,
    signs: Signs,
    report: StreamReport | None = None,
    hint: str = "",
) -> tuple[Note, ...]:
    """Return the notes of a reply, the most important ones first. `pulse` is for a reply that is being written,
    `report` for one that ended; `hint` says how to see more.
    """
    notes: list[Note] = [*mark_notes(reply, _WIDTH, signs)]
    if reply.first_token is not None:
        notes.append((("text", formats.seconds(reply.first_token)), ("muted", " first token")))
    written = usage_of(reply).written
    count, unit = (reply.deltas, "chunk") if written is None else (written, "token")
    span = elapsed if reply.duration is None else reply.duration
    so_far = " so far" if reply.live else ""
    if reply.live or reply.duration is not None:
        counted = (("muted", f" {signs.dot} "), ("text", formats.counted(count, unit)))
        notes.append((("text", formats.seconds(span)), ("muted", so_far), *(counted if count else ())))
    speed = _pace_of(reply, count, unit, report)
    bars = _bars(pulse, report, max(span, reply.last_data), signs)
    if speed:
        notes.append((("pulse", f"{bars}  " if bars else ""), ("text", f"{speed.partition(' ')[0]}/s")))
    notes += _refusals(turn, reply, signs)
    if report is None and pulse is not None and pulse.longest_gap > _LONG_GAP:
        gap = formats.seconds(pulse.longest_gap)
        notes.append((("warn", signs.waiting), ("muted", " longest gap "), ("text", gap)))
    if report is not None:
        if odd := _oddest(report):
            notes.append((("warn", f"{signs.waiting} "), ("text", odd.short)))
        records = " record" if report.events == 1 else " records"
        size = formats.size(report.size)
        notes.append((("text", f"{report.events:,}"), ("muted", f"{records} {signs.dot} "), ("text", size)))
    if hint:
        notes.append((("muted", hint),))
    return tuple(notes)


def _pace_of(reply: Reply, count: int, unit: str, report: StreamReport | None) -> str:
    """Return how fast a reply came: by its report, if that tells it."""
    if report is not None and report.burst:
        return ""
    if report is not None and unit == "chunk" and report.chunks_per_second is not None:
        return per_second(report.chunks_per_second, unit)
    if report is not None and unit == "token" and report.tokens_per_second is not None:
        return per_second(report.tokens_per_second, unit)
    return pace(reply, count, unit)


def _bars(pulse: Pulse | None, report: StreamReport | None, end: float, signs: Signs) -> str:
    if signs.half != "▀":
        return ""
    if report is not None and len(report.pulse) > 1:
        return "".join(_LEVELS[ceil(share * (len(_LEVELS) - 1))] for share in report.pulse)
    return "" if pulse is None else pulse.bars(end)


def _refusals(turn: Turn, reply: Reply, signs: Signs) -> Iterator[Note]:
    """Yield what became of the tries before a reply."""
    for refused, following in zip(turn.earlier, [*turn.earlier[1:], reply], strict=False):
        if refused.state in ("failed", "truncated"):
            ended = refused.started_at + timedelta(seconds=refused.duration or 0.0)
            wait = (following.started_at - ended).total_seconds()
            cause = f"{failing(refused)}, {ended.astimezone():%H:%M:%S}"
            yield ("error", f"{signs.failed} "), ("muted", cause)
            yield (("muted", f"  sent again after {formats.seconds(max(0.0, wait))}"),)


def _oddest(report: StreamReport) -> Notice | None:
    """Return the first notice, of those that matter most."""
    notices = [notice for notice in report.notices if notice.kind != "refused"]  # the tries are shown already
    return next((notice for notice in notices if notice.kind not in _MINOR), next(iter(notices), None))


def note_strips(notes: Sequence[Note], frame: Frame) -> list[Strip]:
    """Return the rows of notes, from the hairline at their left on."""
    room = frame.grid.width - frame.grid.notes
    strips: list[Strip] = []
    for note in notes:
        segments = [Segment(f"{frame.signs.rule} ", frame.ground("line"))]
        left = _WIDTH
        for tone, text in note:
            shown = text if cells(text) <= left else fold(text, max(2, left))[0]
            left -= cells(shown)
            segments.append(Segment(shown, frame.ground(frame.speaker.rail if tone == "pulse" else tone)))
        strips.append(Strip(segments).adjust_cell_length(room, frame.ground()))
    return strips
