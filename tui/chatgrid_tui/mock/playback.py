"""Plays one recording as the answer to a request: each part at its recorded time, and the recorded end."""

from __future__ import annotations

import asyncio
from typing import Final, NoReturn, assert_never

from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.http_server.messages import BODILESS, Answer, Cut, Reset, Response, Sink, Stream
from chatgrid_tui.mock.headers import SentHeaders
from chatgrid_tui.mock.landmarks import Landmarks
from chatgrid_tui.mock.verdict import Observation, ending_of

_READS_AT_ONCE: Final = 32
"""The number of reads after which other tasks run, if there is no time between them."""
_TIME_TO_READ: Final = 0.02
"""Seconds between the last bytes and a reset, which discards unread bytes."""


class Playback:
    """The answer to one request. Used once."""

    def __init__(
        self,
        recording: Recording,
        headers: SentHeaders,
        places: Landmarks,
        observation: Observation,
        *,
        speed: float,
        clock: Clock,
        began: float,
    ) -> None:
        """Answer `speed` times as fast as recorded, starting now. `observation` is kept up to date, in seconds since
        `began`, a time of the clock.
        """
        self._recording = recording
        self._headers = headers
        self._places = places
        self._seen = observation
        self._speed = speed
        self._clock = clock
        self._began = began
        self._started = clock.monotonic()
        self._latest = 0.0
        observation.ending = ending_of(recording)
        observation.reads = recording.read_count

    async def answer(self) -> Answer:
        """Return the answer when its head is due.

        Raises:
            Cut: the connection must be closed without an answer.
        """
        head = self._recording.head
        if head is None:
            await self._end()
            raise Cut  # unreachable: without a head, no answer ends in order
        await self._until(head.t)
        self._seen.status = head.status
        self._seen.answered_at = self._now()
        headers = self._headers.now(self._clock.utc_now().timestamp())
        if head.status in BODILESS:
            self._seen.ended_at = self._now()
            return Response(head.status, headers)
        return Stream(head.status, headers, self._produce)

    async def _produce(self, sink: Sink) -> None:
        for number, read in enumerate(self._recording.iter_reads()):
            await self._until(read.t)
            await self._send(sink, read.data)
            self._note(number)
            if number % _READS_AT_ONCE == 0:
                await asyncio.sleep(0)
        await self._end()

    async def _send(self, sink: Sink, data: bytes) -> None:
        before = self._clock.monotonic()
        try:
            await sink.send(data)
        finally:
            self._seen.longest_wait = max(self._seen.longest_wait, self._clock.monotonic() - before)

    def _note(self, number: int) -> None:
        """Record that a read was sent."""
        observation = self._seen
        observation.sent = number + 1
        if self._places.end_mark is not None and number > self._places.end_mark:
            observation.after_end_mark += 1
        if number == self._places.end_mark:
            observation.end_mark_at = self._now()
        if number == self._places.unreadable:
            observation.unreadable = number

    async def _end(self) -> None:
        """End the answer as recorded."""
        end = self._recording.end
        if end is not None:
            await self._until(end.t)
        match self._seen.ending:
            case "whole":
                self._seen.ended_at = self._now()
            case "cut":
                self._seen.ended_at = self._now()
                raise Cut
            case "reset":
                await self._clock.sleep(_TIME_TO_READ)
                self._seen.ended_at = self._now()
                raise Reset
            case "silence":
                await self._silence()
            case _:
                assert_never(self._seen.ending)

    async def _silence(self) -> NoReturn:
        self._seen.ended_at = self._now()
        await asyncio.get_running_loop().create_future()
        raise AssertionError("nothing ends the silence but the client")

    async def _until(self, t: float) -> None:
        """Wait until a recorded time. A time that goes backwards counts as the previous one."""
        self._latest = max(self._latest, t)
        wait = self._started + self._latest / self._speed - self._clock.monotonic()
        if wait > 0:
            await self._clock.sleep(wait)

    def _now(self) -> float:
        return self._clock.monotonic() - self._began
