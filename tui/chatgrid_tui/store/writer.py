"""The thread that writes. What cannot be written now stays in memory and is retried later, in order."""

from __future__ import annotations

import itertools
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias, TypeVar

from chatgrid_tui.errors import StorageProblem
from chatgrid_tui.store.sqlite_connection import is_damage, storage_problem

Result = TypeVar("Result")
Job: TypeAlias = Callable[[sqlite3.Connection], Result]
"""Reads and writes within a transaction that its caller opens and commits. It may run twice."""
Subject: TypeAlias = Literal[
    "conversation", "turn", "reply", "recording", "listed", "new conversations", "state", "copy"
]
About: TypeAlias = tuple[Subject, int | str]
"""What a write changes, with its id or key. `listed` is what only the list shows, and the service has anyway;
`copy` is a new conversation with copied turns."""

logger = logging.getLogger(__name__)

_BATCH: Final = 256
"""The most jobs that share a commit, so that the first of them does not wait long."""
_MOST_WAITING: Final = 10_000
_RETRY_AFTER: Final = 0.5
_LOCKED_FOR: Final = 0.8
"""How many seconds another program may lock the file before that counts as a problem."""
_BUSY_MS: Final = 100
"""Milliseconds that SQLite waits for a lock: the thread can be stopped only in between."""
_CACHE_KIB: Final = 512
"""Pages that SQLite keeps; by default a large reply would leave 2 MiB of them."""


@dataclass(frozen=True, slots=True)
class _Entry:
    run: Callable[[sqlite3.Connection], Callable[[], None]]
    """Runs the job, and returns a function that gives its caller the result, to be called after the commit."""
    fail: Callable[[StorageProblem], None]
    skip: Callable[[], None]
    """Tells the caller that the write is no longer necessary."""
    durable: bool = False
    about: About | None = None
    optional: bool = False
    takes_long: bool = False


