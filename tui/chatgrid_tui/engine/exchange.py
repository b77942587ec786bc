"""One message sent and the reply to it: the lifecycle of a turn on the wire."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, aclosing
from datetime import UTC, datetime
from functools import partial
from typing import Final, NamedTuple

from chatgrid_tui.dialects.dialect import Dialect
from chatgrid_tui.dialects.faults import BODY_READ
from chatgrid_tui.dialects.response_parser import ParsedRecord, ResponseParser
from chatgrid_tui.engine.event_redactor import EventRedactor
from chatgrid_tui.engine.key_mask import KeyMask
from chatgrid_tui.engine.parsing import apart
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.engine.transport import ANSWER_TIMEOUT, Answer, Credential, Transport
from chatgrid_tui.errors import ConnectionProblem
from chatgrid_tui.model.events import CONTENT, BodyEnded, StreamFailed
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.request import Request

logger = logging.getLogger(__name__)


class ParsedChunk(NamedTuple):
    """What one piece of bytes said, `elapsed` seconds after sending."""

    elapsed: float
    arrivals: list[ParsedRecord]


_MORE_THAN_A_HEARTBEAT: Final = 1024
"""Bytes of a line, or of a body, from which on it counts as content though it has not ended."""


class _Silence:
    """The time since something of a reply came. Bytes alone do not count: heartbeats go on for ever."""

    def __init__(self, limit: float | None) -> None:
        self._limit = limit
        self._now = asyncio.get_running_loop().time
        self._alive = False
        self.ends_at = self._end()
        """The loop's time at which it has lasted too long; None for never."""

    @property
    def over(self) -> bool:
        """Whether it has lasted too long."""
        return self.ends_at is not None and self._now() > self.ends_at

    @property
    def failure(self) -> Failure:
        """What a reply that it ended failed of."""
        return Failure("timeout", "no text" if self._alive else "silence")

    def heard(self, arrivals: list[ParsedRecord], *, grew: bool) -> None:
        """Take in what some bytes said; `grew` is whether they belong to something long that has not ended."""
        if grew or any(isinstance(event, CONTENT) for arrival in arrivals for event in arrival.events):
            self.ends_at = self._end()
            self._alive = False
        else:
            self._alive = True

    def _end(self) -> float | None:
        return None if self._limit is None else self._now() + self._limit


class Exchange:
    """A request on its way and the events of its reply. Used once; never raises for what the network does."""

    def __init__(
        self,
        transport: Transport,
        dialect: Dialect,
        request: Request,
        key: Credential | None,
        *,
        silence: float | None = None,
        patience: float = ANSWER_TIMEOUT,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare. The head of the answer is waited for `patience` seconds; after `silence` seconds without anything
        of a reply, heartbeats or not, the reply is given up. None waits for ever.
        """
        self._transport = transport
        self._dialect = dialect
        self._key = key
        self._silence = silence
        self._patience = patience
        self._clock = clock
        self._started = clock()
        self._mask = KeyMask.of(request, key)
        self.recordings = [Recording(request, mask=self._mask)]
        """What went over the wire, one recording per request: a refused one is followed by a simpler one."""

    @property
    def recording(self) -> Recording:
        """The newest of the recordings."""
        return self.recordings[-1]

    async def chunks(self) -> AsyncGenerator[ParsedChunk, None]:
        """Send, and give what arrives, the last of it with a `BodyEnded`. Closing this stops the reply.

        A batch without arrivals says that bytes came which were nothing yet, or a heartbeat.
        """
        try:
            while True:
                simpler = None
                async with self._open(self.recording.request) as answer, aclosing(self._body(answer)) as chunks:
                    async for chunk in chunks:
                        simpler = simpler or self._simpler(chunk)
                        if simpler is None:
                            yield chunk
                if simpler is None:
                    return
                logger.info("Refused with %d, sent again in a simpler form", self.recording.status)
                self.recordings.append(Recording(simpler, mask=self._mask))
        except ConnectionProblem as problem:
            yield ParsedChunk(self._elapsed(), [ParsedRecord(-1, None, [BodyEnded(problem.failure)])])

    def _open(self, request: Request) -> AbstractAsyncContextManager[Answer]:
        return self._transport.open(request, self._key, self._patience)

    def _elapsed(self) -> float:
        return self._clock() - self._started

    def _simpler(self, chunk: ParsedChunk) -> Request | None:
        """Return the request that the service may take in place of the one it just refused."""
        recording = self.recording
        refused = any(isinstance(event, StreamFailed) for arrival in chunk.arrivals for event in arrival.events)
        if not refused or 200 <= recording.status < 300:
            return None
        body = b"".join(piece for _, piece in recording.pieces)
        return self._dialect.simpler(recording.request, recording.status, body)

    async def _body(self, answer: Answer) -> AsyncGenerator[ParsedChunk, None]:
        self.recording.answer(answer.status, answer.headers, self._elapsed())
        parser = ResponseParser(
            self._dialect, status=answer.status, headers=answer.headers, received_at=datetime.now(UTC)
        )
        redactor = None if self._mask is None else EventRedactor(self._mask)
        lost: Failure | None = None
        silence = _Silence(self._silence)
        async with aclosing(answer.pieces()) as pieces:
            while not parser.ended:
                try:
                    async with asyncio.timeout_at(silence.ends_at):
                        piece = await anext(pieces, None)
                except TimeoutError:
                    lost = silence.failure
                    break
                except ConnectionProblem as problem:
                    lost = problem.failure
                    if lost.kind == "protocol" and 200 <= answer.status < 300:  # else the status says more
                        yield ParsedChunk(self._elapsed(), [ParsedRecord(-1, None, [StreamFailed(lost)])])
                    break
                if piece is None:
                    break
                elapsed = self._elapsed()
                pending = parser.pending
                size = pending + len(piece) if b"\n" in piece else 0
                arrivals = await apart(size, partial(self._read, redactor), partial(parser.feed, piece))
                self.recording.add(piece, elapsed)
                silence.heard(arrivals, grew=parser.pending > max(pending, _MORE_THAN_A_HEARTBEAT))
                yield ParsedChunk(elapsed, arrivals)
                if silence.over:
                    lost = silence.failure
                    break
                if not 200 <= answer.status < 300 and self.recording.kept >= BODY_READ:
                    break  # no more of an error's body is looked at, and it may have no end
        read = partial(parser.end, lost)
        yield ParsedChunk(self._elapsed(), await apart(parser.pending, partial(self._read, redactor), read))

    def _read(self, redactor: EventRedactor | None, read: Callable[[], list[ParsedRecord]]) -> list[ParsedRecord]:
        """Return what is read, without keys. It may be done in a thread: nothing else is read meanwhile."""
        arrivals = read()
        if redactor is None:
            return arrivals
        arrivals = redactor.arrivals(arrivals)
        self.recording.spelt = redactor.masked
        return arrivals
