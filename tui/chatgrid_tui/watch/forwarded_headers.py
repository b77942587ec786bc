"""The headers of forwarded requests and answers."""

from __future__ import annotations

from typing import Final

from chatgrid_tui.http_server.messages import HOP_BY_HOP, Headers

_SET_BY_SENDER: Final = frozenset({"host", "content-length", "expect"})
_READABLE_CODINGS: Final = frozenset({"gzip", "x-gzip", "deflate", "identity"})


def to_upstream(headers: Headers) -> Headers:
    """Return the headers of a request to send. Of the codings that the client accepts, only those are kept that can
    be decoded here.
    """
    sent = [header for header in _end_to_end(headers) if header[0].lower() not in _SET_BY_SENDER]
    return tuple((name, _readable(value) if name.lower() == "accept-encoding" else value) for name, value in sent)


def to_client(headers: Headers) -> Headers:
    """Return the headers of an answer to send."""
    return tuple(header for header in _end_to_end(headers) if header[0].lower() != "content-length")


def body_length(headers: Headers) -> int | None:
    """Return the announced length of the body of an answer; None if it is not announced."""
    values = {name.lower(): value for name, value in headers}
    length = values.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() and "transfer-encoding" not in values else None


def _end_to_end(headers: Headers) -> Headers:
    named = {
        token.strip().lower() for name, value in headers if name.lower() == "connection" for token in value.split(",")
    }
    return tuple(header for header in headers if header[0].lower() not in HOP_BY_HOP | named)


def _readable(accepted: str) -> str:
    codings = [coding.strip() for coding in accepted.split(",")]
    readable = [coding for coding in codings if coding.partition(";")[0].strip().lower() in _READABLE_CODINGS]
    return ", ".join(readable) or "identity"
