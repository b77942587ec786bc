"""Wakes whoever draws, at most thirty times a second, and never leaves out the last time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final, Generic, TypeVar

Mark = TypeVar("Mark")

FRAME: Final = 1 / 30


class Pacer(Generic[Mark]):
    """Gathers marks and hands them on together.

    The first mark after a pause is handed on at once, so that the first token waits for nothing; those that
    follow are gathered for a frame.
    """

    def __init__(self, frame: float = FRAME, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep) -> None:
        self._frame = frame
        self._sleep = sleep
        self._marks: dict[Mark, None] = {}
        self._marked = asyncio.Event()

    def mark(self, mark: Mark) -> None:
        """Say that something changed; the same mark again before it was handed on is one."""
        self._marks[mark] = None
        self._marked.set()

    async def frames(self) -> AsyncIterator[list[Mark]]:
        """Give what was marked, oldest first, for ever."""
        while True:
            await self._marked.wait()
            self._marked.clear()
            marks = list(self._marks)
            self._marks.clear()
            yield marks
            await self._sleep(self._frame)