class Writer:
    """Owns the connection that writes, and the only thread that uses it.

    Jobs in the queue share a commit, and futures get their results after it. A job with an error of its own fails
    alone. While nothing can be written (the file is locked or moved, the disk is full), `problem` says why, and jobs
    wait in memory; a newer state replaces an older one that is still waiting.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        file: Path | None,
        changed: Callable[[], None] = lambda: None,
        on_damage: Callable[[], None] = lambda: None,
    ) -> None:
        """`changed` is called when `problem` changes, and `on_damage` if the file turns out to be damaged; both in
        any thread.
        """
        self._on_damage = on_damage
        self._connection = connection
        self._file = file
        self._identity = _identity(file)
        self._changed = changed
        self._synchronous = ""
        self._gate = threading.Condition()
        self._queue: dict[Hashable, _Entry] = {}
        self._batch: dict[Hashable, _Entry] = {}
        """What is being written now; it is no longer in the queue."""
        self._numbers = itertools.count()
        self._problem: StorageProblem | None = None
        self._lost: set[About] = set()
        self._retry_at = 0.0
        self._failing: tuple[float, StorageProblem] | None = None
        """Since when nothing can be written, and why."""
        self._ends_at: float | None = None
        # A daemon: `close` waits for it, and a crash must not wait for a slow disk.
        self._thread = threading.Thread(target=self._run, name="history writer", daemon=True)
        self._thread.start()

    @property
    def problem(self) -> StorageProblem | None:
        """Why nothing can be written now, None if it can."""
        return self._problem

    @property
    def lost(self) -> frozenset[About]:
        """What the permanently failed writes would have changed."""
        with self._gate:
            return frozenset(self._lost)

    @property
    def unsaved(self) -> frozenset[About]:
        """What the waiting and the permanently failed writes change."""
        with self._gate:
            waiting = (*self._batch.values(), *self._queue.values())
            return frozenset(self._lost).union(entry.about for entry in waiting if entry.about is not None)

    def submit(self, job: Job[Result], *, durable: bool = False, takes_long: bool = False) -> Future[Result]:
        """Queue a job that has a result. The error of the future is always a StorageProblem.

        A durable job survives a power cut, and not only the end of this process.
        """
        future: Future[Result] = Future()
        # Cancelling a caller does not undo its write.
        future.set_running_or_notify_cancel()

        def run(connection: sqlite3.Connection) -> Callable[[], None]:
            result = job(connection)
            return lambda: future.set_result(result)

        entry = _Entry(run, future.set_exception, lambda: None, durable, takes_long=takes_long)
        self._put(next(self._numbers), entry)
        return future

    def write(
        self,
        job: Job[None],
        about: About | None,
        *,
        state: str = "",
        durable: bool = False,
        optional: bool = False,
    ) -> Future[None]:
        """Queue a job that only writes.

        A job that writes the whole of a `state` replaces another one for the same state that is still waiting. An
        optional job is dropped without an error if it cannot be written now.
        """
        future: Future[None] = Future()
        future.set_running_or_notify_cancel()

        def finish() -> None:
            future.set_result(None)

        def run(connection: sqlite3.Connection) -> Callable[[], None]:
            job(connection)
            return finish

        key: Hashable = (state, about) if state else next(self._numbers)
        self._put(key, _Entry(run, future.set_exception, finish, durable, about, optional))
        return future

    def report_slow(self) -> None:
        """Record that a caller waited too long. If no error explains it, the disk does not respond."""
        with self._gate:
            if any(entry.takes_long for entry in self._batch.values()):
                return
            if self._problem is None and (self._queue or self._batch):
                slow = StorageProblem("The disk does not respond, so this is not saved yet.", "slow")
                self._set_problem(slow if self._failing is None else self._failing[1])

    def stop(self, within: float = 0.0) -> None:
        """Write what is queued for a number of seconds, and nothing after that."""
        with self._gate:
            ends_at = time.monotonic() + within
            self._ends_at = ends_at if self._ends_at is None else min(self._ends_at, ends_at)
            self._gate.notify()

    def close(self, within: float) -> bool:
        """Write what is queued, within a number of seconds, and close the connection. Return whether the thread has
        ended; if not, the file is still in use. Blocks.
        """
        self.stop(within)
        self._thread.join(within + 3 * _BUSY_MS / 1000)
        return not self._thread.is_alive()

    def _put(self, key: Hashable, entry: _Entry) -> None:
        refusal = ""
        with self._gate:
            if self._ends_at is not None:
                refusal = "The history is closed."
            elif len(self._queue) >= _MOST_WAITING and key not in self._queue:
                refusal = "Too much is waiting to be saved, so this is not saved."
            elif entry.optional and self._problem is not None:
                entry.skip()
                return
            if refusal:
                self._lose(entry)
            else:
                if (older := self._queue.pop(key, None)) is not None:
                    older.skip()
                self._queue[key] = entry  # at the end, after jobs that were queued since the older one
                self._gate.notify()
        if refusal:
            entry.fail(StorageProblem(refusal))

    def _lose(self, entry: _Entry) -> None:
        if entry.about is not None and not entry.optional:
            self._lost.add(entry.about)

    # Runs in the thread

    def _run(self) -> None:
        self._connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        self._connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        while self._take_batch():
            self._write()
        self._finish()

    def _take_batch(self) -> bool:
        """Wait for jobs and take them out of the queue. Return False when closed."""
        with self._gate:
            while True:
                now = time.monotonic()
                if self._ends_at is not None and (not self._queue or now >= self._ends_at):
                    return False
                if self._queue and now >= self._retry_at:
                    break
                until = [self._retry_at] if self._queue else []
                until += [self._ends_at] if self._ends_at is not None else []
                self._gate.wait(min(until) - now if until else None)
            for key in list(itertools.islice(self._queue, _BATCH)):
                self._batch[key] = self._queue.pop(key)
            return True

    def _write(self) -> None:
        """Write the batch together; if that fails, write jobs one by one, up to the first one that has to wait."""
        if self._try(list(self._batch)):
            return
        for key in list(self._batch):
            if not self._try([key]):
                self._put_back()
                return

    def _try(self, keys: list[Hashable]) -> bool:
        """Write some jobs of the batch in one transaction. Return False if they have to be retried."""
        entries = [self._batch[key] for key in keys]
        try:
            done = self._transact(entries)
        except Exception as error:
            problem = storage_problem(error)
            if is_damage(error):
                self._on_damage()
            if len(entries) > 1:
                return False
            if not problem.passing or (entries[0].optional and problem.fault == "full"):
                self._fail(keys[0], problem)
                return True
            self._failed_for_now(problem)
            return False
        with self._gate:
            for key in keys:
                del self._batch[key]
            self._failing = None
        self._set_problem(None)
        for tell in done:
            tell()
        return True

    def _failed_for_now(self, problem: StorageProblem) -> None:
        now = time.monotonic()
        with self._gate:
            since = now if self._failing is None else self._failing[0]
            self._failing = since, problem
        if problem.fault != "locked" or now - since >= _LOCKED_FOR:
            self._set_problem(problem)

    def _fail(self, key: Hashable, problem: StorageProblem) -> None:
        """Give up a job that failed permanently, or is not worth waiting for."""
        with self._gate:
            entry = self._batch.pop(key)
            if problem.fault == "other":
                logger.error("A write failed", exc_info=problem)
                self._lose(entry)
        if problem.passing:
            entry.skip()
        else:
            entry.fail(problem)

    def _put_back(self) -> None:
        """Put the rest of the batch at the front of the queue, except states that have a newer one there."""
        with self._gate:
            replaced = [entry for key, entry in self._batch.items() if key in self._queue]
            left = {key: entry for key, entry in self._batch.items() if key not in self._queue}
            self._queue = left | self._queue
            self._batch = {}
            self._retry_at = time.monotonic() + (_RETRY_AFTER if self._problem is not None else 0.0)
        for entry in replaced:
            entry.skip()

    def _set_problem(self, problem: StorageProblem | None) -> None:
        with self._gate:
            differs = str(problem) != str(self._problem)
            self._problem = problem
        if differs:
            if problem is not None:
                logger.error("The history cannot be written: %s", problem.fault, exc_info=problem)
            self._changed()

    def _transact(self, entries: list[_Entry]) -> list[Callable[[], None]]:
        """Run the jobs and commit. Return the functions that give their callers the results."""
        if self._file is not None and _identity(self._file) != self._identity:
            raise StorageProblem("The history file was moved or deleted, so this is not saved.", "moved")
        self._sync("FULL" if any(entry.durable for entry in entries) else "NORMAL")
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            done = [entry.run(self._connection) for entry in entries]
            self._connection.execute("COMMIT")
        except BaseException:
            # Some errors, such as a full disk, roll back by themselves.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
        return done

    def _sync(self, synchronous: str) -> None:
        """Set whether commits wait for the disk. That is impossible within a transaction."""
        if synchronous != self._synchronous:
            self._connection.execute(f"PRAGMA synchronous = {synchronous}")
            self._synchronous = synchronous

    def _finish(self) -> None:
        try:
            self._connection.execute("PRAGMA optimize")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error:
            # Everything is in the log, which the next start reads.
            pass
        finally:
            self._connection.close()


def _identity(file: Path | None) -> tuple[int, int] | None:
    if file is None:
        return None
    try:
        status = os.stat(file)
    except OSError:
        return None
    return status.st_dev, status.st_ino
