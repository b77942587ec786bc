"""Background tasks of a session, and long work in small steps."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterable
from typing import Final, TypeAlias, TypeVar

from chatgrid_tui.errors import StorageProblem
from chatgrid_tui.session.changes import Change, UnhandledError


def report_error(task: asyncio.Task[None], notify: Callable[[Change], None]) -> None:
    """Tell of the error of the program's own that ended a task; of nothing where none did."""
    if not task.cancelled() and (error := task.exception()) is not None:
        notify(UnhandledError(error))


async def report_storage(access: Awaitable[None], failed: Callable[[StorageProblem], None]) -> None:
    """Await an access to the history, and call `failed` with what goes wrong."""
    try:
        await access
    except StorageProblem as problem:
        failed(problem)


class BackgroundTasks:
    """Work that nobody waits for. An error of the program's own in it is told; those on purpose it handles itself."""

    def __init__(self, notify: Callable[[Change], None]) -> None:
        self._notify = notify
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    def start(self, work: Coroutine[object, object, None]) -> None:
        """Begin some work; none is begun any more once this was closed."""
        if self._closed:
            work.close()
            return
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    async def close(self) -> None:
        """End all of it."""
        self._closed = True
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        report_error(task, self._notify)


Result = TypeVar("Result")
Thing = TypeVar("Thing")

Steps: TypeAlias = Generator[None, None, Result]
"""Work that yields after each of its steps, of which none takes long, and returns what came of it."""
_SLICE: Final = 0.005
"""Seconds that may pass before others get their turn."""


async def cooperatively(work: Steps[Result], between: Callable[[], None] | None = None) -> Result:
    """Do some work without holding up the event loop. What is over soon is done at once; `between` is called before
    others get their turn.
    """
    until = time.monotonic() + _SLICE
    while True:
        try:
            next(work)
        except StopIteration as done:
            result: Result = done.value
            return result
        if time.monotonic() > until:
            if between is not None:
                between()
            await asyncio.sleep(0)
            until = time.monotonic() + _SLICE


def run_now(work: Steps[Result]) -> Result:
    """Do some work in one go."""
    while True:
        try:
            next(work)
        except StopIteration as done:
            result: Result = done.value
            return result


def gathered(things: Iterable[Thing], kept: list[Thing]) -> Steps[None]:
    """Keep one thing after another, a step for each."""
    for thing in things:
        kept.append(thing)
        yield
