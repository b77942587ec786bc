"""Recordings as lines of JSON, in the terms of HAR where it has one.

Each request begins with a `request` line; `response`, any number of `data`, and `end` follow. A `data` line is a
read, not an event: its `text`, or for bytes that are not UTF-8 its Base64. Without an `end` line the recording was
cut. Lines and members that this version does not know are kept when a recording is written again.
"""

from __future__ import annotations

import json
import math
from base64 import b64decode, b64encode
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from io import BytesIO
from typing import Final, get_args

from chatgrid_tui import __version__
from chatgrid_tui.engine.recording import End, EndReason, Head, Read, Recording
from chatgrid_tui.engine.recording_redactor import mask_spelt
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.model.request import Method, Request

VERSION: Final = 1
"""The version of the format that is written. Recordings of a later one are read as far as they are known."""
_PUBLIC_HEADERS: Final = frozenset({"accept", "accept-encoding", "accept-language", "content-type", "user-agent"})
"""Request headers that are recorded with their values. Of all others, one may hold a secret."""
_COOKIES: Final = frozenset({"set-cookie", "set-cookie2"})
_REASONS: Final[dict[str, EndReason]] = {reason: reason for reason in get_args(EndReason)}
_METHODS: Final[dict[str, Method]] = {method: method for method in get_args(Method)}
_REQUEST: Final = frozenset({"type", "kind", "startedDateTime", "method", "url", "headers", "redacted", "postData"})
_RESPONSE: Final = frozenset({"type", "t", "status", "headers"})
_DATA: Final = frozenset({"type", "t", "text", "encoding"})
_END: Final = frozenset({"type", "t", "reason", "bytes", "dropped", "error"})


class NotARecording(ValueError):
    """Some bytes are no recording. The message says why, with the number of the line."""


def write_recording(recording: Recording) -> bytes:
    """Return a recording as lines of JSON in ASCII."""
    written = BytesIO()  # of the megabytes that it may be, a list of lines would be one copy more
    written.writelines(map(_dumped, _lines(recording)))
    return written.getvalue()


def write_recordings(recordings: Iterable[Recording]) -> bytes:
    """Return several recordings, such as those of one reply, as one file."""
    return b"".join(map(write_recording, recordings))


def read_recordings(stored: bytes) -> list[Recording]:
    """Return the recordings in a file. A last line that was cut is left out.

    Raises:
        NotARecording: a line is not JSON, or is not a line of a recording.
    """
    recordings: list[Recording] = []
    lines = stored.split(b"\n")
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith(b"#"):
            continue
        content = _loaded(line)
        if content is None and number == len(lines) and recordings:
            break
        try:
            _take(recordings, content)
        except ValueError as problem:
            raise NotARecording(f"Line {number}: {problem}") from None
    if not recordings:
        raise NotARecording("There is no recording in it.")
    return recordings


def _lines(recording: Recording) -> Iterator[JsonObject]:
    """Give the lines of a recording."""
    reads, dropped = _without_spelt_keys(recording)
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
        yield _end_line(recording, recording.end, dropped)


def _without_spelt_keys(recording: Recording) -> tuple[Iterable[Read], int]:
    """Return the reads, and how many bytes are dropped: all if the keys that the reply spelt are not found."""
    if recording.mask is None or not recording.spelt:
        return recording.iter_reads(), recording.dropped
    masked, count = mask_spelt(recording.reads, recording.mask)
    return (masked, recording.dropped) if count >= recording.spelt else ([], recording.size)


def request_line(recording: Recording) -> JsonObject:
    """Return the line of the request, without its keys."""
    request, mask = recording.request, recording.mask
    url: Json = request.url if mask is None else mask.text(request.url)
    names = [name.lower() for name, _ in request.headers if name.lower() not in _PUBLIC_HEADERS]
    redacted = list(dict.fromkeys((*recording.redacted, *names)))
    line: dict[str, Json] = {
        "type": "request",
        "version": VERSION,
        "creator": {"name": "chatgrid-tui", "version": __version__},
        "kind": recording.kind,
        "startedDateTime": _from_date(recording.started_at),
        "method": request.method,
        "url": url,
        "headers": [
            {"name": name, "value": value if mask is None else mask.text(value)}
            for name, value in request.headers
            if name.lower() in _PUBLIC_HEADERS
        ],
        "redacted": redacted,
    }
    if request.body is not None:
        body = request.body if mask is None else mask.json(request.body)
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        line["postData"] = {"mimeType": "application/json", "text": text}
    return {
        **{name: value for name, value in line.items() if value or name == "url"},
        **_unknown(recording, "request"),
    }


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


