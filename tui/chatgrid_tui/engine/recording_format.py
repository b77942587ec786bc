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
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import Final

from chatgrid_tui import __version__
from chatgrid_tui.engine.key_mask import KeyMask
from chatgrid_tui.engine.recorded_values import (
    body_in,
    bytes_in,
    count_in,
    date_of,
    headers_in,
    joined_headers,
    loaded,
    method_in,
    number_in,
    other_spelling,
    possible_time,
    set_end,
    text_in,
)
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
_REQUEST: Final = frozenset(
    {"type", "kind", "startedDateTime", "timed", "method", "url", "headers", "redacted", "postData"}
)
_RESPONSE: Final = frozenset({"type", "t", "status", "headers"})
_DATA: Final = frozenset({"type", "t", "text", "encoding"})
_END: Final = frozenset({"type", "t", "reason", "bytes", "dropped", "error"})
_MOST_LINES: Final = 2_000_000
_MOST_RECORDINGS: Final = 10_000
_OTHERS_LIMIT: Final = 32 * 1024 * 1024
"""The maximum bytes of all lines of a file, without plain reads. Small values take many times as much memory.
"""


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


class NotARecording(ValueError):
    """The bytes are no recording. The message says why, with the line number."""


@dataclass(slots=True)
class RecordingLines:
    """The content of lines of JSON, and their problems."""

    recordings: list[Recording] = field(default_factory=list)
    version: float = 0
    """The latest version named in a request."""
    is_cut: bool = False
    """Whether the last line is incomplete."""
    wrong_times: int = 0
    """The number of times that were invalid or earlier than the time before them, which replaces them."""


def read_recordings(stored: bytes) -> list[Recording]:
    """Return the recordings in a file. An incomplete last line is left out.

    Raises:
        NotARecording: a line is not JSON, or is not a line of a recording.
    """
    return read_recording_lines(stored).recordings


def read_recording_lines(stored: bytes) -> RecordingLines:
    """Return the recordings in a file, with its problems. An incomplete last line is left out.

    Raises:
        NotARecording: a line is not JSON, or is not a line of a recording, or the file is too large.
    """
    read = RecordingLines()
    others = 0
    for number, (line, is_whole) in enumerate(_lines_in(stored), 1):
        if not line.strip() or line.startswith(b"#"):
            continue
        content = loaded(line)
        if content is None and not is_whole and read.recordings:
            read.is_cut = True
            break
        try:
            others += 0 if _is_plain_read(content) else len(line)
            if others > _OTHERS_LIMIT or number > _MOST_LINES or len(read.recordings) > _MOST_RECORDINGS:
                raise ValueError("The rest is too large to read.")
            _take(read, content)
        except ValueError as problem:
            raise NotARecording(f"Line {number}: {problem}") from None
    if not read.recordings:
        raise NotARecording("It contains no recording.")
    return read


def _is_plain_read(content: JsonObject | None) -> bool:
    return content is not None and content.get("type") == "data" and content.keys() <= _DATA


def _lines_in(stored: bytes) -> Iterator[tuple[bytes, bool]]:
    """Yield lines without their line ends, and whether they had one."""
    start = 0
    while start < len(stored):
        end = stored.find(b"\n", start)
        yield (stored[start:], False) if end < 0 else (stored[start:end], True)
        start = len(stored) if end < 0 else end + 1


def _take(read: RecordingLines, content: JsonObject | None) -> None:
    """Add a line to the newest recording, or start a new one.

    Raises:
        ValueError: it is not a line of a recording.
    """
    if content is None:
        raise ValueError("It is not a JSON object.")
    kind = content.get("type")
    if kind == "request":
        read.recordings.append(_to_recording(content))
        read.version = max(read.version, number_in(content, "version"))
        return
    if not read.recordings:
        raise ValueError("A recording begins with a request.")
    recording = read.recordings[-1]
    match kind:
        case "response":
            status = count_in(content, "status", 999)
            recording.head = Head(_time(read, content), status, joined_headers(headers_in(content)))
            _keep_unknown(recording, "response", content, _RESPONSE)
        case "data":
            _keep_unknown(recording, recording.read_count, content, _DATA)
            recording.add_read(_time(read, content), bytes_in(content))
        case "end":
            _add_end(recording, content, _time(read, content))
        case _:
            recording.add_line(content)


def _time(read: RecordingLines, content: JsonObject) -> float:
    """Return the time of a line of the newest recording."""
    t = number_in(content, "t")
    possible = possible_time(t, read.recordings[-1].latest)
    read.wrong_times += possible != t
    return possible


def _to_recording(content: JsonObject) -> Recording:
    method = method_in(content)
    if method is None:
        raise ValueError("The request has an unknown method.")
    body = body_in(content)
    redacted = content.get("redacted")
    names = redacted if isinstance(redacted, list) else []
    headers, spelling = tuple(headers_in(content)), other_spelling(content, body)
    recording = Recording(
        Request(method, text_in(content, "url"), body, headers, content=spelling),
        text_in(content, "kind"),
        date_of(text_in(content, "startedDateTime")),
        tuple(name for name in names if isinstance(name, str)),
        timed=content.get("timed") is not False,
    )
    _keep_unknown(recording, "request", content, _REQUEST if body is not None else _REQUEST - {"postData"})
    return recording


def _add_end(recording: Recording, content: JsonObject, t: float) -> None:
    end = set_end(recording, content, t)
    known = _END if end.reason != "unknown" else _END - {"reason"}
    _keep_unknown(recording, "end", content, known if end.failure is not None else known - {"error"})


def _keep_unknown(recording: Recording, key: str | int, content: JsonObject, known: frozenset[str]) -> None:
    if unknown := {name: value for name, value in content.items() if name not in known}:
        recording.unknown[key] = unknown
