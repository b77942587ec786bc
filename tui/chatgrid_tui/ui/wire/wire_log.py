"""The rows of the wire pane, stored in columns of numbers: a reply may have a million.

A row stores the place of its bytes and a short effect. Everything else is recomputed from the recording.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Literal, NamedTuple, TypeAlias, get_args

from chatgrid_tui.dialects.dialect import Dialect
from chatgrid_tui.engine.metered_trace import MeteredTrace
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.engine.stream_report import STALL
from chatgrid_tui.engine.trace import ByteSpan, CharSpan, TracedRecord
from chatgrid_tui.model.bubble import Bubble
from chatgrid_tui.model.events import Skipped, StreamFailed
from chatgrid_tui.ui.wire.effects import (
    NO_HEAD,
    Effect,
    Group,
    effect_of,
    leading_lines,
    line_effect,
    of_end,
    of_head,
    of_request,
)
from chatgrid_tui.units import counted

MOST_ROWS: Final = 1_000_000
"""The maximum number of listed rows. Further rows are only counted."""
_MOST_EFFECTS: Final = 50_000
"""The maximum number of different effects that are stored; a service might invent one for each record."""

RowKind: TypeAlias = Literal["request", "response", "record", "line", "end"]
_KINDS: Final[tuple[RowKind, ...]] = get_args(RowKind)
_FIRST_READ: Final = 2
"""The first number of a read; smaller ones are for the request and for the head of the answer."""
_NO_READ: Final = 2**31 - 1


class WireRow(NamedTuple):
    """A row of a reply's stream."""

    at: int
    """Its index among all rows."""
    kind: RowKind
    exchange: int
    t: float
    gap: float
    """Seconds since the previous row of the same exchange."""
    number: int
    """The number of the record, from 1; 0 if the row is none."""
    read: int
    """The number of the read that contained it, from 0; -1 if none did."""
    span: ByteSpan
    effect: Effect
    timed: bool = True
    """Whether its time is known."""


