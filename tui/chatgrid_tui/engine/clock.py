"""Time as a value that is passed in, so that tests and replays can run at their own speed."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final


def _utc_now() -> datetime:
    return datetime.now(UTC)


async def _sleep(seconds: float) -> None:
    import asyncio  # `decode` reads files without waiting, and starts twice as fast without it

    await asyncio.sleep(seconds)


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock, and sleeping by it."""

    monotonic: Callable[[], float] = time.monotonic
    """Return seconds from an arbitrary start."""
    utc_now: Callable[[], datetime] = _utc_now
    """Return the current date and time, aware."""
    sleep: Callable[[float], Awaitable[object]] = _sleep
    """Sleep for a number of seconds."""


SYSTEM_CLOCK: Final = Clock()
