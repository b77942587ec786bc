"""The transport over httpx: the one module that imports it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib import import_module
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import httpcore

from chatgrid_tui import __version__
from chatgrid_tui.engine.clock import SYSTEM_CLOCK, Clock
from chatgrid_tui.engine.connections import Connections
from chatgrid_tui.engine.import_blocking import import_blocked
from chatgrid_tui.engine.network_backend import Connection, NoAnswer, failure_of, refusal, speaks_tls
from chatgrid_tui.engine.proxies import Proxy, ProxySettings
from chatgrid_tui.engine.transport import ANSWER_TIMEOUT, CONNECT_TIMEOUT, Credential, no_connection, place_of
from chatgrid_tui.errors import ConnectionProblem
from chatgrid_tui.model.failure import Failure, FailureCause, FailureKind
from chatgrid_tui.model.request import Request
from chatgrid_tui.wire.content_encoding import BrokenCoding, ContentDecoder, TooMuch, UnknownCoding

with import_blocked(
    "httpx._main"
):  # its command line, which imports click and parts of pygments and rich: 2.5 MiB and 16 ms
    import httpx

logger = logging.getLogger(__name__)

_STEPS_AT_ONCE: Final = 32
"""Pieces of a body after which other tasks run: one read may contain thousands of chunks."""

_TARGET: Final = "target"
"""The extension of a request that holds its path and query as they are to be sent."""

_PROBLEMS: Final = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.StreamError,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
    httpcore.UnsupportedProtocol,
    OSError,
    ValueError,  # codecs, header values
    OverflowError,  # a host that is longer than SOCKS has room for
    ExceptionGroup,  # an address that no family can use
)
"""The errors that httpx and httpcore raise."""


class _Route(NamedTuple):
    """How requests reach a service. Requests with the same route share connections."""

    tls: bool
    proxy: Proxy | None


class HttpAnswer:
    """An open answer of httpx."""

    def __init__(self, response: httpx.Response, place: str) -> None:
        self._response = response
        self._place = place
        self.status = response.status_code
        self.headers = {name.lower(): value for name, value in response.headers.items()}
        self.header_list = tuple(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw
        )
        """All headers in their order, as they came."""
        self.reason = response.extensions.get("reason_phrase", b"").decode("latin-1")
        """The words after the status."""
        self.size = 0
        """Bytes of the body that have arrived, before decompression."""
        self.failure: Failure | None = None
        """Why the body ended early."""

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """Yield the body as it arrives, decompressed. No charset or line handling is left to the library."""
        coding = self.headers.get("content-encoding", "")
        try:
            async with aclosing(self.encoded_pieces()) as encoded:
                async for piece in decompressed(encoded, coding, self._place):
                    yield piece
        except ConnectionProblem as problem:
            self.failure = problem.failure
            raise

    async def encoded_pieces(self) -> AsyncGenerator[bytes, None]:
        """Give the body as it comes, compressed if it is.

        Raises:
            ConnectionProblem: the connection broke.
        """
        try:
            async for piece in self._response.aiter_raw():
                self.size += len(piece)
                yield piece
        except _PROBLEMS as error:
            raise no_connection(self._broken(error)) from None

    async def close(self) -> None:
        """Close the connection, or return it to the pool."""
        with suppress(*_PROBLEMS):  # errors on closing do not change what arrived
            await self._response.aclose()

    def _broken(self, error: Exception) -> Failure:
        """Return why an answer ended early."""
        if isinstance(error, httpcore.TimeoutException | TimeoutError):
            return Failure("timeout", "silence", place=self._place)
        connection = self._response.extensions.get("network_stream")
        ended = isinstance(connection, Connection) and connection.ended
        broken = isinstance(error, httpcore.RemoteProtocolError) and not ended
        return Failure("network", "broken chunks" if broken else "dropped", place=self._place)


async def decompressed(encoded: AsyncIterator[bytes], coding: str, place: str) -> AsyncIterator[bytes]:
    """Give the pieces of a body decompressed, by its `Content-Encoding`. `place` is where it comes from.

    Raises:
        ConnectionProblem: it cannot be decompressed; `encoded` may hold more then.
    """
    try:
        decoder, steps = ContentDecoder(coding), 0
        async for piece in encoded:
            for part in decoder.feed(piece):
                if part:
                    yield part
                steps += 1
                if decoder.coding or steps % _STEPS_AT_ONCE == 0:
                    await asyncio.sleep(0)
        decoder.close()
    except UnknownCoding as problem:
        raise no_connection(Failure("protocol", "compressed", place=str(problem))) from None
    except TooMuch:
        raise no_connection(Failure("protocol", "too long", place=place)) from None
    except BrokenCoding:
        raise no_connection(Failure("network", "broken compression", place=decoder.coding)) from None


class HttpTransport:
    """Sends over HTTP/1.1. It follows no redirects, does not ask for compression, and stores no cookies: cookies are
    not bound to a port, so one service on this machine would get those of another.
    """

    def __init__(self, clock: Clock = SYSTEM_CLOCK) -> None:
        self._clock = clock
        self._clients: dict[_Route, httpx.AsyncClient] = {}
        self._making: dict[_Route, asyncio.Lock] = {}
        self._proxies: ProxySettings | None = None

    @asynccontextmanager
    async def open(
        self, request: Request, key: Credential | None = None, answer_timeout: float = ANSWER_TIMEOUT
    ) -> AsyncIterator[HttpAnswer]:
        """Send a request and wait for the head of its answer, at most `answer_timeout` seconds."""
        started = self._clock.monotonic()
        answer: HttpAnswer | None = None
        outcome = ""
        try:
            answer = HttpAnswer(await self._send(request, key, answer_timeout), place_of(request.url))
            yield answer
        except BaseException as error:
            outcome = str(error.failure.cause) if isinstance(error, ConnectionProblem) else type(error).__name__
            raise
        finally:
            if answer is not None:
                await answer.close()
            _log(request, answer, self._clock.monotonic() - started, outcome)

    def prepare(self, *, tls: bool) -> None:
        """Create a client before the first request, for https if `tls`. Errors are reported by the first request."""
        with suppress(ConnectionProblem):
            self._clients[_Route(tls, None)] = _client(_Route(tls, None))

    async def close(self) -> None:
        """Close all connections."""
        while self._clients:
            await self._clients.popitem()[1].aclose()

    async def _send(self, request: Request, key: Credential | None, answer_timeout: float) -> httpx.Response:
        """Return the answer to a request as soon as its head has arrived.

        httpx also lets errors from URLs, codecs and header values through. Their messages may contain the key, so
        they are not passed on.
        """
        place, proxy = place_of(request.url), None
        try:
            async with asyncio.timeout(answer_timeout):
                proxy = self._proxy_for(request.url)
                client = await self._connected(_Route(urlsplit(request.url).scheme != "http", proxy))
                http_request = _http_request(client, request)
                if key is not None:
                    http_request.headers[key.header] = key.prefix + key.secret.reveal()
                response = await client.send(http_request, stream=True)
        except NoAnswer as problem:
            if problem.silent and proxy is None and await _speaks_tls(request.url):
                problem = NoAnswer("TLS expected")
            raise no_connection(failure_of(problem, place, proxy)) from None
        except httpcore.ProxyError as error:
            raise no_connection(refusal(str(error), proxy)) from None
        except _PROBLEMS as error:
            kind, cause = _kind_of(error)
            raise no_connection(Failure(kind, cause, place=place)) from None
        if proxy is not None and response.url.scheme == "http" and _is_of_proxy(response, proxy):
            await response.aclose()
            raise no_connection(refusal(str(response.status_code), proxy))
        return response

    def _proxy_for(self, url: str) -> Proxy | None:
        if self._proxies is None:
            self._proxies = ProxySettings.read()
        return self._proxies.proxy_for(url)

    async def _connected(self, route: _Route) -> httpx.AsyncClient:
        """Return a client, created on first use, in a thread: reading the certificates takes 50 ms."""
        async with self._making.setdefault(route, asyncio.Lock()):
            if route not in self._clients:
                self._clients[route] = await asyncio.to_thread(_client, route)
            return self._clients[route]


class _Transport(httpx.AsyncBaseTransport):
    """Lets httpx send over `Connections`, as its own transport sends over the pool of httpcore."""

    def __init__(self, route: _Route) -> None:
        """Raises `ConnectionProblem` if the certificates or the proxy cannot be used."""
        self._connections = Connections(route.proxy, tls=route.tls)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Overrides `AsyncBaseTransport.handle_async_request`."""
        assert isinstance(request.stream, httpx.AsyncByteStream)
        url, extensions = request.url, dict(request.extensions)
        target = extensions.pop(_TARGET, url.raw_path)
        core_request = httpcore.Request(
            request.method,
            httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=target),
            headers=request.headers.raw,
            content=request.stream,
            extensions=extensions,
        )
        answer = await self._connections.answer(core_request)
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer), extensions=answer.extensions
        )

    async def aclose(self) -> None:
        """Overrides `AsyncBaseTransport.aclose`."""
        await self._connections.aclose()


