"""Exchanges that have ended, until they are saved or printed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final, Generic, TypeVar

MOST_WAITING: Final = 100

T = TypeVar("T")


class Backlog(Generic[T]):
    """A queue that loses nothing. Whoever adds to a long one waits until it is shorter, which bounds it."""

    def __init__(self) -> None:
        self._items: asyncio.Queue[T | None] = asyncio.Queue()
        self._taken = asyncio.Event()

    def put(self, item: T) -> None:
        """Add an item."""
        self._items.put_nowait(item)

    async def add(self, item: T) -> None:
        """Add an item, then wait until at most `MOST_WAITING` are left."""
        self.put(item)
        while self._items.qsize() > MOST_WAITING:
            self._taken.clear()
            await self._taken.wait()

    def close(self) -> None:
        """Let the iteration end after the items that have been added."""
        self._items.put_nowait(None)

    async def __aiter__(self) -> AsyncIterator[T]:
        """Yield items as they are added, until this is closed."""
        while (item := await self._items.get()) is not None:
            self._taken.set()
            yield item
