"""A transport that answers from recordings instead of from the network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import urlsplit

from chatgrid_tui.engine.clock import SYSTEM_CLOCK, Clock
from chatgrid_tui.engine.recording import End, Head, Recording
from chatgrid_tui.engine.transport import ANSWER_TIMEOUT, Answer, Credential, no_connection, place_of
from chatgrid_tui.errors import ConnectionProblem
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.request import Request

_READS_AT_ONCE: Final = 32
"""Reads after which other tasks run, if there is no time between the reads."""


class ReplayTransport:
    """Answers each request with the next recording of its method and path, once.

    Each read arrives at its recorded time, and the answer ends as recorded: normally, by a failure, or cut off. A
    recording with missing parts ends as a dropped connection, and a request that was not recorded is refused.
    """

    def __init__(self, recordings: Iterable[Recording], *, speed: float = 1.0, clock: Clock = SYSTEM_CLOCK) -> None:
        """`speed` is relative to the recording; `math.inf` does not wait."""
        self._recordings = list(recordings)
        self._speed = speed
        self._clock = clock

    @property
    def left(self) -> int:
        """How many recordings have not been requested yet."""
        return len(self._recordings)

    @asynccontextmanager
    async def open(
        self, request: Request, key: Credential | None = None, answer_timeout: float = ANSWER_TIMEOUT
    ) -> AsyncIterator[Answer]:
        """Return the recorded answer to a request."""
        recording = self._next(request)
        place = place_of(request.url)
        if recording is None:
            raise no_connection(Failure("network", "refused", place=place))
        timeline = _Timeline(self._speed, self._clock)
        if recording.head is None:
            end = recording.end or End(0.0, "reset")
            await timeline.until(end.t, answer_timeout, place)
            raise no_connection(end.failure or Failure("network", "dropped", place=place))
        await timeline.until(recording.head.t, answer_timeout, place)
        yield _ReplayedAnswer(recording, recording.head, timeline, place)

    async def close(self) -> None:
        """Do nothing, since nothing is open."""

    def _next(self, request: Request) -> Recording | None:
        """Return and remove the first recording that matches a request."""
        address = _address(request)
        for number, recording in enumerate(self._recordings):
            if _address(recording.request) == address:
                return self._recordings.pop(number)
        return None


class _Timeline:
    """The times of one recording, relative to now."""

    def __init__(self, speed: float, clock: Clock) -> None:
        self._speed = speed
        self._clock = clock
        self._started = clock.monotonic()

    async def until(self, t: float, timeout: float | None = None, place: str = "") -> None:  # noqa: ASYNC109
        """Wait until a recorded time.

        Raises:
            ConnectionProblem: it is more than `timeout` seconds away.
        """
        wait = self._started + t / self._speed - self._clock.monotonic()
        if timeout is not None and wait > timeout:
            await self._clock.sleep(timeout)
            raise no_connection(Failure("timeout", "no answer in time", place=place))
        if wait > 0:
            await self._clock.sleep(wait)


class _ReplayedAnswer:
    """An answer from a recording."""

    def __init__(self, recording: Recording, head: Head, timeline: _Timeline, place: str) -> None:
        self._recording = recording
        self._timeline = timeline
        self._place = place
        self.status = head.status
        self.headers: Mapping[str, str] = head.headers

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """Yield the recorded reads at their times."""
        for number, read in enumerate(self._recording.iter_reads(), 1):
            await self._timeline.until(read.t)
            yield read.data
            if number % _READS_AT_ONCE == 0:
                await asyncio.sleep(0)
        end = self._recording.end
        if end is not None:
            await self._timeline.until(end.t)
        if (problem := self._problem(end)) is not None:
            raise problem

    def _problem(self, end: End | None) -> ConnectionProblem | None:
        """Return why the body ended early, or None if it ended normally."""
        if end is not None and end.failure is not None:
            return no_connection(end.failure)
        is_whole = end is not None and end.reason in ("eof", "end_mark", "limit") and not self._recording.dropped
        return None if is_whole else no_connection(Failure("network", "dropped", place=self._place))


def _address(request: Request) -> tuple[str, str]:
    return request.method, urlsplit(request.url).path
