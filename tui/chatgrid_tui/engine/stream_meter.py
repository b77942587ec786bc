"""Measure a stream as it is traced: gives a `StreamReport` at any time, without storing the stream."""

from __future__ import annotations

import re
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, Literal

from chatgrid_tui.dialects.dialect import Dialect
from chatgrid_tui.dialects.response_parser import Framing, ResponseParser, is_success
from chatgrid_tui.engine.recording import End, Recording
from chatgrid_tui.engine.stream_report import (
    FEWEST_FOR_P95,
    PULSE,
    STALL,
    Icl,
    Notice,
    StreamReport,
    longest_of_groups,
    percentile,
)
from chatgrid_tui.engine.trace import TracedRecord
from chatgrid_tui.model.events import (
    AttachmentsArrived,
    BubbleText,
    Event,
    Finished,
    FinishReasonReported,
    ReasoningDelta,
    Skipped,
    StreamFailed,
    SuggestionsArrived,
    TextDelta,
    ToolCallDelta,
    UsageReported,
)
from chatgrid_tui.model.finish import completeness
from chatgrid_tui.model.usage import TOKENS_OUT, token_count
from chatgrid_tui.units import rate
from chatgrid_tui.wire.record import Record

_FEWEST_IN_BURST: Final = 3
_BURST_SHARE: Final = 0.01
_FEWEST_SLICES: Final = 8
_SHORTEST_SLICE: Final = 2
_TAIL: Final = 80
_MOST_STALLS: Final = 200
_LOOKED_AT: Final = 64 * 1024
_BUCKETS: Final = 4096
_FIRST_BUCKET: Final = 1 / 1024
_MOST_SORTED: Final = 20_000
"""How many gaps are sorted for exact percentiles. Of more, only a sample is used, since sorting blocks key presses.
"""
_HALF: Final = re.compile(
    rb"(?<!\\)\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    rb"|(?<!\\)(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)
"""Matches half of a surrogate pair that is escaped in JSON."""
_DECLARED_AS: Final[dict[Framing, re.Pattern[str]]] = {
    "sse": re.compile(r"text/event-stream"),
    "ndjson": re.compile(r".*(ndjson|jsonl|json-seq|stream\+json|jsonlines|json-lines).*"),
    "body": re.compile(r".*json"),
    "page": re.compile(""),
}
_NAMES: Final[dict[Framing, str]] = {
    "sse": "an event stream",
    "ndjson": "a stream of JSON lines",
    "body": "one JSON body",
    "page": "a web page",
}


class StreamMeter:
    """Measures one request and its answer. Traced records are added in order."""

    def __init__(self, dialect: Dialect, recording: Recording | None = None, content_type: str | None = None) -> None:
        """Without a recording, as for a file, there are no times. `content_type` is that of the file."""
        self._dialect = dialect
        self._content_type = content_type
        self._recording = recording
        self._timed = recording is not None and recording.timed
        self._rows = 0
        self._events = 0
        self._size = 0
        self._first: float | None = None
        self._first_text: float | None = None
        self._reasoning = False
        self._last = 0.0
        self._last_read = -1
        self._output_reads = 0
        self._output_events = 0
        self._gaps = array("d")
        self._output = [0] * _BUCKETS
        """How many characters arrived in each of several equal spans of time, starting when the request was sent."""
        self._bucket = _FIRST_BUCKET
        """The length of such a span in seconds. It is doubled when there are too many."""
        self._tail = ""
        """The last characters of the text."""
        self._bubbles: set[int] = set()
        self._slice = 0
        self._newest_slice = 0
        self._equal_slices = True
        self._content = False
        self._finished = False
        self._failed = False
        self._after_end = bytearray()
        self._usage: int | None = None
        self._reason = ""
        self._form: Literal["A", "B"] | None = None
        self._notices: list[Notice] = []
        self._counted: dict[str, Notice] = {}
        """Notices that are reported once, with a count."""

    def add(self, traced: TracedRecord, data: bytes) -> None:
        """Measure a traced record and its bytes."""
        number = self._rows
        self._rows += 1
        self._size += len(data)
        if self._finished and traced.record is None and len(self._after_end) < _LOOKED_AT:
            self._after_end += data
        if traced.record is not None:
            self._events += 1
            if self._form is None:
                self._form = _form_of(traced.record)
            if b"\\u" in data and _HALF.search(data):
                self._count("split_surrogates", traced.t, number)
        characters = sum(span.end - span.start for span in traced.char_spans)
        for event in traced.events:
            characters += self._event(event, traced.t, number)
        if characters:
            self._came(characters, traced.t, traced.read, number)
            self._lengthen(traced.events)

    def report(
        self, framing: Framing | None, reads: int = 0, split_characters: int = 0, *, ended: bool = True
    ) -> StreamReport:
        """Return the report so far. `framing` is that of the body, which arrived in `reads` reads; `split_characters`
        of them end within a character. `ended` is whether all of it was measured, if it has an end.
        """
        recording = self._recording
        end = recording.end if recording is not None and ended else None
        icl = _icl(self._gaps)
        burst_within = self._burst_within(end)
        span = self._last - self._first if self._first is not None else 0.0
        tpot = None
        if burst_within is None and (tokens := rate(self._usage or 0, span)) is not None:
            tpot = 1 / tokens
        has_pace = tpot is None and burst_within is None
        report = StreamReport(
            icl=icl,
            tpot=tpot,
            chunks_per_second=rate(self._output_reads, span) if has_pace else None,
            tokens=self._usage,
            events=self._events,
            size=self._size,
            form=self._form,
            finish_reason=self._reason,
            burst=burst_within is not None,
            gaps=longest_of_groups(self._gaps),
            notices=tuple(self._noticed(framing, end, burst_within, split_characters)),
        )
        if recording is not None:
            report = replace(report, size=recording.size if ended else self._size, status=recording.status)
        if recording is None or not self._timed:
            return replace(report, gaps=(), icl=None, chunks_per_second=None, tpot=None)
        return replace(
            report,
            ttfb=None if recording.head is None else recording.head.t,
            ttft=self._first,
            ttfo=self._first_text if self._reasoning else None,
            e2el=None if end is None else end.t,
            reads=reads,
            pulse=self._pulse(self._last if end is None else end.t),
        )

    def _event(self, event: Event, t: float, number: int) -> int:
        """Process an event, and return how many characters of reasoning it contains."""
        match event:
            case TextDelta(bubble, text):
                if self._reason and text and self._bubbles == {bubble}:
                    self._count("text_after_end", t, number)
                self._bubbles.add(bubble)
            case BubbleText(bubble, _):
                self._bubbles.add(bubble)
            case ReasoningDelta(_, text):
                self._reasoning = self._reasoning or self._first_text is None
                self._content = True
                return len(text)
            case AttachmentsArrived() | SuggestionsArrived() | ToolCallDelta():
                self._content = True
            case UsageReported(usage):
                self._usage = token_count(usage, TOKENS_OUT)
            case FinishReasonReported(reason):
                if completeness(self._reason) == "whole":
                    self._reason = reason
            case Finished():
                self._finished = True
            case Skipped(why):
                self._count("not_read", t, number, text=why)
            case StreamFailed(failure):
                self._failed = True
                if failure.kind == "stream":
                    message = ": ".join(filter(None, (failure.code, failure.message)))
                    self._notices.append(Notice("error_in_stream", t, number, number=self._status, text=message))
            case _:
                pass
        return 0

    @property
    def _status(self) -> int:
        return 200 if self._recording is None else self._recording.status

    def _came(self, characters: int, t: float, read: int, number: int) -> None:
        """Process output that arrived with a read."""
        self._content = True
        self._output_events += 1
        if self._first is None:
            self._first = t
        while t >= self._bucket * _BUCKETS:
            self._output = [
                *map(sum, zip(self._output[::2], self._output[1::2], strict=True)),
                *[0] * (_BUCKETS // 2),
            ]
            self._bucket *= 2
        self._output[max(0, int(t / self._bucket))] += characters
        if read == self._last_read and self._output_reads:
            return
        if self._output_reads:
            gap = t - self._last
            self._gaps.append(gap)
            if gap > STALL and len(self._notices) < _MOST_STALLS:
                self._notices.append(Notice("stall", t, number, gap, text=self._tail))
        self._output_reads += 1
        self._last, self._last_read = t, read

    def _lengthen(self, events: Sequence[Event]) -> None:
        """Remember the end of the text, and whether all pieces have the same length."""
        for event in events:
            if not isinstance(event, TextDelta | BubbleText) or not event.text:
                continue
            if self._first_text is None:
                self._first_text = self._last
            if isinstance(event, BubbleText):
                self._tail = event.text[-_TAIL:]
                continue
            self._tail = (self._tail + event.text)[-_TAIL:]
            if not self._slice:
                self._slice = len(event.text)
            elif self._newest_slice != self._slice:
                self._equal_slices = False  # only the last one may have a different length
            self._newest_slice = len(event.text)

    def _count(
        self, kind: Literal["split_surrogates", "not_read", "text_after_end"], t: float, number: int, text: str = ""
    ) -> None:
        first = self._counted.get(kind) or Notice(kind, t, number, text=text)
        self._counted[kind] = first._replace(number=first.number + 1)

    def _burst_within(self, end: End | None) -> float | None:
        """Return within how many seconds all output arrived if it was a burst, 0 for a single read, else None."""
        if not self._timed or self._output_events < _FEWEST_IN_BURST or self._first is None or end is None:
            return None
        if self._output_reads == 1:
            return 0.0
        within = self._last - self._first
        return within if within <= _BURST_SHARE * end.t else None

    def _noticed(
        self, framing: Framing | None, end: End | None, burst_within: float | None, split_characters: int
    ) -> list[Notice]:
        """Return all notices, in chronological order."""
        notices = [*self._notices, *self._counted.values()]
        if split_characters and self._timed:
            notices.append(Notice("split_utf8", number=split_characters))
        if burst_within is not None:
            first = self._first or 0.0
            notices.append(Notice("burst", first, seconds=burst_within, number=self._output_events))
        if self._equal_slices and self._output_events >= _FEWEST_SLICES and self._slice >= _SHORTEST_SLICE:
            notices.append(Notice("slices", number=self._output_events, text=str(self._slice)))
        if completeness(self._reason) != "whole":
            notices.append(Notice("finish_reason", text=self._reason))
        notices += self._of_head(framing)
        notices += self._of_end(end)
        return sorted(notices, key=lambda notice: notice.t)

    def _of_head(self, framing: Framing | None) -> list[Notice]:
        """Return a notice if the declared content type is not that of the body."""
        recording, declared, t = self._recording, self._content_type, 0.0
        if recording is not None and recording.head is not None:
            unknown = "" if recording.timed or recording.headers else None  # a captured body without a head
            declared, t = recording.headers.get("content-type", unknown), recording.head.t
        if declared is None or framing in (None, "page") or not is_success(self._status):
            return []  # if it is a web page, the failure says more
        declared = declared.partition(";")[0].strip().lower()
        if framing == "ndjson" and self._events < 2 and declared.endswith("json"):
            return []  # a single line of JSON is also a JSON body
        if declared and _DECLARED_AS[framing].fullmatch(declared):
            return []
        return [Notice("content_type", t, text=declared, other=_NAMES[framing])]

    def _of_end(self, end: End | None) -> list[Notice]:
        """Return the notices about how the stream ended, if it has."""
        recording, notices = self._recording, list[Notice]()
        if recording is not None and end is None:
            return []
        t = 0.0 if end is None else end.t
        last_row = self._rows - 1
        stopped = end is not None and end.reason in ("stopped", "unknown")
        accepted = recording is None or is_success(recording.status)
        if accepted and not (stopped or self._finished or self._failed):
            notices.append(Notice("no_end_mark", t, last_row, text=self._tail))
        if accepted and not (stopped or self._content or self._failed):
            notices.append(Notice("empty", t))
        if end is not None and self._first is not None and t - self._last > STALL and not stopped:
            notices.append(Notice("late_end", t, last_row, t - self._last))
        if "text_after_end" not in self._counted and self._has_text(bytes(self._after_end)):
            notices.append(Notice("text_after_end", t, last_row))
        if recording is not None and recording.dropped:
            notices.append(Notice("not_recorded", t, number=recording.dropped))
        return notices

    def _has_text(self, rest: bytes) -> bool:
        """Return whether the bytes after the end mark contain text that would have been part of the reply."""
        if not rest.strip():
            return False
        parser = ResponseParser(self._dialect)
        parsed = [*parser.feed(rest), *parser.end()]
        return any(isinstance(event, TextDelta) and event.text for item in parsed for event in item.events)

    def _pulse(self, whole: float) -> tuple[float, ...]:
        """Return the shares of characters in equal parts of the time until `whole`."""
        if whole <= 0 or not self._output_reads:
            return ()
        cells = [0] * PULSE
        for number, characters in enumerate(self._output):
            if characters:
                share = min(1.0, (number + 0.5) * self._bucket / whole)
                cells[min(PULSE - 1, int(share * PULSE))] += characters
        most = max(cells)
        return tuple(cell / most for cell in cells)


def _icl(gaps: Sequence[float]) -> Icl | None:
    if not gaps:
        return None
    ordered = sorted(gaps[:: len(gaps) // _MOST_SORTED + 1])
    p95 = percentile(ordered, 0.95) if len(ordered) >= FEWEST_FOR_P95 else None
    return Icl(percentile(ordered, 0.5), p95, max(gaps))


def _form_of(record: Record) -> Literal["A", "B"] | None:
    """Return where the name of a record is: in its JSON (A) or in a field of SSE (B)."""
    if isinstance(record.value, Mapping) and isinstance(record.value.get("event"), str):
        return "A"
    return "B" if record.event not in ("", "message") else None
