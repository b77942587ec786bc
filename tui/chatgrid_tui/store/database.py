"""Access to the database in two threads: one reads, one writes, and neither blocks the event loop."""

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
from chatgrid_tui.store.opening import InstanceLock, Opened, open_files
from chatgrid_tui.store.sqlite_connection import NewIds, is_damage, storage_problem
from chatgrid_tui.store.writer import About, Job, Writer

Result = TypeVar("Result")

CLOSE_WITHIN: Final = 5.0
"""Seconds that closing may take by default."""
_COMMIT_TIMEOUT: Final = 1.0
"""Seconds that a caller waits for a commit before it continues without."""


class Database:
    """The open database of a history. See `History` for what its properties and methods promise."""

    def __init__(self, folder: Path, opened: Opened, loop: asyncio.AbstractEventLoop) -> None:
        self.on_change: Callable[[], None] = lambda: None
        self.on_failure: Callable[[StorageProblem], None] = lambda problem: None
        self.folder = folder
        self.written = asyncio.Event()
        """Set after each write, for those who wait for one."""
        self._loop = loop
        self._reading = ThreadPoolExecutor(max_workers=1, thread_name_prefix="history reader")
        self.closed = False
        """Whether it is being closed, or is."""
        self._hurried = False
        self._dropped: set[About] = set()
        """What should have been written while the history was read-only."""
        self._use(opened)

    def _use(self, opened: Opened) -> None:
        self.notice = opened.notice
        self.read_only = opened.read_only
        self.in_memory = opened.file is None
        self._lock = opened.lock
        self._note = opened.note
        self._reader = opened.reader
        self._new_ids = opened.new_ids
        self._writer: Writer | None = None
        if opened.writer is not None:
            self._writer = Writer(opened.writer, opened.file, self._problem_changed, self._note_damage)

    async def take_over(self) -> bool:
        """Try to become the owner of the history, and return whether that succeeded."""
        if self.closed or self.read_only not in ("another window", "not writable"):
            return False
        opened = await asyncio.to_thread(self._open_again)
        if opened is None:
            return False
        if self.closed or opened.writer is None or opened.file is None:
            await asyncio.to_thread(opened.close)
            return False
        reader = self._reader
        self._dropped.clear()
        self._use(opened)
        if reader is not None:
            await self._loop.run_in_executor(self._reading, reader.close)
        return True

    def _open_again(self) -> Opened | None:
        """Open the history again, unless another window still owns it."""
        if self._lock is not None:
            self._lock.release()
        elif not InstanceLock(self.folder).is_free():
            return None
        return open_files(self.folder)

    @property
    def problem(self) -> StorageProblem | None:
        """Why nothing can be written now, None if it can."""
        return None if self._writer is None else self._writer.problem

    @property
    def has_lost(self) -> bool:
        """Whether a write failed for good."""
        return self._writer is not None and bool(self._writer.lost)

    @property
    def unsaved(self) -> frozenset[About]:
        """What is not in the file, or only in an older state."""
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
        """Run a job that writes, and wait for the commit for a reasonable time."""
        writer = self._require_writer()
        future = writer.write(job, about, durable=durable, optional=optional)
        await self._wait_for(writer, asyncio.wrap_future(future))

    async def write_state(self, name: str, about: About, job: Job[None], *, durable: bool = False) -> None:
        """Run a job that writes the whole of a state, instead of one with the same name that still waits. If the
        history can only be read, it is dropped and counts as unsaved.
        """
        if self._writer is None:
            self._dropped.add(about)
        else:
            future = self._writer.write(job, about, state=name, durable=durable)
            await self._wait_for(self._writer, asyncio.wrap_future(future))

    async def result_of(self, job: Job[Result], *, takes_long: bool = False) -> Result:
        """Run a job that writes, and return its result, however long that takes. Others wait meanwhile; with
        `takes_long`, that is no sign of a slow disk.
        """
        result = await asyncio.wrap_future(self._require_writer().submit(job, takes_long=takes_long))
        self.written.set()
        return result

    async def read(self, job: Job[Result]) -> Result:
        """Return what a job reads."""
        if self.closed:
            raise StorageProblem("The history is closed.")
        if self._reader is None:
            # In memory there is one connection, used by the thread that writes.
            return await asyncio.wrap_future(self._require_writer().submit(job))
        return await self._loop.run_in_executor(self._reading, self._read_snapshot, self._reader, job)

    def hurry(self) -> None:
        """Stop waiting for commits."""
        self._hurried = True

    def stop_saving(self) -> None:
        """Make `close` write nothing more."""
        if self._writer is not None:
            self._writer.stop()

    async def close(self, within: float) -> None:
        """Write what is queued, within some seconds, and close the connections."""
        if not self.closed:
            self.closed = True
            await asyncio.to_thread(self._close, within)

    def _close(self, within: float) -> None:
        until = time.monotonic() + within
        closing_reader = threading.Thread(target=self._close_reader, daemon=True)
        closing_reader.start()
        closing_reader.join(within / 2)
        # After the reader: the last connection that is closed leaves a single file behind.
        ended = self._writer is None or self._writer.close(max(0.0, until - time.monotonic()))
        if self._lock is not None and ended:
            self._lock.release()

    def _close_reader(self) -> None:
        self._reading.shutdown(wait=True)
        if self._reader is not None:
            self._reader.close()

    def _require_writer(self) -> Writer:
        if self._writer is None:
            raise StorageProblem(self.notice)
        return self._writer

    async def _wait_for(self, writer: Writer, future: asyncio.Future[None]) -> None:
        """Wait for a commit, but not while nothing can be written."""
        skip = self._hurried or writer.problem is not None
        await asyncio.wait([future], timeout=0 if skip else _COMMIT_TIMEOUT)
        self.written.set()
        if future.done():
            future.result()
        else:
            if not skip:
                writer.report_slow()
            future.add_done_callback(self._ended_late)

    def _ended_late(self, future: asyncio.Future[None]) -> None:
        self.written.set()
        error = None if future.cancelled() else future.exception()
        if isinstance(error, StorageProblem) and not self.closed:
            self.on_failure(error)

    def _read_snapshot(self, connection: sqlite3.Connection, job: Job[Result]) -> Result:
        """Run a job all of whose statements see the same state."""
        try:
            connection.execute("BEGIN")
            try:
                return job(connection)
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
        except StorageProblem:
            raise
        except Exception as problem:  # a damaged cell can contain anything
            if is_damage(problem):
                self._note_damage()
            raise storage_problem(problem) from problem

    def _note_damage(self) -> None:
        """Let the next start check the whole file. Called in any thread."""
        if self._note is not None:
            self._note.try_to_write("damaged")

    def _problem_changed(self) -> None:
        """Call `on_change` in the event loop. Called in any thread."""
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(lambda: self.on_change())
