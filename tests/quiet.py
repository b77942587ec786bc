"""Waits for an event rather than for the time that it usually takes."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Iterator
from concurrent.futures import Future as ThreadFuture
from contextlib import contextmanager
from typing import Final, TypeVar
from unittest import mock

import textual._time
import textual._wait
from textual._animator import SimpleAnimation
from textual.timer import Timer
from textual.types import AnimationLevel

_Result = TypeVar("_Result")

PATIENCE: Final = 60.0
"""Seconds after which what did not happen counts as not happening. A busy machine needs a part of them."""

_GRACE: Final = 0.002
"""Seconds of silence after which the loop is quiet although a thread has not handed over its result."""
_SOON: Final = 0.02
"""The loop is not quiet while a timer is due within so many seconds."""
_LONGEST: Final = 0.2
"""Seconds after which waiting for quiet ends all the same: while a reply streams, there is always something to do."""
_LEAST: Final = 50
"""Rounds of the loop before it does: on a busy machine, the seconds may be over before anything was done."""
_FRAME: Final = 1 / 60
"""Seconds after which a frame is drawn although there is something else to do."""
_PERIOD: Final = 0.001
"""Seconds between two frames by their timer, which does not wait for so little."""
_LOOKS: Final = 0.05
"""Seconds after which `until` looks again although the loop has done nothing: another thread or process may have."""


class _Selector(selectors.DefaultSelector):
    """Resolves futures when its loop would sleep, or has slept."""

    def __init__(self) -> None:
        super().__init__()
        self.drawing: list[asyncio.Future[None]] = []
        """Frames to be drawn as soon as there is nothing else to do."""
        self.waiting: list[asyncio.Future[None]] = []
        """Those who wait until the loop is quiet."""
        self.watching: list[asyncio.Future[None]] = []
        """Those who wait until the loop has slept."""
        self.in_threads = 0
        """How many results the loop expects from threads."""
        self.rounds = 0
        """How often the loop has looked for something to do."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Overrides `selectors.DefaultSelector.select`."""
        self.rounds += 1
        if timeout is not None and timeout <= 0:
            return super().select(timeout)
        if self.drawing:
            ready = super().select(0)
            if not ready:
                _resolve(self.drawing)
            return ready
        if self.waiting and (timeout is None or timeout > _SOON):
            ready = super().select(_GRACE if self.in_threads else 0)
            if not ready:
                _resolve(self.waiting)
            return ready
        ready = super().select(timeout)
        _resolve(self.watching)
        return ready


def _resolve(futures: list[asyncio.Future[None]]) -> None:
    for future in futures:
        if not future.done():
            future.set_result(None)
    futures.clear()


class QuietLoop(asyncio.SelectorEventLoop):
    """An event loop that can tell when it is quiet."""

    def __init__(self) -> None:
        self._own_selector = _Selector()
        super().__init__(self._own_selector)

    async def idle(self) -> None:
        """Return once every callback has run and nothing is left to read, or after the time of a frame."""
        await self._resolved(self._own_selector.drawing, _FRAME)

    async def quiet(self) -> None:
        """Return once every callback has run, nothing is left to read or draw, and no timer is due soon."""
        await self._resolved(self._own_selector.waiting, _LONGEST, _LEAST)

    async def stirred(self) -> None:
        """Return once the loop has slept: something has come, or a timer was due."""
        await self._resolved(self._own_selector.watching, _LOOKS)

    def expect(self, result: asyncio.Future[_Result]) -> asyncio.Future[_Result]:
        """Count what comes from a thread until it is there."""
        self._own_selector.in_threads += 1
        result.add_done_callback(self._arrived)
        return result

    def _arrived(self, result: asyncio.Future[_Result]) -> None:
        self._own_selector.in_threads -= 1

    async def _resolved(self, futures: list[asyncio.Future[None]], within: float, least: int = 0) -> None:
        """Wait for a future of the selector, but no longer than `within` seconds if these had `least` rounds."""
        future = self.create_future()
        futures.append(future)
        last = self._own_selector.rounds + least
        while not future.done():
            done, _ = await asyncio.wait([future], timeout=within)
            if not done and self._own_selector.rounds >= last:
                _resolve([future])


def _loop() -> QuietLoop:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, QuietLoop)
    return loop


async def quiet() -> None:
    """Wait until the running loop is quiet."""
    await _loop().quiet()


async def until(done: Callable[[], bool], shown: Callable[[], str] = lambda: "") -> None:
    """Wait for a condition. If it never comes, fail with what is `shown` then."""
    if done():
        return
    try:
        async with asyncio.timeout(PATIENCE):
            await quiet()
            while not done():
                await _loop().stirred()
                await quiet()
    except TimeoutError:
        raise AssertionError(f"never came: {shown() or done}") from None


@contextmanager
def pilots_wait_for_quiet() -> Iterator[None]:
    """Replace the wait of Textual's pilot, which sleeps 20 ms at a time until the process uses little CPU, let a
    frame follow as soon as there is something to draw and nothing else to do, and let scrolling take one step.
    """
    tick, wrap_future, step = Timer._tick, asyncio.wrap_future, SimpleAnimation.__call__

    async def wait_for_idle(min_sleep: float = 0, max_sleep: float = 1) -> None:
        if isinstance(asyncio.get_running_loop(), QuietLoop):
            await quiet()
        else:  # snapshots run in a loop of their own
            await textual._wait.wait_for_idle(min_sleep, max_sleep)

    def wrap(
        future: ThreadFuture[_Result], *, loop: asyncio.AbstractEventLoop | None = None
    ) -> asyncio.Future[_Result]:
        loop = loop or asyncio.get_running_loop()
        wrapped = wrap_future(future, loop=loop)
        return loop.expect(wrapped) if isinstance(loop, QuietLoop) else wrapped

    async def sleep(seconds: float) -> None:
        await (asyncio.sleep(0) if seconds <= 2 * _PERIOD else textual._time.sleep(seconds))

    async def tick_when_idle(timer: Timer, *, next_timer: float, count: int) -> None:
        loop = asyncio.get_running_loop()
        if timer.name == "screen_update" and isinstance(loop, QuietLoop):
            await loop.idle()
        await tick(timer, next_timer=next_timer, count=count)

    def last_step(animation: SimpleAnimation, time: float, app_animation_level: AnimationLevel = "full") -> bool:
        return step(animation, float("inf"), app_animation_level)

    with (
        mock.patch("asyncio.wrap_future", wrap),
        mock.patch("asyncio.futures.wrap_future", wrap),
        mock.patch("textual.pilot.wait_for_idle", wait_for_idle),
        mock.patch("textual.app.wait_for_idle", wait_for_idle),
        mock.patch("textual.screen.UPDATE_PERIOD", _PERIOD),
        mock.patch("textual.timer.sleep", sleep),
        mock.patch.object(Timer, "_tick", tick_when_idle),
        mock.patch.object(SimpleAnimation, "__call__", last_step),
    ):
        yield
