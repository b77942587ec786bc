"""A deadline that can be extended while something is awaited."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from types import TracebackType
from typing import TypeVar

from chatgrid_tui.engine.clock import Clock

Result = TypeVar("Result")


class Deadline:
    """A deadline that can be extended while something is awaited.

    A single task sleeps until the deadline, however many waits there are before it: reading a reply takes thousands.
    """

    def __init__(self, clock: Clock, seconds: float | None) -> None:
        """Set the deadline `seconds` from now; None is never."""
        self._clock = clock
        self._seconds = seconds
        self._watchdog: asyncio.Task[None] | None = None
        self._waiting: asyncio.Timeout | None = None
        self.at = self._from_now()
        """The deadline by the clock; None is never."""

    @property
    def passed(self) -> bool:
        """Whether the deadline is over."""
        return self.at is not None and self._clock.monotonic() >= self.at

    def put_off(self) -> None:
        """Set the deadline the original number of seconds from now."""
        self.at = self._from_now()
        if self._watchdog is not None and self._watchdog.done():
            self._watchdog = asyncio.create_task(self._watch())

    async def wait_for(self, awaitable: Awaitable[Result]) -> Result:
        """Return the result of an awaitable.

        Raises:
            TimeoutError: the deadline came first.
        """
        async with asyncio.timeout(0 if self.passed else None) as waiting:
            self._waiting = waiting
            try:
                return await awaitable
            finally:
                self._waiting = None

    async def __aenter__(self) -> Deadline:
        if self.at is not None:
            self._watchdog = asyncio.create_task(self._watch())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._watchdog is not None:
            self._watchdog.cancel()

    async def _watch(self) -> None:
        while self.at is not None and not self.passed:
            await self._clock.sleep(self.at - self._clock.monotonic())
        if self._waiting is not None:
            self._waiting.reschedule(asyncio.get_running_loop().time())

    def _from_now(self) -> float | None:
        return None if self._seconds is None else self._clock.monotonic() + self._seconds
