"""The seam to the network. What sends is a `Transport`; anything may stand in its place or wrap another.

Every way in which a connection can fail is a `ConnectionProblem` with its `Failure`; nothing of the HTTP
library passes this seam.
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
"""Seconds until the head of the answer must be there, counted from sending."""


class Credential(NamedTuple):
    """A key on its way: the header it goes into, what stands before it there, and the secret."""

    header: str
    prefix: str
    secret: Secret


class Answer(Protocol):
    """The head of an answer, and its body as it comes."""

    @property
    def status(self) -> int: ...

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, names in lower case."""

    def pieces(self) -> AsyncGenerator[bytes, None]:
        """Give the body as it comes, decompressed.

        Raises:
            ConnectionProblem: the connection broke, or the body cannot be decompressed.
        """


class Transport(Protocol):
    """What sends requests."""

    def open(
        self, request: Request, key: Credential | None = None, answer_timeout: float = ANSWER_TIMEOUT
    ) -> AbstractAsyncContextManager[Answer]:
        """Send a request and wait for the head of its answer, `answer_timeout` seconds at most.

        Raises:
            ConnectionProblem: there is no connection, or no answer in time.
        """

    async def close(self) -> None:
        """Close what is open."""


def refuse_insecure(url: str, *, allow_http: bool) -> None:
    """Raise `ConnectionProblem` where a request would go unprotected to another machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise no_connection(Failure("network", "unusable address")) from None
    if parts.scheme == "http" and not allow_http and not is_loopback(host):
        raise no_connection(Failure("network", "insecure", place=place_of(url)))


def place_of(url: str) -> str:
    """Return host and port of an address, without a name and password in it; empty where there are none."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:
        return ""


def no_connection(failure: Failure) -> ConnectionProblem:
    """Return the error for a request that got no answer."""
    return ConnectionProblem(f"No answer from {failure.place}: {failure.cause}.", failure)