class WireLog:
    """What went over the wire for one reply, also while it is being received."""

    def __init__(self, dialect: Dialect) -> None:
        self.exchanges: list[MeteredTrace] = []
        self.counts: Counter[Group] = Counter()
        """The number of rows in each group."""
        self._omitted = 0
        """The number of rows that are not listed."""
        self._dialect = dialect
        self._mapper = dialect.mapper()
        self._effects: list[Effect] = []
        self._effect_numbers: dict[Effect, int] = {}
        self._kinds = array("B")
        self._exchange = array("B")
        self._times = array("d")
        self._numbers = array("I")
        self._reads = array("i")
        self._starts = array("Q")
        self._ends = array("Q")
        self._effect = array("I")
        self._bubbles = array("i")
        self._char_starts = array("Q")
        self._char_ends = array("Q")
        self._more_spans: dict[int, tuple[CharSpan, ...]] = {}
        """The spans of rows with more than one, or with one of a later edition."""
        self._row_of_trace = array("I")
        """The row of each traced record of the newest exchange."""
        self._exchange_starts: list[int] = []
        self._records = 0
        self._has_head = False
        """Whether the head of the newest exchange is listed."""
        self.marks = array("I")
        """The rows with an anomaly."""

    def __len__(self) -> int:
        """Return the number of listed rows."""
        return len(self._times)

    @property
    def recordings(self) -> list[Recording]:
        """The recordings, one for each request."""
        return [exchange.recording for exchange in self.exchanges]

    @property
    def records(self) -> int:
        """The number of records in the newest exchange so far."""
        return self._records

    @property
    def reached(self) -> tuple[int, int]:
        """The number of the newest exchange, from 0, and the number of its listed parts: its head, and the traced
        records; -1 and 0 if there is no exchange.
        """
        return len(self.exchanges) - 1, self._has_head + len(self._row_of_trace)

    @property
    def last_time(self) -> float:
        """When the newest row arrived, in seconds after its request was sent."""
        return self._times[-1] if self._times else 0.0

    @property
    def bubbles(self) -> dict[int, Bubble]:
        """The texts of the newest exchange so far."""
        return dict(self.exchanges[-1].trace.bubbles) if self.exchanges else {}

    def advance(self, recordings: Sequence[Recording], *, live: bool) -> Iterator[None]:
        """List what arrived since the last call, one step for each row. `live` is whether more may follow."""
        for number, recording in enumerate(recordings[:256]):
            if number == len(self.exchanges):
                self._begin(recording)
                yield
            exchange = self.exchanges[number]
            if number < len(self.exchanges) - 1 or exchange.trace.ended:
                continue
            self._add_head()
            yield
            for traced, data in exchange.advance():
                yield from self._list(traced, data)
            if not live:
                for traced, data in exchange.cut():
                    yield from self._list(traced, data)
            self._add_head()
            if exchange.trace.ended or not live:
                exchange.trace.ended = True
                self._end()
            yield

    def row(self, index: int) -> WireRow:
        """Return a row."""
        read = self._reads[index]
        return WireRow(
            index,
            _KINDS[self._kinds[index]],
            self._exchange[index],
            self._times[index],
            self.gap(index),
            self._numbers[index],
            read - _FIRST_READ if _FIRST_READ <= read < _NO_READ else -1,
            ByteSpan(self._starts[index], self._ends[index]),
            self._effects[self._effect[index]],
            self.exchanges[self._exchange[index]].recording.timed,
        )

    def gap(self, index: int) -> float:
        """Return the seconds since the previous row; 0 for the first row of an exchange."""
        if not index or self._exchange[index] != self._exchange[index - 1]:
            return 0.0
        return self._times[index] - self._times[index - 1]

    def group(self, index: int) -> Group:
        """Return the group of a row."""
        return self._effects[self._effect[index]].group

    def is_frame(self, index: int) -> bool:
        """Return whether a row is the request, the head of the answer, or the end."""
        return _KINDS[self._kinds[index]] not in ("record", "line")

    def data(self, index: int) -> bytes:
        """Return the bytes of a row."""
        recording = self.exchanges[self._exchange[index]].recording
        return recording.part(self._starts[index], self._ends[index])

    def char_spans(self, index: int) -> tuple[CharSpan, ...]:
        """Return the characters that a row added."""
        if index in self._more_spans:
            return self._more_spans[index]
        bubble = self._bubbles[index]
        return () if bubble < 0 else (CharSpan(bubble, self._char_starts[index], self._char_ends[index]),)

    def rows_of_read(self, index: int) -> tuple[int, int]:
        """Return the first row in the read of a row, and the one after the last."""
        exchange, read = self._exchange[index], self._reads[index]
        start = self._exchange_starts[exchange]
        following = self._exchange_starts[exchange + 1] if exchange + 1 < len(self._exchange_starts) else len(self)
        first = bisect_left(self._reads, read, start, following)
        return first, bisect_right(self._reads, read, first, following)

    def row_of_character(self, bubble: int, at: int) -> int | None:
        """Return the row of the newest exchange that added a character of a bubble, in its last edition."""
        if not self.exchanges:
            return None
        edition = self.bubbles[bubble].edition if bubble in self.bubbles else 0
        for index in range(len(self) - 1, self._exchange_starts[-1] - 1, -1):
            if self._bubbles[index] < 0:
                continue
            for span in self.char_spans(index):
                if span.bubble == bubble and span.edition == edition and span.start <= at < span.end:
                    return index
        return None

    def row_of_record(self, number: int) -> int | None:
        """Return the row of a traced record of the newest exchange; None if it has none."""
        return self._row_of_trace[number] if 0 <= number < len(self._row_of_trace) else None

    def matching(self, group: Group | None, matches: Callable[[bytes], bool] | None, first: int = 0) -> Iterator[int]:
        """Yield the rows of a group whose bytes or effect match, from `first` on, and -1 for those that do not."""
        groups = [effect.group for effect in self._effects]
        for index in range(first, len(self)):
            effect = self._effect[index]
            if effect >= len(groups):
                groups = [effect.group for effect in self._effects]
            is_listed = group is None or (groups[effect] == group and not self.is_frame(index))
            yield index if is_listed and (matches is None or self._matches(index, matches)) else -1

    def _matches(self, index: int, matches: Callable[[bytes], bool]) -> bool:
        effect = self._effects[self._effect[index]]
        return matches(self.data(index)) or matches(f"{effect.type} {effect.text}".encode("utf-8", "replace"))

    def _begin(self, recording: Recording) -> None:
        self._exchange_starts.append(len(self))
        self.exchanges.append(MeteredTrace(recording, self._dialect))
        self._mapper = self._dialect.mapper()
        self._row_of_trace = array("I")
        self._records = 0
        self._has_head = False
        self._add("request", 0.0, 0, (0, 0), of_request(recording))

    def _list(self, traced: TracedRecord, data: bytes) -> Iterator[None]:
        """Add the rows of a traced record: the lines before it that are no fields, and the record itself."""
        self._add_head()
        exchange = self.exchanges[-1]
        start, done = traced.byte_span.start, 0
        is_stray = traced.record is not None and traced.record.stray
        if exchange.trace.framing == "sse" and not data.startswith(b"data:") and not is_stray:
            for end in leading_lines(data):
                self._add_line(start + done, start + end, line_effect(data[done:end]))
                done = end
                yield
        rest = data[done:]
        says = traced.record is not None or traced.char_spans or any(map(_is_trouble, traced.events))
        if says:
            self._row_of_trace.append(len(self))
            self._add_record(traced, start + done)
        elif not rest.strip() and self._reads and _FIRST_READ <= self._reads[-1] < _NO_READ:
            self._ends[-1] = traced.byte_span.end  # the blank line after a record
            self._row_of_trace.append(len(self) - 1)
        elif rest:
            self._row_of_trace.append(len(self))
            self._add_line(start + done, start + len(data), line_effect(rest))
        else:
            self._row_of_trace.append(max(0, len(self) - 1))
        yield

    def _add_record(self, traced: TracedRecord, start: int) -> None:
        self._records += traced.record is not None
        read = _NO_READ if traced.read < 0 else traced.read + _FIRST_READ
        effect = effect_of(traced, self._mapper)
        self._add("record", traced.t, read, (start, traced.byte_span.end), effect, traced.char_spans)
        if traced.record is not None and self._numbers:
            self._numbers[-1] = self._records

    def _add_line(self, start: int, end: int, effect: Effect) -> None:
        recording = self.exchanges[-1].recording
        read = recording.read_of(end - 1)
        t = recording.read_span(read)[0] if recording.read_count else 0.0
        self._add("line", t, read + _FIRST_READ, (start, end), effect)

    def _add_head(self) -> None:
        """Add the head of the answer as soon as it has arrived."""
        recording = self.exchanges[-1].recording
        if recording.head is not None and not self._has_head:
            self._has_head = True
            effect = of_head(recording.head) if recording.has_head else NO_HEAD
            self._add("response", recording.head.t, 1, (0, 0), effect)

    def _end(self) -> None:
        self._add_head()
        recording = self.exchanges[-1].recording
        end, size = recording.end, recording.size - recording.dropped
        t = self._times[-1] if end is None else end.t
        effect = of_end(end)
        if self._omitted:
            left_out = f"{counted(self._omitted, 'row')} before this not listed"
            effect = effect._replace(text=f"{effect.text}; {left_out}", severity="warn")
        self._add("end", t, _NO_READ, (size, size), effect)

    def _add(
        self,
        kind: RowKind,
        t: float,
        read: int,
        span: tuple[int, int],
        effect: Effect,
        spans: tuple[CharSpan, ...] = (),
    ) -> None:
        if len(self) >= MOST_ROWS and kind in ("record", "line"):
            self._omitted += 1
            return
        index = len(self)
        self._kinds.append(_KINDS.index(kind))
        self._exchange.append(len(self.exchanges) - 1)
        self._times.append(t)
        self._numbers.append(0)
        self._reads.append(read)
        self._starts.append(span[0])
        self._ends.append(span[1])
        self._effect.append(self._number_of(effect))
        first = spans[0] if spans else None
        self._bubbles.append(-1 if first is None else first.bubble)
        self._char_starts.append(0 if first is None else first.start)
        self._char_ends.append(0 if first is None else first.end)
        if len(spans) > 1 or (first is not None and first.edition):
            self._more_spans[index] = spans
        if kind in ("record", "line"):
            self.counts[effect.group] += 1
        if effect.severity in ("warn", "error") or self.gap(index) > STALL:
            self.marks.append(index)

    def _number_of(self, effect: Effect) -> int:
        number = self._effect_numbers.get(effect)
        if number is None:
            if len(self._effects) >= _MOST_EFFECTS:
                return self._number_of(effect._replace(type=effect.group, text="many kinds"))
            number = self._effect_numbers[effect] = len(self._effects)
            self._effects.append(effect)
        return number


def _is_trouble(event: object) -> bool:
    return isinstance(event, StreamFailed | Skipped)
