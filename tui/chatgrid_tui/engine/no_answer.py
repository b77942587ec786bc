"""Why a request got no answer: network errors as causes, and which side they concern."""

from __future__ import annotations

import errno
import os
import socket
import ssl
from collections.abc import Iterator
from typing import Final, Literal, TypeAlias

from chatgrid_tui.engine.proxies import Proxy
from chatgrid_tui.model.failure import AnswerCause, ConnectCause, Failure, FailureCause, FailureKind, ProxyCause

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
