"""Deadlines on a clock that is passed in."""

from __future__ import annotations

import asyncio

import pytest

from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.engine.deadline import Deadline
from fakes import ManualClock, turns


async def test_a_deadline_ends_the_wait() -> None:
    clock = ManualClock()
    async with Deadline(Clock(clock, sleep=clock.sleep), 5.0) as deadline:
        waiting = asyncio.create_task(deadline.wait_for(asyncio.Event().wait()))
        await clock.advance(4.9)
        assert not waiting.done()
        await clock.advance(0.1)
        with pytest.raises(TimeoutError):
            await waiting


async def test_a_deadline_can_be_put_off_though_it_has_passed() -> None:
    clock = ManualClock()
    async with Deadline(Clock(clock, sleep=clock.sleep), 5.0) as deadline:
        await clock.advance(6.0)
        assert deadline.passed
        deadline.put_off()
        assert await deadline.wait_for(asyncio.sleep(0, "in time")) == "in time"
        waiting = asyncio.create_task(deadline.wait_for(asyncio.Event().wait()))
        await clock.advance(5.0)
        with pytest.raises(TimeoutError):
            await waiting


async def test_a_wait_after_the_deadline_ends_at_once() -> None:
    clock = ManualClock()
    async with Deadline(Clock(clock, sleep=clock.sleep), 5.0) as deadline:
        await clock.advance(6.0)
        with pytest.raises(TimeoutError):
            await deadline.wait_for(asyncio.Event().wait())


async def test_without_a_deadline_nothing_ends_the_wait() -> None:
    clock, event = ManualClock(), asyncio.Event()
    async with Deadline(Clock(clock, sleep=clock.sleep), None) as deadline:
        waiting = asyncio.create_task(deadline.wait_for(event.wait()))
        await clock.advance(1e6)
        event.set()
        await turns()
        assert await waiting
    assert clock.naps == []
