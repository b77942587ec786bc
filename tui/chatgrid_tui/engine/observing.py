"""A transport that reports how a service answers: its status and limits, or that there was no answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from chatgrid_tui.engine.transport import ANSWER_TIMEOUT, Answer, Credential, Transport
from chatgrid_tui.errors import ConnectionProblem
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.request import Request


class Observer(Protocol):
    """Receives the outcome of each request."""

    def answered(self, answer: Answer) -> None:
        """Receive the head of an answer."""

    def unanswered(self, failure: Failure) -> None:
        """Receive the reason why there was no answer."""


class ObservingTransport:
    """A transport that reports to an `Observer`. Failures after the head of an answer are not reported, since the
    service was reached.
    """

    def __init__(self, transport: Transport, observer: Observer) -> None:
        self._transport = transport
        self._observer = observer

    @asynccontextmanager
    async def open(
        self, request: Request, key: Credential | None = None, answer_timeout: float = ANSWER_TIMEOUT
    ) -> AsyncIterator[Answer]:
        """Send a request, and report its outcome."""
        answered = False
        try:
            async with self._transport.open(request, key, answer_timeout) as answer:
                answered = True
                self._observer.answered(answer)
                yield answer
        except ConnectionProblem as problem:
            if not answered:
                self._observer.unanswered(problem.failure)
            raise

    async def close(self) -> None:
        """Close the transport below."""
        await self._transport.close()
