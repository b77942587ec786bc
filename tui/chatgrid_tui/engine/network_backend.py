"""The network backend of httpcore: reports why a connection failed, and limits what may come before an answer.

httpcore reads any number of informational responses without yielding to the event loop, and its errors do not say
which side of a proxy failed, or at which step. Here, both are known.
"""

from __future__ import annotations

import errno
import os
import socket
import ssl
from collections.abc import Iterable, Iterator
from typing import Final, Literal, TypeAlias

import httpcore

from chatgrid_tui.engine.proxies import Proxy
from chatgrid_tui.model.failure import AnswerCause, ConnectCause, Failure, FailureCause, FailureKind, ProxyCause

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
_Cause: TypeAlias = Literal[ConnectCause, AnswerCause, "key log"]

_CERTIFICATE_CAUSES: Final[dict[int, ConnectCause]] = {
    9: "certificate not yet valid",
    10: "certificate expired",
    18: "certificate self-signed",
    19: "certificate issuer",  # the chain ends in a self-signed certificate that is not trusted
    20: "certificate issuer",
    21: "certificate issuer",
    62: "certificate name",
    64: "certificate name",  # an IP address
}
"""By OpenSSL's X509_V_ERR numbers."""
_AT_PROXY: Final[dict[FailureCause, ProxyCause]] = {
    "refused": "proxy not reached",
    "unreachable": "proxy not reached",
    "unknown host": "unknown proxy host",
    "name lookup failed": "unknown proxy host",
    "no connection in time": "proxy silent",
    "TLS not answered": "proxy silent",
    "no answer in time": "proxy silent",
    "certificate": "proxy not trusted",
    "certificate name": "proxy not trusted",
    "certificate expired": "proxy not trusted",
    "certificate not yet valid": "proxy not trusted",
    "certificate issuer": "proxy not trusted",
    "certificate self-signed": "proxy not trusted",
    "no TLS": "proxy not trusted",
    "TLS refused": "proxy not trusted",
    "client certificate": "proxy not trusted",
}
"""The cause to report if the other side is a proxy. For any other cause, the other side is not a proxy."""
_LINKS_AT_MOST: Final = 32
_TIMEOUTS: Final = frozenset({"no connection in time", "no answer in time", "TLS not answered"})


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


class NoAnswer(Exception):
    """No answer started. `at_proxy` is whether the proxy is the reason."""

    def __init__(self, cause: _Cause, *, at_proxy: bool = False, silent: bool = False) -> None:
        super().__init__(cause)
        self.cause = cause
        self.at_proxy = at_proxy
        self.silent = silent
        """Whether a new connection was closed without a byte."""


def failure_of(problem: NoAnswer, place: str, proxy: Proxy | None) -> Failure:
    """Return the failure of a request to `place`."""
    cause = problem.cause
    kind: FailureKind = "timeout" if cause in _TIMEOUTS else "network"
    if cause == "key log":
        return Failure(kind, cause, place=f"SSLKEYLOGFILE ({os.environ.get('SSLKEYLOGFILE', '')})")
    if problem.at_proxy and proxy is not None:
        return Failure(kind, _AT_PROXY.get(cause, "not a proxy"), place=proxy.place)
    return Failure(kind, cause, place=place)


def refusal(message: str, proxy: Proxy | None) -> Failure:
    """Return the failure of a proxy that refuses. `message` is httpcore's: a status, or the reason from SOCKS."""
    place = proxy.place if proxy is not None else ""
    status = message[:3]
    if status.isdecimal():
        return Failure("network", "proxy refused", status=int(status), place=place)
    return Failure("network", "proxy refused", message=message, place=place)


def why_unconnected(error: BaseException) -> ConnectCause:
    """Return why there is no connection."""
    for link in _links(error):
        match link:
            case socket.gaierror(errno=number):
                return "name lookup failed" if number == socket.EAI_AGAIN else "unknown host"
            case ConnectionRefusedError():
                return "refused"
            case OSError(errno=errno.ENETUNREACH | errno.EHOSTUNREACH | errno.EADDRNOTAVAIL | errno.EACCES):
                return "unreachable"
            case OSError(errno=errno.ETIMEDOUT):
                return "no connection in time"
            case _:
                continue
    return "refused"


def why_unencrypted(error: BaseException) -> _Cause:
    """Return why a connection could not be encrypted."""
    for link in _links(error):
        match link:
            case ssl.SSLCertVerificationError(verify_code=code):
                return _CERTIFICATE_CAUSES.get(code, "certificate")
            case ssl.SSLError(reason=str(reason)) if "CERTIFICATE_REQUIRED" in reason:
                return "client certificate"
            case ssl.SSLError(reason=str(reason)) if "ALERT" in reason or "UNSUPPORTED" in reason:
                return "TLS refused"
            case OSError(filename=str(name)) if name == os.environ.get("SSLKEYLOGFILE"):
                return "key log"
            case _:
                continue
    return "no TLS"


def _links(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and its causes."""
    links: list[BaseException] = [error]
    for _ in range(_LINKS_AT_MOST):
        if not links:
            return
        link = links.pop()
        yield link
        if isinstance(link, BaseExceptionGroup):
            links += link.exceptions
        if (cause := link.__cause__ or link.__context__) is not None:
            links.append(cause)
