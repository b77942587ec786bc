"""How the history is read and written: a thread each, and what is done when the file cannot be written for now."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

from chatgrid_tui.errors import StorageProblem
from chatgrid_tui.store.condition import is_damage
from chatgrid_tui.store.ids import NewIds
from chatgrid_tui.store.lock import InstanceLock
from chatgrid_tui.store.opening import Opened, open_files
from chatgrid_tui.store.problems import storage_problem
from chatgrid_tui.store.writer import About, Job, Writer

Result = TypeVar("Result")

CLOSE_WITHIN: Final = 5.0
"""Seconds that closing may take if nobody says otherwise."""
_COMMIT_WITHIN: Final = 1.0
"""Seconds that a caller waits for a commit before it goes on without."""


class Access:
    """The connections to one history. Neither of its two threads blocks the event loop or waits for the other."""

    def __init__(self, folder: Path, opened: Opened, loop: asyncio.AbstractEventLoop) -> None:
        self.on_change: Callable[[], None] = lambda: None
        self.on_failure: Callable[[StorageProblem], None] = lambda problem: None
        self.folder = folder
        self._loop = loop
        self._reading = ThreadPoolExecutor(max_workers=1, thread_name_prefix="history reader")
        self._closed = False
        self._hurried = False
        self._dropped: set[About] = set()
        """What was to be written while the history could only be read."""
        self._adopt(opened)

    def _adopt(self, opened: Opened) -> None:
        self.notice = opened.notice
        self.read_only = opened.read_only
        self.in_memory = opened.file is None
        self._lock = opened.lock
        self._note = opened.note
        self._reader = opened.reader
        self._writer: Writer | None = None
        self._new_ids = opened.new_ids
        if opened.writer is not None:
            self._writer = Writer(opened.writer, opened.file, self._problem_changed, self._note_damage)

    async def take_over(self) -> bool:
        """Try to become the one that writes; see `History.take_over`."""
        if self._closed or self.read_only not in ("another window", "not writable"):
            return False
        opened = await asyncio.to_thread(self._open_again)
        if opened is None:
            return False
        if self._closed or opened.writer is None or opened.file is None:
            await asyncio.to_thread(_let_go, opened)
            return False
        reader = self._reader
        self._dropped.clear()
        self._adopt(opened)
        if reader is not None:
            await self._loop.run_in_executor(self._reading, reader.close)
        return True

    def _open_again(self) -> Opened | None:
        """Open the history once more, unless another window still has it."""
        if self._lock is not None:
            self._lock.release()
        elif not InstanceLock(self.folder).is_free():
            return None
        return open_files(self.folder)

    @property
    def problem(self) -> StorageProblem | None:
        """Why nothing can be written for now, None if it can."""
        return None if self._writer is None else self._writer.problem

    @property
    def has_lost(self) -> bool:
        """Whether a write failed for good."""
        return self._writer is not None and bool(self._writer.lost)

    @property
    def unsaved(self) -> frozenset[About]:
        """What is not in the file, or not as it was written last."""
        return frozenset(self._dropped).union(() if self._writer is None else self._writer.unsaved)

    @property
    def new_ids(self) -> NewIds:
        """The ids for new rows.

        Raises:
            StorageProblem: the history can only be read.
        """
        if self._new_ids is None:
            raise StorageProblem(self.notice)
        return self._new_ids

    async def write(
        self, about: About | None, job: Job[None], *, durable: bool = False, optional: bool = False
    ) -> None:
        """Write, and wait for the commit as long as that is reasonable."""
        writer = self._the_writer
        future = writer.write(job, about, durable=durable, optional=optional)
        await self._in_time(writer, asyncio.wrap_future(future))

    async def write_state(self, name: str, about: About, job: Job[None], *, durable: bool = False) -> None:
        """Write the whole of a state, in place of one of that name which still waits. If the history can only be
        read, it is dropped, and counts as unsaved.
        """
        if self._writer is None:
            self._dropped.add(about)
        else:
            future = self._writer.write(job, about, state=name, durable=durable)
            await self._in_time(self._writer, asyncio.wrap_future(future))

    async def result_of(self, job: Job[Result]) -> Result:
        """Write, and wait for the result for as long as it takes."""
        return await asyncio.wrap_future(self._the_writer.submit(job))

    async def read(self, job: Job[Result]) -> Result:
        """Return what a job reads."""
        if self._closed:
            raise StorageProblem("The history is closed.")
        if self._reader is None:
            # In memory there is one connection, and the thread that writes has it.
            return await self.result_of(job)
        return await self._loop.run_in_executor(self._reading, self._snapshot, self._reader, job)

    def hurry(self) -> None:
        """Wait for no commit any more."""
        self._hurried = True

    def stop_saving(self) -> None:
        """Let `close` wait no longer."""
        if self._writer is not None:
            self._writer.stop()

    async def close(self, within: float) -> None:
        """Write what is queued, for so many seconds at most, and close the connections."""
        if not self._closed:
            self._closed = True
            await asyncio.to_thread(self._shut, within)

    def _shut(self, within: float) -> None:
        until = time.monotonic() + within
        reading = threading.Thread(target=self._shut_reader, daemon=True)
        reading.start()
        reading.join(within / 2)
        # After the reader: the last connection to close leaves a single file behind.
        ended = self._writer is None or self._writer.close(max(0.0, until - time.monotonic()))
        if self._lock is not None and ended:
            self._lock.release()

    def _shut_reader(self) -> None:
        self._reading.shutdown(wait=True)
        if self._reader is not None:
            self._reader.close()

    @property
    def _the_writer(self) -> Writer:
        if self._writer is None:
            raise StorageProblem(self.notice)
        return self._writer

    async def _in_time(self, writer: Writer, future: asyncio.Future[None]) -> None:
        """Wait for a commit, but not while nothing can be written."""
        at_once = self._hurried or writer.problem is not None
        await asyncio.wait([future], timeout=0 if at_once else _COMMIT_WITHIN)
        if future.done():
            future.result()
        else:
            if not at_once:
                writer.report_slow()
            future.add_done_callback(self._ended_late)

    def _ended_late(self, future: asyncio.Future[None]) -> None:
        error = None if future.cancelled() else future.exception()
        if isinstance(error, StorageProblem) and not self._closed:
            self.on_failure(error)

    def _snapshot(self, connection: sqlite3.Connection, job: Job[Result]) -> Result:
        """Run a job that reads, and let all its statements see the same state."""
        try:
            connection.execute("BEGIN")
            try:
                return job(connection)
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
        except StorageProblem:
            raise
        except Exception as problem:  # a damaged cell can be anything
            if is_damage(problem):
                self._note_damage()
            raise storage_problem(problem) from problem

    def _note_damage(self) -> None:
        """Let the next start check the whole file. In whatever thread damage was met."""
        if self._note is not None:
            self._note.try_to_write("damaged")

    def _problem_changed(self) -> None:
        """Tell the event loop, from whatever thread."""
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(lambda: self.on_change())


def _let_go(opened: Opened) -> None:
    for connection in (opened.writer, opened.reader):
        if connection is not None:
            connection.close()
    if opened.lock is not None:
        opened.lock.release()
