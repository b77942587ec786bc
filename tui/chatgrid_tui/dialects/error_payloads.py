"""Read errors into a `Failure`, in all the forms in which services send them.

Known forms: `error` as an object or a string, `code` and `message` at the top level, `detail` (a string, an object or
a list, as from FastAPI), a list of errors, MiniMax's `base_resp`, Baidu's `error_code` and `error_msg`, a JSON
string, a short plain text, an SSE payload as the body of an HTTP error, and an HTML page, which says nothing in the
service's own words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from chatgrid_tui.model.failure import Failure, FailureCause
from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.text import mend_surrogates
from chatgrid_tui.wire import sse
from chatgrid_tui.wire.record import MALFORMED, Value, json_at

BODY_READ: Final = 64 * 1024
"""How many bytes of an error's body are read."""
_WANTS_TLS: Final = re.compile(
    rb"plain HTTP request was sent to HTTPS port|HTTP request to an HTTPS server"
    rb"|speaking plain HTTP to an SSL-enabled server port",
    re.IGNORECASE,
)
"""How nginx, Go and Apache answer http on an https port."""
_SHORT: Final = 500
_CODES: Final = ("code", "error_code", "errcode", "status_code")
_MESSAGES: Final = (
    *("error", "message", "detail", "msg", "errors", "base_resp"),
    *("error_msg", "error_message", "status_msg", "errmsg", "error_description", "title", "description"),
    *("Message", "reason", "data"),
)
_FLAT_MESSAGES: Final = ("message", "msg", "error_msg", "error_message", "errmsg", "status_msg", "error_description")
_SUCCESS: Final = frozenset({"200", "ok", "success", "succeeded"})
_DEEPEST: Final = 4
_SECONDS: Final = re.compile(r"[0-9]{1,9}(\.[0-9]+)?")
_LONGEST_FIELD: Final = 200
CHATIQ: Final[Mapping[str, int]] = MappingProxyType(
    {"INVALID_INPUT": 400, "MISSING_REQUIRED_FIELD": 400, "BAD_REQUEST": 400}
    | {"UNAUTHORIZED": 401, "INVALID_API_KEY": 401}
    | {"QUOTA_EXCEEDED": 402}
    | {"FORBIDDEN": 403, "EVALUATION_EXPIRED": 403}
    | {"NOT_FOUND": 404, "BOT_NOT_FOUND": 404}
    | {"CONFLICT": 409}
    | {"MODERATION_FLAGGED": 422}
    | {"RATE_LIMIT": 429, "RATE_LIMIT_EXCEEDED": 429}
    | {"INTERNAL_SERVER_ERROR": 500, "SERVER_ERROR": 500, "DATABASE_ERROR": 500}
    | {"OPENAI_API_ERROR": 502, "MODERATION_API_ERROR": 502}
    | {"SERVICE_UNAVAILABLE": 503}
)
"""The HTTP status of each of ChatIQ's codes (api, "Error codes"). It streams by default, with status 200."""
OPENAI: Final[Mapping[str, int]] = MappingProxyType(
    {"invalid_request_error": 400, "context_length_exceeded": 400, "permission_error": 403, "model_not_found": 404}
)
STATUSES: Final = MappingProxyType({**CHATIQ, **OPENAI})


def is_error(value: JsonObject, *, of_reply: bool = False) -> bool:
    """Return whether an object of a reply reports an error.

    A code and message at the top level do so only if nothing of a reply is next to them (`of_reply`), and never if
    the code means success: some services send `code: 0, message: "Success"` with each piece of text.
    """
    if _says_error(value.get("error")) or _is_failed_base_resp(value.get("base_resp")):
        return True
    if of_reply:
        return False
    if any(value.get(name) == "error" for name in ("object", "type", "status")):
        return True
    if value.keys() == {"detail"} or _says_error(value.get("errors")):
        return True
    code = next((code for name in _CODES if (code := _code(value.get(name))) is not None), None)
    told = any(isinstance(value.get(name), str) for name in _FLAT_MESSAGES)
    return told and (value.get("success") is False if code is None else not _is_success(code))


def _says_error(error: Json | None) -> bool:
    """Return whether an `error` field reports an error, rather than being empty or a success."""
    if not isinstance(error, Mapping):
        return error is True or (isinstance(error, (str, list)) and bool(error))
    code, message = _code(error.get("code")), error.get("message")
    if code is not None and _is_success(code) and (not isinstance(message, str) or _is_success(message or "0")):
        return False
    return any(inner not in (None, "", False, [], {}) for inner in error.values())


def _is_failed_base_resp(value: Json | None) -> bool:
    """Return whether MiniMax's `base_resp` reports a failure (MiniMax API reference, chat completion)."""
    code = _code(value.get("status_code")) if isinstance(value, Mapping) else None
    return code is not None and not _is_success(code)


