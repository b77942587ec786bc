"""Measured traces: of a recording, which may still be growing, or of the body in a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from chatgrid_tui.dialects.dialect import Dialect
from chatgrid_tui.engine.recording import Read, Recording
from chatgrid_tui.engine.stream_meter import StreamMeter
from chatgrid_tui.engine.stream_report import Notice, StreamReport
from chatgrid_tui.engine.trace import RecordingTrace, TracedRecord, Tracer
from chatgrid_tui.model.events import Event


class MeteredTrace:
    """Traces and measures a recording as it grows."""

    def __init__(self, recording: Recording, dialect: Dialect) -> None:
        self.recording = recording
        self.trace = RecordingTrace(recording, dialect)
        self._meter = StreamMeter(dialect, recording)
        self._measured_size = 0

    def advance(self) -> Iterator[tuple[TracedRecord, bytes]]:
        """Yield the records that arrived since the last call, and their bytes."""
        for record in self.trace.advance():
            yield record, self._measured(record)

    def cut(self) -> Iterator[tuple[TracedRecord, bytes]]:
        """End the trace of a recording without an end, and yield the row of the remaining bytes."""
        for record in self.trace.cut():
            yield record, self._measured(record)

    @property
    def size(self) -> int:
        """How many bytes of the body came so far."""
        return self.recording.size if self.trace.ended else self._measured_size

    @property
    def report(self) -> StreamReport:
        """The report so far."""
        trace = self.trace
        return self._meter.report(trace.framing, trace.reads, trace.split_characters, ended=trace.ended)

    def _measured(self, record: TracedRecord) -> bytes:
        data = self.recording.part(*record.byte_span)
        self._meter.add(record, data)
        self._measured_size += len(data)
        return data


class MeteredBody:
    """Reads and measures the body in a file, which has no times."""

    def __init__(self, dialect: Dialect, headers: Mapping[str, str]) -> None:
        """Header names are lower case."""
        self._tracer = Tracer(dialect, headers=headers)
        self._meter = StreamMeter(dialect, content_type=headers.get("content-type"))
        self._pending = bytearray()

    @property
    def ended(self) -> bool:
        """Whether the rest of the body is ignored."""
        return self._tracer.body_ended

    @property
    def report(self) -> StreamReport:
        """The report so far."""
        return self._meter.report(self._tracer.framing)

    def feed(self, data: bytes) -> list[Event]:
        """Return the events in some bytes."""
        self._pending += data
        return self._measured(self._tracer.feed(Read(0.0, data)))

    def end(self) -> list[Event]:
        """Return the events at the end of the body."""
        return self._measured(self._tracer.end(0.0))

    def _measured(self, records: list[TracedRecord]) -> list[Event]:
        done = 0
        for record in records:
            size = record.byte_span.end - record.byte_span.start
            self._meter.add(record, bytes(self._pending[done : done + size]))
            done += size
        del self._pending[:done]
        return [event for record in records for event in record.events]


def report_of(recordings: Sequence[Recording], dialect: Dialect) -> StreamReport | None:
    """Return the report of a reply by its recordings, or None if there are none. The last request is the one that was
    answered; those before it were refused.
    """
    if not recordings:
        return None
    *refused, answered = recordings
    metered = MeteredTrace(answered, dialect)
    for _ in chain(metered.advance(), metered.cut()):
        pass
    report = metered.report
    return replace(report, notices=(*refusals(refused), *report.notices))


def refusals(recordings: Iterable[Recording]) -> tuple[Notice, ...]:
    """Return notices about the requests that were refused before the last one."""
    return tuple(Notice("refused", number=recording.status) for recording in recordings)
