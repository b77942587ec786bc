"""Trace the bytes of a body to the characters of the reply: what each record contributed, and where both are.

A tracer parses the body again, line by line. Records do not depend on how the bytes were chunked, so nothing has to
be stored while a reply streams. It counts characters in its own bubbles, by the rules of `Bubble`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from chatgrid_tui.dialects.dialect import Dialect
from chatgrid_tui.dialects.response_parser import Framing, ParsedRecord, ResponseParser, is_success
from chatgrid_tui.engine.event_redactor import EventRedactor
from chatgrid_tui.engine.key_mask import KeyMask
from chatgrid_tui.engine.recording import Read, Recording
from chatgrid_tui.model.bubble import Bubble
from chatgrid_tui.model.events import BubbleText, Event, StreamFailed, TextDelta
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.wire.record import Record

_LINE: Final = re.compile(rb"[^\r\n]*(?:[\r\n]|\Z)")
_BLANK_END: Final = re.compile(rb"\s*\Z")
_GAP: Final = 1024
"""The most bytes between two records on one line. The limit keeps the time linear."""


class ByteSpan(NamedTuple):
    """A part of the body."""

    start: int
    end: int


class CharSpan(NamedTuple):
    """A part of the text of a bubble.

    A service may replace the text that it streamed: the final text consists only of spans of the last edition.
    """

    bubble: int
    start: int
    end: int
    edition: int = 0


class TracedRecord(NamedTuple):
    """A record and what it contributed.

    The byte spans of all traced records are adjacent and cover the body. A heartbeat, an event without data, and
    bytes outside of records have a row without a record.
    """

    t: float
    """Seconds from sending to the read that completed it."""
    read: int
    """The number of that read, from 0; -1 if there was none."""
    byte_span: ByteSpan
    record: Record | None
    events: list[Event]
    char_spans: tuple[CharSpan, ...]
    """The text that it added, for each bubble."""


def trace(recording: Recording, dialect: Dialect) -> list[TracedRecord]:
    """Return the records of a recording. If it was stopped or cut off, its end causes no events."""
    followed = RecordingTrace(recording, dialect)
    return [*followed.advance(), *followed.cut()]


class RecordingTrace:
    """Traces a recording as it grows."""

    def __init__(self, recording: Recording, dialect: Dialect) -> None:
        self.recording = recording
        self.reads = 0
        """How many reads have been traced."""
        self.split_characters = 0
        """How many of them end within a UTF-8 character."""
        self.ended = False
        """Whether everything has been traced."""
        self._dialect = dialect
        self._tracer: Tracer | None = None

    @property
    def bubbles(self) -> Mapping[int, Bubble]:
        """The texts so far."""
        return {} if self._tracer is None else self._tracer.bubbles

    @property
    def framing(self) -> Framing | None:
        """How the body is framed; None while that is not known."""
        return None if self._tracer is None else self._tracer.framing

    def advance(self) -> Iterator[TracedRecord]:
        """Yield the records that arrived since the last call."""
        recording, head = self.recording, self.recording.head
        if head is None or self.ended:
            self.ended = self.ended or recording.end is not None
            return
        if self._tracer is None:
            received_at = recording.started_at and recording.started_at + timedelta(seconds=head.t)
            self._tracer = Tracer(
                self._dialect,
                status=head.status,
                headers=head.headers,
                received_at=received_at,
                mask=recording.mask,
            )
        end = recording.end  # before the reads: later ones belong to the next call
        for read in recording.iter_reads(self.reads):
            self.reads += 1
            self.split_characters += ends_within_character(read.data)
            yield from self._tracer.feed(read)
        if end is not None:
            self.ended = True
            was_left = end.reason in ("stopped", "unknown")
            yield from self._tracer.stop() if was_left else self._tracer.end(end.t, end.failure)

    def cut(self) -> list[TracedRecord]:
        """End the trace of a recording without an end, and return the row of the remaining bytes."""
        if self.ended or self._tracer is None:
            return []
        self.ended = True
        return self._tracer.stop()


class Tracer:
    """Traces one body as its reads arrive."""

    def __init__(
        self,
        dialect: Dialect,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        received_at: datetime | None = None,
        mask: KeyMask | None = None,
    ) -> None:
        """Header names are lower case; `received_at` is when they arrived.

        `mask` is for a live reply, whose events may spell out a key; those of a recording do not.
        """
        self._parser = ResponseParser(dialect, status=status, headers=headers, received_at=received_at)
        self._is_success = is_success(status)
        self._redactor = None if mask is None else EventRedactor(mask)
        self.bubbles: dict[int, Bubble] = {}
        """The texts so far."""
        self._read = -1
        self._t = 0.0
        self._size = 0
        self._pending = bytearray()
        """The bytes that no traced record covers yet."""
        self._line_at = 0
        """Where the current line starts in them."""
        self._unparsed = 0
        """How many of them are the start of a line, which is parsed when it is complete."""
        self._blank = True
        """Whether they are only blank lines."""
        self._after_return = False

    @property
    def framing(self) -> Framing | None:
        """How the body is framed; None while that is not known."""
        return self._parser.framing

    @property
    def body_ended(self) -> bool:
        """Whether the rest of the body is ignored."""
        return self._parser.ended

    def feed(self, read: Read) -> list[TracedRecord]:
        """Return the records that a read completes."""
        self._read += 1
        self._t = read.t
        traced: list[TracedRecord] = []
        for piece in _lines(read.data):
            traced += self._feed_line(piece)
        return traced

    def end(self, t: float, lost: Failure | None = None) -> list[TracedRecord]:
        """Return what the end of the body completes. `lost` is why the connection broke, or None if it did not."""
        self._t = t
        parsed = self._parse_pending()
        if lost is not None and lost.kind == "protocol" and self._is_success:
            parsed.append(ParsedRecord(-1, None, [StreamFailed(lost)]))
        parsed += self._parser.end(lost)
        return self._traced(parsed, is_end=True)

    def stop(self) -> list[TracedRecord]:
        """Return the rest of a body that has no end: nothing is known about what would have followed."""
        return [self._row(ParsedRecord(-1, None, []), len(self._pending))] if self._pending else []

    def _feed_line(self, piece: bytes) -> list[TracedRecord]:
        """Process a line, or part of one. A newline after a carriage return is a separate piece."""
        self._size += len(piece)
        self._pending += piece
        self._unparsed += len(piece)
        if not piece.endswith((b"\r", b"\n")):
            return []
        is_newline_of_return = self._after_return and piece == b"\n"
        self._after_return = piece.endswith(b"\r")
        traced = self._traced(self._parse_pending())
        if piece.endswith(b"\n") or self._parser.framing == "sse":  # otherwise a carriage return is a blank
            is_blank = not self._pending[self._line_at :].strip()
            if is_blank and not traced and not is_newline_of_return and self._is_event_without_data():
                traced = [self._row(ParsedRecord(-1, None, []), len(self._pending))]
            self._blank = self._blank and is_blank
            self._line_at = len(self._pending)
        return traced

    def _parse_pending(self) -> list[ParsedRecord]:
        unparsed = bytes(self._pending[len(self._pending) - self._unparsed :])
        self._unparsed = 0
        return self._parser.feed(unparsed)

    def _is_event_without_data(self) -> bool:
        """Return whether a blank line without a record ends an event."""
        return self._parser.framing == "sse" and not self._parser.ended and not self._blank

    def _traced(self, parsed: list[ParsedRecord], *, is_end: bool = False) -> list[TracedRecord]:
        """Return the records with their parts of the pending bytes."""
        if self._redactor is not None:
            parsed = self._redactor.redacted(parsed)
        released = self._parser.released
        newest = max((number for number, item in enumerate(parsed) if item.record is not None), default=-1)
        if is_end:
            newest = max(newest, 0)  # the remaining bytes must belong to something
        sizes: list[int] = []
        done = 0
        for number, item in enumerate(parsed):
            end = done
            if is_end and number == newest:
                end = len(self._pending)
            elif item.record is not None and released > 0:
                released -= 1
                end = max(done, self._line_at)
            elif item.record is not None:
                start = done if is_end else max(done, self._line_at)
                end = self._end_of(item.record, start, is_newest=number == newest)
            sizes.append(end - done)
            done = end
        return list(map(self._row, parsed, sizes))

    def _end_of(self, record: Record, start: int, *, is_newest: bool) -> int:
        """Return where a record that starts at or after `start` ends in the pending bytes."""
        data = record.data.rpartition("\n")[2].encode("utf-8", "surrogatepass")
        at = self._pending.find(data, start, start + _GAP + len(data))
        if at < 0:  # its bytes are not UTF-8, or a blank line completed it
            return len(self._pending) if is_newest else start
        end = at + len(data)
        return len(self._pending) if _BLANK_END.match(self._pending, end) else end

    def _row(self, item: ParsedRecord, size: int) -> TracedRecord:
        """Return a traced record that covers the first `size` of the pending bytes."""
        start = self._size - len(self._pending)
        del self._pending[:size]
        self._blank = True
        self._line_at = max(0, self._line_at - size)
        span = ByteSpan(start, start + size)
        return TracedRecord(self._t, self._read, span, item.record, item.events, self._char_spans(item.events))

    def _char_spans(self, events: Iterable[Event]) -> tuple[CharSpan, ...]:
        """Apply the events to the bubbles, and return what each bubble received."""
        spans: dict[int, CharSpan] = {}
        for event in events:
            if not isinstance(event, TextDelta | BubbleText):
                continue
            bubble = self.bubbles.setdefault(event.bubble, Bubble())
            size, edition = bubble.size, bubble.edition
            if isinstance(event, TextDelta):
                bubble.append(event.text)
            else:
                bubble.replace(event.text)
            if bubble.edition != edition:
                spans[event.bubble] = CharSpan(event.bubble, 0, bubble.size, bubble.edition)
            elif bubble.size > size:
                start = spans[event.bubble].start if event.bubble in spans else size
                spans[event.bubble] = CharSpan(event.bubble, start, bubble.size, edition)
        return tuple(spans.values())


def _lines(data: bytes) -> list[bytes]:
    """Split bytes after each line end. A newline after a carriage return is a separate piece."""
    return [line for line in _LINE.findall(data) if line]


def ends_within_character(data: bytes) -> bool:
    """Return whether bytes end within a UTF-8 character."""
    for length in range(1, min(3, len(data)) + 1):
        byte = data[-length]
        if byte >= 0xC0:
            return length < (2 if byte < 0xE0 else 3 if byte < 0xF0 else 4)
        if byte < 0x80:
            return False
    return False
