"""Slow work in another thread, shown as a percentage."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

_QUIET_SECONDS: Final = 0.3
"""Seconds of work that are not worth a line on the screen."""

_WORK_SECONDS: Final = 0.004
_PAUSE_SECONDS: Final = 0.001


class Progress:
    """Passes progress from a thread to the event loop in which it was created."""

    def __init__(self, show: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._show = show
        self._loop = asyncio.get_running_loop()
        self._clock = clock
        self._began = clock()
        self._paused = self._began
        self._shown = ""

    def report(self, doing: str, done: int, of: int) -> None:
        """Show the progress. Call this from the working thread, as often as necessary."""
        now = self._clock()
        if now - self._paused >= _WORK_SECONDS:  # Python runs one thread at a time, and key presses must not wait
            time.sleep(_PAUSE_SECONDS)
            self._paused = self._clock()
        text = f"{doing}, {done * 100 // of if of else 0} %"
        if text != self._shown and now - self._began >= _QUIET_SECONDS:
            self._shown = text
            self._loop.call_soon_threadsafe(self._show, text)
