"""The connection pool of one route, the certificates that it trusts, and the errors that occur before an answer."""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Mapping
from typing import Final

import certifi
import httpcore

from chatgrid_tui.engine.network_backend import Connection, Network, NoAnswer
from chatgrid_tui.engine.proxies import Proxy
from chatgrid_tui.engine.transport import no_connection
from chatgrid_tui.errors import ConnectionProblem
from chatgrid_tui.model.failure import AnswerCause, Failure, SettingsCause

_IDLE_CONNECTION: Final = 300.0  # a chat pauses for minutes; the next turn should not pay for TLS again
_BY_HINT: Final[dict[int, AnswerCause]] = {431: "headers too long", 501: "transfer coding"}
"""By the status that h11 suggests for an error in an answer (`error_status_hint`)."""
_HASHED: Final = re.compile(r"[0-9a-f]{8}\.\d+")
"""The names by which OpenSSL finds certificates in a folder; `openssl rehash` creates them."""


class Connections:
    """The connection pool of one route."""

    def __init__(self, proxy: Proxy | None, *, tls: bool) -> None:
        """Raises `ConnectionProblem` if the certificates or the proxy cannot be used."""
        self._socks_problems = _socks_problems(proxy)
        # Plain connections get a context without certificates, as reading those takes 1.5 MiB and 20 ms. It is never
        # used: if it was, every handshake would fail.
        context = trusted_certificates() if tls else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            proxy=None if proxy is None else _as_httpcore(proxy, context if tls else None),
            max_connections=None,
            keepalive_expiry=_IDLE_CONNECTION,
            network_backend=Network(proxy, tls=tls),
        )

    async def answer(self, request: httpcore.Request) -> httpcore.Response:
        """Send a request and return the answer as soon as its head has arrived.

        Raises:
            NoAnswer: no answer started.
        """
        opened: list[Connection] = []

        async def note(event: str, info: Mapping[str, object]) -> None:
            stream = info.get("return_value")
            if event.endswith("connect_tcp.complete") and isinstance(stream, Connection):
                opened.append(stream)

        request.extensions = {**request.extensions, "trace": note}
        try:
            answer = await self._pool.handle_async_request(request)
        except BaseException as error:
            for connection in opened:  # httpcore leaves it open after a SOCKS proxy refuses
                await connection.aclose()
            if isinstance(error, (httpcore.RemoteProtocolError, *self._socks_problems)):
                raise _broken_rule(error, at_proxy=any(one.connecting for one in opened)) from None
            raise
        stream = answer.extensions.get("network_stream")
        if isinstance(stream, Connection):
            stream.head_came()
        return answer

    async def aclose(self) -> None:
        """Close all connections."""
        await self._pool.aclose()


def _as_httpcore(proxy: Proxy, context: ssl.SSLContext | None) -> httpcore.Proxy:
    url = httpcore.URL(scheme=proxy.scheme, host=proxy.host, port=proxy.port, target="/")
    login = None if proxy.login is None else (proxy.login[0].encode(), proxy.login[1].encode())
    if proxy.scheme == "https":
        return httpcore.Proxy(url, auth=login, ssl_context=context or trusted_certificates())
    return httpcore.Proxy(url, auth=login)


def _socks_problems(proxy: Proxy | None) -> tuple[type[Exception], ...]:
    """Return the errors that httpcore raises if a server is not a SOCKS proxy.

    Raises:
        ConnectionProblem: the package for SOCKS is not installed.
    """
    if proxy is None or proxy.scheme != "socks5":
        return ()
    try:
        import socksio
    except ImportError:
        raise no_connection(Failure("network", "no SOCKS", place=proxy.source)) from None
    return AssertionError, socksio.SOCKSError


def _broken_rule(error: BaseException, *, at_proxy: bool) -> NoAnswer:
    """Return what is wrong with the answer of a service or a proxy."""
    hint = getattr(error.args[0] if error.args else None, "error_status_hint", 0)  # of h11's error
    return NoAnswer(_BY_HINT.get(hint, "not HTTP"), at_proxy=at_proxy)


def trusted_certificates() -> ssl.SSLContext:
    """Return a context that trusts `SSL_CERT_FILE`, else `SSL_CERT_DIR`, else the certificates of certifi.

    Raises:
        ConnectionProblem: one of these or `SSLKEYLOGFILE` is set and cannot be used.
    """
    file, folders = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if file:
        return _context("SSL_CERT_FILE", file, cafile=file)
    if folders:
        _check_folders(folders)
        return _context("SSL_CERT_DIR", folders, capath=folders)
    bundle = certifi.where()
    return _context("certifi", bundle, cafile=bundle)


def _context(source: str, path: str, *, cafile: str | None = None, capath: str | None = None) -> ssl.SSLContext:
    try:
        if cafile is not None and not os.path.isfile(cafile):  # reading a pipe could block
            os.stat(cafile)
            raise _unusable("no certificates", source, path)
        return ssl.create_default_context(cafile=cafile, capath=capath)
    except ssl.SSLError:
        raise _unusable("no certificates", source, path) from None
    except (OSError, ValueError) as error:  # ValueError: a path with NUL in it
        key_log = os.environ.get("SSLKEYLOGFILE", "")
        if key_log and getattr(error, "filename", None) == key_log:
            raise _unusable("key log", "SSLKEYLOGFILE", key_log) from None
        raise _unusable("certificates unreadable", source, path) from None


def _check_folders(folders: str) -> None:
    """Raise `ConnectionProblem` if none of the folders contains a certificate: OpenSSL does not report that."""
    readable = False
    for folder in filter(None, folders.split(os.pathsep)):
        try:
            names = os.listdir(folder)
        except (OSError, ValueError):
            continue
        readable = True
        if any(map(_HASHED.fullmatch, names)):
            return
    raise _unusable("no certificates" if readable else "certificates unreadable", "SSL_CERT_DIR", folders)


def _unusable(cause: SettingsCause, source: str, path: str) -> ConnectionProblem:
    return no_connection(Failure("network", cause, place=f"{source} ({path})"))
