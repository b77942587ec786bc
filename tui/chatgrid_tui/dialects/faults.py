"""Errors as services send them, in all their shapes, into a `Failure`.

Seen: `error` as an object or a string, `code` and `message` flat, `detail` (a string, an object or a list, as
FastAPI sends), a list of errors, a JSON string, a short plain text, an SSE payload as the body of an HTTP
error, and an HTML page, which says nothing in the service's own words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

from chatgrid_tui.model.failure import Failure
from chatgrid_tui.text import mend_surrogates
from chatgrid_tui.wire import sse
from chatgrid_tui.wire.record import MALFORMED, json_at

BODY_READ: Final = 64 * 1024
"""Bytes of an error's body that are looked at."""
_SHORT: Final = 500
_MESSAGES: Final = ("error", "message", "detail", "msg", "errors", "title", "description")
_DEEPEST: Final = 4
_SECONDS: Final = re.compile(r"[0-9]{1,9}(\.[0-9]+)?")


def said(value: object, *, type_is_code: bool = False) -> tuple[str | None, str | None]:
    """Return code and message of an error payload, each None where the service gave none.

    With `type_is_code`, `type` stands in for an absent `code` (OpenAI's error object).
    """
    code, message = _said(value, ("code", "type") if type_is_code else ("code",), _DEEPEST)
    return code, message


def http_failure(
    status: int, headers: Mapping[str, str], body: bytes, received_at: datetime | None, *, type_is_code: bool = False
) -> Failure:
    """Return the failure that an answer with an HTTP status other than 2xx is. Header names are lower case."""
    code, message = _said_in_body(body, type_is_code)
    moved = 300 <= status < 400
    return Failure(
        "http",
        "moved" if moved else "said",
        code,
        message,
        status,
        retry_after(headers, received_at),
        _host(headers.get("location", "")) if moved else "",
    )


def _host(location: str) -> str:
    """Return the host of an address, or what stands in its place where there is none."""
    try:
        return urlsplit(location).netloc.rpartition("@")[2] or location
    except ValueError:
        return location


def retry_after(headers: Mapping[str, str], received_at: datetime | None) -> float | None:
    """Return the seconds that `Retry-After` asks for, as sent; None where it is absent or makes no sense.

    A date counts from the server's own `Date`, since clocks differ (RFC 9110, section 10.2.3), else from
    `received_at`, an aware time.
    """
    value = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(value):
        return float(value)
    until = _date(value)
    now = _date(headers.get("date", "")) or received_at
    if until is None or now is None:
        return None
    return max(0.0, (until - now).total_seconds())


def _date(value: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)  # asctime's form names no zone


def _said_in_body(body: bytes, type_is_code: bool) -> tuple[str | None, str | None]:
    text = body[:BODY_READ].decode("utf-8", "replace").removeprefix("\ufeff").strip()
    if text[:5] in ("data:", "event"):
        decoder = sse.Decoder()
        records = decoder.feed(body[:BODY_READ]) + decoder.close()
        text = records[0].data if records else ""
    value, end = json_at(text)
    if value is not MALFORMED and not text[end:].strip():
        return said(value, type_is_code=type_is_code)
    if not text or len(text) > _SHORT or text.startswith(("<", "{", "[")):
        return None, None
    return None, text


def _said(value: object, code_names: tuple[str, ...], depth: int) -> tuple[str | None, str | None]:
    if isinstance(value, str):
        return None, mend_surrogates(value) or None
    if isinstance(value, list) and depth:
        answers = (_said(item, code_names, depth - 1) for item in value)
        return next((answer for answer in answers if answer[1] is not None), (None, None))
    if not isinstance(value, Mapping) or not depth:
        return None, None
    code = next((shown for name in code_names if (shown := _code(value.get(name)))), None)
    own = value.get("message")
    if isinstance(own, str) and own and not isinstance(value.get("error"), Mapping):
        return code, mend_surrogates(own)
    inner_code: str | None = None
    for name in _MESSAGES:
        found_code, message = _said(value.get(name), code_names, depth - 1)
        inner_code = inner_code or found_code
        if message is not None:
            return inner_code or code, message
    return inner_code or code, None


def _code(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    return mend_surrogates(str(value)) or None
