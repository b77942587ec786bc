"""A deadline that can be put off while something is waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from types import TracebackType
from typing import TypeVar

from chatgrid_tui.engine.clock import Clock

Result = TypeVar("Result")


class Deadline:
    """A moment at which waiting is given up. It can be put off while it is waited for.

    One task sleeps until the moment, however many waits there are before it: a reply is waited for a thousand times.
    """

    def __init__(self, clock: Clock, seconds: float | None) -> None:
        """Set it `seconds` from now; None is never."""
        self._clock = clock
        self._seconds = seconds
        self._watchdog: asyncio.Task[None] | None = None
        self._waiting: asyncio.Timeout | None = None
        self.at = self._from_now()
        """When it is, by the clock; None for never."""

    @property
    def passed(self) -> bool:
        """Whether the moment is over."""
        return self.at is not None and self._clock.monotonic() >= self.at

    def put_off(self) -> None:
        """Set it as many seconds from now as at first."""
        self.at = self._from_now()
        if self._watchdog is not None and self._watchdog.done():
            self._watchdog = asyncio.create_task(self._watch())

    async def wait_for(self, awaitable: Awaitable[Result]) -> Result:
        """Return the result of an awaitable.

        Raises:
            TimeoutError: the moment came first.
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
