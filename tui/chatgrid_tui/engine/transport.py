"""The interface to the network. A transport may wrap another one, as in httpx.

However a connection fails, a transport raises `ConnectionProblem` with a `Failure`. It exposes no types or errors of
the HTTP library.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Final, NamedTuple, Protocol
from urllib.parse import urlsplit

from chatgrid_tui.config.secret import Secret
from chatgrid_tui.dialects.addresses import is_loopback
from chatgrid_tui.errors import ConnectionProblem
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.request import Request

CONNECT_TIMEOUT: Final = 10.0
ANSWER_TIMEOUT: Final = 60.0
"""Seconds to wait for the head of an answer after sending."""


class Credential(NamedTuple):
    """A key, the header that carries it, and the prefix of its value there."""

    header: str
    prefix: str
    secret: Secret


class Answer(Protocol):
    """An answer: its head, and its body as it arrives."""

    @property
    def status(self) -> int: ...

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, names in lower case."""

    def pieces(self) -> AsyncGenerator[bytes, None]:
        """Yield the body as it arrives, decompressed.

        Raises:
            ConnectionProblem: the connection broke, or the body cannot be decompressed.
        """


class Transport(Protocol):
    """Sends requests."""

    def open(
        self, request: Request, key: Credential | None = None, answer_timeout: float = ANSWER_TIMEOUT
    ) -> AbstractAsyncContextManager[Answer]:
        """Send a request and wait for the head of its answer, at most `answer_timeout` seconds.

        Raises:
            ConnectionProblem: the connection failed, or no answer arrived in time.
        """

    async def close(self) -> None:
        """Close all connections."""


def refuse_insecure(url: str, *, allow_http: bool) -> None:
    """Raise `ConnectionProblem` if a request would be sent unencrypted to another machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise no_connection(Failure("network", "unusable address")) from None
    if parts.scheme == "http" and not allow_http and not is_loopback(host):
        raise no_connection(Failure("network", "insecure", place=place_of(url)))


def place_of(url: str) -> str:
    """Return the host and port in a URL, without user name and password, or an empty string."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:
        return ""


def no_connection(failure: Failure) -> ConnectionProblem:
    """Return the error for a request that got no answer."""
    return ConnectionProblem(f"No answer from {failure.place}: {failure.cause}.", failure)
