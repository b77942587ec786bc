"""Looking at the history without opening it: for a report of how things are. Nothing is written or mended."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from chatgrid_tui.store import schema
from chatgrid_tui.store.condition import Note, NoteFile, identify, refusal
from chatgrid_tui.store.connection import SQLITE_ERRORS
from chatgrid_tui.store.opening import FILE_NAME
from chatgrid_tui.store.problems import storage_problem

Soundness: TypeAlias = Literal["missing", "sound", "damaged", "newer", "not read"]

_PATIENCE: Final = 10.0
"""Seconds that reading the file through may take."""
_STEPS: Final = 10_000
"""Steps of SQLite's machine between two looks at the clock."""
_DAMAGED: Final = "The history is damaged. When the app opens, it recovers what can be read."

SQLITE: Final = sqlite3.sqlite_version
"""The version of the SQLite library."""


@dataclass(frozen=True, slots=True)
class HistoryLook:
    """What the file of the history looks like from outside."""

    soundness: Soundness
    words: str
    """A sentence that says so."""
    version: int = 0
    conversations: int | None = None


def look_at(folder: Path) -> HistoryLook:
    """Look at the history in `folder`, reading only. Blocks for as long as reading the file through takes."""
    file = folder / FILE_NAME
    try:
        identity = identify(file)
        if identity == "missing" and NoteFile(folder).read() != Note():
            return HistoryLook("not read", f"The history in {file} was moved or deleted.")
        if identity == "missing":
            return HistoryLook("missing", "There is no history yet.")
        if sentence := refusal(file, identity):
            return HistoryLook("not read", sentence)
        if identity in ("unreadable", "special"):
            return HistoryLook("damaged", _DAMAGED)
        with contextlib.closing(_connected(file)) as connection:
            return _looked(connection)
    except OSError as problem:
        return HistoryLook("not read", f"The history cannot be read: {problem.strerror}.")
    except sqlite3.OperationalError as problem:
        if problem.sqlite_errorname == "SQLITE_INTERRUPT":
            return HistoryLook("not read", f"The history is so large that {_PATIENCE:g} seconds did not suffice.")
        return HistoryLook("not read", str(storage_problem(problem)))
    except SQLITE_ERRORS:
        return HistoryLook("damaged", _DAMAGED)


def _connected(file: Path) -> sqlite3.Connection:
    """Return a connection that writes nothing, not even what SQLite keeps beside a file that is in use."""
    in_use = file.with_name(f"{file.name}-wal").exists()
    connection = sqlite3.connect(f"{file.absolute().as_uri()}?{'mode=ro' if in_use else 'immutable=1'}", uri=True)
    until = time.monotonic() + _PATIENCE
    connection.set_progress_handler(lambda: time.monotonic() > until, _STEPS)
    return connection


def _looked(connection: sqlite3.Connection) -> HistoryLook:
    version = schema.version_of(connection)
    if version > schema.VERSION:
        words = f"A newer version of this program made it ({version}, this one knows {schema.VERSION})."
        return HistoryLook("newer", words, version)
    found: str = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        return HistoryLook("damaged", _DAMAGED, version)
    if not version:
        return HistoryLook("sound", "The history holds no tables yet.")
    count: int = connection.execute("SELECT count(*) FROM conversations").fetchone()[0]
    return HistoryLook("sound", "The history is sound.", version, count)
