"""Connections to SQLite: how they are set up, what their errors mean, and the ids of new rows."""

from __future__ import annotations

import functools
import itertools
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from chatgrid_tui.errors import StorageFault, StorageProblem

_BUSY_SECONDS: Final = 5.0

SQLITE_ERRORS: Final = (sqlite3.Error, UnicodeDecodeError)
"""The errors that SQLite raises. Its messages quote names from a damaged file, which Python cannot always decode."""
_DAMAGE: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_DAMAGED: Final = "The history is damaged. The next start recovers what can be read of it."
_FAMILIES: Final[dict[str, tuple[str, StorageFault]]] = {
    "SQLITE_FULL": ("The disk is full, so this is not saved.", "full"),
    "SQLITE_BUSY": ("Another program keeps the history locked, so this is not saved.", "locked"),
    "SQLITE_LOCKED": ("Another program keeps the history locked, so this is not saved.", "locked"),
    "SQLITE_READONLY": ("The history is read-only, so this is not saved.", "unwritable"),
    "SQLITE_IOERR": ("The disk failed, so this is not saved.", "unwritable"),
    "SQLITE_CORRUPT": (_DAMAGED, "other"),
    "SQLITE_NOTADB": (_DAMAGED, "other"),
    "SQLITE_CONSTRAINT_FOREIGNKEY": ("What this belongs to was deleted.", "gone"),
    "SQLITE_CANTOPEN": ("The history cannot be opened, so this is not saved.", "unwritable"),
    "SQLITE_NOMEM": ("There is no memory left, so this is not saved.", "unwritable"),
}
_UNKNOWN: Final[tuple[str, StorageFault]] = ("", "other")


def connect(file: Path | None, *, reading: bool = False) -> sqlite3.Connection:
    """Return a connection to a file or to memory, for one thread at a time.

    Raises:
        sqlite3.Error: it cannot be opened.
    """
    connection = sqlite3.connect(
        ":memory:" if file is None else file, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    # Show a damaged text as it is; by default, the whole row could not be read.
    connection.text_factory = functools.partial(str, encoding="utf-8", errors="replace")
    for setting in ("foreign_keys = ON", "trusted_schema = OFF", "cell_size_check = ON"):
        connection.execute(f"PRAGMA {setting}")
    if reading:
        connection.execute("PRAGMA query_only = ON")
    return connection


def is_damage(problem: BaseException) -> bool:
    """Return whether an error means that the file is damaged."""
    code: int = getattr(problem, "sqlite_errorcode", None) or 0
    return code & 0xFF in _DAMAGE or isinstance(problem, UnicodeDecodeError)


def storage_problem(problem: BaseException) -> StorageProblem:
    """Return an error whose text is a sentence for the user."""
    if isinstance(problem, StorageProblem):
        return problem
    name = getattr(problem, "sqlite_errorname", "") or ""
    # An extended name begins with that of its family: SQLITE_IOERR_FSYNC.
    sentence, fault = next((one for family, one in _FAMILIES.items() if name.startswith(family)), _UNKNOWN)
    if isinstance(problem, UnicodeDecodeError):
        sentence = _DAMAGED  # SQLite's message quotes damaged bytes
    if not sentence and isinstance(problem, OSError):
        sentence, fault = f"The history cannot be reached: {problem.strerror}.", "unwritable"
    if not sentence:
        sentence = f"The history could not do this ({name or type(problem).__name__})."
    storage = StorageProblem(sentence, fault)
    storage.__cause__ = problem
    return storage


class NewIds:
    """Counts up from the highest id that was ever used, as AUTOINCREMENT does. Call `next` in any thread."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Read the highest ids.

        Raises:
            sqlite3.Error: it cannot be read.
        """
        self.conversations = _new_ids(connection, "conversations")
        self.turns = _new_ids(connection, "turns")
        self.replies = _new_ids(connection, "replies")


def _new_ids(connection: sqlite3.Connection, table: str) -> Iterator[int]:
    # From both, as SQLite does: a damaged sequence can be lower than the ids of rows.
    highest = """SELECT max(coalesce((SELECT max(id) FROM {0}), 0),
        coalesce((SELECT max(CAST(seq AS INTEGER)) FROM sqlite_sequence WHERE name = '{0}'), 0))"""
    last: int = connection.execute(highest.format(table)).fetchone()[0]
    return itertools.count(last + 1)
