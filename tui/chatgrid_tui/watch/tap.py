"""A transport that passes each piece of an answer to a client unchanged, before anything else reads it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager

from chatgrid_tui.engine.http import HttpAnswer, HttpTransport, decompressed
from chatgrid_tui.engine.transport import ANSWER_TIMEOUT, Answer, Credential
from chatgrid_tui.errors import ConnectionProblem
from chatgrid_tui.http_server.messages import Headers, Sink
from chatgrid_tui.model.request import Request


class Tap:
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

    def __init__(self, answer: HttpAnswer, tap: Tap) -> None:
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
