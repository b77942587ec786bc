"""The timed log of one exchange: what was asked, and each piece of bytes that came, with its time.

Stored as lines of JSON: a head, then `[seconds, base64]` for each piece. The key of a provider is no part of a
request; keys in other headers are not stored, keys in an address and those that the reply spelt are masked.
A body that came compressed is recorded decompressed; the recorded headers still name its coding.
"""

from __future__ import annotations

import json
from array import array
from base64 import b64decode, b64encode
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from chatgrid_tui.engine.clock import SYSTEM_CLOCK, Clock
from chatgrid_tui.engine.key_mask import KeyMask
from chatgrid_tui.engine.spelt_keys import mask_spelt
from chatgrid_tui.engine.transport import ANSWER_TIMEOUT, Answer, Credential, Transport
from chatgrid_tui.model.json import Json
from chatgrid_tui.model.request import Request

RECORDING_LIMIT: Final = 8 * 1024 * 1024
"""Bytes of the wire that one recording keeps; what comes after is counted only."""
PIECES_LIMIT: Final = 250_000
"""Pieces that one recording keeps."""
_COOKIES: Final = frozenset({"set-cookie", "set-cookie2", "cookie"})


@dataclass(slots=True)
class Recording:
    """What went over the wire for one reply. Seconds count from sending."""

    request: Request
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    answered: float = 0.0
    dropped: int = 0
    mask: KeyMask | None = None
    """Masks the keys of the request."""
    spelt: int = 0
    """How many keys the events of the reply spelt that its bytes do not show as they are."""
    # The bytes of all pieces in a row, with the time and the end of each: a reply can come in a million pieces.
    _body: bytearray = field(default_factory=bytearray)
    _times: array[float] = field(default_factory=lambda: array("d"))
    _ends: array[int] = field(default_factory=lambda: array("Q"))

    @property
    def kept(self) -> int:
        """Bytes of the body that are kept."""
        return len(self._body)

    @property
    def pieces(self) -> list[tuple[float, bytes]]:
        """The pieces that are kept, each with its time. They are made anew each time."""
        return list(self._pieces())

    def _pieces(self) -> Iterator[tuple[float, bytes]]:
        begin = 0
        for elapsed, end in zip(self._times, self._ends, strict=True):
            yield elapsed, bytes(self._body[begin:end])
            begin = end

    def answer(self, status: int, headers: Mapping[str, str], elapsed: float) -> None:
        """Note the head of the answer."""
        self.status, self.answered = status, elapsed
        self.headers = {name: "[not kept]" if name in _COOKIES else value for name, value in headers.items()}

    def add(self, data: bytes, elapsed: float) -> None:
        """Note a piece of the body, as long as there is room; after the first that had none, no more is kept."""
        if self.dropped or self.kept + len(data) > RECORDING_LIMIT or len(self._ends) >= PIECES_LIMIT:
            self.dropped += len(data)
            return
        self._body += data
        self._times.append(elapsed)
        self._ends.append(len(self._body))

    def to_bytes(self) -> bytes:
        """Return the recording as it is stored."""
        pieces, dropped = self._without_spelt_keys()
        head: dict[str, Json] = {
            "method": self.request.method,
            "url": self.request.url,
            "body": self.request.body,
            "status": self.status,
            "headers": self.headers,
            "answered": round(self.answered, 6),
            "dropped": dropped,
        }
        stored = bytearray(json.dumps(head if self.mask is None else self.mask.json(head)).encode())
        for elapsed, data in pieces:
            stored += b'\n[%.6f,"%b"]' % (elapsed, b64encode(data))
        return bytes(stored)

    def _without_spelt_keys(self) -> tuple[Iterable[tuple[float, bytes]], int]:
        """Return the pieces, and how many bytes are dropped. If the keys in them cannot be found, all are."""
        if self.mask is None or not self.spelt:
            return self._pieces(), self.dropped
        pieces, masked = mask_spelt(self.pieces, self.mask)
        return (pieces, self.dropped) if masked >= self.spelt else ([], self.dropped + self.kept)

    @classmethod
    def from_bytes(cls, stored: bytes) -> Recording:
        """Return the recording that `to_bytes` stored.

        Raises:
            ValueError: it is no recording.
        """
        first, *rest = stored.decode().split("\n")
        head = json.loads(first)
        try:
            request = Request(head["method"], head["url"], head["body"])
            recording = cls(request, head["status"], head["headers"], head["answered"])
            for line in rest:
                elapsed, data = json.loads(line)
                recording.add(b64decode(data, validate=True), elapsed)
            recording.dropped = head["dropped"]
        except (KeyError, TypeError) as problem:
            raise ValueError("This is no recording.") from problem
        return recording


class RecordingTransport:
    """A transport that adds a recording to a list for each request, before it is sent."""

    def __init__(self, transport: Transport, recordings: list[Recording], clock: Clock = SYSTEM_CLOCK) -> None:
        self._transport = transport
        self._recordings = recordings
        self._clock = clock

    @asynccontextmanager
    async def open(
        self, request: Request, key: Credential | None = None, answer_timeout: float = ANSWER_TIMEOUT
    ) -> AsyncIterator[Answer]:
        """Send a request, and record what comes back."""
        recording = Recording(request, mask=KeyMask.of(request, key))
        self._recordings.append(recording)
        started = self._clock.monotonic()

        def elapsed() -> float:
            return self._clock.monotonic() - started

        async with self._transport.open(request, key, answer_timeout) as answer:
            recording.answer(answer.status, answer.headers, elapsed())
            yield _RecordedAnswer(answer, recording, elapsed)

    async def close(self) -> None:
        """Close the transport below."""
        await self._transport.close()


class _RecordedAnswer:
    """An answer whose body is recorded as it is read."""

    def __init__(self, answer: Answer, recording: Recording, elapsed: Callable[[], float]) -> None:
        self._answer = answer
        self._recording = recording
        self._elapsed = elapsed
        self.status = answer.status
        self.headers = answer.headers

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """Give the body as it comes."""
        async with aclosing(self._answer.pieces()) as pieces:
            async for piece in pieces:
                self._recording.add(piece, self._elapsed())
                yield piece
