"""Recordings as lines of JSON, in the terms of HAR where it has one.

Each request begins with a `request` line; `response`, any number of `data`, and `end` follow. A `data` line is a
read, not an event: its `text`, or for bytes that are not UTF-8 its Base64. Without an `end` line the recording was
cut. Lines and members that this version does not know are kept when a recording is written again.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Final

from chatgrid_tui import __version__
from chatgrid_tui.engine.key_mask import KeyMask
from chatgrid_tui.engine.recording import End, Head, Read, Recording
from chatgrid_tui.engine.recording_redactor import mask_spelt
from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.model.request import Request

VERSION: Final = 1
"""The version of the format that is written. Recordings of a later one are read as far as they are known."""
_PUBLIC_HEADERS: Final = frozenset({"accept", "accept-encoding", "accept-language", "content-type", "user-agent"})
"""Request headers that are recorded with their values. Of all others, one may hold a secret."""
_encode: Final = json.JSONEncoder(separators=(",", ":")).encode
_COOKIES: Final = frozenset({"set-cookie", "set-cookie2"})


def write_recording(recording: Recording) -> bytes:
    """Return a recording as lines of JSON in ASCII."""
    written = BytesIO()  # of the megabytes that it may be, a list of lines would be one copy more
    written.writelines(map(_line, _lines(recording)))
    return written.getvalue()


def write_recordings(recordings: Iterable[Recording]) -> bytes:
    """Return several recordings, such as those of one reply, as one file."""
    return b"".join(map(write_recording, recordings))


def _lines(recording: Recording) -> Iterator[JsonObject]:
    """Give the lines of a recording."""
    reads, dropped = masked_reads(recording)
    yield request_line(recording)
    if recording.head is not None:
        yield head_line(recording, recording.head)
    others = deque(recording.lines)
    for number, read in enumerate(reads):
        while others and others[0].after <= number:
            yield others.popleft().content
        yield {**_data_line(read), **recording.unknown.get(number, {})}
    yield from (line.content for line in others)
    if recording.end is not None:
        yield end_line(recording, recording.end, dropped)


def masked_reads(recording: Recording) -> tuple[Iterable[Read], int]:
    """Return the reads without the keys that the reply spelt, and how many bytes are dropped: all if the keys are not
    found.
    """
    if recording.mask is None or not recording.spelt:
        return recording.iter_reads(), recording.dropped
    masked, count = mask_spelt(recording.reads, recording.mask)
    return (masked, recording.dropped) if count >= recording.spelt else ([], recording.size)


def request_line(recording: Recording) -> JsonObject:
    """Return the line of the request, without its keys."""
    request, mask = recording.request, recording.mask
    names = [name.lower() for name, _ in request.headers if name.lower() not in _PUBLIC_HEADERS]
    redacted = list(dict.fromkeys((*recording.redacted, *names)))
    line: dict[str, Json] = {
        "type": "request",
        "version": VERSION,
        "creator": {"name": "chatgrid-tui", "version": __version__},
        "kind": recording.kind,
        "startedDateTime": _from_date(recording.started_at),
        "method": request.method,
        "url": recording.url,
        "headers": [
            {"name": name, "value": value if mask is None else mask.text(value)}
            for name, value in request.headers
            if name.lower() in _PUBLIC_HEADERS
        ],
        "redacted": redacted,
    }
    if not recording.timed:
        line["timed"] = False
    if (post_data := _post_data(request, mask)) is not None:
        line["postData"] = post_data
    return {
        **{name: value for name, value in line.items() if value or name in ("url", "timed")},
        **_unknown(recording, "request"),
    }


def _post_data(request: Request, mask: KeyMask | None) -> JsonObject | None:
    """Return the body of a request without its keys; None if it has none. That of another client stays as it was
    written, unless a key is in it.
    """
    body = request.body if mask is None or request.body is None else mask.json(request.body)
    content = request.content
    if body is not None and (content is None or body != request.body):
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        return {"mimeType": "application/json", "text": text}
    if not content:
        return None
    types = [value for name, value in request.headers if name.lower() == "content-type"]
    media_type = types[0] if types else "application/octet-stream"
    content = content if mask is None else mask.data(content)
    try:
        return {"mimeType": media_type, "text": content.decode()}
    except UnicodeDecodeError:
        return {"mimeType": media_type, "text": b64encode(content).decode(), "encoding": "base64"}


def head_line(recording: Recording, head: Head) -> JsonObject:
    """Return the line of the head of the answer, without its cookies."""
    headers: list[Json] = [
        {"name": name, "value": value} for name, value in head.headers.items() if name not in _COOKIES
    ]
    line: dict[str, Json] = {"type": "response", "t": _seconds(head.t), "status": head.status, "headers": headers}
    if cookies := sorted(_COOKIES & head.headers.keys()):
        line["redacted"] = cookies
    return {**line, **_unknown(recording, "response")}


def _data_line(read: Read) -> JsonObject:
    try:
        return {"type": "data", "t": _seconds(read.t), "text": read.data.decode()}
    except UnicodeDecodeError:
        text = b64encode(read.data).decode()
        return {"type": "data", "t": _seconds(read.t), "text": text, "encoding": "base64"}


def end_line(recording: Recording, end: End, dropped: int) -> JsonObject:
    """Return the line of the end; `dropped` bytes are not written."""
    failure = end.failure if recording.mask is None or end.failure is None else recording.mask.failure(end.failure)
    return {
        "type": "end",
        "t": _seconds(end.t),
        "reason": end.reason,
        "bytes": recording.size,
        "dropped": dropped,
        "error": None if failure is None else failure.as_object(),
        **_unknown(recording, "end"),
    }


def _unknown(recording: Recording, key: str) -> JsonObject:
    return recording.unknown.get(key, {})


def _line(content: JsonObject) -> bytes:
    return encoded(content) + b"\n"


def encoded(value: Json) -> bytes:
    """Return a value as JSON in ASCII, without any control character."""
    return _encode(value).replace("\x7f", "\\u007f").encode()  # the one that JSON leaves as it is


def _seconds(seconds: float) -> float:
    return round(seconds, 6)


def _from_date(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
