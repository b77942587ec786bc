"""The proxy: accepts requests of other clients on 127.0.0.1, and forwards them to one service."""

from __future__ import annotations

import asyncio
from typing import Final
from urllib.parse import urlsplit

from chatgrid_tui.dialects.dialect import Dialect
from chatgrid_tui.dialects.kind_guess import dialect_of
from chatgrid_tui.dialects.pasted_request import PastedRequest
from chatgrid_tui.dialects.registry import DIALECTS, PLAINEST_KIND
from chatgrid_tui.engine.clock import SYSTEM_CLOCK, Clock
from chatgrid_tui.engine.http import HttpTransport
from chatgrid_tui.engine.json_parsing import parsed
from chatgrid_tui.errors import ConnectionProblem, UsageProblem
from chatgrid_tui.http_server.cors import with_cors
from chatgrid_tui.http_server.loopback_server import LoopbackServer
from chatgrid_tui.http_server.messages import HOP_BY_HOP, Answer, Headers, Request, Response, Stream, text_response
from chatgrid_tui.model.json import JsonObject
from chatgrid_tui.model.request import METHODS
from chatgrid_tui.model.request import Request as UpstreamRequest
from chatgrid_tui.watch.upstream import Upstream, refuse_loop
from chatgrid_tui.watch.watched_exchange import WatchedExchange, WatchListener

LONGEST_BODY: Final = 8 * 1024 * 1024
"""The maximum bytes of the body of a forwarded request."""
_PAGE_REFUSAL: Final = "--allow-origin ORIGIN allows the web pages of one origin."
_SET_BY_SENDER: Final = frozenset({"host", "content-length", "expect"})
_READABLE_CODINGS: Final = frozenset({"gzip", "x-gzip", "deflate", "identity"})


class WatchProxy:
    """Forwards requests to `upstream`, and reports them to `listener`. No key is reported."""

    def __init__(
        self,
        upstream: Upstream,
        listener: WatchListener,
        *,
        port: int = 0,
        kind: str = "",
        allowed_origin: str = "",
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        """Prepare to listen on `port`, or on any free port for 0. Without a `kind` of service, the kind of each
        request is detected. Web pages are refused, except those of `allowed_origin`.
        """
        self.upstream = upstream
        self._listener = listener
        self._dialect = DIALECTS[kind or upstream.kind or PLAINEST_KIND]
        self._guesses = not kind
        self._clock = clock
        self._network = HttpTransport(clock)
        self._server = LoopbackServer(
            self._handle,
            port=port,
            refused=listener.refused,
            max_body=LONGEST_BODY,
            allowed_origin=allowed_origin,
            page_refusal=_PAGE_REFUSAL,
        )
        self._port = port

    @property
    def address(self) -> str:
        """The address for clients, in place of that of the service."""
        return f"{self._server.origin}{self.upstream.path}"

    async def start(self) -> None:
        """Start accepting requests.

        Raises:
            UsageProblem: the port cannot be used, or the service is this proxy itself.
        """
        try:
            await self._server.start()
        except OSError as problem:
            raise UsageProblem(f"Cannot listen on port {self._port}: {problem.strerror}.") from problem
        try:
            await asyncio.to_thread(self._network.prepare, tls=self.upstream.scheme == "https")
            await refuse_loop(self.upstream, self._server.port)
        except BaseException:
            await self._server.close()
            raise

    async def close(self) -> None:
        """End all exchanges, and accept no more requests."""
        await self._server.close()
        await self._network.close()

    async def _handle(self, request: Request) -> Answer:
        method = METHODS.get(request.method)
        if request.too_large:
            return self._refusal(request, 413, f"The body has more than {LONGEST_BODY >> 20} MiB.")
        if method is None:
            return self._refusal(request, 501, "Requests with this method are not forwarded.")
        body = await parsed(request.body) if request.body else None
        sent = UpstreamRequest(
            method,
            f"{self.upstream.origin}{request.target}",
            body if isinstance(body, dict) else None,
            to_upstream(request.header_list),
            content=request.body,
        )
        exchange = WatchedExchange(sent, self._dialect_of(sent), self._network, self._listener, self._clock)
        try:
            head = await exchange.open()
        except ConnectionProblem as problem:
            answer = text_response(504 if problem.failure.kind == "timeout" else 502, f"{problem}\n")
            return Response(answer.status, with_cors(answer.headers, request), answer.body)
        headers, length = with_cors(to_client(head.headers), request), body_length(head.headers)
        return Stream(head.status, headers, exchange.pass_on, length, head.reason, exchange.close)

    def _refusal(self, request: Request, status: int, sentence: str) -> Answer:
        self._listener.refused(f"It got {status}: {sentence}")
        return Response(status, with_cors(text_response(status, "").headers, request), f"{sentence}\n".encode())

    def _dialect_of(self, request: UpstreamRequest) -> Dialect:
        """Return the kind of service of a request; if it is not recognisable, that of the last request."""
        if self._guesses:
            body: JsonObject = request.body or {}
            names = frozenset(name.lower() for name, _ in request.headers)
            path = urlsplit(request.url).path.rstrip("/")
            self._dialect = dialect_of(PastedRequest(self.upstream.host, path, names, body)) or self._dialect
        return self._dialect


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
