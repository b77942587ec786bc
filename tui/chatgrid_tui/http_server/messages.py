"""Requests and answers, without any socket."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NoReturn, Protocol
from urllib.parse import parse_qsl, unquote

Headers = tuple[tuple[str, str], ...]

HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer"}
    | {"transfer-encoding", "upgrade"}
)
"""The names of headers of one connection, as are those that `Connection` names (RFC 9110, 7.6.1)."""
BODILESS = (204, 304)
"""The statuses of answers that have no body, and of which nothing tells its length (RFC 9110, 8.6)."""

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class BadJson(Exception):
    """The body of the request is not JSON."""


class Cut(Exception):
    """Raised by a handler or a stream to close the connection without the rest of the answer."""


class Reset(Cut):
    """Raised to reset the connection, which discards what the client has not read yet."""


@dataclass(frozen=True, slots=True)
class Request:
    """A complete request. `too_large` means that the body was over the limit and was discarded."""

    method: str
    target: str
    headers: dict[str, str]
    """By their names in lower case; the last of repeated headers counts."""
    body: bytes = b""
    too_large: bool = False
    header_list: Headers = ()
    """All headers in order, with their names as the client wrote them."""

    @property
    def path(self) -> str:
        """The path without the query, percent-decoded."""
        return unquote(self.target.partition("?")[0])

    @property
    def query(self) -> dict[str, str]:
        """The parameters of the query; the last of repeated ones counts."""
        return dict(parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    def json(self) -> object:
        """Return the body as JSON.

        Raises:
            BadJson: the body is no JSON, or nested too deeply to read.
        """
        try:
            value: object = json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise BadJson from error
        return value

    def bearer(self) -> str | None:
        """Return the key in `Authorization: Bearer`, if there is one."""
        scheme, _, key = self.headers.get("authorization", "").partition(" ")
        return key.strip() or None if scheme.lower() == "bearer" else None

    def given_key(self) -> str:
        """Return the key from any of its headers; empty if there is none."""
        names = ("x-api-key", "x-widget-api-key", "api-key")
        return self.bearer() or next((self.headers[name] for name in names if name in self.headers), "")


class Sink(Protocol):
    """Receives the bytes of a stream."""

    async def send(self, data: bytes) -> None:
        """Send the bytes as one piece; wait while the client is slow."""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer with a fixed body."""

    status: int
    headers: Headers
    body: bytes = b""


async def _nothing_to_close() -> None:
    pass


@dataclass(frozen=True, slots=True)
class Stream:
    """An answer whose body `produce` writes; `length` is announced if given, otherwise the body is chunked. `close`
    is called at the end, even if `produce` never was.
    """

    status: int
    headers: Headers
    produce: Callable[[Sink], Awaitable[None]]
    length: int | None = None
    reason: str = ""
    """The reason phrase after the status."""
    close: Callable[[], Awaitable[None]] = _nothing_to_close


Answer = Response | Stream


def dump_json(value: object) -> bytes:
    """Return JSON as JavaScript writes it: compact, raw UTF-8, with escapes only for lone surrogates."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _LONE_SURROGATE.sub(lambda half: f"\\u{ord(half.group()):04x}", text).encode()


def json_response(status: int, value: object, headers: Headers = ()) -> Response:
    """Return an answer of JSON."""
    return Response(status, (("Content-Type", "application/json; charset=utf-8"), *headers), dump_json(value))


def text_response(status: int, text: str) -> Response:
    """Return a short answer in plain text."""
    return Response(status, (("Content-Type", "text/plain; charset=utf-8"),), text.encode())


def html_response(status: int, title: str, body: str) -> Response:
    """Return a web page like those of proxies and of the error handlers of frameworks."""
    page = (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n</head>\n'
        f"<body>\n{body}\n</body>\n</html>\n"
    )
    return Response(status, (("Content-Type", "text/html; charset=utf-8"),), page.encode())


def cut_response(answer: Response) -> Stream:
    """Return the same answer, with the connection cut after half of the body."""
    half = len(answer.body) // 2

    async def produce(sink: Sink) -> None:
        await sink.send(answer.body[:half])
        cut()

    return Stream(answer.status, answer.headers, produce, len(answer.body))


def cut() -> NoReturn:
    """Cut the connection of the stream that calls this."""
    raise Cut
