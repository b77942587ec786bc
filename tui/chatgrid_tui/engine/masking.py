"""A key that a service says back is masked before anything reads, keeps or shows it.

Gateways and bots for testing print the headers they were sent, and some services quote a refused key. What they say
goes to the screen, to the history and into the recording; the key must not, nor a configured header that is one.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Final

from chatgrid_tui.config.secret import Secret
from chatgrid_tui.engine.transport import ANSWER_TIMEOUT, Answer, Credential, Transport
from chatgrid_tui.errors import ConnectionProblem
from chatgrid_tui.model.request import Request

SHORTEST: Final = 16
"""Characters from which a key is masked. Shorter ones are words that people say: `EMPTY`, `ollama`, `lm-studio`."""

_SECRET_NAME: Final = re.compile("auth|key|token|secret|cookie|password", re.IGNORECASE)
"""In the name of a header that holds something secret."""


class Masking:
    """A transport whose answers hold no key that was sent."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @asynccontextmanager
    async def open(
        self, request: Request, key: Credential | None = None, patience: float = ANSWER_TIMEOUT
    ) -> AsyncIterator[Answer]:
        """Send, and give the answer without the key."""
        async with self._transport.open(request, key, patience) as answer:
            secrets = [secret for secret in _secrets(request, key) if len(secret.reveal()) >= SHORTEST]
            yield _MaskedAnswer(answer, secrets) if secrets else answer

    async def close(self) -> None:
        """Close what is open."""
        await self._transport.close()


class _MaskedAnswer:
    """An answer, with the keys in it masked."""

    def __init__(self, answer: Answer, secrets: Sequence[Secret]) -> None:
        self._answer = answer
        self._masks = {spelt: mask_of(secret) for secret in secrets for spelt in _spelt(secret)}
        self.status = answer.status
        self.headers: Mapping[str, str] = {
            name: self._masked(value.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")
            for name, value in answer.headers.items()
        }

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """Give the body. Of a piece that ends like the key begins, that end waits for the next piece."""
        held = b""
        try:
            async with aclosing(self._answer.pieces()) as pieces:
                async for piece in pieces:
                    piece = self._masked(held + piece)
                    held = max((_begun(piece, key) for key in self._masks), key=len)
                    if ready := piece[: len(piece) - len(held)]:
                        yield ready
        except ConnectionProblem:
            if held:
                yield held
            raise
        if held:
            yield held

    def _masked(self, data: bytes) -> bytes:
        for key, mask in self._masks.items():
            data = data.replace(key, mask)
        return data


def _secrets(request: Request, key: Credential | None) -> list[Secret]:
    """Return what is secret of a request: its key, and what stands in headers that are called so."""
    values = [value.rpartition(" ")[2] for name, value in request.headers if _SECRET_NAME.search(name)]
    secrets = [*([] if key is None else [key.secret]), *map(Secret, values)]
    return sorted(secrets, key=lambda secret: -len(secret.reveal()))  # one may be a part of another


def _spelt(secret: Secret) -> tuple[bytes, ...]:
    """Return how a key may be spelt within JSON: some servers write each stroke with a backslash before it."""
    plain = secret.reveal().encode()
    return (plain, plain.replace(b"/", b"\\/")) if b"/" in plain else (plain,)


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
