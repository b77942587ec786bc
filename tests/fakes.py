"""Fakes at the ports: a network that follows a script, and a clock that the test advances."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeAlias

from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.engine.transport import ANSWER_TIMEOUT, Answer, Credential, no_connection
from chatgrid_tui.errors import ConnectionProblem
from chatgrid_tui.model.failure import Failure, FailureCause, FailureKind
from chatgrid_tui.model.request import Request

StartDemo: TypeAlias = Callable[[DemoServer], Awaitable[DemoServer]]

Piece: TypeAlias = bytes | asyncio.Event | ConnectionProblem
"""Bytes that arrive, a silence that lasts until the event is set, or the end of the connection."""

DONE = b"data: [DONE]\n\n"


def delta(text: str) -> bytes:
    """Return a piece of text as an OpenAI-compatible server streams it; ChatIQ does it alike."""
    return b"data: " + json.dumps({"choices": [{"index": 0, "delta": {"content": text}}]}).encode() + b"\n\n"


def broken(cause: FailureCause = "dropped", kind: FailureKind = "network") -> ConnectionProblem:
    """Return what a transport raises if the connection fails."""
    return no_connection(Failure(kind, cause, place="bots.example"))


class FakeAnswer:
    """An answer with scripted chunks that records whether it was closed."""

    def __init__(self, *pieces: Piece, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        self.status = status
        self.headers: Mapping[str, str] = {"content-type": "text/event-stream"} if headers is None else headers
        self._pieces = pieces
        self.given = 0
        self.may_close: asyncio.Event | None = None
        """What closing it waits for."""
        self.opened = asyncio.Event()
        self.closed = asyncio.Event()

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """Give the script."""
        for piece in self._pieces:
            if isinstance(piece, asyncio.Event):
                await piece.wait()
            elif isinstance(piece, ConnectionProblem):
                raise piece
            else:
                self.given += 1
                yield piece


def says(*texts: str) -> FakeAnswer:
    """Return a whole reply of an OpenAI-compatible server."""
    return FakeAnswer(*map(delta, texts), DONE)


def listing(payload: object, status: int = 200, **headers: str) -> FakeAnswer:
    """Return an answer of JSON."""
    return FakeAnswer(
        json.dumps(payload).encode(),
        status=status,
        headers={"content-type": "application/json"} | {name.replace("_", "-"): it for name, it in headers.items()},
    )


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that went out, and with what."""

    request: Request
    key: Credential | None
    answer_timeout: float


class FakeTransport:
    """A network of scripted answers, given in their order; `before` is called with each request first."""

    def __init__(self, *answers: FakeAnswer | ConnectionProblem) -> None:
        self.answers = list(answers)
        self.sent: list[Sent] = []
        self.before: Callable[[Request], Awaitable[None]] | None = None
        self.aside: Callable[[Request], FakeAnswer | None] = lambda request: None
        """Answers that stand outside the script: for what is asked at no certain time."""
        self.sent_aside: list[Sent] = []
        self.closed = False

    @property
    def bodies(self) -> list[Mapping[str, object]]:
        """The bodies that went out."""
        return [sent.request.body or {} for sent in self.sent]

    @asynccontextmanager
    async def open(
        self, request: Request, key: Credential | None = None, answer_timeout: float = ANSWER_TIMEOUT
    ) -> AsyncIterator[Answer]:
        """Note the request, and give the next answer."""
        answer = await self._answer(Sent(request, key, answer_timeout))
        answer.opened.set()
        try:
            yield answer
        finally:
            if answer.may_close is not None:
                await answer.may_close.wait()
            answer.closed.set()

    async def close(self) -> None:
        """Note that it was closed."""
        self.closed = True

    async def _answer(self, sent: Sent) -> FakeAnswer:
        aside = self.aside(sent.request)
        if aside is not None:
            self.sent_aside.append(sent)
            return aside
        self.sent.append(sent)
        answer = self.answers.pop(0)
        if self.before is not None:
            await self.before(sent.request)
        if isinstance(answer, ConnectionProblem):
            raise answer
        return answer


class ManualClock:
    """A clock that only moves in `advance`, which wakes the tasks that sleep on it at their times."""

    def __init__(self) -> None:
        self._now = 1_000.0
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def __call__(self) -> float:
        return self._now

    @property
    def naps(self) -> list[float]:
        """How long those who sleep now still have to."""
        return sorted(until - self._now for until, _, sleeper in self._sleepers if not sleeper.done())

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock was advanced so far."""
        sleeper: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + seconds, next(self._order), sleeper))
        await sleeper

    async def advance(self, seconds: float) -> None:
        """Move the clock by `seconds`, waking sleeping tasks in the order of their times."""
        end = self._now + seconds
        await turns()
        while self._sleepers and self._sleepers[0][0] <= end:
            self._now, _, sleeper = heapq.heappop(self._sleepers)
            if not sleeper.done():
                sleeper.set_result(None)
            await turns()
        self._now = end


async def turns(count: int = 20) -> None:
    """Let everything that can go on do so for some turns of the loop; threads are not waited for."""
    for _ in range(count):
        await asyncio.sleep(0)
