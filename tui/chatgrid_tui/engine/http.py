"""The transport over httpx: the one module that imports it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final
from urllib.parse import urlsplit

from chatgrid_tui import __version__
from chatgrid_tui.engine.absent import absent
from chatgrid_tui.engine.transport import ANSWER_TIMEOUT, CONNECT_TIMEOUT, Credential, no_connection, place_of
from chatgrid_tui.model.failure import Failure, FailureCause, FailureKind
from chatgrid_tui.model.request import Request

with absent("httpx._main"):  # its command line, which imports click and parts of pygments and rich: 2.5 MiB and 16 ms
    import httpx

_IDLE_CONNECTION: Final = 300.0  # a chat pauses for minutes; the next turn should not pay for TLS again
_LOOPBACK_PAST_PROXIES: Final = {f"all://{host}": None for host in ("127.0.0.1", "localhost", "[::1]")}

_WHAT_HTTPX_RAISES: Final = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.StreamError,
    OSError,
    ValueError,  # codecs, header values
    ExceptionGroup,  # an address that no family can use
    ImportError,  # a SOCKS proxy without the library for it
)


class HttpAnswer:
    """An answer that httpx has open."""

    def __init__(self, response: httpx.Response, place: str) -> None:
        self._response = response
        self._place = place
        self.status = response.status_code
        self.headers = {name.lower(): value for name, value in response.headers.items()}

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """Give the raw bytes of the body: no decoding of any kind is left to the library."""
        with _problems_as_ours(self._place, answered=True):
            async for piece in self._response.aiter_raw():
                yield piece


class HttpTransport:
    """Sends over HTTP/1.1. Redirects are not followed, compression is not asked for, and no cookie is kept: they
    would tell one service of this machine what another one had set, since cookies know no ports.
    """

    def __init__(self) -> None:
        self._clients: dict[bool, httpx.AsyncClient] = {}
        """One for TLS, and one for plain connections, which needs no certificates: they take 1.5 MiB and 20 ms."""
        self._making = asyncio.Lock()

    @asynccontextmanager
    async def open(
        self, request: Request, key: Credential | None = None, patience: float = ANSWER_TIMEOUT
    ) -> AsyncIterator[HttpAnswer]:
        """Send a request and wait for the head of its answer, `patience` seconds at most."""
        place = place_of(request.url)
        with _problems_as_ours(place):
            client = await self._connected(tls=urlsplit(request.url).scheme != "http")
            asked = client.build_request(request.method, request.url, json=request.body)
            asked.headers.update(request.headers)
            if key is not None:
                asked.headers[key.header] = key.prefix + key.secret.reveal()
            async with asyncio.timeout(patience):
                response = await client.send(asked, stream=True)
        try:
            yield HttpAnswer(response, place)
        finally:
            with suppress(*_WHAT_HTTPX_RAISES):  # how a connection closes changes nothing of what it brought
                await response.aclose()

    def prepare(self, *, tls: bool) -> None:
        """Make a client ahead of the first request, with `tls` the one for https. What hinders that is told with the
        request itself.
        """
        with suppress(*_WHAT_HTTPX_RAISES):
            self._clients[tls] = _client(tls=tls)

    async def close(self) -> None:
        """Close all connections."""
        while self._clients:
            await self._clients.popitem()[1].aclose()

    async def _connected(self, *, tls: bool) -> httpx.AsyncClient:
        """Return a client, made on first use, in a thread: it takes 50 ms, and proxies may be configured wrongly."""
        async with self._making:
            if tls not in self._clients:
                self._clients[tls] = await asyncio.to_thread(_client, tls=tls)
            return self._clients[tls]


def _client(*, tls: bool) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        # The context of the plain one trusts nobody: should it ever be used, no handshake would succeed.
        verify=True if tls else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
        follow_redirects=False,
        timeout=httpx.Timeout(None, connect=CONNECT_TIMEOUT),
        limits=httpx.Limits(keepalive_expiry=_IDLE_CONNECTION),
        headers={"Accept-Encoding": "identity", "User-Agent": f"chatgrid-tui/{__version__}"},
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        mounts=_LOOPBACK_PAST_PROXIES,
    )


@contextmanager
def _problems_as_ours(place: str, *, answered: bool = False) -> Iterator[None]:
    """Turn whatever the library raises into a `ConnectionProblem`.

    Besides its own tree, httpx lets through errors of addresses, codecs and header values, in words that may
    hold the key; none of those words are kept.
    """
    try:
        yield
    except _WHAT_HTTPX_RAISES as error:
        kind, cause = _kind_of(error, answered)
        raise no_connection(Failure(kind, cause, place=place)) from None


def _kind_of(error: Exception, answered: bool) -> tuple[FailureKind, FailureCause]:
    match error:
        case httpx.ConnectTimeout():
            return "timeout", "no connection in time"
        case httpx.TimeoutException() | TimeoutError():
            return "timeout", "silence" if answered else "no answer in time"
        case httpx.ConnectError():
            return "network", _why_unconnected(error)
        case httpx.InvalidURL() | httpx.UnsupportedProtocol() | ValueError() | ExceptionGroup() | ImportError():
            return "network", "unusable address"
        case _:
            return "network", "dropped"


def _why_unconnected(error: Exception) -> FailureCause:
    links: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and len(links) < 8:
        links.append(link)
        link = link.__cause__ or link.__context__
    if any(isinstance(one, ssl.SSLCertVerificationError) for one in links) or "CERTIFICATE" in str(error):
        return "certificate"
    if any(isinstance(one, ssl.SSLError) for one in links) or "SSL" in str(error):
        return "no TLS"
    unresolved = ("Name or service", "nodename", "getaddrinfo", "Temporary failure in name", "No address")
    return "unknown host" if any(words in str(error) for words in unresolved) else "refused"
