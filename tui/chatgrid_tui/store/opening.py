"""Open the history: find out which window owns it, whether its file is sound, and whether its tables are current."""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final, assert_never

from chatgrid_tui.disk import is_unsupported, lock, make_folder, open_owned, read_bounded
from chatgrid_tui.errors import StorageProblem
from chatgrid_tui.model.saved_conversation import ReadOnly
from chatgrid_tui.store import schema
from chatgrid_tui.store.inspection import (
    CHECKED_ALWAYS,
    FILE_NAME,
    Identity,
    Note,
    NoteFile,
    companions,
    identify,
    is_sound,
    obstacle,
    refusal,
)
from chatgrid_tui.store.recovery import Progress, create, create_private, free_name, recover
from chatgrid_tui.store.sqlite_connection import SQLITE_ERRORS, NewIds, connect, is_damage, storage_problem
from chatgrid_tui.store.writes import mark_interrupted

logger = logging.getLogger(__name__)

_WAIT_FOR_OWNER: Final = 2.0
"""Seconds that a second window waits for the first one to create the file."""
_BACKUPS: Final = 3
_CHECKING: Final = "Checking the history"
_NAME: Final = "instance.lock"
_LONGEST: Final = 100
"""Bytes to read: a process id is shorter."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An open history. Without a writer it is read-only; without a reader it is in memory."""

    writer: sqlite3.Connection | None
    reader: sqlite3.Connection | None
    file: Path | None
    lock: InstanceLock | None
    notice: str
    """Sentences for the user, or an empty string."""
    read_only: ReadOnly | None = None
    """Why there is no writer."""
    note: NoteFile | None = None
    """Where to record damage; None if another window owns the history, or if it is in memory."""
    new_ids: NewIds | None = None
    """None without a writer."""

    def close(self) -> None:
        """Close the connections and release the lock."""
        for connection in (self.writer, self.reader):
            if connection is not None:
                connection.close()
        if self.lock is not None:
            self.lock.release()


def open_files(folder: Path, progress: Progress = lambda _step, _done, _total: None) -> Opened:
    """Open the history in `folder`, or one in memory if that is impossible.

    Blocks for some milliseconds; longer if the file is large or damaged, and calls `progress` meanwhile.
    """
    try:
        make_folder(folder)
        lock = InstanceLock(folder)
        notice = ""
        try:
            is_owner = lock.take()
        except OSError as problem:
            if not is_unsupported(problem):
                raise
            is_owner, notice = True, "This folder cannot be locked. Two windows must not use the history at once."
        try:
            opened = _open_as_owner(folder, lock, notice, progress) if is_owner else _open_as_second(folder, lock)
            logger.info("Opened %s, %s", folder / FILE_NAME, opened.read_only or "writable")
            return opened
        except BaseException:
            lock.release()
            raise
    except StorageProblem as problem:
        logger.error("The history in %s cannot be used", folder, exc_info=True)
        return _open_in_memory(f"{problem} Nothing is saved: everything is lost when the program ends.")
    except (OSError, *SQLITE_ERRORS) as problem:
        logger.error("The history in %s cannot be used", folder, exc_info=True)
        reason = problem.strerror if isinstance(problem, OSError) else str(storage_problem(problem)).rstrip(".")
        notice = f"The history cannot be kept in {folder} ({reason}). It is lost when the program ends."
        return _open_in_memory(notice)


def _open_as_owner(folder: Path, lock: InstanceLock, notice: str, progress: Progress) -> Opened:
    link = folder / FILE_NAME
    # The history may be on another drive, behind a link: a new one belongs there as well.
    file = Path(os.path.realpath(link))
    note_file = NoteFile(folder)
    note = note_file.read()
    sentence = obstacle(file)
    if not sentence:
        identity = identify(link)
        if identity == "unmounted" and _is_aside(file, note):
            identity = "missing"
        sentence = refusal(link, identity)
    if sentence:
        raise StorageProblem(f"{sentence} It was not changed.")
    notice = _make_sound(file, identity, note, note_file, progress) or notice
    os.chmod(file, 0o600)
    try:
        return _open_sound(file, lock, note_file, notice)
    except SQLITE_ERRORS as problem:
        if not is_damage(problem):
            raise
    return _open_sound(file, lock, note_file, recover(file, note_file, progress))


def _is_aside(file: Path, note: Note) -> bool:
    """Return whether an unfinished recovery has renamed the file."""
    return note.word == "recovering" and file.with_name(note.aside).exists()


def _make_sound(file: Path, identity: Identity, note: Note, note_file: NoteFile, progress: Progress) -> str:
    """Create or recover the file if necessary. Return sentences about what was done, or an empty string."""
    match identity:
        case "missing":
            if _is_aside(file, note):
                return recover(file, note_file, progress, note.aside)
            log = companions(file)[0]
            if log.exists() and log.stat().st_size > 0:
                return recover(file, note_file, progress)
            create(file)
            note_file.try_to_write("kept")
            return "" if note == Note() else f"The history in {file} was moved or deleted. A new one was created."
        case "unreadable" | "special":
            return recover(file, note_file, progress)
        case "ours" | "empty":
            if not _passes(file, note, progress):
                return recover(file, note_file, progress)
            note_file.try_to_write("kept")
            return ""
        case "unmounted" | "foreign":
            raise AssertionError("these were refused before")
    assert_never(identity)


