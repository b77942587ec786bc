"""Long work lets other tasks run in between; short work does not wait."""

from __future__ import annotations

import asyncio

import pytest

from chatgrid_tui.session import tasks
from chatgrid_tui.session.tasks import Steps, cooperatively, run_now


def steps(count: int, done: list[int]) -> Steps[str]:
    for number in range(count):
        done.append(number)
        yield
    return "made"


async def test_short_work_is_done_at_once() -> None:
    done: list[int] = []
    seen: list[int] = []
    asyncio.get_running_loop().call_soon(lambda: seen.append(len(done)))
    assert await cooperatively(steps(3, done)) == "made"
    assert (done, seen) == ([0, 1, 2], [])
    assert run_now(steps(3, [])) == "made"


async def test_a_key_waits_for_one_slice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "_SLICE", -1.0)  # every step takes too long
    done: list[int] = []
    seen: list[int] = []

    async def key() -> None:
        for _ in range(6):  # from the terminal to the screen
            seen.append(len(done))
            await asyncio.sleep(0)

    await asyncio.gather(cooperatively(steps(5, done)), key())
    assert seen == [1] * 6


async def test_errors_are_raised() -> None:
    def breaks() -> Steps[None]:
        yield
        raise LookupError

    with pytest.raises(LookupError):
        await cooperatively(breaks())
    with pytest.raises(LookupError):
        run_now(breaks())