def _is_success(code: str) -> bool:
    return code.strip("0") == "" or code.lower() in _SUCCESS


def said(value: object, *, type_is_code: bool = False) -> tuple[str | None, str | None]:
    """Return the code and message of an error payload, each None if missing.

    With `type_is_code`, `type` replaces a missing `code` (OpenAI's error object).
    """
    code, message = _said(value, ("code", "type", *_CODES[1:]) if type_is_code else _CODES, _DEEPEST)
    return code, message


def field_of(value: object) -> str:
    """Return the request field that an error names, with its message for that field; or an empty string.

    FastAPI names it in `loc`, OpenAI in `param`, ChatGrid in the `path` of `details`.
    """
    return _field_of(value, _DEEPEST)[:_LONGEST_FIELD]


def _field_of(value: object, depth: int) -> str:
    if not depth:
        return ""
    if isinstance(value, list):
        return next(filter(None, (_field_of(item, depth - 1) for item in value)), "")
    if not isinstance(value, Mapping):
        return ""
    named = value.get("loc") or value.get("param")
    parts = named if isinstance(named, list) else [named]
    spelt = ".".join(str(part) for part in parts if isinstance(part, (str, int)) and part != "body")
    if spelt:
        return mend_surrogates(spelt)
    for detail in value["details"] if isinstance(value.get("details"), list) else ():
        path, message = (detail.get("path"), detail.get("message")) if isinstance(detail, Mapping) else (None, None)
        if isinstance(path, str) and path:
            return mend_surrogates(f"{path}: {message}" if isinstance(message, str) and message else path)
    return next(filter(None, (_field_of(value.get(name), depth - 1) for name in ("error", "detail", "errors"))), "")


def http_failure(
    status: int, headers: Mapping[str, str], body: bytes, received_at: datetime | None, *, type_is_code: bool = False
) -> Failure:
    """Return the failure for an answer with an HTTP status other than 2xx. Header names are lower case."""
    value, text = _value_of(body)
    code, message = (None, text) if value is MALFORMED else said(value, type_is_code=type_is_code)
    moved = 300 <= status < 400
    cause: FailureCause = "moved" if moved else "said"
    if status == 400 and _WANTS_TLS.search(body, 0, BODY_READ):
        cause = "TLS expected"
    return Failure(
        "http",
        cause,
        code,
        message,
        status,
        retry_after(headers, received_at),
        _host(headers.get("location", "")) if moved else "",
        field_of(value),
    )


def is_unknown_address(status: int, body: bytes) -> bool:
    """Return whether a server has nothing at the address. An unknown model is a different case."""
    if status not in (404, 405):
        return False
    value, text = _value_of(body)
    code, message = (None, text) if value is MALFORMED else said(value, type_is_code=True)
    return code is None and "model" not in (message or "").lower()


def answer_named(status: int, media_type: str) -> str:
    """Return a description of an answer that is not a reply: `200, text/html`."""
    return f"{status}, {media_type}" if media_type else str(status)


def _host(location: str) -> str:
    """Return the host of an address, or the whole address if it has none."""
    try:
        return urlsplit(location).netloc.rpartition("@")[2] or location
    except ValueError:
        return location


def retry_after(headers: Mapping[str, str], received_at: datetime | None) -> float | None:
    """Return the seconds in `Retry-After`, as sent, or None if it is missing or makes no sense.

    `retry-after-ms` takes precedence, as in OpenAI's own clients. A date is relative to the server's `Date`, since
    clocks differ (RFC 9110, section 10.2.3), else to `received_at`, an aware time.
    """
    for name in ("retry-after-ms", "x-ms-retry-after-ms"):
        if _SECONDS.fullmatch(value := headers.get(name, "").strip()):
            return float(value) / 1000
    value = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(value):
        return float(value)
    until = _date(value)
    now = _date(headers.get("date", "")) or received_at
    if until is None or now is None:
        return None
    return max(0.0, (until - now).total_seconds())


def _date(value: str) -> datetime | None:
    from email.utils import parsedate_to_datetime

    try:
        date = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)  # asctime's format has no zone


def _value_of(body: bytes) -> tuple[Value, str | None]:
    """Return the JSON of an error's body. If it is not JSON, return `MALFORMED`, and the body if it is short text."""
    text = body[:BODY_READ].decode("utf-8", "replace").removeprefix("\ufeff").strip()
    if text[:5] in ("data:", "event"):
        decoder = sse.Decoder()
        records = decoder.feed(body[:BODY_READ]) + decoder.close()
        text = records[0].data if records else ""
    value, end = json_at(text)
    if value is not MALFORMED and not text[end:].strip():
        return value, None
    return MALFORMED, None if not text or len(text) > _SHORT or text.startswith(("<", "{", "[")) else text


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
