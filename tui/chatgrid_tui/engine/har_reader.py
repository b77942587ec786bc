"""Recordings from HAR 1.2, as this program, browsers and other programs write it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import Final, TypeAlias

from chatgrid_tui.dialects.kind_guess import LOOKED_AT, guess_kind
from chatgrid_tui.dialects.response_parser import is_success
from chatgrid_tui.engine.har import EPOCH, UNKNOWN_TYPE
from chatgrid_tui.engine.recorded_values import (
    body_in,
    bytes_in,
    count_in,
    date_of,
    headers_in,
    joined_headers,
    method_in,
    number_in,
    possible_time,
    set_end,
    text_in,
)
from chatgrid_tui.engine.recording import Head, Line, Recording
from chatgrid_tui.engine.recording_format import NotARecording
from chatgrid_tui.engine.transport import place_of
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.model.request import Request
from chatgrid_tui.wire.record import outside_strings

_MOST_VALUES: Final = 5_000_000
_MOST_ENTRIES: Final = 10_000
_PIECE: Final = 64 * 1024
_PHASES: Final = ("blocked", "dns", "connect", "send", "wait")
"""The phases before the head of the answer, in milliseconds; -1 means that a phase did not apply."""
_STREAMS: Final = ("event-stream", "ndjson", "jsonl")
_REPLY_TYPES: Final = (*_STREAMS, "json")
_MESSAGES: Final = "_eventSourceMessages"
_FIELDS: Final = (("event", "eventName"), ("id", "eventId"))
_BLANK_LINE: Final = re.compile(rb"(?:\r\n|\n|\r(?!\n)){2}")
_DATA: Final = re.compile(rb"^data[:\r\n]", re.MULTILINE)
_Piece: TypeAlias = tuple[float, bytes]
"""Bytes that arrived together, with their time in seconds after sending."""


@dataclass(frozen=True, slots=True)
class HarFile:
    """The recordings in a HAR."""

    recordings: list[Recording]
    left_out: int
    """The number of requests that were not sent to a bot."""


def read_har(data: bytes, kind: str = "") -> HarFile:
    """Return the recordings in a HAR. HAR files of other programs may contain all requests of a web site. Included
    are those that were answered with a reply of `kind`, or of any known kind if it is empty, and other requests to
    the same addresses.

    Raises:
        NotARecording: it is no HAR, contains no reply, or is too large.
    """
    entries = list(_entries(data))
    if len(entries) > _MOST_ENTRIES:
        raise NotARecording(f"It has {len(entries):,} requests, which are too many to read.")
    recordings: list[Recording] = []
    replies: set[str] = set()
    for entry in entries:
        recording = _recording(entry)
        if recording is None:
            continue
        recordings.append(recording)
        recording.kind = kind or recording.kind or _guessed_kind(recording)
        if "_recording" in entry or _is_reply(recording, kind):
            replies.add(_address(recording))
    included = [recording for recording in recordings if _address(recording) in replies]
    if not included:
        raise NotARecording("None of its requests has a reply that can be read.")
    return HarFile(included, len(entries) - len(included))


def _entries(data: bytes) -> Iterator[JsonObject]:
    try:
        text = data.decode("utf-8-sig", "surrogatepass")
        if sum(part.count(",") + part.count("[") + part.count("{") for part in outside_strings(text)) > _MOST_VALUES:
            raise NotARecording("It is too large to read.")
        har: Json = json.loads(text)
    except NotARecording:
        raise
    except (ValueError, RecursionError):
        raise NotARecording("It starts like a HAR file, but is cut off or damaged: it is not JSON.") from None
    log = har.get("log") if isinstance(har, Mapping) else None
    entries = log.get("entries") if isinstance(log, Mapping) else None
    if not isinstance(entries, list):
        raise NotARecording("It is a HAR file without entries.")
    yield from (entry for entry in entries if isinstance(entry, Mapping))


def _recording(entry: JsonObject) -> Recording | None:
    """Return the recording in an entry; None if its request cannot be one to a bot."""
    request, response, own = _object(entry, "request"), _object(entry, "response"), _object(entry, "_recording")
    method = method_in(request)
    if method is None:
        return None
    started, redacted = text_in(entry, "startedDateTime"), own.get("redacted")
    recording = Recording(
        Request(method, text_in(request, "url"), body_in(request), tuple(headers_in(request))),
        text_in(own, "kind"),
        None if started == EPOCH else date_of(started),
        tuple(name for name in redacted if isinstance(name, str)) if isinstance(redacted, list) else (),
    )
    body = _body(entry, response)
    headers = _headers(response)
    pieces = _chunks(entry, body) or _pieces_by_event(entry, body, recording.started_at)
    if body and not pieces and not any(name in headers.get("content-type", "") for name in _STREAMS):
        pieces = [(number_in(entry, "time") / 1000, body)]
    recording.timed = own.get("timed") is not False and (bool(pieces) or not body)
    if status := count_in(response, "status", 999):
        recording.head = Head(_time_of_head(entry) if recording.timed else 0.0, status, headers)
    for t, piece in pieces or _pieces(body):
        recording.add_read(possible_time(t if recording.timed else 0.0, recording.latest), piece)
    _add_lines(recording, own)
    _end(recording, entry, response, own)
    return recording


def _time_of_head(entry: JsonObject) -> float:
    timings = _object(entry, "timings")
    t = sum(max(0.0, number_in(timings, phase)) for phase in _PHASES) / 1000
    return possible_time(round(t, 6), 0.0)


def _headers(response: JsonObject) -> dict[str, str]:
    headers = joined_headers(headers_in(response))
    content_type = text_in(_object(response, "content"), "mimeType")
    if content_type not in ("", UNKNOWN_TYPE):
        headers.setdefault("content-type", content_type)
    return headers


def _body(entry: JsonObject, response: JsonObject) -> bytes:
    """Return the body of an answer. If a browser did not save that of a stream, build it from the events."""
    try:
        body = bytes_in(_object(response, "content"))
    except ValueError:
        body = b""
    messages = _objects(entry, _MESSAGES)
    is_told = all("data" in message for message in messages)  # Chrome omits it by default
    return body or (b"".join(map(_event, messages)) if is_told else b"")


def _event(message: JsonObject) -> bytes:
    """Return an SSE event as bytes."""
    lines = [
        f"{field}: {value}" for field, name in _FIELDS if (value := text_in(message, name)) not in ("", "message")
    ]
    lines += [f"data: {line}" for line in text_in(message, "data").split("\n")]
    return ("\n".join(lines) + "\n\n").encode()


def _chunks(entry: JsonObject, body: bytes) -> list[_Piece]:
    """Return the reads of a body and their times, as this program writes them; empty if they do not match it."""
    chunks = _objects(entry, "_chunks")
    sizes = [count_in(chunk, "size") for chunk in chunks]
    if sum(sizes) != len(body):
        return []
    return [
        (number_in(chunk, "t"), body[end - size : end])
        for chunk, size, end in zip(chunks, sizes, accumulate(sizes), strict=True)
    ]


def _pieces_by_event(entry: JsonObject, body: bytes, started_at: datetime | None) -> list[_Piece]:
    """Return the reads of an SSE stream by Chrome's times of its events; empty if it has none."""
    messages, events = _objects(entry, _MESSAGES), _events_in(body)
    if not messages or len(messages) != len(events) or started_at is None:
        return []
    pieces: list[_Piece] = []
    for message, event in zip(messages, events, strict=True):
        t = round(number_in(message, "time") - started_at.timestamp(), 6)
        if pieces and pieces[-1][0] == t:  # it arrived with the previous one
            pieces[-1] = t, pieces[-1][1] + event
        else:
            pieces.append((t, event))
    return pieces


