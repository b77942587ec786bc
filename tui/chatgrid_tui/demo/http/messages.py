"""Requests and answers, free of any socket."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NoReturn, Protocol
from urllib.parse import parse_qsl, unquote

Headers = tuple[tuple[str, str], ...]

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class BadJson(Exception):
    """The request's body is not JSON."""


class Cut(Exception):
    """Raised through a stream to cut the TCP connection under it."""


@dataclass(frozen=True, slots=True)
class Request:
    """A whole request. `too_large` says that the body went over the limit and was thrown away."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""
    too_large: bool = False

    @property
    def path(self) -> str:
        """The path without the query, percent-decoded."""
        return unquote(self.target.partition("?")[0])

    @property
    def query(self) -> dict[str, str]:
        """The query's parameters; of a repeated one the last counts."""
        return dict(parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    def json(self) -> object:
        """The body as JSON.

        Raises:
            BadJson: the body is anything else, or nested too deeply to read.
        """
        try:
            value: object = json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise BadJson from error
        return value

    def bearer(self) -> str | None:
        """The key in `Authorization: Bearer`, if there is one."""
        scheme, _, key = self.headers.get("authorization", "").partition(" ")
        return key.strip() or None if scheme.lower() == "bearer" else None

    def given_key(self) -> str:
        """The key in whichever header it came; empty if none did."""
        names = ("x-api-key", "x-widget-api-key", "api-key")
        return self.bearer() or next((self.headers[name] for name in names if name in self.headers), "")


class Sink(Protocol):
    """Where a stream's bytes go."""

    async def send(self, data: bytes) -> None:
        """Sends the bytes as one piece; waits while the client is slow."""

    async def send_split(self, data: bytes) -> None:
        """Sends the bytes cut at nasty places, with CR LF for each line end."""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer whose body is known."""

    status: int
    headers: Headers
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Stream:
    """An answer whose body `produce` writes; `length` is announced if given, else the body is chunked."""

    status: int
    headers: Headers
    produce: Callable[[Sink], Awaitable[None]]
    length: int | None = None


Answer = Response | Stream


def dump_json(value: object) -> bytes:
    """JSON as JavaScript writes it: compact, raw UTF-8, and an escape only for half a surrogate pair."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _LONE_SURROGATE.sub(lambda half: f"\\u{ord(half.group()):04x}", text).encode()


def json_response(status: int, value: object, headers: Headers = ()) -> Response:
    """A JSON answer."""
    return Response(status, (("Content-Type", "application/json; charset=utf-8"), *headers), dump_json(value))


def text_response(status: int, text: str) -> Response:
    """A short plain answer."""
    return Response(status, (("Content-Type", "text/plain; charset=utf-8"),), text.encode())


def html_response(status: int, title: str, body: str) -> Response:
    """A web page, such as a proxy or a framework's own error handler sends."""
    page = (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n</head>\n'
        f"<body>\n{body}\n</body>\n</html>\n"
    )
    return Response(status, (("Content-Type", "text/html; charset=utf-8"),), page.encode())


def cut_response(answer: Response) -> Stream:
    """The same answer, but the connection is lost after half of the body."""
    half = len(answer.body) // 2

    async def produce(sink: Sink) -> None:
        await sink.send(answer.body[:half])
        cut()

    return Stream(answer.status, answer.headers, produce, len(answer.body))


def cut() -> NoReturn:
    """Cuts the connection under the stream that calls it."""
    raise Cut
