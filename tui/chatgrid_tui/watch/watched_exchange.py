"""One request of a client and its answer: forwarded, recorded and parsed as they arrive."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from functools import partial
from typing import Final, NamedTuple, Protocol

from chatgrid_tui.dialects.dialect import Dialect
from chatgrid_tui.dialects.response_parser import ParsedRecord, ResponseParser
from chatgrid_tui.engine.chain import transport_chain
from chatgrid_tui.engine.clock import SYSTEM_CLOCK, Clock
from chatgrid_tui.engine.event_redactor import EventRedactor
from chatgrid_tui.engine.exchange import ParsedChunk
from chatgrid_tui.engine.http import HttpAnswer, HttpTransport, decompressed
from chatgrid_tui.engine.json_parsing import apart
from chatgrid_tui.engine.key_mask import KeyMask
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.engine.transport import ANSWER_TIMEOUT, Answer, Credential
from chatgrid_tui.errors import ConnectionProblem
from chatgrid_tui.http_server.messages import Headers, Sink, cut
from chatgrid_tui.model.events import BodyEnded, Finished
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.request import Request

_HEAD_TIMEOUT: Final = 600.0
"""Seconds to wait for the head of an answer. Most clients give up earlier."""


class AnswerHead(NamedTuple):
    """The head of an answer, as the service sent it."""

    status: int
    reason: str
    headers: Headers


class WatchListener(Protocol):
    """Receives what the proxy forwards."""

    def began(self, exchange: WatchedExchange) -> None:
        """Handle a request that is about to be sent."""

    def read(self, exchange: WatchedExchange, chunk: ParsedChunk) -> None:
        """Handle a part of the answer, which the client has received."""

    async def ended(self, exchange: WatchedExchange) -> None:
        """Handle the end of an exchange, whichever side ended it. The client has got everything, and waits with its
        next request until this returns.
        """

    def refused(self, sentence: str) -> None:
        """Handle the reason why a request was not forwarded."""


class WatchedExchange:
    """Forwards one request, and returns its answer. Used once."""

    def __init__(
        self,
        request: Request,
        dialect: Dialect,
        network: HttpTransport,
        listener: WatchListener,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        """Prepare to send a request, whose answer is read as one of `dialect`."""
        self.request = request
        self.dialect = dialect
        is_message = request.method == "POST" and request.body is not None
        message = dialect.message_in(request.body or {}) if is_message else ""
        mask = KeyMask.of(request, None)
        self.message = message if mask is None else mask.text(message)
        """The message in the request, without keys; empty if there is none."""
        path = "/" + request.url.partition("://")[2].partition("/")[2].partition("?")[0]
        self.path = path if mask is None else mask.text(path)
        """The path of the request, without keys."""
        self.recordings: list[Recording] = []
        """What goes over the wire; empty until the request is sent."""
        self.ended = False
        self.end_mark_seen = False
        """Whether the service has marked the end of the reply. Clients may then close the connection."""
        self._listener = listener
        self._clock = clock
        self._started = clock.monotonic()
        self._tap = _Tap(network)
        self._chain = transport_chain(self._tap, recordings=self.recordings, kind=dialect.kind, clock=clock)
        self._stack = AsyncExitStack()
        self._answer: Answer | None = None

    @property
    def elapsed(self) -> float:
        """Seconds since the request was sent."""
        return self._clock.monotonic() - self._started

    async def open(self) -> AnswerHead:
        """Send the request, and return the original head of the answer.

        Raises:
            ConnectionProblem: there is no answer.
        """
        self._listener.began(self)
        try:
            self._answer = await self._stack.enter_async_context(
                self._chain.open(self.request, answer_timeout=_HEAD_TIMEOUT)
            )
        except BaseException as error:
            if isinstance(error, ConnectionProblem):
                self._report([ParsedRecord(-1, None, [BodyEnded(error.failure)])])
            await self._end()
            raise
        return AnswerHead(self._answer.status, self._tap.reason, self._tap.header_list)

    async def pass_on(self, client: Sink) -> None:
        """Forward the body of the answer, and end as it ends: if it breaks off, so does the answer to the client."""
        assert self._answer is not None
        self._tap.client = client
        parser = _Parser(self.dialect, self.recordings[0])
        lost: Failure | None = None
        try:
            async with aclosing(self._answer.pieces()) as pieces:
                async for piece in pieces:
                    self._report(await parser.feed(piece))
        except ConnectionProblem as problem:
            lost = problem.failure
        self._report(await parser.end(lost))
        if self._tap.cut:
            cut()

    async def close(self) -> None:
        """Close the connection to the service, whether or not the answer was forwarded."""
        try:
            await self._stack.aclose()
        finally:
            await self._end()

    def _report(self, records: list[ParsedRecord]) -> None:
        if any(isinstance(event, Finished) for record in records for event in record.events):
            self.end_mark_seen = True
            self.recordings[0].leave("end_mark")
        self._listener.read(self, ParsedChunk(self.elapsed, records))

    async def _end(self) -> None:
        if not self.ended:
            self.ended = True
            await self._listener.ended(self)


class _Parser:
    """Parses an answer as it arrives, without keys that its events might contain."""

    def __init__(self, dialect: Dialect, recording: Recording) -> None:
        self._recording = recording
        self._parser = ResponseParser(
            dialect, status=recording.status, headers=recording.headers, received_at=recording.started_at
        )
        self._redactor = None if recording.mask is None else EventRedactor(recording.mask)

    async def feed(self, piece: bytes) -> list[ParsedRecord]:
        """Return the records completed by a piece. A large line is parsed in a thread."""
        size = self._parser.pending + len(piece) if b"\n" in piece else 0
        return await apart(size, self._redacted, partial(self._parser.feed, piece))

    async def end(self, lost: Failure | None) -> list[ParsedRecord]:
        """Return the records completed by the end of the body. `lost` is how it broke off; None if it did not."""
        return await apart(self._parser.pending, self._redacted, partial(self._parser.end, lost))

    def _redacted(self, read: Callable[[], list[ParsedRecord]]) -> list[ParsedRecord]:
        records = read()
        if self._redactor is None:
            return records
        records = self._redactor.redacted(records)
        self._recording.spelt = self._redactor.masked
        return records


class _Tap:
    """The lowest transport of one exchange: transports above mask keys, but the client gets the original bytes."""

    def __init__(self, network: HttpTransport) -> None:
        self._network = network
        self.client: Sink | None = None
        """The client, once its answer has started."""
        self.header_list: Headers = ()
        """The original headers of the answer."""
        self.reason = ""
        """The reason phrase after its status."""
        self.cut = False
        """Whether the connection to the service broke during the answer."""

    @asynccontextmanager
    async def open(
        self, request: Request, key: Credential | None = None, answer_timeout: float = ANSWER_TIMEOUT
    ) -> AsyncIterator[Answer]:
        """Send a request, and give its answer."""
        async with self._network.open(request, key, answer_timeout) as answer:
            self.header_list, self.reason = answer.header_list, answer.reason
            yield _TappedAnswer(answer, self)

    async def close(self) -> None:
        """Do nothing: the network is shared."""


class _TappedAnswer:
    """An answer whose pieces go to the client first."""

    def __init__(self, answer: HttpAnswer, tap: _Tap) -> None:
        self._answer = answer
        self._tap = tap
        self.status = answer.status
        self.headers = answer.headers

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """Yield the body as it arrives, decompressed. The client gets all of it, even if decompression fails."""
        async with aclosing(self._passed_on()) as encoded:
            try:
                async for piece in decompressed(encoded, self.headers.get("content-encoding", ""), ""):
                    yield piece
            except ConnectionProblem:
                async for _ in encoded:
                    pass
                raise

    async def _passed_on(self) -> AsyncGenerator[bytes, None]:
        assert self._tap.client is not None
        try:
            async with aclosing(self._answer.encoded_pieces()) as pieces:
                async for piece in pieces:
                    await self._tap.client.send(piece)
                    yield piece
        except ConnectionProblem:
            self._tap.cut = True
            raise
