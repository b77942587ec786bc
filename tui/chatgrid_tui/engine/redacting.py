"""A transport that masks the keys that a service sends back, before they can be read, recorded or shown.

Gateways and test bots print the headers of requests, and some services quote a refused key. Keys that are spelled
out across the strings of a stream are masked in its events (engine/event_redactor.py).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager

from chatgrid_tui.engine.key_mask import KeyMask
from chatgrid_tui.engine.transport import ANSWER_TIMEOUT, Answer, Credential, Transport
from chatgrid_tui.errors import ConnectionProblem
from chatgrid_tui.model.request import Request


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
