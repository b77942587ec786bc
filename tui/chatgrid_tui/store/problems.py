"""What SQLite and the system say, as sentences."""

from __future__ import annotations

import sqlite3

from chatgrid_tui.errors import StorageProblem

_SENTENCES = {
    "SQLITE_FULL": "The disk is full, so this is not saved.",
    "SQLITE_BUSY": "Another program keeps the history locked, so this is not saved.",
    "SQLITE_LOCKED": "Another program keeps the history locked, so this is not saved.",
    "SQLITE_READONLY": "The history can only be read, so this is not saved.",
    "SQLITE_IOERR": "The disk failed, so this is not saved.",
    "SQLITE_CORRUPT": "The history is damaged. The next start recovers what can be read of it.",
    "SQLITE_NOTADB": "The history is damaged. The next start recovers what can be read of it.",
    "SQLITE_CONSTRAINT_FOREIGNKEY": "What this belongs to was deleted.",
    "SQLITE_CANTOPEN": "The history cannot be opened.",
}


def storage_problem(problem: BaseException) -> StorageProblem:
    """Return the error that says in a sentence what `problem` is."""
    if isinstance(problem, StorageProblem):
        return problem
    name = getattr(problem, "sqlite_errorname", "") or ""
    # An extended name begins with that of its family: SQLITE_IOERR_FSYNC.
    sentence = next((words for family, words in _SENTENCES.items() if name.startswith(family)), "")
    if not sentence and isinstance(problem, OSError):
        sentence = f"The history cannot be reached: {problem.strerror}."
    if not sentence:
        what = str(problem) if isinstance(problem, sqlite3.Error) else type(problem).__name__
        sentence = f"The history could not do this ({what})."
    found = StorageProblem(sentence)
    found.__cause__ = problem
    return found
