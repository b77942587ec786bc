"""The chain of transports that every request goes through, built only here."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Protocol

from chatgrid_tui.engine.clock import SYSTEM_CLOCK, Clock
from chatgrid_tui.engine.key_mask import KeyMask
from chatgrid_tui.engine.recording import Recording, RecordingTransport
from chatgrid_tui.engine.transport import ANSWER_TIMEOUT, Answer, Credential, Transport
from chatgrid_tui.errors import ConnectionProblem
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.recording_limits import PER_REPLY
from chatgrid_tui.model.request import Request


def transport_chain(
    network: Transport,
    *,
    observer: Observer | None = None,
    recordings: list[Recording] | None = None,
    kind: str = "",
    recording_limit: int = PER_REPLY,
    clock: Clock = SYSTEM_CLOCK,
) -> Transport:
    """Return a transport over `network`, which is HTTP or a replay.

    `observer` gets the outcome of each request. For each request, a recording is added to `recordings`, with the
    `kind` of the service. Of their bodies, at most `recording_limit` bytes are recorded.
    """
    # Redaction is lowest, so that a key that a service sends back is neither recorded nor shown.
    transport: Transport = RedactingTransport(network)
    # Next to the network, since a simulated fault says nothing about the service.
    if observer is not None:
        transport = ObservingTransport(transport, observer)
    if recordings is not None:
        transport = RecordingTransport(transport, recordings, kind, recording_limit, clock)
    # Simulated faults wrap the transport here: a recording contains what really arrived.
    return transport


class RedactingTransport:
    """A transport whose answers contain none of the keys that were sent."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @asynccontextmanager
    async def open(
        self, request: Request, key: Credential | None = None, answer_timeout: float = ANSWER_TIMEOUT
    ) -> AsyncIterator[Answer]:
        """Send a request, and return its answer without the keys."""
        async with self._transport.open(request, key, answer_timeout) as answer:
            mask = KeyMask.of(request, key)
            yield answer if mask is None else _RedactedAnswer(answer, mask)

    async def close(self) -> None:
        """Close the transport below."""
        await self._transport.close()


class _RedactedAnswer:
    """An answer with its keys masked."""

    def __init__(self, answer: Answer, mask: KeyMask) -> None:
        self._answer = answer
        self._mask = mask
        self.status = answer.status
        self.headers: Mapping[str, str] = {
            mask.text(name): mask.text(value) for name, value in answer.headers.items()
        }

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """Yield the body. The end of a piece is held back until the next one if it may be the start of a key."""
        held = ""
        try:
            async with aclosing(self._answer.pieces()) as pieces:
                async for piece in pieces:
                    text = self._mask.text(held + piece.decode("latin-1"))
                    ready = len(text) - self._mask.begun(text)
                    held = text[ready:]
                    if ready:
                        yield text[:ready].encode("latin-1")
        except ConnectionProblem:
            if held:
                yield self._mask.unfinished(held).encode("latin-1")
            raise
        if held:
            yield self._mask.unfinished(held).encode("latin-1")


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
