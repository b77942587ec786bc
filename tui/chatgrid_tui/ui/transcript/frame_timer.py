"""When the next frame of a growing reply is drawn: not too often, and never not at all."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from textual.timer import Timer

FRAME = 1 / 30
"""Seconds between two frames, at least."""
REDUCED = 1 / 2
"""The same with reduced motion."""
_SHARE = 4
"""A frame that cost much is followed by a pause of so many times that."""


class Pacer:
    """Calls `draw` once for any number of wishes, at once where the last frame lies back far enough.

    `after` sets a timer: seconds, and what to call.
    """

    def __init__(self, draw: Callable[[], None], after: Callable[[float, Callable[[], None]], Timer]) -> None:
        self._draw = draw
        self._after = after
        self._waiting: Timer | None = None
        self._ended = 0.0
        self._cost = 0.0

    def wish(self, *, reduced: bool = False, later: bool = False) -> None:
        """Ask for a frame. `reduced`: twice a second is enough; `later`: not before this frame is out."""
        if self._waiting is not None:
            return
        pause = max(REDUCED if reduced else FRAME, _SHARE * self._cost)
        wait = self._ended + pause - monotonic()
        if later or wait > 0:
            self._waiting = self._after(max(wait, FRAME), self._frame)
        else:
            self._frame()

    def _frame(self) -> None:
        self._waiting = None
        began = monotonic()
        self._draw()
        self._ended = monotonic()
        self._cost = self._ended - began
