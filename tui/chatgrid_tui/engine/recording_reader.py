"""Reads recordings from lines of JSON, as `recording_format` writes them.

Files are untrusted: they may be truncated, edited by hand, or malicious.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

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
from chatgrid_tui.engine.recording import Head, Recording
from chatgrid_tui.model.json import JsonObject
from chatgrid_tui.model.request import Request

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
