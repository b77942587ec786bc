"""The pacer: the first mark at once, then at most one wake a frame, and the last never left out."""

from __future__ import annotations

import asyncio
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from chatgrid_tui.session.pacer import FRAME, Pacer
from fakes import ManualClock, turns


class Watcher:
    """Whoever draws, with the times at which it was woken."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.pacer: Pacer[int] = Pacer(FRAME, self.clock.sleep)
        self.woken: list[tuple[float, list[int]]] = []
        self._began = self.clock()
        self._watching = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        async for marks in self.pacer.frames():
            self.woken.append((round(self.clock() - self._began, 6), marks))

    async def end(self) -> None:
        self._watching.cancel()
        await asyncio.gather(self._watching, return_exceptions=True)


async def test_the_first_mark_is_handed_on_at_once() -> None:
    watcher = Watcher()
    await watcher.clock.advance(5)
    assert watcher.woken == []
    watcher.pacer.mark(1)
    await turns()
    assert watcher.woken == [(5, [1])]
    await watcher.end()


async def test_those_that_follow_are_gathered_for_a_frame() -> None:
    watcher = Watcher()
    for number in range(10):
        watcher.pacer.mark(number)
        await watcher.clock.advance(FRAME / 20)
    assert watcher.woken == [(0, [0])]
    await watcher.clock.advance(FRAME)
    assert watcher.woken[1:] == [(round(FRAME, 6), list(range(1, 10)))]
    await watcher.clock.advance(10 * FRAME)
    assert len(watcher.woken) == 2
    await watcher.end()


async def test_the_same_mark_is_handed_on_once_a_frame() -> None:
    watcher = Watcher()
    for _ in range(100):
        watcher.pacer.mark(7)
    await turns()
    for _ in range(100):
        watcher.pacer.mark(7)
    await watcher.clock.advance(FRAME)
    assert [marks for _, marks in watcher.woken] == [[7], [7]]
    await watcher.end()


async def test_a_flood_wakes_thirty_times_a_second_at_most() -> None:
    watcher = Watcher()
    for number in range(3_000):
        watcher.pacer.mark(number)
        await watcher.clock.advance(0.001)
    assert len(watcher.woken) <= 3 * 30 + 1
    await watcher.clock.advance(FRAME)
    assert [mark for _, marks in watcher.woken for mark in marks] == list(range(3_000))
    await watcher.end()


@given(st.lists(st.floats(0, 3 * FRAME), max_size=30))
def test_no_mark_is_lost_and_no_frame_is_too_short(pauses: list[float]) -> None:
    async def play() -> list[tuple[float, list[int]]]:
        watcher = Watcher()
        for number, pause in enumerate(pauses):
            watcher.pacer.mark(number)
            await watcher.clock.advance(pause)
        await watcher.clock.advance(2 * FRAME)
        await watcher.end()
        return watcher.woken

    woken = asyncio.run(play())
    assert [mark for _, marks in woken for mark in marks] == list(range(len(pauses)))
    times = [time for time, _ in woken]
    assert all(later - earlier >= FRAME - 1e-5 for earlier, later in pairwise(times))
