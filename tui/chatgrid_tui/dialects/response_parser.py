"""Parse the bytes of an answer into events: recognise its framing, and find out what its records mean.

The first bytes of the body decide, since servers get `Content-Type` wrong both ways: a JSON object instead of a
stream is the documented non-stream reply, `data:` is an event stream, and a web page is not a reply.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal, NamedTuple, TypeAlias

from chatgrid_tui.dialects.dialect import Dialect
from chatgrid_tui.dialects.error_payloads import BODY_READ, answer_named, http_failure
from chatgrid_tui.dialects.reply_builder import ReplyBuilder
from chatgrid_tui.model.events import BodyEnded, Event, ReasoningDelta, Skipped, StreamFailed, TextDelta
from chatgrid_tui.model.failure import Failure, FailureCause
from chatgrid_tui.wire import ndjson, sse
from chatgrid_tui.wire.record import LIMIT, MALFORMED, Record, has_too_many_values, json_at

REPLY_LIMIT: Final = 32 * 1024 * 1024
"""The most bytes of a reply that are stored; an endless stream is cut off there."""

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_LOOKED_AT: Final = 256
_ENOUGH: Final = len(b"event:")
_SSE_LINE: Final = re.compile(rb"^((data|event|id|retry)?:|(data|event|id|retry)[\r\n])", re.MULTILINE)
Framing: TypeAlias = Literal["sse", "ndjson", "body", "page"]
"""How an answer is framed: as a stream of either format, or as a JSON body or a web page instead."""


def is_success(status: int) -> bool:
    """Return whether an HTTP status means that a request was accepted."""
    return 200 <= status < 300


class ParsedRecord(NamedTuple):
    """The events of one record. `number` counts the records of the reply from 0; -1 means none."""

    number: int
    record: Record | None
    events: list[Event]


class ResponseParser:
    """Parses one answer: bytes in, events out. It never raises, and its memory is bounded."""

    def __init__(
        self,
        dialect: Dialect,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        received_at: datetime | None = None,
    ) -> None:
        """Header names are lower case; `received_at` is when they arrived."""
        self._dialect = dialect
        self._status = status
        self._headers = headers or {}
        self._received_at = received_at
        self._media_type = self._headers.get("content-type", "").partition(";")[0].strip().lower()
        self._reader = ReplyBuilder(dialect.mapper())
        self._decoder: sse.Decoder | ndjson.Decoder | None = None
        self._form: Framing | None = None
        self._held = bytearray()
        self._searched = 0
        self._records = 0
        self._size = 0
        self._usable = False
        self._json_like = False
        self._stopped: Failure | None = None

    @property
    def pending(self) -> int:
        """Bytes of a body or a line that has not ended yet."""
        return len(self._held) if self._decoder is None else self._decoder.pending

    @property
    def framing(self) -> Framing | None:
        """How the body is framed; None while that is not known."""
        return self._form

    @property
    def released(self) -> int:
        """How many records of the last call were complete before the last line that was fed (`sse.Decoder.released`).
        Only meaningful if at most one line is fed at a time.
        """
        return 0 if self._decoder is None else self._decoder.released

    @property
    def ended(self) -> bool:
        """Whether the rest of the body is ignored."""
        return self._reader.ended or self._stopped is not None

    def feed(self, data: bytes) -> list[ParsedRecord]:
        """Return the records and events in `data`."""
        if self._reader.ended or self._stopped is not None or not data:
            return []
        if self._decoder is not None:
            return self._decoded(self._decoder, data)
        self._held += data
        if not is_success(self._status):
            del self._held[BODY_READ:]
            return []
        if self._form is None:
            self._drop_blanks()
            self._form = self._recognised()
        if self._form in ("sse", "ndjson"):
            return self._begin_stream(self._form)
        if self._form == "body" and len(self._held) > LIMIT:
            return self._stop("too long")
        if self._form == "page" and len(self._held) > BODY_READ:
            return self._stop("page")
        return []

    def end(self, lost: Failure | None = None) -> list[ParsedRecord]:
        """Return the events at the end of the body. `lost` is the failure that ended the connection, if any."""
        parsed: list[ParsedRecord] = []
        if not self.ended:
            if not is_success(self._status):
                parsed = self._http_failure()
            else:
                if self._form is None and self._held:
                    self._form = self._recognised(last=True)
                    parsed += self._begin_stream(self._form) if self._form in ("sse", "ndjson") else []
                parsed += self._end_of_stream(lost) if self._decoder is not None else self._end_of_body(lost)
        parsed.append(_said(self._reader.close()))
        parsed.append(_said([BodyEnded(None if self.ended else lost)]))
        return [item for item in parsed if item.events or item.record is not None]

    def _drop_blanks(self) -> None:
        """Drop blank lines before the body, which have no meaning in either framing."""
        mark = _BYTE_ORDER_MARK if self._held.startswith(_BYTE_ORDER_MARK) else b""
        if not self._searched and self._held[len(mark) : len(mark) + 1].isspace():
            self._held = bytearray(mark) + self._held[len(mark) :].lstrip()

    def _recognised(self, *, last: bool = False) -> Framing | None:
        """Return the framing of the body, or None if more of it is needed."""
        start = bytes(self._held[:_LOOKED_AT]).removeprefix(_BYTE_ORDER_MARK).lstrip()
        if not last and len(start) < _ENOUGH and start[:1] not in (b"{", b"[", b"<", b":"):
            return None
        declared = self._declared()
        self._json_like = start[:1] in (b"{", b"[")
        if self._json_like:
            return self._json_form(declared, last=last)
        if start.startswith(b"<"):  # no framing starts like this
            return "page"
        if _SSE_LINE.match(start):
            return "sse"
        return self._dialect.wire if declared is None or declared == "body" else declared

    def _declared(self) -> Framing | None:
        if self._media_type == "text/event-stream":
            return "sse"
        if self._media_type in ("text/html", "application/xhtml+xml"):
            return "page"
        if "ndjson" in self._media_type or "jsonl" in self._media_type:
            return "ndjson"
        return "body" if self._media_type.endswith("json") else None

    def _json_form(self, declared: Framing | None, *, last: bool) -> Framing | None:
        """Distinguish a JSON body from lines of JSON: a body may span several lines, or be the only line."""
        if self._dialect.wire == "sse":
            return "body"
        newline = self._held.find(b"\n", self._searched)
        self._searched = len(self._held)
        if newline < 0 and not last and len(self._held) <= LIMIT:
            return None
        line = bytes(self._held if newline < 0 else self._held[:newline]).decode("utf-8-sig", "replace").strip()
        value, _ = json_at(line)
        if value is MALFORMED:
            return "body" if line.endswith(("{", "[", ",", ":")) else "ndjson"
        return "body" if declared == "body" and not isinstance(value, dict) else "ndjson"

    def _begin_stream(self, form: Framing) -> list[ParsedRecord]:
        self._decoder = sse.Decoder() if form == "sse" else ndjson.Decoder()
        held = bytes(self._held)
        self._held.clear()
        return self._decoded(self._decoder, held)

    def _decoded(self, decoder: sse.Decoder | ndjson.Decoder, data: bytes) -> list[ParsedRecord]:
        """Return the records in a piece of the stream."""
        parsed = self._read(decoder.feed(data))
        if decoder.overflow and not self.ended:
            parsed += self._read(decoder.close())  # an object that waited for its name is complete
            parsed += [] if self.ended else self._stop("too long")
        return parsed

    def _read(self, records: list[Record]) -> list[ParsedRecord]:
        """Return the records with their events, up to the end of the reply."""
        parsed: list[ParsedRecord] = []
        reader = self._reader
        for number, record in enumerate(records, self._records):
            if reader.ended:
                break
            events = reader.read(record)
            parsed.append(ParsedRecord(number, record, events))
            self._size += _size(events, record)
            if self._size > REPLY_LIMIT:
                parsed += self._stop("too long")
                break
        self._records += len(records)
        if not self._usable:
            self._usable = any(isinstance(record.value, dict) for record in records)
        return parsed

    def _stop(self, cause: FailureCause) -> list[ParsedRecord]:
        """Stop parsing and fail the reply. What arrived before is kept."""
        self._held.clear()
        self._stopped = Failure("protocol", cause, place=answer_named(self._status, self._media_type))
        return [_said([*self._reader.close(), StreamFailed(self._stopped)])]

    def _http_failure(self) -> list[ParsedRecord]:
        failure = http_failure(
            self._status,
            self._headers,
            bytes(self._held),
            self._received_at,
            type_is_code=self._dialect.mapper().type_is_code,
        )
        self._stopped = failure
        return [_said([StreamFailed(failure)])]

    def _end_of_stream(self, lost: Failure | None) -> list[ParsedRecord]:
        decoder = self._decoder
        assert decoder is not None
        parsed = self._read(decoder.close())
        if lost is not None or self.ended:
            return parsed
        if not self._is_stream(decoder):
            return parsed + self._stop("not a reply")
        if self._reader.is_other_kind:
            return parsed + self._stop("other kind")
        if decoder.unfinished:
            parsed.append(_said([Skipped("unfinished", decoder.unfinished[:80])]))
        return parsed

    def _is_stream(self, decoder: sse.Decoder | ndjson.Decoder) -> bool:
        """Return whether anything in the body matched the framing, even if broken."""
        if isinstance(decoder, sse.Decoder):
            return decoder.recognised
        return self._usable or self._declared() == "ndjson" or self._json_like

    def _end_of_body(self, lost: Failure | None) -> list[ParsedRecord]:
        if self._form == "page":
            return self._stop("page")
        if self._form != "body":
            return []
        text = self._held.decode("utf-8", "replace").removeprefix("\ufeff").strip()
        value, end = json_at(text)
        if value is MALFORMED and has_too_many_values(text):
            return self._stop("too long")
        if value is MALFORMED:  # cut short
            return [] if lost is not None else [_said([Skipped("unfinished", text[:80])])]
        if isinstance(value, dict) and end < len(text):
            form: Framing = "sse" if _SSE_LINE.search(self._held) else "ndjson"
            return self._begin_stream(form) + self._end_of_stream(lost)
        events = self._reader.read_body(value)
        if events is None:
            return self._stop("not a reply")
        return [ParsedRecord(0, Record(text, value=value), events)]


def _size(events: list[Event], record: Record) -> int:
    """Return how much a record adds to the stored reply: its text, or the whole record if it has more than text."""
    size = 0
    for event in events:
        if not isinstance(event, (TextDelta, ReasoningDelta)):
            return len(record.data)
        text = event.text
        size += len(text) if text.isascii() else len(text.encode())
    return size


def _said(events: list[Event]) -> ParsedRecord:
    return ParsedRecord(-1, None, events)
