"""Opening the history: who owns it, whether it is sound, and which version it has."""

from __future__ import annotations

import contextlib
import functools
import os
import sqlite3
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from chatgrid_tui.disk import is_unsupported, make_folder
from chatgrid_tui.model.history import ReadOnly
from chatgrid_tui.store import schema
from chatgrid_tui.store.lock import InstanceLock
from chatgrid_tui.store.problems import storage_problem
from chatgrid_tui.store.writes import mark_interrupted

FILE_NAME = "history.db"

_BUSY_SECONDS = 5.0
_OWNER_PATIENCE = 2.0
"""Seconds that a second window waits for the first one to have made the file."""
_CHECKED_WHOLE = 64 * 1024 * 1024
"""Bytes of a file that is read through at each start; a larger one would keep the person waiting."""
_BACKUPS = 3
_ATTACHED = ("-wal", "-shm", "-journal")
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


@dataclass(frozen=True, slots=True)
class Opened:
    """What `open_files` found. Without a writer the history can only be read, without a reader it is in memory."""

    writer: sqlite3.Connection | None
    reader: sqlite3.Connection | None
    file: Path | None
    lock: InstanceLock | None
    notice: str
    read_only: ReadOnly | None = None
    """Why there is no writer."""


def open_files(folder: Path) -> Opened:
    """Open the history in `folder`, or one in memory where there can be none. Blocks for some milliseconds."""
    try:
        make_folder(folder)
        lock = InstanceLock(folder)
        notice = ""
        try:
            owner = lock.take()
        except OSError as problem:
            if not is_unsupported(problem):
                raise
            owner, notice = True, "This folder cannot be locked. Two windows must not use the history at once."
        try:
            return _open_as_owner(folder, lock, notice) if owner else _open_beside(folder, lock)
        except BaseException:
            lock.release()
            raise
    except (OSError, sqlite3.Error) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else str(storage_problem(problem)).rstrip(".")
        return _in_memory(f"The history cannot be kept in {folder} ({reason}). It is gone when the program ends.")


def _open_as_owner(folder: Path, lock: InstanceLock, notice: str) -> Opened:
    file = folder / FILE_NAME
    if _damaged(file):
        name = _set_aside(file)
        notice = f"The history was damaged. It was set aside as {name}, and a new one has begun."
    if not file.exists():
        _build(file)
    os.chmod(file, 0o600)
    connection = connect(file)
    version = schema.version_of(connection)
    if version > schema.VERSION:
        connection.close()
        lock.release()
        versions = f"({version}, this one knows {schema.VERSION})"
        notice = f"The history was made by a newer version of this program {versions}. It is read only."
        return Opened(None, connect(file, reading=True), file, None, notice, "newer version")
    try:
        if version < schema.VERSION:
            _back_up(connection, file, version)
            schema.migrate(connection)
        connection.execute("PRAGMA journal_mode = WAL")
    except BaseException:
        connection.close()
        raise
    try:
        connection.execute("BEGIN IMMEDIATE")
        mark_interrupted(connection)
        connection.execute("COMMIT")
    except sqlite3.Error as problem:
        # A full disk: what is there can still be read.
        connection.close()
        notice = f"{storage_problem(problem)} It is read only."
        return Opened(None, connect(file, reading=True), file, lock, notice, "not writable")
    return Opened(connection, connect(file, reading=True), file, lock, notice)


def _open_beside(folder: Path, lock: InstanceLock) -> Opened:
    """Open read only, since another window owns the history; wait until that one has made or migrated it."""
    file = folder / FILE_NAME
    latest = time.monotonic() + _OWNER_PATIENCE
    pid = lock.owner()
    by = f" (process {pid})" if pid else ""
    while True:
        if file.exists():
            connection = connect(file, reading=True)
            if schema.version_of(connection) >= schema.VERSION:
                notice = f"Another window has this history{by}. It is read only here."
                return Opened(None, connection, file, None, notice, "another window")
            connection.close()
        if time.monotonic() > latest:
            return _in_memory(f"Another window has this history{by}, and it cannot be read. Nothing is kept here.")
        time.sleep(0.05)


