"""What SQLite and the system say, as sentences."""

from __future__ import annotations

import sqlite3
from typing import Final

from chatgrid_tui.errors import StorageFault, StorageProblem

_DAMAGED = "The history is damaged. The next start recovers what can be read of it."
_FAMILIES: Final[dict[str, tuple[str, StorageFault]]] = {
    "SQLITE_FULL": ("The disk is full, so this is not saved.", "full"),
    "SQLITE_BUSY": ("Another program keeps the history locked, so this is not saved.", "locked"),
    "SQLITE_LOCKED": ("Another program keeps the history locked, so this is not saved.", "locked"),
    "SQLITE_READONLY": ("The history can only be read, so this is not saved.", "unwritable"),
    "SQLITE_IOERR": ("The disk failed, so this is not saved.", "unwritable"),
    "SQLITE_CORRUPT": (_DAMAGED, "other"),
    "SQLITE_NOTADB": (_DAMAGED, "other"),
    "SQLITE_CONSTRAINT_FOREIGNKEY": ("What this belongs to was deleted.", "gone"),
    "SQLITE_CANTOPEN": ("The history cannot be opened, so this is not saved.", "unwritable"),
    "SQLITE_NOMEM": ("There is no memory left, so this is not saved.", "unwritable"),
}
_UNKNOWN: Final[tuple[str, StorageFault]] = ("", "other")


def storage_problem(problem: BaseException) -> StorageProblem:
    """Return the error that says in a sentence what `problem` is."""
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
        what = str(problem) if isinstance(problem, sqlite3.Error) else type(problem).__name__
        sentence = f"The history could not do this ({what})."
    storage = StorageProblem(sentence, fault)
    storage.__cause__ = problem
    return storage
