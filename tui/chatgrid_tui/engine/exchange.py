"""A message and the reply to it, on the wire."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, aclosing
from functools import partial
from typing import Final, NamedTuple

from chatgrid_tui.dialects.dialect import Dialect
from chatgrid_tui.dialects.error_payloads import BODY_READ
from chatgrid_tui.dialects.response_parser import ParsedRecord, ResponseParser, is_success
from chatgrid_tui.engine.clock import SYSTEM_CLOCK, Clock
from chatgrid_tui.engine.deadline import Deadline
from chatgrid_tui.engine.event_redactor import EventRedactor
from chatgrid_tui.engine.json_parsing import apart
from chatgrid_tui.engine.key_mask import KeyMask
from chatgrid_tui.engine.recording import EndReason, Recording
from chatgrid_tui.engine.transport import ANSWER_TIMEOUT, Answer, Credential, Transport
from chatgrid_tui.errors import ConnectionProblem
from chatgrid_tui.model.events import CONTENT, BodyEnded, Finished, StreamFailed
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.request import Request

logger = logging.getLogger(__name__)


class ParsedChunk(NamedTuple):
    """The records of one piece of the body, `elapsed` seconds after sending."""

    elapsed: float
    records: list[ParsedRecord]


_MORE_THAN_A_HEARTBEAT: Final = 1024
"""A line or body of more bytes than this counts as content before its end arrives."""


class _Silence:
    """The time since content last arrived. Bytes alone do not count: heartbeats may go on forever."""

    def __init__(self, clock: Clock, limit: float | None) -> None:
        self.deadline = Deadline(clock, limit)
        self._alive = False

    @property
    def failure(self) -> Failure:
        """Return the failure of a reply that ended by silence."""
        return Failure("timeout", "no text" if self._alive else "silence")

    def heard(self, records: list[ParsedRecord], *, grew: bool) -> None:
        """Record what a piece contained. `grew` is whether it is part of a long line that has not ended."""
        if grew or any(isinstance(event, CONTENT) for record in records for event in record.events):
            self.deadline.put_off()
            self._alive = False
        else:
            self._alive = True


class Exchange:
    """A message and its reply on the wire. Used once. Network errors are part of the result and never raised.

    There is more than one request if the first is refused and the kind knows a simpler one.
    """

    def __init__(
        self,
        transport: Transport,
        dialect: Dialect,
        request: Request,
        key: Credential | None,
        *,
        recordings: list[Recording],
        silence_timeout: float | None = None,
        answer_timeout: float = ANSWER_TIMEOUT,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        """Prepare to send a message. `transport` adds a recording to `recordings` for each request.

        Wait `answer_timeout` seconds for the head of an answer. Give up the reply if no content arrives for
        `silence_timeout` seconds, even if heartbeats do; None waits forever.
        """
        self.recordings = recordings
        """What went over the wire, one recording per request."""
        self._transport = transport
        self._dialect = dialect
        self._request = request
        self._key = key
        self._silence_timeout = silence_timeout
        self._answer_timeout = answer_timeout
        self._clock = clock
        self._started = clock.monotonic()
        self._mask = KeyMask.of(request, key)

    async def chunks(self) -> AsyncGenerator[ParsedChunk, None]:
        """Send the request and yield what arrives; the last event is a `BodyEnded`. Closing this stops the reply.

        A chunk without records means that bytes arrived which are only part of a record, or a heartbeat.
        """
        request: Request | None = self._request
        try:
            while request is not None:
                simpler = None
                async with self._open(request) as answer, aclosing(self._body(answer)) as chunks:
                    async for chunk in chunks:
                        simpler = simpler or self._simpler(request, answer, chunk)
                        if simpler is None:
                            yield chunk
                    if simpler is not None:
                        logger.info("Refused with %d, sent again in a simpler form", answer.status)
                request = simpler
        except ConnectionProblem as problem:
            yield ParsedChunk(self._elapsed(), [ParsedRecord(-1, None, [BodyEnded(problem.failure)])])

    def _open(self, request: Request) -> AbstractAsyncContextManager[Answer]:
        return self._transport.open(request, self._key, self._answer_timeout)

    def _elapsed(self) -> float:
        return self._clock.monotonic() - self._started

    def _simpler(self, request: Request, answer: Answer, chunk: ParsedChunk) -> Request | None:
        """Return a request that the service may accept instead of the one that it just refused."""
        failed = any(isinstance(event, StreamFailed) for record in chunk.records for event in record.events)
        if not failed or is_success(answer.status):
            return None
        return self._dialect.simpler(request, answer.status, bytes(self._refusal))

    async def _body(self, answer: Answer) -> AsyncGenerator[ParsedChunk, None]:
        parser = ResponseParser(
            self._dialect, status=answer.status, headers=answer.headers, received_at=self._clock.utc_now()
        )
        redactor = None if self._mask is None else EventRedactor(self._mask)
        lost: Failure | None = None
        self._refusal = bytearray()
        silence = _Silence(self._clock, self._silence_timeout)
        records: list[ParsedRecord] = []
        async with aclosing(answer.pieces()) as pieces, silence.deadline:
            while not parser.ended:
                try:
                    piece = await silence.deadline.wait_for(anext(pieces, None))
                except TimeoutError:
                    lost = silence.failure
                    self._leave("timeout", lost)
                    break
                except ConnectionProblem as problem:
                    lost = problem.failure
                    if lost.kind == "protocol" and is_success(answer.status):  # otherwise the status says more
                        yield ParsedChunk(self._elapsed(), [ParsedRecord(-1, None, [StreamFailed(lost)])])
                    break
                if piece is None:
                    break
                elapsed = self._elapsed()
                pending = parser.pending
                size = pending + len(piece) if b"\n" in piece else 0
                records = await apart(size, partial(self._read, redactor), partial(parser.feed, piece))
                silence.heard(records, grew=parser.pending > max(pending, _MORE_THAN_A_HEARTBEAT))
                yield ParsedChunk(elapsed, records)
                if silence.deadline.passed:
                    lost = silence.failure
                    self._leave("timeout", lost)
                    break
                if not is_success(answer.status):
                    self._refusal += piece
                    if len(self._refusal) >= BODY_READ:
                        self._leave("limit")
                        break  # do not read the rest of an error's body, which may be endless
            else:
                self._leave("end_mark" if _has_end_mark(records) else "limit")
        read = partial(parser.end, lost)
        yield ParsedChunk(self._elapsed(), await apart(parser.pending, partial(self._read, redactor), read))

    def _leave(self, reason: EndReason, failure: Failure | None = None) -> None:
        """Record why the rest of the body is not read."""
        self.recordings[-1].leave(reason, failure)

    def _read(self, redactor: EventRedactor | None, read: Callable[[], list[ParsedRecord]]) -> list[ParsedRecord]:
        """Return the records from `read`, without keys. This may run in a thread while nothing else is read."""
        records = read()
        if redactor is None:
            return records
        records = redactor.redacted(records)
        self.recordings[-1].spelt = redactor.masked
        return records


def _has_end_mark(records: list[ParsedRecord]) -> bool:
    return any(isinstance(event, Finished) for record in records for event in record.events)
