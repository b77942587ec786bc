"""The head of the wire pane: figures and anomalies of the reply, and the types of its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from rich.segment import Segment
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from chatgrid_tui.engine.stream_report import Notice, StreamReport, figures
from chatgrid_tui.model.hue import Hue
from chatgrid_tui.model.truth_check import TruthCheck
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.wording.endings import STATE_NAMES
from chatgrid_tui.session.wording.truth import in_brief
from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.appearance import Look, look_of
from chatgrid_tui.ui.widgets.cells import both_ends, cut, filled, width_of
from chatgrid_tui.ui.widgets.line_view import DirectLines
from chatgrid_tui.ui.wire.effects import GROUPS, Group
from chatgrid_tui.ui.wire.row_drawing import columns_for, draw_head
from chatgrid_tui.ui.wire.wire_log import WireLog
from chatgrid_tui.units import counted, size

_MARGIN: Final = 2
_BETWEEN: Final = 2
_PULSE: Final = "▁▂▃▅▆▇"
_TALL: Final = 9
_SHORT: Final = 4
"""The rows of a short head without the figures."""


@dataclass(frozen=True, slots=True)
class HeadState:
    """The content of the head."""

    title: str = "no reply yet"
    """The reply that it describes."""
    state: str = ""
    report: StreamReport = field(default_factory=StreamReport)
    notice: Notice | None = None
    notice_number: int = 0
    notices: int = 0
    counts: Mapping[Group, int] | None = None
    group: Group | None = None
    pattern: str = ""
    truth: TruthCheck | None = None
    highest: int = 0
    """The largest row number."""
    hue: Hue | None = None


class WireHead(DirectLines):
    """Draws the head; a click on a type lists only rows of this type, one on the title shows another try."""

    ALLOW_SELECT = False

    @dataclass
    class GroupPressed(Message):
        """The user selected the rows of a group; None for all."""

        group: Group | None

    class TitlePressed(Message):
        """The user clicked the title, which names the try that is shown."""

    def __init__(self) -> None:
        super().__init__()
        self._state = HeadState()
        self._places: list[tuple[int, int, Group | None]] = []
        self._group_row = -1
        self._drawn: list[Strip] = []
        self._drawn_for: tuple[HeadState, Look, Size] | None = None

    def show(self, state: HeadState) -> None:
        """Show another state."""
        if state != self._state:
            self._state = state
            self.refresh()
            self._make_room()

    def on_resize(self) -> None:
        """Adapt to another width."""
        self._make_room()

    def _make_room(self) -> None:
        """Make a short head higher if the figures do not fit on one row."""
        rows = _figure_rows(self._state, look_of(self), self.size.width)
        self.set_class(self._state.counts is not None and len(rows) > 1, "-two-rows")

    @property
    def state(self) -> HeadState:
        """The state that is shown."""
        return self._state

    def render_line(self, y: int) -> Strip:
        """Overrides `Widget.render_line`."""
        look, width = look_of(self), self.size.width
        drawn_for = (self._state, look, self.size)
        if drawn_for != self._drawn_for:
            self._drawn_for, self._drawn = drawn_for, self._lines(look, width)
        return self._drawn[y] if y < len(self._drawn) else Strip.blank(width, look.style("text", "panel"))

    def on_click(self, event: events.Click) -> None:
        """Select the type under the mouse, or show another try."""
        if event.y == 0:
            event.stop()
            self.post_message(self.TitlePressed())
        if event.y == self._group_row:
            for start, end, group in self._places:
                if start <= event.x < end:
                    event.stop()
                    self.post_message(self.GroupPressed(group))

    def _lines(self, look: Look, width: int) -> list[Strip]:
        blank = Strip.blank(width, look.style("text", "panel"))
        title, columns = self._title(look, width), draw_head(columns_for(width - 1, self._state.highest), look)
        columns = filled([*columns], width, look.style("muted", "panel"))
        tall = self.size.height >= _TALL
        figure_rows = [blank] if self._state.counts is None else _figure_rows(self._state, look, width)
        notice, pulse = self._notice(look, width), self._pulse(look, width)
        groups = self._groups(look, width)
        if not tall:
            figure_rows = figure_rows[: max(1, self.size.height - _SHORT)]
            self._group_row = len(figure_rows) + 2
            return [title, *figure_rows, notice or pulse, groups, columns]
        self._group_row = 6
        hairline = look.signs.hairline * (width - 2 * _MARGIN)
        line = [Segment(" " * _MARGIN, look.style("text", "panel")), Segment(hairline, look.style("line", "panel"))]
        second = figure_rows[1] if len(figure_rows) > 1 else blank
        rows = [title, figure_rows[0], second, pulse, notice or blank, blank, groups, columns]
        return [*rows, filled(line, width, look.style("text", "panel"))]

    def _title(self, look: Look, width: int) -> Strip:
        fill = look.style("text", "panel")
        left = [
            Segment(" " * _MARGIN + "Wire", look.style("strong", "panel", bold=True)),
            Segment(f" {clean_line(self._state.title)}", look.style("muted", "panel")),
        ]
        right = [Segment(f"{self._state.state}", look.style("muted", "panel")), Segment(" " * _MARGIN, fill)]
        return both_ends(left, right, width, fill)

    def _pulse(self, look: Look, width: int) -> Strip:
        fill, report = look.style("text", "panel"), self._state.report
        ascii_only = look.signs.rule != "│"
        pulse = "" if ascii_only else "".join(_PULSE[round(share * (len(_PULSE) - 1))] for share in report.pulse)
        left = [Segment(" " * _MARGIN, fill), Segment(pulse, look.style(look.speaker(self._state.hue).rail, "panel"))]
        words = []
        if report.form is not None:
            words.append(f"form {report.form}")
        if report.finish_reason:
            words.append(f"finish_reason {clean_line(report.finish_reason, 24)}")
        right = [Segment(", ".join(words), look.style("muted", "panel")), Segment(" " * _MARGIN, fill)]
        return both_ends(left, right, width, fill)

    def _notice(self, look: Look, width: int) -> Strip | None:
        notice = self._state.notice
        if notice is None:
            return None
        fill = look.style("text", "panel")
        count = self._state.notices
        place = f" {self._state.notice_number} of {count}" if count > 1 else ""
        room = width - 2 * _MARGIN - len(place) - 2
        text = f"{look.signs.waiting} {cut(notice.sentence, room, look.signs.more)}"
        right = [Segment(place, look.style("muted", "panel")), Segment(" " * _MARGIN, fill)]
        left = [Segment(" " * _MARGIN, fill), Segment(text, look.style("warn", "panel"))]
        return both_ends(left, right, width, fill)

    def _groups(self, look: Look, width: int) -> Strip:
        fill, state = look.style("text", "panel"), self._state
        counts = state.counts or {}
        groups: list[tuple[Group | None, int]] = [(None, sum(counts.values()))]
        groups += [(group, counts[group]) for group in GROUPS if counts.get(group)]
        segments, self._places = [Segment(" " * _MARGIN, fill)], []
        for group, count in groups:
            chosen = group == state.group
            name = "All" if group is None else group.capitalize()
            start = width_of(segments)
            segments += [
                Segment(name, look.style("strong" if chosen else "text", "panel", bold=chosen, underline=chosen)),
                Segment(f" {count:,}", look.style("muted", "panel")),
            ]
            self._places.append((start, width_of(segments), group))
            segments.append(Segment(" " * _BETWEEN, fill))
        pattern = f"/{clean_line(state.pattern, 20)}/" if state.pattern else ""
        right = [Segment(pattern, look.style("accent", "panel")), Segment(" " * _MARGIN, fill)]
        return both_ends(segments, right, width, fill)


def _figure_rows(state: HeadState, look: Look, width: int) -> Sequence[Strip]:
    """Return the figures, and how the stored text compares, on as many rows as needed; values are bold."""
    fill = look.style("text", "panel")
    rows: list[list[Segment]] = [[Segment(" " * _MARGIN, fill)]]
    stored = "" if state.truth is None else in_brief(state.truth)
    for figure in filter(None, (*figures(state.report), stored)):
        name, _, value = figure.partition(" ")
        is_named = name.isalpha() and name.isupper()
        segments = (
            [
                Segment(f"{name} ", look.style("muted", "panel")),
                Segment(value, look.style("text", "panel", bold=True)),
            ]
            if is_named
            else [Segment(figure, look.style("text", "panel"))]
        )
        if len(rows[-1]) > 1 and width_of(rows[-1]) + _BETWEEN + width_of(segments) > width - _MARGIN:
            rows.append([Segment(" " * _MARGIN, fill)])
        if len(rows[-1]) > 1:
            rows[-1].append(Segment(" " * _BETWEEN, fill))
        rows[-1] += segments
    return [filled(row, width, fill) for row in rows]


def state_words(reply: Reply, log: WireLog, held: int | None, dot: str) -> str:
    """Return the state of a reply, and how much of it has arrived. `held` is the number of rows that arrived since
    the view was held.
    """
    if held is not None:
        return f"Held, {held:,} more"
    if not log.exchanges:
        return STATE_NAMES[reply.state] if reply.live else "Not recorded"
    came = size(sum(exchange.size for exchange in log.exchanges))
    last = "kept" if reply.recording_kept else came  # the figures contain the size, too
    return f"{STATE_NAMES[reply.state]} {dot} {counted(log.records, 'record')} {dot} {last}"
