"""Progress reported from a thread: each percentage once, and nothing for work that is done at once."""

from __future__ import annotations

import asyncio

from chatgrid_tui.cli.app import Progress
from fakes import ManualClock


async def test_only_what_takes_a_while_is_shown_and_each_step_once() -> None:
    shown: list[str] = []
    clock = ManualClock()
    progress = Progress(shown.append, clock)
    await asyncio.to_thread(progress.report, "Checking", 1, 2)
    await clock.advance(1)
    for done in (3, 3, 4, 4):
        await asyncio.to_thread(progress.report, "Checking", done, 4)
    await asyncio.to_thread(progress.report, "Recovering", 0, 0)
    await asyncio.sleep(0)
    assert shown == ["Checking, 75 %", "Checking, 100 %", "Recovering, 0 %"]