def _end_line(recording: Recording, end: End, dropped: int) -> JsonObject:
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


def _dumped(line: JsonObject) -> bytes:
    # The one control character that JSON leaves as it is.
    return json.dumps(line, separators=(",", ":")).replace("\x7f", "\\u007f").encode() + b"\n"


def _loaded(line: bytes) -> JsonObject | None:
    """Return the object on a line; None if there is none."""
    try:
        content: Json = json.loads(line, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, Mapping) else None


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON.")


def _take(recordings: list[Recording], content: JsonObject | None) -> None:
    """Add a line to the newest recording, or begin one.

    Raises:
        ValueError: it is not a line of a recording.
    """
    if content is None:
        raise ValueError("It is not a JSON object.")
    kind = content.get("type")
    if kind == "request":
        recordings.append(_to_recording(content))
        return
    if not recordings:
        raise ValueError("A recording begins with a request.")
    recording = recordings[-1]
    match kind:
        case "response":
            recording.head = Head(
                _number(content, "t"), int(_number(content, "status")), _joined(_headers_in(content))
            )
            _keep_unknown(recording, "response", content, _RESPONSE)
        case "data":
            _keep_unknown(recording, recording.read_count, content, _DATA)
            recording.add_read(_number(content, "t"), _to_bytes(content))
        case "end":
            _add_end(recording, content)
        case _:
            recording.add_line(content)


def _to_recording(content: JsonObject) -> Recording:
    method = _METHODS.get(_text(content, "method"))
    if method is None:
        raise ValueError("The request has no known method.")
    body = _to_body(content)
    redacted = content.get("redacted")
    names = redacted if isinstance(redacted, list) else []
    recording = Recording(
        Request(method, _text(content, "url"), body, tuple(_headers_in(content))),
        _text(content, "kind"),
        _to_date(_text(content, "startedDateTime")),
        tuple(name for name in names if isinstance(name, str)),
    )
    _keep_unknown(recording, "request", content, _REQUEST if body is not None else _REQUEST - {"postData"})
    return recording


def _add_end(recording: Recording, content: JsonObject) -> None:
    recording.end = End(
        _number(content, "t"),
        _REASONS.get(_text(content, "reason"), "unknown"),
        Failure.from_object(content.get("error")),
    )
    recording.dropped = max(recording.dropped, int(_number(content, "dropped")))
    recording.size = max(recording.size, int(_number(content, "bytes")))
    known = _END if recording.end.reason != "unknown" else _END - {"reason"}
    _keep_unknown(recording, "end", content, known if recording.end.failure is not None else known - {"error"})


def _keep_unknown(recording: Recording, key: str | int, content: JsonObject, known: frozenset[str]) -> None:
    if unknown := {name: value for name, value in content.items() if name not in known}:
        recording.unknown[key] = unknown


def _headers_in(content: JsonObject) -> Iterator[tuple[str, str]]:
    headers = content.get("headers")
    for header in headers if isinstance(headers, list) else []:
        match header:
            case {"name": str(name), "value": str(value)}:
                yield name, value


def _joined(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return headers by their names in lower case; the values of one name are joined, as HTTP has it."""
    joined: dict[str, str] = {}
    for name, value in headers:
        name = name.lower()
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined


def _to_body(content: JsonObject) -> JsonObject | None:
    match content.get("postData"):
        case {"text": str(text)}:
            return _loaded(text.encode("utf-8", "surrogatepass"))
        case _:
            return None


def _to_bytes(content: JsonObject) -> bytes:
    text = _text(content, "text")
    match content.get("encoding"):
        case None:
            return text.encode("utf-8", "surrogatepass")
        case "base64":
            return b64decode(text, validate=True)
        case encoding:
            raise ValueError(f"The encoding {encoding!r} is not known.")


def _text(content: JsonObject, name: str) -> str:
    value = content.get(name)
    return value if isinstance(value, str) else ""


def _number(content: JsonObject, name: str) -> float:
    value = content.get(name)
    try:
        number = float(value) if isinstance(value, int | float) else 0.0
    except OverflowError:
        return 0.0
    return number if math.isfinite(number) else 0.0


def _seconds(seconds: float) -> float:
    return round(seconds, 6)


def _from_date(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _to_date(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None
