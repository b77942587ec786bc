"""Background tasks of a session, and long work in short steps."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterable
from typing import Final, TypeAlias, TypeVar

from chatgrid_tui.errors import StorageProblem
from chatgrid_tui.session.changes import Change, UnhandledError


def report_error(task: asyncio.Task[None], notify: Callable[[Change], None]) -> None:
    """Call `notify` if a task ended with an error. Such errors are bugs: expected ones are handled in the task."""
    if not task.cancelled() and (error := task.exception()) is not None:
        notify(UnhandledError(error))


async def report_storage(access: Awaitable[None], failed: Callable[[StorageProblem], None]) -> None:
    """Await an access to the history, and call `failed` with its error, if any."""
    try:
        await access
    except StorageProblem as problem:
        failed(problem)


class BackgroundTasks:
    """Tasks that are not awaited. Their errors are reported as `UnhandledError`."""

    def __init__(self, notify: Callable[[Change], None]) -> None:
        self._notify = notify
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    def start(self, work: Coroutine[object, object, None]) -> None:
        """Start a task, unless this is closed."""
        if self._closed:
            work.close()
            return
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    async def close(self) -> None:
        """Cancel all tasks, and start no more."""
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
"""Work in short steps: it yields after each step, and returns a result."""
_SLICE: Final = 0.005
"""Seconds of work after which other tasks run."""
_TURNS: Final = 8
"""How often others run before the work goes on: a key passes through about so many tasks until it is shown."""


async def cooperatively(work: Steps[Result], between: Callable[[], None] | None = None) -> Result:
    """Do work without blocking the event loop, and return its result. `between` is called before other tasks run."""
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
            for _ in range(_TURNS):
                await asyncio.sleep(0)
            until = time.monotonic() + _SLICE


def run_now(work: Steps[Result]) -> Result:
    """Do work without pauses, and return its result."""
    while True:
        try:
            next(work)
        except StopIteration as done:
            result: Result = done.value
            return result


def gathered(things: Iterable[Thing], target: list[Thing]) -> Steps[None]:
    """Append things to `target`, one per step."""
    for thing in things:
        target.append(thing)
        yield
