"""Reads recordings from lines of JSON, as `recording_format` writes them.

Nothing in a file is trusted: it may have been cut, edited by hand, or made to do harm.
"""

from __future__ import annotations

import json
import math
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, get_args

from chatgrid_tui.engine.recording import End, EndReason, Head, Recording
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.model.request import Method, Request
from chatgrid_tui.text import mend_surrogates
from chatgrid_tui.wire.record import has_too_many_values

_REASONS: Final[dict[str, EndReason]] = {reason: reason for reason in get_args(EndReason)}
_METHODS: Final[dict[str, Method]] = {method: method for method in get_args(Method)}
_REQUEST: Final = frozenset(
    {"type", "kind", "startedDateTime", "timed", "method", "url", "headers", "redacted", "postData"}
)
_RESPONSE: Final = frozenset({"type", "t", "status", "headers"})
_DATA: Final = frozenset({"type", "t", "text", "encoding"})
_END: Final = frozenset({"type", "t", "reason", "bytes", "dropped", "error"})
_LATEST: Final = 1e7
"""Seconds after sending that are still a time of a recording: 115 days."""
_FIRST_YEAR: Final = 1970
_LAST_YEAR: Final = 9990
_MOST_BYTES: Final = 1 << 53
_MOST_LINES: Final = 2_000_000
_MOST_RECORDINGS: Final = 10_000
_OTHERS_LIMIT: Final = 32 * 1024 * 1024
"""Bytes that the lines of a file may have in all, without the plain reads. Small values take many times as much
memory.
"""


class NotARecording(ValueError):
    """Some bytes are no recording. The message says why, with the number of the line."""


@dataclass(slots=True)
class RecordingLines:
    """What lines of JSON hold, and what is wrong with them."""

    recordings: list[Recording] = field(default_factory=list)
    version: float = 0
    """The latest version that a request names."""
    is_cut: bool = False
    """Whether the last line is not whole."""
    wrong_times: int = 0
    """How many times were before the ones before them, or no times, and count as those."""


def read_recordings(stored: bytes) -> list[Recording]:
    """Return the recordings in a file. A last line that was cut is left out.

    Raises:
        NotARecording: a line is not JSON, or is not a line of a recording.
    """
    return read_recording_lines(stored).recordings


def read_recording_lines(stored: bytes) -> RecordingLines:
    """Return the recordings in a file, with what is wrong in it. A last line that was cut is left out.

    Raises:
        NotARecording: a line is not JSON, or is not a line of a recording, or there is too much in it.
    """
    read = RecordingLines()
    others = 0
    for number, (line, is_whole) in enumerate(_lines_in(stored), 1):
        if not line.strip() or line.startswith(b"#"):
            continue
        content = _loaded(line)
        if content is None and not is_whole and read.recordings:
            read.is_cut = True
            break
        try:
            others += 0 if _is_plain_read(content) else len(line)
            if others > _OTHERS_LIMIT or number > _MOST_LINES or len(read.recordings) > _MOST_RECORDINGS:
                raise ValueError("The rest is too much to read.")
            _take(read, content)
        except ValueError as problem:
            raise NotARecording(f"Line {number}: {problem}") from None
    if not read.recordings:
        raise NotARecording("There is no recording in it.")
    return read


def _is_plain_read(content: JsonObject | None) -> bool:
    return content is not None and content.get("type") == "data" and content.keys() <= _DATA


def _lines_in(stored: bytes) -> Iterator[tuple[bytes, bool]]:
    """Yield lines without their ends, and whether they have one."""
    start = 0
    while start < len(stored):
        end = stored.find(b"\n", start)
        yield (stored[start:], False) if end < 0 else (stored[start:end], True)
        start = len(stored) if end < 0 else end + 1


def _loaded(line: bytes) -> JsonObject | None:
    """Return the object on a line; None if there is none, or one of more values than can be read."""
    try:
        text = line.decode("utf-8-sig", "surrogatepass")
        content: Json = None if has_too_many_values(text) else json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, Mapping) else None


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON.")


def _take(read: RecordingLines, content: JsonObject | None) -> None:
    """Add a line to the newest recording, or begin one.

    Raises:
        ValueError: it is not a line of a recording.
    """
    if content is None:
        raise ValueError("It is not a JSON object.")
    kind = content.get("type")
    if kind == "request":
        read.recordings.append(_to_recording(content))
        read.version = max(read.version, _number(content, "version"))
        return
    if not read.recordings:
        raise ValueError("A recording begins with a request.")
    recording = read.recordings[-1]
    match kind:
        case "response":
            status = _count(content, "status", 999)
            recording.head = Head(_time(read, content), status, joined_headers(_headers_in(content)))
            _keep_unknown(recording, "response", content, _RESPONSE)
        case "data":
            _keep_unknown(recording, recording.read_count, content, _DATA)
            recording.add_read(_time(read, content), _to_bytes(content))
        case "end":
            _add_end(recording, content, _time(read, content))
        case _:
            recording.add_line(content)


def _time(read: RecordingLines, content: JsonObject) -> float:
    """Return the time of a line of the newest recording, which is not before those of the lines before it."""
    latest, t = read.recordings[-1].latest, _number(content, "t")
    if latest <= t <= _LATEST:
        return t
    read.wrong_times += 1
    return latest


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
        timed=content.get("timed") is not False,
    )
    _keep_unknown(recording, "request", content, _REQUEST if body is not None else _REQUEST - {"postData"})
    return recording


def _add_end(recording: Recording, content: JsonObject, t: float) -> None:
    recording.end = End(
        t,
        _REASONS.get(_text(content, "reason"), "unknown"),
        Failure.from_object(content.get("error")),
    )
    recording.dropped = max(recording.dropped, _count(content, "dropped", _MOST_BYTES))
    recording.size = max(recording.size, _count(content, "bytes", _MOST_BYTES))
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
                yield mend_surrogates(name), mend_surrogates(value)


def joined_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
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
    text = content.get("text")
    if not isinstance(text, str):
        return b""
    match content.get("encoding"):
        case None:
            return text.encode("utf-8", "surrogatepass")
        case "base64":
            return b64decode(text, validate=True)
        case encoding:
            raise ValueError(f"The encoding {encoding!r} is not known.")


def _text(content: JsonObject, name: str) -> str:
    value = content.get(name)
    return mend_surrogates(value) if isinstance(value, str) else ""


def _number(content: JsonObject, name: str) -> float:
    value = content.get(name)
    try:
        number = float(value) if isinstance(value, int | float) else 0.0
    except OverflowError:
        return 0.0
    return number if math.isfinite(number) else 0.0


def _count(content: JsonObject, name: str, most: int) -> int:
    return max(0, min(most, int(_number(content, name))))


def _to_date(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None and _FIRST_YEAR <= at.year <= _LAST_YEAR else None
