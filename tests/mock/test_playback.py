"""A recording played back: each read at its time, on a clock of the test."""

from __future__ import annotations

import asyncio
import math

import pytest

from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.engine.recording import Head, Recording
from chatgrid_tui.http_server.messages import Answer, Cut, Reset, Stream
from chatgrid_tui.mock.book import book_of
from chatgrid_tui.mock.playback import Playback
from chatgrid_tui.mock.verdict import Observation
from fakes import ManualClock, turns
from mock.recorded import message, recording, unanswered


class Sent:
    """A sink that notes when what was sent."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self._started = clock()
        self.reads: list[tuple[float, bytes]] = []

    async def send(self, data: bytes) -> None:
        """Note it."""
        self.reads.append((round(self._clock() - self._started, 6), data))


class Played:
    """A recording that is played on a manual clock."""

    def __init__(self, recorded: Recording, speed: float = 1.0) -> None:
        self.clock = ManualClock()
        self.sink = Sent(self.clock)
        self.seen = Observation(1, 0.0, "POST", "/chat", "x")
        entry = book_of([recorded]).entries[0]
        self._playback = Playback(
            recorded,
            entry.headers,
            entry.landmarks,
            self.seen,
            speed=speed,
            clock=Clock(self.clock, sleep=self.clock.sleep),
            began=self.clock(),
        )
        self.answer: Answer | None = None

    async def run(self, seconds: float = 100.0) -> type[BaseException] | None:
        """Play for some seconds, and return how it broke off; None if it ended in order."""
        playing = asyncio.create_task(self._play())
        await self.clock.advance(seconds)
        await turns()
        if not playing.done():
            playing.cancel()
        (ended,) = await asyncio.gather(playing, return_exceptions=True)
        return None if ended is None else type(ended)

    async def _play(self) -> None:
        self.answer = await self._playback.answer()
        if isinstance(self.answer, Stream):
            await self.answer.produce(self.sink)


@pytest.mark.parametrize("speed", [1.0, 4.0, 0.5, math.inf])
async def test_each_part_comes_at_its_time(speed: float) -> None:
    recorded = recording(message("openai"), (2.0, b"a"), (2.0, b"b"), (4.0, b"c"), t=6.0)
    recorded.head = Head(1.0, 200, {})
    played = Played(recorded, speed)
    assert await played.run() is None
    assert played.sink.reads == [(2 / speed, b"a"), (2 / speed, b"b"), (4 / speed, b"c")]
    assert (played.seen.answered_at, played.seen.ended_at) == (1 / speed, 6 / speed)
    assert (played.seen.status, played.seen.sent, played.seen.reads) == (200, 3, 3)


async def test_times_that_go_backwards_count_as_the_one_before() -> None:
    played = Played(recording(message("openai"), (3.0, b"a"), (-1.0, b"b"), (2.0, b"c"), (4.0, b"d"), t=1.0))
    assert await played.run() is None
    assert played.sink.reads == [(3.0, b"a"), (3.0, b"b"), (3.0, b"c"), (4.0, b"d")]
    assert played.seen.ended_at == 4.0


@pytest.mark.parametrize(
    ("recorded", "ended", "ended_at"),
    [
        (recording(message("openai"), (1.0, b"a"), end="reset", t=2.0), Reset, 2.02),
        (recording(message("openai"), (1.0, b"a"), end=None), Cut, 1.0),
        (recording(message("openai"), (1.0, b"a"), end="timeout", t=2.0), asyncio.CancelledError, 2.0),
        (recording(message("openai"), (1.0, b"a"), end="stopped", t=2.0), None, 2.0),
        (unanswered(message("openai"), "reset", 3.0), Reset, 3.02),
        (unanswered(message("openai"), "stopped", 3.0), Cut, 3.0),
        (unanswered(message("openai"), "timeout", 3.0), asyncio.CancelledError, 3.0),
        (unanswered(message("openai"), None), Cut, 0.0),
    ],
)
async def test_it_ends_as_it_did(recorded: Recording, ended: type[BaseException] | None, ended_at: float) -> None:
    played = Played(recorded)
    assert await played.run() is ended
    assert played.seen.ended_at == pytest.approx(ended_at)
    assert (played.answer is None) == (recorded.head is None)


async def test_an_answer_without_a_body_has_none() -> None:
    played = Played(recording(message("openai"), (1.0, b"a"), status=204))
    assert await played.run() is None
    assert played.sink.reads == []


async def test_what_happens_at_landmarks_is_noted() -> None:
    records = (b"{not JSON", b"[DONE]", b"{}", b"{}")
    reads = [(float(t), b"data: %s\n\n" % record) for t, record in enumerate(records)]
    played = Played(recording(message("openai"), *reads))
    await played.run(2.5)
    assert (played.seen.unreadable, played.seen.end_mark_at, played.seen.after_end_mark) == (0, 1.0, 1)