def _passes(file: Path, note: Note, progress: Progress) -> bool:
    """Return whether the file is sound, as far as it must be checked. A locked or unreadable file raises."""
    is_suspect = note.word in ("damaged", "recovering")
    try:
        with contextlib.closing(connect(file)) as connection:
            version = schema.version_of(connection)
            if not schema.is_plausible(version):
                return False
            # The file of a newer program must not be touched, and checking a large one takes too long.
            if version > schema.VERSION or (not is_suspect and file.stat().st_size > CHECKED_ALWAYS):
                return True
            return is_sound(
                file, connection, lambda done, total: progress(_CHECKING, done, total), thorough=is_suspect
            )
    except SQLITE_ERRORS as problem:
        if is_damage(problem):
            return False
        raise


def _open_sound(file: Path, lock: InstanceLock, note_file: NoteFile, notice: str) -> Opened:
    connection = connect(file)
    try:
        version = schema.version_of(connection)
        if version > schema.VERSION:
            connection.close()
            lock.release()
            versions = f"({version}, this one knows {schema.VERSION})"
            notice = f"The history was made by a newer version of this program {versions}. It is read only."
            return Opened(None, connect(file, reading=True), file, None, notice, "newer version")
        if version < schema.VERSION:
            _back_up(connection, file, version)
            schema.migrate(connection)
        connection.execute("PRAGMA journal_mode = WAL")
        try:
            connection.execute("BEGIN IMMEDIATE")
            mark_interrupted(connection)
            connection.execute("COMMIT")
        except SQLITE_ERRORS as problem:
            if is_damage(problem):
                raise
            connection.close()
            # With a full disk, everything can still be read.
            notice = f"{storage_problem(problem)} It is read only."
            return Opened(None, connect(file, reading=True), file, lock, notice, "not writable", note_file)
        new_ids = NewIds(connection)
        return Opened(connection, connect(file, reading=True), file, lock, notice, note=note_file, new_ids=new_ids)
    except BaseException:
        connection.close()
        raise


def _open_as_second(folder: Path, lock: InstanceLock) -> Opened:
    """Open the history of another window for reading, as soon as that one has created or migrated it."""
    file = folder / FILE_NAME
    until = time.monotonic() + _WAIT_FOR_OWNER
    pid = lock.owner()
    by = f" (process {pid})" if pid else ""
    while True:
        if file.exists():
            connection = connect(file, reading=True)
            if schema.version_of(connection) >= schema.VERSION:
                notice = f"Another window has this history{by}. It is read only here."
                return Opened(None, connection, file, None, notice, "another window")
            connection.close()
        if time.monotonic() > until:
            notice = f"Another window has this history{by}, and it cannot be read. Nothing is saved here."
            return _open_in_memory(notice)
        time.sleep(0.05)


def _open_in_memory(notice: str) -> Opened:
    connection = connect(None)
    schema.migrate(connection)
    return Opened(connection, None, None, None, notice, new_ids=NewIds(connection))


def _back_up(connection: sqlite3.Connection, file: Path, version: int) -> None:
    """Copy the history before its tables change, check the copy, and keep the newest three.

    Raises:
        sqlite3.Error: there is no good copy, so the tables must not be changed.
    """
    if not version:
        return
    copy = file.with_name(free_name(file, f"backup-v{version}"))
    create_private(copy)
    try:
        connection.execute("VACUUM INTO ?", (str(copy),))
        with contextlib.closing(connect(copy, reading=True)) as copied:
            if copied.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok" or schema.version_of(copied) != version:
                raise sqlite3.DatabaseError("the copy made before the change of version is not good")
    except BaseException:
        copy.unlink()
        raise
    backups = sorted(file.parent.glob(f"{file.name}.backup-*"), key=lambda one: (one.stat().st_mtime_ns, one.name))
    for old in backups[:-_BACKUPS]:
        old.unlink()


class InstanceLock:
    """The lock of a folder. The system releases it when the process ends, whatever the reason."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _NAME
        self._descriptor: int | None = None

    def take(self) -> bool:
        """Try to become the owner, and return whether that succeeded.

        Raises:
            OSError: the file cannot be created or locked at all, or is not an ordinary file.
        """
        descriptor = open_owned(self._path)
        try:
            lock(descriptor)
        except BlockingIOError:
            os.close(descriptor)
            return False
        except OSError:
            os.close(descriptor)
            raise
        self._descriptor = descriptor
        if os.fstat(descriptor).st_nlink == 1:  # under a second name, it may be another program's file
            with contextlib.suppress(OSError):  # a full disk: others cannot see which process is the owner
                os.ftruncate(descriptor, 0)
                os.write(descriptor, str(os.getpid()).encode())
        return True

    def is_free(self) -> bool:
        """Return whether there is no owner now."""
        try:
            free = self.take()
        except OSError:
            return False
        self.release()
        return free

    def owner(self) -> str:
        """Return the process id of the owner, empty if it cannot be read."""
        try:
            text = read_bounded(self._path, _LONGEST).decode("ascii").strip()
        except (OSError, UnicodeError):
            return ""
        return text if text.isdigit() else ""

    def release(self) -> None:
        """Release the lock. The file stays: without it, two owners could lock two files."""
        if self._descriptor is not None:
            with contextlib.suppress(OSError):
                os.close(self._descriptor)
            self._descriptor = None
