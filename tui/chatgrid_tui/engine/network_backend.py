"""The network backend of httpcore: reports why a connection failed, and limits what may come before an answer.

httpcore reads any number of informational responses without yielding to the event loop, and its errors do not say
which side of a proxy failed, or at which step. Here, both are known.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from typing import Final

import httpcore

from chatgrid_tui.engine.no_answer import NoAnswer, why_unconnected, why_unencrypted
from chatgrid_tui.engine.proxies import Proxy
from chatgrid_tui.model.failure import AnswerCause

HEAD_LIMIT: Final = 96 * 1024
"""The largest head of an answer in bytes, including the informational responses before it."""
_HEAD_READ: Final = 4 * 1024
"""Bytes to read at a time until then. If they are informational responses, that takes about 10 ms."""
_BODY_READ: Final = 16 * 1024
"""Bytes of a body to read, and then parse, at a time: some 60 events of an ordinary stream."""
PROXY_TIMEOUT: Final = 8.0
"""Seconds to wait for a proxy: less than a provider test waits, so that the test can name the reason."""
_PROBE_TIMEOUT: Final = 1.0
_TLS_RECORDS: Final = (b"\x15\x03", b"\x16\x03")
"""The first bytes of an alert and of a handshake."""
_SOCKS_MESSAGES: Final = (b"\x05", b"\x01")
"""The first byte of the messages of a SOCKS 5 client."""


class Network(httpcore.AsyncNetworkBackend):
    """Connects to `proxy`, or directly to services if it is None. `tls` is whether the service uses https."""

    def __init__(self, proxy: Proxy | None = None, *, tls: bool = False) -> None:
        self._proxy = proxy
        self._tls = tls
        self._backend = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # httpcore's interface
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Overrides `AsyncNetworkBackend.connect_tcp`."""
        at_proxy = self._proxy is not None
        try:
            stream = await self._backend.connect_tcp(host, port, timeout, local_address, socket_options)
        except httpcore.ConnectTimeout:
            raise NoAnswer("no connection in time", at_proxy=at_proxy) from None
        except httpcore.ConnectError as error:
            raise NoAnswer(why_unconnected(error), at_proxy=at_proxy) from None
        return Connection(stream, self._proxy, tunnel=self._tls)


class Connection(httpcore.AsyncNetworkStream):
    """A connection on which a request must be followed by an HTTP answer and nothing else."""

    def __init__(self, stream: httpcore.AsyncNetworkStream, proxy: Proxy | None, *, tunnel: bool) -> None:
        """`proxy` is at the other end, or the service itself if it is None. `tunnel` is whether the proxy opens a
        tunnel to the service rather than passing requests on.
        """
        self._stream = stream
        self._proxy = proxy
        self._encrypted = False
        self.connecting = proxy is not None and (tunnel or proxy.scheme == "socks5")
        """Whether the proxy still has to connect to the service."""
        self._head: bytearray | None = None
        """The bytes since the last request was sent, until the head is complete."""
        self._answered = False
        self.ended = False
        """Whether the other side has closed the connection."""

    def head_came(self) -> None:
        """Record that the head of the answer is complete."""
        self._head = None
        self._answered = True

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Overrides `AsyncNetworkStream.write`."""
        self._head = bytearray()
        if self._is_socks and not buffer.startswith(_SOCKS_MESSAGES):
            self._connected()
        await self._stream.write(buffer, timeout)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        """Overrides `AsyncNetworkStream.read`."""
        if self._head is None:
            data = await self._stream.read(min(max_bytes, _BODY_READ), timeout)
            self.ended = self.ended or not data
            return data
        try:
            data = await self._stream.read(min(max_bytes, _HEAD_READ), PROXY_TIMEOUT if self.connecting else timeout)
        except httpcore.ReadTimeout:
            raise self._no_answer("no answer in time") from None
        except ssl.SSLError as error:  # with TLS 1.3, refusals arrive only now
            raise NoAnswer(why_unencrypted(error), at_proxy=self.connecting) from None
        except httpcore.ReadError:
            data = b""
        self._check_head(self._head, data)
        return data

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore.AsyncNetworkStream:
        """Overrides `AsyncNetworkStream.start_tls`."""
        to_proxy = self._proxy is not None and self._proxy.scheme == "https" and not self._encrypted
        try:
            stream = await self._stream.start_tls(ssl_context, server_hostname, timeout)
        except httpcore.ConnectTimeout:
            raise NoAnswer("TLS not answered", at_proxy=to_proxy) from None
        except (httpcore.ConnectError, OSError) as error:
            raise NoAnswer(why_unencrypted(error), at_proxy=to_proxy) from None
        self._stream, self._encrypted = stream, True
        if not to_proxy:
            self._connected()
        return self

    async def aclose(self) -> None:
        """Overrides `AsyncNetworkStream.aclose`."""
        await self._stream.aclose()

    def get_extra_info(self, info: str) -> object:
        """Overrides `AsyncNetworkStream.get_extra_info`."""
        return self._stream.get_extra_info(info)

    @property
    def _is_socks(self) -> bool:
        return self._proxy is not None and self._proxy.scheme == "socks5"

    def _connected(self) -> None:
        """Record that the service is at the other end."""
        self._proxy, self.connecting = None, False

    def _check_head(self, head: bytearray, data: bytes) -> None:
        """Raise `NoAnswer` if the bytes are missing or not the start of an answer."""
        head += data
        if not data:
            raise self._no_answer("dropped", silent=not head and not self._answered)
        if len(head) > HEAD_LIMIT:
            raise self._no_answer("headers too long")
        if not self._is_socks and not (head.startswith(b"HTTP/") or b"HTTP/".startswith(head)):
            cause: AnswerCause = "TLS expected" if head.startswith(_TLS_RECORDS) else "not HTTP"
            raise NoAnswer(cause, at_proxy=self._proxy is not None)

    def _no_answer(self, cause: AnswerCause, *, silent: bool = False) -> NoAnswer:
        return NoAnswer(cause, at_proxy=self.connecting, silent=silent)


async def speaks_tls(host: str, port: int) -> bool:
    """Return whether a port accepts encrypted connections. Nothing is sent."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        stream = await httpcore.AnyIOBackend().connect_tcp(host, port, _PROBE_TIMEOUT)
    except (httpcore.NetworkError, httpcore.TimeoutException):
        return False
    try:
        await stream.start_tls(context, host, _PROBE_TIMEOUT)
    except (httpcore.NetworkError, httpcore.TimeoutException, OSError):
        return False
    finally:
        await stream.aclose()
    return True
