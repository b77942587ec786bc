"""The feed of changes: the first one at once, then at most one batch per interval, and none is lost."""

from __future__ import annotations

import asyncio
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.session.changes import INTERVAL, Change, ChangeFeed, ListChanged
from chatgrid_tui.session.conversation import Conversation
from fakes import ManualClock, turns
from session.room import BOARD, MODEL

CHANGES = [ListChanged(Conversation(MODEL, BOARD, number)) for number in range(3_000)]


class Consumer:
    """Gets the batches of a feed. `batches` has the time of each, and the numbers of its changes."""

    def __init__(self, handling: float = 0.0) -> None:
        """Take `handling` seconds for each batch."""
        self.clock = ManualClock()
        self.feed = ChangeFeed(Clock(self.clock, sleep=self.clock.sleep))
        self.batches: list[tuple[float, list[int]]] = []
        self._handling = handling
        self._began = self.clock()
        self._task = asyncio.create_task(self._consume())

    def add(self, number: int) -> None:
        """Add a change."""
        self.feed.add(CHANGES[number])

    async def _consume(self) -> None:
        async for batch in self.feed.batches():
            self.batches.append((round(self.clock() - self._began, 6), [_number(change) for change in batch]))
            if self._handling:
                await self.clock.sleep(self._handling)

    async def end(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


def _number(change: Change) -> int:
    assert isinstance(change, ListChanged)
    return change.conversation.id


async def test_the_first_change_is_passed_on_at_once() -> None:
    consumer = Consumer()
    await consumer.clock.advance(5)
    assert consumer.batches == []
    consumer.add(1)
    await turns()
    assert consumer.batches == [(5, [1])]
    await consumer.end()


async def test_those_that_follow_are_collected() -> None:
    consumer = Consumer()
    for number in range(10):
        consumer.add(number)
        await consumer.clock.advance(INTERVAL / 20)
    assert consumer.batches == [(0, [0])]
    await consumer.clock.advance(INTERVAL)
    assert consumer.batches[1:] == [(round(INTERVAL, 6), list(range(1, 10)))]
    await consumer.clock.advance(10 * INTERVAL)
    assert len(consumer.batches) == 2
    await consumer.end()


async def test_the_same_change_is_in_a_batch_once() -> None:
    consumer = Consumer()
    for _ in range(100):
        consumer.add(7)
    await turns()
    for _ in range(100):
        consumer.add(7)
    await consumer.clock.advance(INTERVAL)
    assert [numbers for _, numbers in consumer.batches] == [[7], [7]]
    await consumer.end()


async def test_a_flood_wakes_the_consumer_thirty_times_a_second_at_most() -> None:
    consumer = Consumer()
    for number in range(3_000):
        consumer.add(number)
        await consumer.clock.advance(0.001)
    assert len(consumer.batches) <= 3 * 30 + 1
    await consumer.clock.advance(INTERVAL)
    assert [number for _, numbers in consumer.batches for number in numbers] == list(range(3_000))
    await consumer.end()


async def test_a_slow_consumer_is_woken_less_often() -> None:
    consumer = Consumer(handling=1.0)
    for number in range(58):
        consumer.add(number)
        await consumer.clock.advance(0.25)
    assert [time for time, _ in consumer.batches] == [0, 5, 10]
    await consumer.end()


@given(st.lists(st.floats(0, 3 * INTERVAL), max_size=30))
def test_no_change_is_lost_and_no_interval_is_too_short(pauses: list[float]) -> None:
    async def play() -> list[tuple[float, list[int]]]:
        consumer = Consumer()
        for number, pause in enumerate(pauses):
            consumer.add(number)
            await consumer.clock.advance(pause)
        await consumer.clock.advance(2 * INTERVAL)
        await consumer.end()
        return consumer.batches

    batches = asyncio.run(play())
    assert [number for _, numbers in batches for number in numbers] == list(range(len(pauses)))
    times = [time for time, _ in batches]
    assert all(later - earlier >= INTERVAL - 1e-5 for earlier, later in pairwise(times))
