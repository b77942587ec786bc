"""The one thread that writes."""

from __future__ import annotations

import os
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, TypeVar

from chatgrid_tui.errors import StorageProblem
from chatgrid_tui.store.condition import is_damage
from chatgrid_tui.store.problems import storage_problem

Result = TypeVar("Result")
Job: TypeAlias = Callable[[sqlite3.Connection], Result]
"""Reads and writes within one transaction, which somebody else opens and commits. It may be run twice."""

_BATCH = 256
"""Jobs that share a commit at most, so that the first of them does not wait long."""


@dataclass(frozen=True, slots=True)
class _Entry:
    run: Callable[[sqlite3.Connection], Callable[[], None]]
    """Does the job and returns what tells its caller the result, to be called after the commit."""
    fail: Callable[[BaseException], None]
    durable: bool


class Writer:
    """Owns the connection that writes, and a thread that alone uses it.

    What waits in the queue shares one commit. A job's future has its result only after the commit, and a
    failing job fails alone: the others of its batch are then run one by one.
    """

    def __init__(
        self, connection: sqlite3.Connection, file: Path | None, on_damage: Callable[[], None] = lambda: None
    ) -> None:
        """`on_damage` is called, in the thread that writes, if the file turns out to be damaged."""
        self._on_damage = on_damage
        self._connection = connection
        self._file = file
        self._identity = _identity(file)
        self._synchronous = ""
        self._queue: queue.SimpleQueue[_Entry | None] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._closed = False
        # Not waited for at exit: `close` does that, and a crash must not hang on a slow disk.
        self._thread = threading.Thread(target=self._run, name="history writer", daemon=True)
        self._thread.start()

    def submit(self, job: Job[Result], *, durable: bool = False) -> Future[Result]:
        """Queue `job`. Whoever does not care lets go of the future; nothing is lost by that.

        A durable job outlives a power cut, not only the end of this process. The future's error is always a
        StorageProblem.
        """
        future: Future[Result] = Future()
        # A caller that is cancelled does not take back what it wanted to be kept.
        future.set_running_or_notify_cancel()

        def run(connection: sqlite3.Connection) -> Callable[[], None]:
            result = job(connection)
            return lambda: future.set_result(result)

        with self._gate:
            if self._closed:
                future.set_exception(StorageProblem("The history is closed."))
            else:
                self._queue.put(_Entry(run, future.set_exception, durable))
        return future

    def close(self) -> None:
        """Do what is queued, then close the connection. Blocks; to be called from another thread."""
        with self._gate:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        going = True
        while going:
            batch: list[_Entry] = []
            entry = self._queue.get()
            while entry is not None:
                batch.append(entry)
                if len(batch) == _BATCH or self._queue.empty():
                    break
                entry = self._queue.get()
            going = entry is not None
            self._write(batch)
        self._finish()

    def _write(self, batch: list[_Entry]) -> None:
        if not batch:
            return
        try:
            done = self._transact(batch)
        except Exception as problem:
            if is_damage(problem):
                self._on_damage()
            if len(batch) == 1:
                batch[0].fail(storage_problem(problem))
                return
            for entry in batch:
                self._write([entry])
            return
        for tell in done:
            tell()

    def _transact(self, batch: list[_Entry]) -> list[Callable[[], None]]:
        """Run the jobs and commit; return what tells their callers."""
        if self._file is not None and _identity(self._file) != self._identity:
            raise StorageProblem("The file of the history was moved or deleted. Nothing is saved until a new start.")
        self._sync(any(entry.durable for entry in batch))
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            done = [entry.run(self._connection) for entry in batch]
            self._connection.execute("COMMIT")
        except BaseException:
            # Some errors, a full disk for one, have rolled back by themselves.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
        return done

    def _sync(self, durable: bool) -> None:
        """Choose whether the commit waits for the disk. It cannot be chosen within a transaction."""
        wanted = "FULL" if durable else "NORMAL"
        if wanted != self._synchronous:
            self._connection.execute(f"PRAGMA synchronous = {wanted}")
            self._synchronous = wanted

    def _finish(self) -> None:
        try:
            self._connection.execute("PRAGMA optimize")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error:
            # Everything is in the log already; the next start takes it over.
            pass
        finally:
            self._connection.close()


def _identity(file: Path | None) -> tuple[int, int] | None:
    if file is None:
        return None
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_dev, found.st_ino