class _Body(httpx.AsyncByteStream):
    """The body of an httpcore answer."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._answer.aiter_stream():
            yield piece

    async def aclose(self) -> None:
        """Overrides `AsyncByteStream.aclose`."""
        await self._answer.aclose()


def _http_request(client: httpx.AsyncClient, request: Request) -> httpx.Request:
    """Return a request for httpx. One of another client gets nothing from this one but a host and a length."""
    if request.content is None:
        http_request = client.build_request(request.method, request.url, json=request.body)
        http_request.headers.update(request.headers)
        return http_request
    scheme, _, rest = request.url.partition("://")
    authority, _, target = rest.partition("/")
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in request.headers]
    return httpx.Request(
        request.method,
        f"{scheme}://{authority}/",
        headers=headers,
        content=request.content,
        extensions={_TARGET: f"/{target}".encode("latin-1")},
    )


def _log(request: Request, answer: HttpAnswer | None, duration: float, outcome: str) -> None:
    """Log a finished request. Only the path of the address is logged: queries may contain keys or texts."""
    status, size = (0, 0) if answer is None else (answer.status, answer.size)
    if answer is not None and answer.failure is not None:
        outcome = str(answer.failure.cause)
    address = place_of(request.url)
    if address:
        address += urlsplit(request.url).path
    level = logging.INFO if 200 <= status < 400 and not outcome else logging.WARNING
    result = ", ".join(filter(None, (str(status or ""), outcome)))
    logger.log(level, "%s %s: %s, %d bytes in %.3f s", request.method, address, result, size, duration)


def _client(route: _Route) -> httpx.AsyncClient:
    """Return a client. Call it in a thread: it also imports what the first request needs."""
    with suppress(ImportError):  # otherwise anyio would import it with the first request, and delay key presses
        import_module("anyio._backends._asyncio")
    return httpx.AsyncClient(
        transport=_Transport(route),
        trust_env=False,  # the settings were read already
        follow_redirects=False,
        timeout=httpx.Timeout(None, connect=CONNECT_TIMEOUT),
        headers={"Accept-Encoding": "identity", "User-Agent": f"chatgrid-tui/{__version__}"},
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
    )


async def _speaks_tls(url: str) -> bool:
    """Return whether the port of an http address accepts encrypted connections."""
    parts = urlsplit(url)
    return parts.scheme == "http" and await speaks_tls(parts.hostname or "", parts.port or 80)


def _is_of_proxy(response: httpx.Response, proxy: Proxy) -> bool:
    """Return whether a proxy itself answered an http request: by the status, Squid's header, or that of RFC 9209."""
    if proxy.scheme == "socks5":
        return False
    headers = response.headers
    is_proxy_error = "x-squid-error" in headers or "error=" in headers.get("proxy-status", "")
    return response.status_code == httpx.codes.PROXY_AUTHENTICATION_REQUIRED or is_proxy_error


def _kind_of(error: Exception) -> tuple[FailureKind, FailureCause]:
    match error:
        case httpcore.TimeoutException() | TimeoutError():
            return "timeout", "no answer in time"
        case httpcore.UnsupportedProtocol() | httpx.InvalidURL() | ValueError() | OverflowError() | ExceptionGroup():
            return "network", "unusable address"
        case _:
            return "network", "dropped"
