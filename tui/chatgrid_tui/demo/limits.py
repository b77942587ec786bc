"""Rate limits: the real one, which headers report, and the one that `/429` simulates."""

from __future__ import annotations

import math
import time
from collections import OrderedDict, deque

WINDOW_SECONDS = 60.0


class RateLimit:
    """A sliding window over all requests (ChatGrid API, rate-limits)."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._moments: deque[float] = deque()

    def admit(self) -> bool:
        """Count a request and return True, or return False if the window is full."""
        now = time.monotonic()
        while self._moments and self._moments[0] <= now - WINDOW_SECONDS:
            self._moments.popleft()
        if len(self._moments) >= self.limit:
            return False
        self._moments.append(now)
        return True

    @property
    def remaining(self) -> int:
        """Return how many more requests the window takes."""
        return max(0, self.limit - len(self._moments))

    @property
    def seconds_left(self) -> int:
        """Return the whole seconds until the oldest request leaves the window."""
        oldest = self._moments[0] if self._moments else time.monotonic()
        return max(1, math.ceil(oldest + WINDOW_SECONDS - time.monotonic()))


class PlayedLimits:
    """Refusals that a message asked for: the same message is accepted once the given time has passed."""

    def __init__(self, most: int = 200) -> None:
        self._until: OrderedDict[tuple[str, ...], float] = OrderedDict()
        self._most = most

    def seconds_left(self, key: tuple[str, ...], seconds: float) -> int | None:
        """Return the whole seconds still to wait, or None if the wait is over."""
        now = time.monotonic()
        until = self._until.get(key)
        if until is None:
            self._until[key] = until = now + seconds
            while len(self._until) > self._most:
                self._until.popitem(last=False)
        elif until <= now:
            del self._until[key]
            return None
        return max(0, math.ceil(until - now))