def _in_memory(notice: str) -> Opened:
    connection = connect(None)
    schema.migrate(connection)
    return Opened(connection, None, None, None, notice)


def connect(file: Path | None, *, reading: bool = False) -> sqlite3.Connection:
    """Return a connection, usable in any one thread at a time; to memory where there is no file.

    Raises:
        sqlite3.Error: it cannot be opened.
    """
    connection = sqlite3.connect(
        ":memory:" if file is None else file, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    # A damaged text is shown damaged; the default would refuse the whole row.
    connection.text_factory = functools.partial(str, encoding="utf-8", errors="replace")
    for setting in ("foreign_keys = ON", "trusted_schema = OFF", "cell_size_check = ON"):
        connection.execute(f"PRAGMA {setting}")
    if reading:
        connection.execute("PRAGMA query_only = ON")
    return connection


def _build(file: Path) -> None:
    """Make an empty history under another name first, so that one that was cut to nothing is never taken for new."""
    new = file.with_name(file.name + ".new")
    for leftover in (new, *_attached(new), *_attached(file)):
        leftover.unlink(missing_ok=True)
    _make_private(new)
    with contextlib.closing(connect(new)) as connection:
        schema.migrate(connection)
    os.replace(new, file)


def _make_private(file: Path) -> None:
    """Make an empty file for its owner only. What SQLite puts beside it gets the same mode."""
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _damaged(file: Path) -> bool:
    """Whether there is a file that is no sound database. A locked or unreadable one raises instead."""
    if not file.exists():
        return any(attached.exists() and attached.stat().st_size for attached in _attached(file)[:1])
    if not file.stat().st_size:
        return True
    try:
        with contextlib.closing(connect(file)) as connection:
            schema.version_of(connection)
            if file.stat().st_size > _CHECKED_WHOLE:
                return False
            return not _sound(connection)
    except sqlite3.DatabaseError as problem:
        if getattr(problem, "sqlite_errorcode", 0) & 0xFF in _DAMAGE:
            return True
        raise


def _sound(connection: sqlite3.Connection) -> bool:
    found: str = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    return found == "ok"


def _set_aside(file: Path) -> str:
    """Rename the damaged file and what lies beside it; return the new name. Nothing is ever deleted."""
    name = _free_name(file, "corrupt")
    for part in (file, *_attached(file)):
        if part.exists():
            os.rename(part, file.with_name(part.name.replace(file.name, name, 1)))
    return name


def _back_up(connection: sqlite3.Connection, file: Path, version: int) -> None:
    """Copy the history before its tables change, make sure that the copy is good, and keep the newest three.

    Raises:
        sqlite3.Error: there is no good copy; the tables may not be changed then.
    """
    if not version:
        return
    copy = file.with_name(_free_name(file, f"backup-v{version}"))
    _make_private(copy)
    try:
        connection.execute("VACUUM INTO ?", (str(copy),))
        with contextlib.closing(connect(copy, reading=True)) as copied:
            if not _sound(copied) or schema.version_of(copied) != version:
                raise sqlite3.DatabaseError("the copy made before the change of version is not good")
    except BaseException:
        copy.unlink()
        raise
    backups = sorted(file.parent.glob(f"{file.name}.backup-*"), key=lambda one: (one.stat().st_mtime_ns, one.name))
    for old in backups[:-_BACKUPS]:
        old.unlink()


def _free_name(file: Path, purpose: str) -> str:
    stem = f"{file.name}.{purpose}-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    names = (stem, *(f"{stem}-{number}" for number in range(2, 1000)))
    return next(name for name in names if not file.with_name(name).exists())


def _attached(file: Path) -> tuple[Path, ...]:
    return tuple(file.with_name(file.name + ending) for ending in _ATTACHED)