def _events_in(body: bytes) -> list[bytes]:
    """Split an SSE stream after each of its events."""
    events: list[bytes] = []
    start = seen = 0
    for blank in _BLANK_LINE.finditer(body):
        if _DATA.search(body, seen, blank.end()):
            events.append(body[start : blank.end()])
            start = blank.end()
        seen = blank.end()
    if events:
        events[-1] += body[start:]
    return events


def _pieces(body: bytes) -> Iterator[_Piece]:
    return ((0.0, body[at : at + _PIECE]) for at in range(0, len(body), _PIECE))


def _add_lines(recording: Recording, own: JsonObject) -> None:
    for item in _objects(own, "lines"):
        before = recording.lines[-1].after if recording.lines else 0
        recording.lines.append(
            Line(max(before, count_in(item, "after", recording.read_count)), _object(item, "line"))
        )


def _end(recording: Recording, entry: JsonObject, response: JsonObject, own: JsonObject) -> None:
    """Set how the recording ended."""
    end = own.get("end", ...)
    if isinstance(end, Mapping):
        set_end(recording, end, possible_time(number_in(end, "t"), recording.latest))
    if end is not ...:
        return
    t = possible_time(number_in(entry, "time") / 1000, recording.latest) if recording.timed else 0.0
    error = text_in(response, "_error")
    if "ABORTED" in error:
        recording.finish(t, "stopped")
    elif error or recording.head is None:
        recording.finish(t, "reset", Failure("network", "dropped", place=place_of(recording.request.url)))
    else:
        recording.finish(t, "eof")


def _is_reply(recording: Recording, kind: str) -> bool:
    """Return whether an entry of another program is the answer of a bot, by its kind or its type."""
    if not kind:
        return bool(recording.kind)
    return any(name in recording.headers.get("content-type", "") for name in _REPLY_TYPES)


def _guessed_kind(recording: Recording) -> str:
    """Return the kind that recognises an answer to a message (always a POST); empty if none does."""
    if recording.request.method != "POST" or not is_success(recording.status):
        return ""
    return guess_kind(recording.part(0, LOOKED_AT), recording.headers)


def _address(recording: Recording) -> str:
    return f"{recording.request.method} {recording.request.url.partition('?')[0]}"


def _object(content: JsonObject, name: str) -> JsonObject:
    value = content.get(name)
    return value if isinstance(value, Mapping) else {}


def _objects(content: JsonObject, name: str) -> list[JsonObject]:
    value = content.get(name)
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
