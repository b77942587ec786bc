"""The server of a mock: answers requests from the book of recordings, and records what it observed."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from chatgrid_tui.dialects.capabilities import ANY_ID
from chatgrid_tui.dialects.error_payloads import retry_after
from chatgrid_tui.dialects.response_parser import is_success
from chatgrid_tui.engine.clock import SYSTEM_CLOCK, Clock
from chatgrid_tui.http_server.cors import with_cors
from chatgrid_tui.http_server.loopback_server import LoopbackServer, Server
from chatgrid_tui.http_server.messages import Answer, Request, Response, json_response, text_response
from chatgrid_tui.mock.book import Book, Match
from chatgrid_tui.mock.playback import Playback
from chatgrid_tui.mock.verdict import Observation, Source

MOST_OBSERVED: Final = 10_000
"""The maximum number of requests that are remembered for the verdict."""
NOT_RECORDED: Final = "This request was not recorded."
NO_MESSAGE: Final = "This request contains no message."
NOT_KEPT: Final = "A mock does not store conversations."
PAGE_REFUSAL: Final = (
    "Web pages are refused. To allow one, start mock with --allow-origin and the origin of the page."
)
_LONGEST_PATH: Final = 2_000
"""The maximum characters of a path that are remembered."""
_NO_MESSAGE_STATUS: Final = 400
_CONVERSATION_STATUS: Final = 501


class MockServer(Server):
    """Serves recordings on loopback."""

    def __init__(
        self,
        book: Book,
        *,
        port: int = 0,
        speed: float = 1.0,
        extra: int = 404,
        allowed_origin: str = "",
        requested: Callable[[Observation], None] = lambda request: None,
        refused: Callable[[str], None] = lambda sentence: None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        """Answer on `port`, or on any free port for 0, `speed` times as fast as recorded. Requests that were not
        recorded get the status `extra`, and web pages are refused, except those of `allowed_origin`.

        `requested` is called for each request before it is answered, and `refused` with a sentence about each client
        whose request was refused.
        """
        self.book = book
        self.seen: list[Observation] = []
        """The first `MOST_OBSERVED` requests, in order."""
        self.served = asyncio.Event()
        """Whether each recording was served to its end."""
        self._server = LoopbackServer(
            self._answer, port=port, refused=refused, allowed_origin=allowed_origin, page_refusal=PAGE_REFUSAL
        )
        self._speed = speed
        self._extra = extra
        self._requested = requested
        self._clock = clock
        self._began = clock.monotonic()
        self._requests = 0
        self._open: set[asyncio.Task[object]] = set()
        self._closing = False

    async def start(self) -> None:
        """Bind the port, and start answering.

        Raises:
            OSError: the port cannot be used.
        """
        await self._server.start()
        self._began = self._clock.monotonic()

    async def close(self) -> None:
        """Stop listening, and end all answers at once."""
        self._closing = True
        await self._server.close()

    @property
    def origin(self) -> str:
        """The address of the server, as the beginning of a URL."""
        return self._server.origin

    @property
    def elapsed(self) -> float:
        """Seconds since the server started."""
        return self._clock.monotonic() - self._began

    async def _answer(self, received: Request) -> Answer:
        """Answer a client, including the preflight request of a browser."""
        if received.method == "OPTIONS" and "access-control-request-method" in received.headers:
            return Response(204, with_cors((), received))
        answer = await self._handle(received)
        return replace(answer, headers=with_cors(answer.headers, received))

    async def _handle(self, received: Request) -> Answer:
        match = self.book.take(received)
        observation = self._observed(received, match)
        entry = match.entry
        if entry is None:
            answer, observation.source = self._answer_without(match)
            observation.status, observation.answered_at, observation.ended_at = (
                answer.status,
                observation.asked_at,
                observation.asked_at,
            )
            self._requested(observation)
            return answer
        recording = entry.recording
        observation.recording, observation.repeated, observation.differences = (
            entry.number,
            match.repeated,
            match.differences,
        )
        if not is_success(recording.status):
            observation.retry_after = retry_after(recording.headers, recording.started_at)
        self._until_done(observation)
        self._requested(observation)
        playback = Playback(
            recording,
            entry.headers,
            entry.landmarks,
            observation,
            speed=self._speed,
            clock=self._clock,
            began=self._began,
        )
        return await playback.answer()

    def _observed(self, received: Request, match: Match) -> Observation:
        """Create and remember the observation of a new request."""
        self._requests += 1
        path = received.target.partition("?")[0][:_LONGEST_PATH]
        observation = Observation(self._requests, self.elapsed, received.method, path, match.identity)
        if len(self.seen) < MOST_OBSERVED:
            self.seen.append(observation)
        return observation

    def _answer_without(self, match: Match) -> tuple[Response, Source]:
        """Return the answer to a request that no recording answers, and its source."""
        dialect = None if match.mount is None else match.mount.dialect
        if match.mount is None or dialect is None:
            return text_response(self._extra, f"{NOT_RECORDED}\n"), "not recorded"
        if match.lacks_message:
            return json_response(_NO_MESSAGE_STATUS, dialect.mocking.error(NO_MESSAGE)), "no message"
        recorded = self.book.recorded_at(match.mount)
        needed = dialect.mocking.answer(match.request, recorded, uuid.uuid4().hex)
        if needed is None and ANY_ID in match.request.path:  # 404 would mean that there is no such conversation
            return json_response(_CONVERSATION_STATUS, dialect.mocking.error(NOT_KEPT)), "not recorded"
        if needed is None:
            return json_response(self._extra, dialect.mocking.error(NOT_RECORDED)), "not recorded"
        return json_response(201 if match.request.method == "POST" else 200, needed), "needed"

    def _until_done(self, observation: Observation) -> None:
        """Note when the client leaves before its answer has ended: then the answering task is cancelled."""
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)

        def done(task: asyncio.Task[object]) -> None:
            self._open.discard(task)
            if not self._closing and (observation.ended_at is None or observation.ending == "silence"):
                observation.left_at = self.elapsed
            if not self._open and self.book.is_served:
                self.served.set()

        task.add_done_callback(done)
