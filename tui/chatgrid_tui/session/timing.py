"""The time that a session goes by: a test may let it stand still."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Timing:
    """A clock, and waiting on it."""

    now: Callable[[], float]
    """Seconds, from whatever time on."""
    sleep: Callable[[float], Awaitable[None]]
    """Waits so many seconds of that clock."""


REAL_TIME: Final = Timing(time.monotonic, asyncio.sleep)
