"""In which condition the file of the history is: what it is, whether it is sound, and what was noted about it."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from chatgrid_tui.disk import open_owned, read_bounded
from chatgrid_tui.store.pages import Pages

Noted: TypeAlias = Literal["nothing", "kept", "damaged", "recovering"]
Identity: TypeAlias = Literal["missing", "unmounted", "ours", "empty", "foreign", "unreadable", "special"]

CHECKED_ALWAYS: Final = 64 * 1024 * 1024
"""Bytes of a file that is read through at each start. A larger one is checked after damage was met in it."""
_PIECE: Final = 1024 * 1024
_NOTE_LENGTH: Final = 300
"""Bytes: a word, and the name of a file."""
_DAMAGE: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_OUR_TABLES: Final = {"conversations", "turns", "bubble_pieces"}


@dataclass(frozen=True, slots=True)
class Note:
    """What was noted about the history: `kept`, there is one; `damaged`, it is to be checked at the next start;
    `recovering`, it was set aside as `aside` and is being carried over.
    """

    noted: Noted = "nothing"
    aside: str = ""


class NoteFile:
    """The note beside the history. It outlives the history's file, so that one that vanished is missed."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "history.db.note"

    def is_beside(self, file: Path) -> bool:
        """Return whether the history is in the folder where people look for it, and not behind a link."""
        return file.parent == Path(os.path.realpath(self._path.parent))

    def read(self) -> Note:
        """Return the note; an unreadable one says nothing."""
        try:
            words = os.fsdecode(read_bounded(self._path, _NOTE_LENGTH)).rstrip().split(" ", 1)
        except OSError:
            return Note()
        match words:
            case ["kept" | "damaged" as noted]:
                return Note(noted)
            case ["recovering", name] if ".corrupt-" in name and name == os.path.basename(name):
                return Note("recovering", name)
            case _:
                return Note()

    def write(self, noted: Noted, aside: str = "") -> None:
        """Write the note, in place and always of the same length, so that a full disk does not prevent it.

        Raises:
            OSError: it cannot be written.
        """
        if self.read() == Note(noted, aside):
            return
        descriptor = open_owned(self._path)
        try:
            os.write(descriptor, os.fsencode(f"{noted} {aside}").ljust(_NOTE_LENGTH))
        finally:
            os.close(descriptor)

    def try_to_write(self, noted: Noted) -> None:
        """Write the note if that is possible. Without it, less is known at the next start, and nothing is lost."""
        with contextlib.suppress(OSError):
            self.write(noted)


def is_damage(problem: BaseException) -> bool:
    """Return whether an error says that the file is damaged."""
    code: int = getattr(problem, "sqlite_errorcode", None) or 0
    return code & 0xFF in _DAMAGE or isinstance(problem, UnicodeDecodeError)


def identify(file: Path) -> Identity:
    """Return what is at `file`, without changing anything there. A damaged file may be `unreadable`.

    Raises:
        OSError: it cannot be looked at.
    """
    try:
        status = file.stat()
    except FileNotFoundError:
        return "unmounted" if file.is_symlink() else "missing"
    if not stat.S_ISREG(status.st_mode):
        return "special"
    identity = _identity_in(file, with_log=False)  # a long log takes a while, and seldom has a say in this
    return identity if identity == "ours" else _identity_in(file, with_log=True)


def _identity_in(file: Path, *, with_log: bool) -> Identity:
    with Pages(file, with_log=with_log) as pages:
        if not pages.has_header:
            return "unreadable"
        schema = pages.tree(1)
        entries = [values for number in schema.pages for _, values in pages.rows(number)]
    names = {str(values[1]) for values in entries if values is not None and len(values) > 1}
    if names >= _OUR_TABLES:
        return "ours"
    if schema.broken:
        return "unreadable"
    return "foreign" if names else "empty"


def refusal(named: Path, identity: Identity) -> str:
    """Return why what is at `named` is not to be touched, as a sentence; empty if it may be."""
    target = os.path.realpath(named)
    if identity == "unmounted":
        return f"{named} leads to {target}, which is not there. Its drive may not be mounted."
    if identity == "foreign":
        return f"{named} is the database of another program."
    if identity in ("unreadable", "special") and named.is_symlink():
        return f"{named} leads to {target}, which is not a history of this program."
    if identity == "special" and named.is_dir():
        return f"{named} is a folder, not a file."
    return ""


def is_sound(
    file: Path, connection: sqlite3.Connection, report: Callable[[int, int], None], *, thorough: bool
) -> bool:
    """Return whether the file is as SQLite left it; with `thorough`, its indexes too. Call `report` with the bytes
    that were read and the size of the file.

    Raises:
        sqlite3.Error, UnicodeDecodeError: it cannot be read, or is so damaged that SQLite cannot check it.
    """
    size = file.stat().st_size
    # What takes long is the disk. SQLite then finds all of the file in memory; it cannot say itself how far it is.
    try:
        with file.open("rb") as opened:
            for at in range(0, size, _PIECE):
                report(at, size)
                opened.read(_PIECE)
    except OSError:  # a bad spot of the disk
        return False
    connection.set_progress_handler(lambda: report(size, size), 100_000)
    try:
        check = "integrity_check" if thorough else "quick_check"
        answer: str = connection.execute(f"PRAGMA {check}(1)").fetchone()[0]
    finally:
        connection.set_progress_handler(None, 0)
    return answer == "ok"
