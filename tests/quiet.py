"""Waiting for what is to happen, rather than for as long as it usually takes."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final
from unittest import mock

import textual._wait

PATIENCE: Final = 60.0
"""Seconds after which what did not happen counts as not happening. A busy machine needs a part of them."""

_GRACE: Final = 0.002
"""Seconds of silence after which the loop is quiet: a thread may be about to hand over its result."""
_FRAME: Final = 0.02
"""The loop is not quiet while a timer is due within so many seconds, as the next frame is."""
_LONGEST: Final = 0.2
"""Seconds after which waiting for quiet ends all the same: while a reply streams, there is always something to do."""


class _Selector(selectors.DefaultSelector):
    """Resolves futures as soon as its loop would sleep."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[asyncio.Future[None]] = []

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Overrides `selectors.DefaultSelector.select`."""
        if not self.waiting or (timeout is not None and timeout <= _FRAME):
            return super().select(timeout)
        ready = super().select(_GRACE)
        if not ready:
            for future in self.waiting:
                _resolve(future)
            self.waiting.clear()
        return ready


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


class QuietLoop(asyncio.SelectorEventLoop):
    """An event loop that can tell when it is quiet."""

    def __init__(self) -> None:
        self._own_selector = _Selector()
        super().__init__(self._own_selector)

    async def quiet(self) -> None:
        """Return once every callback has run, nothing is left to read and no frame is due."""
        future = self.create_future()
        self._own_selector.waiting.append(future)
        limit = self.call_later(_LONGEST, _resolve, future)
        try:
            await future
        finally:
            limit.cancel()


async def quiet() -> None:
    """Wait until the running loop is quiet."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, QuietLoop)
    await loop.quiet()


async def until(done: Callable[[], bool], shown: Callable[[], str] = lambda: "") -> None:
    """Wait for a condition. If it never comes, fail with what is `shown` then."""
    pause = 0.005
    try:
        async with asyncio.timeout(PATIENCE):
            while not done():
                await quiet()
                if done():
                    return
                await asyncio.sleep(pause)
                pause = min(2 * pause, 0.05)
    except TimeoutError:
        raise AssertionError(f"never came: {shown() or done}") from None


@contextmanager
def pilots_wait_for_quiet() -> Iterator[None]:
    """Replace the wait of Textual's pilot, which sleeps 20 ms at a time until the process uses little CPU, and let
    frames follow as soon as there is something to draw.
    """

    async def wait_for_idle(min_sleep: float = 0, max_sleep: float = 1) -> None:
        if isinstance(asyncio.get_running_loop(), QuietLoop):
            await quiet()
        else:  # snapshots run in a loop of their own
            await textual._wait.wait_for_idle(min_sleep, max_sleep)

    with (
        mock.patch("textual.pilot.wait_for_idle", wait_for_idle),
        mock.patch("textual.app.wait_for_idle", wait_for_idle),
        mock.patch("textual.screen.UPDATE_PERIOD", 1 / 500),
    ):
        yield
