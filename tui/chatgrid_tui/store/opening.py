"""Opening the history: who owns it, whether it is sound, and which version it has."""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from chatgrid_tui.disk import is_unsupported, make_folder
from chatgrid_tui.errors import StorageProblem
from chatgrid_tui.model.history import ReadOnly
from chatgrid_tui.store import schema
from chatgrid_tui.store.condition import (
    CHECKED_ALWAYS,
    Identity,
    Note,
    NoteFile,
    identify,
    is_damage,
    is_sound,
    refusal,
)
from chatgrid_tui.store.connection import SQLITE_ERRORS, connect
from chatgrid_tui.store.ids import NewIds
from chatgrid_tui.store.lock import InstanceLock
from chatgrid_tui.store.problems import storage_problem
from chatgrid_tui.store.recovery import Report, attached, build, free_name, make_private, recover
from chatgrid_tui.store.writes import mark_interrupted

logger = logging.getLogger(__name__)

FILE_NAME = "history.db"

_OWNER_PATIENCE = 2.0
"""Seconds that a second window waits for the first one to have made the file."""
_BACKUPS = 3
_CHECKING = "Checking the history"


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
    note: NoteFile | None = None
    """Where damage is to be noted; None if somebody else owns the history, or there is none."""
    new_ids: NewIds | None = None
    """None without a writer."""


def open_files(folder: Path, report: Report = lambda _doing, _done, _of: None) -> Opened:
    """Open the history in `folder`, or one in memory if there can be none there.

    Blocks for some milliseconds; much longer if the file is large or damaged, and calls `report` meanwhile.
    """
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
            opened = _open_as_owner(folder, lock, notice, report) if owner else _open_beside(folder, lock)
            logger.info("Opened %s, %s", folder / FILE_NAME, opened.read_only or "writable")
            return opened
        except BaseException:
            lock.release()
            raise
    except StorageProblem as problem:
        logger.error("The history in %s cannot be used", folder, exc_info=True)
        return _in_memory(f"{problem} Nothing is saved, and all is gone when the program ends.")
    except (OSError, *SQLITE_ERRORS) as problem:
        logger.error("The history in %s cannot be used", folder, exc_info=True)
        reason = problem.strerror if isinstance(problem, OSError) else str(storage_problem(problem)).rstrip(".")
        return _in_memory(f"The history cannot be kept in {folder} ({reason}). It is gone when the program ends.")


def _open_as_owner(folder: Path, lock: InstanceLock, notice: str, report: Report) -> Opened:
    named = folder / FILE_NAME
    # The history may be on another drive, behind a link: what replaces it belongs there as well.
    file = Path(os.path.realpath(named))
    note_file = NoteFile(folder)
    note = note_file.read()
    identity = identify(named)
    if identity == "unmounted" and _is_aside(file, note):
        identity = "missing"
    if sentence := refusal(named, identity):
        raise StorageProblem(f"{sentence} It was left alone.")
    notice = _made_sound(file, identity, note, note_file, report) or notice
    os.chmod(file, 0o600)
    try:
        return _open_sound(file, lock, note_file, notice)
    except SQLITE_ERRORS as problem:
        if not is_damage(problem):
            raise
    return _open_sound(file, lock, note_file, recover(file, note_file, report))


def _is_aside(file: Path, note: Note) -> bool:
    """Return whether a recovery that did not end has set the file aside."""
    return note.noted == "recovering" and file.with_name(note.aside).exists()


def _made_sound(file: Path, identity: Identity, note: Note, note_file: NoteFile, report: Report) -> str:
    """Make sure that there is a sound file; return sentences about what had to be done for that, or nothing."""
    match identity:
        case "missing":
            if _is_aside(file, note):
                return recover(file, note_file, report, note.aside)
            if _has_content(attached(file)[0]):
                return recover(file, note_file, report)
            build(file)
            note_file.try_to_write("kept")
            return "" if note == Note() else f"The history in {file} was moved or deleted. A new one has begun."
        case "unreadable" | "special":
            return recover(file, note_file, report)
        case "ours" | "empty":
            if not _passes(file, note, report):
                return recover(file, note_file, report)
            note_file.try_to_write("kept")
            return ""
        case "unmounted" | "foreign":
            raise AssertionError("these were refused before")
    assert_never(identity)


def _passes(file: Path, note: Note, report: Report) -> bool:
    """Return whether the file is sound, as far as it has to be checked. A locked or unreadable one raises instead."""
    suspect = note.noted in ("damaged", "recovering")
    try:
        with contextlib.closing(connect(file)) as connection:
            version = schema.version_of(connection)
            # Those of a newer version are not to be touched, and large ones would keep the person waiting.
            if version > schema.VERSION or (not suspect and file.stat().st_size > CHECKED_ALWAYS):
                return True
            return is_sound(file, connection, lambda at, of: report(_CHECKING, at, of), thorough=suspect)
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
            logger.info("Migrating the history from version %d to %d", version, schema.VERSION)
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
            # A full disk: what is there can still be read.
            notice = f"{storage_problem(problem)} It is read only."
            return Opened(None, connect(file, reading=True), file, lock, notice, "not writable", note_file)
        new_ids = NewIds(connection)
        return Opened(connection, connect(file, reading=True), file, lock, notice, note=note_file, new_ids=new_ids)
    except BaseException:
        connection.close()
        raise


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
    return Opened(connection, None, None, None, notice, new_ids=NewIds(connection))


def _has_content(file: Path) -> bool:
    return file.exists() and file.stat().st_size > 0


def _back_up(connection: sqlite3.Connection, file: Path, version: int) -> None:
    """Copy the history before its tables change, make sure that the copy is good, and keep the newest three.

    Raises:
        sqlite3.Error: there is no good copy; the tables may not be changed then.
    """
    if not version:
        return
    copy = file.with_name(free_name(file, f"backup-v{version}"))
    make_private(copy)
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
