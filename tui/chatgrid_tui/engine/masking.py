"""A key that a service says back is masked before anything reads, keeps or shows it.

Gateways and bots for testing print the headers they were sent, and some services quote a refused key. What they say
goes to the screen, to the history and into the recording; the key must not.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Final

from chatgrid_tui.config.secret import Secret
from chatgrid_tui.engine.transport import ANSWER_TIMEOUT, Answer, Credential, Transport
from chatgrid_tui.errors import ConnectionProblem
from chatgrid_tui.model.request import Request

SHORTEST: Final = 16
"""Characters from which a key is masked. Shorter ones are words that people say: `EMPTY`, `ollama`, `lm-studio`."""


class Masking:
    """A transport whose answers do not hold the key that was sent."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @asynccontextmanager
    async def open(
        self, request: Request, key: Credential | None = None, patience: float = ANSWER_TIMEOUT
    ) -> AsyncIterator[Answer]:
        """Send, and give the answer without the key."""
        async with self._transport.open(request, key, patience) as answer:
            long = key is not None and len(key.secret.reveal()) >= SHORTEST
            yield _MaskedAnswer(answer, key.secret) if key is not None and long else answer

    async def close(self) -> None:
        """Close what is open."""
        await self._transport.close()


class _MaskedAnswer:
    """An answer, with the key in it masked."""

    def __init__(self, answer: Answer, secret: Secret) -> None:
        self._answer = answer
        self._key = secret.reveal().encode()
        self._mask = mask_of(secret)
        self.status = answer.status
        shown = self._mask.decode()
        self.headers: Mapping[str, str] = {
            name: value.replace(secret.reveal(), shown) for name, value in answer.headers.items()
        }

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """Give the body. Of a piece that ends like the key begins, that end waits for the next piece."""
        held = b""
        try:
            async with aclosing(self._answer.pieces()) as pieces:
                async for piece in pieces:
                    piece = (held + piece).replace(self._key, self._mask)
                    held = _begun(piece, self._key)
                    if ready := piece[: len(piece) - len(held)]:
                        yield ready
        except ConnectionProblem:
            if held:
                yield held
            raise
        if held:
            yield held


def mask_of(secret: Secret) -> bytes:
    """Return what stands in place of a key. In ASCII, since it may stand within JSON."""
    return f"[key ...{str(secret).removeprefix('…')}]".encode()


def _begun(piece: bytes, key: bytes) -> bytes:
    """Return the longest end of a piece with which the key begins."""
    longest = min(len(piece), len(key) - 1)
    at = piece.find(key[:1], len(piece) - longest)
    while at >= 0:
        if key.startswith(piece[at:]):
            return piece[at:]
        at = piece.find(key[:1], at + 1)
    return b""
