"""Tasks that belong to the session, so that no screen that goes away ends them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

from chatgrid_tui.session.changes import Broke, Change


def tell_error(task: asyncio.Task[None], tell: Callable[[Change], None]) -> None:
    """Tell of the error of the program's own that ended a task; of nothing where none did."""
    if not task.cancelled() and (error := task.exception()) is not None:
        tell(Broke(error))


class Chores:
    """Work that nobody waits for. An error of the program's own in it is told; those on purpose it handles itself."""

    def __init__(self, tell: Callable[[Change], None]) -> None:
        self._tell = tell
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    def do(self, work: Coroutine[object, object, None]) -> None:
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
        tell_error(task, self._tell)
