"""Reads values from recording files, which are untrusted: an invalid value counts as missing."""

from __future__ import annotations

import json
import math
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final, get_args

from chatgrid_tui.engine.recording import End, EndReason, Recording
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.model.request import METHODS, Method
from chatgrid_tui.text import mend_surrogates
from chatgrid_tui.wire.record import has_too_many_values

_REASONS: Final[dict[str, EndReason]] = {reason: reason for reason in get_args(EndReason)}
_LATEST: Final = 1e7
"""The largest valid time of a recording, in seconds after sending: 115 days."""
_FIRST_YEAR: Final = 1970
_LAST_YEAR: Final = 9990
_MOST_BYTES: Final = 1 << 53


def loaded(line: bytes) -> JsonObject | None:
    """Return the object on a line; None if there is none, or if it has too many values."""
    try:
        text = line.decode("utf-8-sig", "surrogatepass")
        content: Json = None if has_too_many_values(text) else json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, Mapping) else None


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON.")


def text_in(content: JsonObject, name: str) -> str:
    """Return a text that can be encoded; empty if there is none."""
    value = content.get(name)
    return mend_surrogates(value) if isinstance(value, str) else ""


def number_in(content: JsonObject, name: str) -> float:
    """Return a finite number; 0 if there is none."""
    value = content.get(name)
    try:
        found = float(value) if isinstance(value, int | float) else 0.0
    except OverflowError:
        return 0.0
    return found if math.isfinite(found) else 0.0


def count_in(content: JsonObject, name: str, most: int = _MOST_BYTES) -> int:
    """Return a whole number from 0 to `most`."""
    return max(0, min(most, int(number_in(content, name))))


def possible_time(t: float, latest: float) -> float:
    """Return a time after sending, in seconds, or the `latest` time before it if it is invalid."""
    return t if latest <= t <= _LATEST else latest


def date_of(text: str) -> datetime | None:
    """Return a point in time from its ISO 8601 form; None if it is invalid or has no time zone."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None and _FIRST_YEAR <= at.year <= _LAST_YEAR else None


def method_in(request: JsonObject) -> Method | None:
    """Return the method of a request; None if requests to a service never use it."""
    return METHODS.get(text_in(request, "method"))


def headers_in(message: JsonObject) -> Iterator[tuple[str, str]]:
    """Yield the headers of a request or an answer."""
    headers = message.get("headers")
    for header in headers if isinstance(headers, list) else []:
        match header:
            case {"name": str(name), "value": str(value)}:
                yield mend_surrogates(name), mend_surrogates(value)


def joined_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return headers by their names in lower case; repeated values are joined, as HTTP defines."""
    joined: dict[str, str] = {}
    for name, value in headers:
        name = name.lower()
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined


def body_in(request: JsonObject) -> JsonObject | None:
    """Return the JSON object that a request posts, or None."""
    match request.get("postData"):
        case {"text": str(posted)}:
            return loaded(posted.encode("utf-8", "surrogatepass"))
        case _:
            return None


def other_spelling(request: JsonObject, body: JsonObject | None) -> bytes | None:
    """Return what a request posts if it is spelt differently from this program's form of `body`; else None."""
    match request.get("postData"):
        case {"text": str(posted)} if body is not None:
            is_ours = posted == json.dumps(body, ensure_ascii=False, separators=(",", ":"))
            return None if is_ours else posted.encode("utf-8", "surrogatepass")
        case _:
            return None


def bytes_in(content: JsonObject) -> bytes:
    """Return the bytes of a text, which may be in Base64.

    Raises:
        ValueError: it has another encoding, or is not valid Base64.
    """
    value = content.get("text")
    if not isinstance(value, str):
        return b""
    match content.get("encoding"):
        case None | "":
            return value.encode("utf-8", "surrogatepass")
        case "base64":
            return b64decode(value, validate=True)
        case encoding:
            raise ValueError(f"The encoding {encoding!r} is not known.")


def set_end(recording: Recording, content: JsonObject, t: float) -> End:
    """Set how a recording ended, and how many bytes arrived, from the members of an `end` line."""
    reason = _REASONS.get(text_in(content, "reason"), "unknown")
    recording.end = End(t, reason, Failure.from_object(content.get("error")))
    recording.dropped = max(recording.dropped, count_in(content, "dropped"))
    recording.size = max(recording.size, count_in(content, "bytes"))
    return recording.end
