"""Exchanges that have ended, and wait."""

from __future__ import annotations

import asyncio

from chatgrid_tui.watch.backlog import MOST_WAITING, Backlog
from quiet import quiet


async def test_a_long_backlog_holds_up_who_adds_to_it_and_loses_nothing() -> None:
    backlog = Backlog[int]()
    for number in range(MOST_WAITING):
        await backlog.add(number)
    late = [asyncio.create_task(backlog.add(MOST_WAITING + number)) for number in range(2)]
    await quiet()
    assert not any(task.done() for task in late)
    late[1].cancel()  # as by the end of a proxy
    backlog.close()
    assert [item async for item in backlog] == list(range(MOST_WAITING + 2))
    await late[0]
