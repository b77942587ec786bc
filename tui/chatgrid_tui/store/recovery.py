"""Create the file of the history: empty, or with what can be read of a damaged one, which is never deleted."""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from chatgrid_tui.errors import StorageProblem
from chatgrid_tui.store import schema
from chatgrid_tui.store.inspection import NoteFile, companions
from chatgrid_tui.store.sqlite_connection import connect, storage_problem
from chatgrid_tui.store.sqlite_file import SqliteFile

if TYPE_CHECKING:  # few histories are damaged
    from chatgrid_tui.store.salvage import Salvaged

logger = logging.getLogger(__name__)

Progress: TypeAlias = Callable[[str, int, int], None]
"""Called with the current step, the work done and the total. May raise an error to stop the work."""

_RECOVERING: Final = "Recovering the history"


def create(file: Path) -> None:
    """Create an empty history. The file gets its name last, so that an empty file never counts as a new history."""
    with contextlib.closing(_create_unnamed(file)) as connection:
        schema.migrate(connection)
    os.replace(_unnamed(file), file)


def recover(file: Path, note: NoteFile, progress: Progress, aside: str = "") -> str:
    """Rename a damaged history, create a new one with what can be read of it, and return sentences about that.

    If the program ends meanwhile, the next start continues: `aside` is the name that was noted before.

    Raises:
        StorageProblem: that is not possible now. The damaged history is unchanged.
    """
    name = aside or free_name(file, "corrupt")
    damaged = file.with_name(name)
    logger.warning("The history is damaged, carrying it over from %s", damaged)
    try:
        note.write("recovering", name)
        for part in (file, *companions(file)):
            if part.exists():
                os.rename(part, part.with_name(part.name.replace(file.name, name, 1)))
        with contextlib.closing(_create_unnamed(file)) as connection:
            salvaged = _salvage(damaged, connection, progress)
        os.replace(_unnamed(file), file)
    except (OSError, sqlite3.Error) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else str(storage_problem(problem)).rstrip(".")
        text = f"The history is damaged, and could not be recovered yet ({reason}). The next start will try again."
        raise StorageProblem(text) from problem
    note.try_to_write("kept")
    return _summary(salvaged, damaged, name if note.is_next_to(file) else str(damaged))


def free_name(file: Path, purpose: str) -> str:
    """Return a name for a file next to `file` that does not exist yet."""
    stem = f"{file.name}.{purpose}-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    names = (stem, *(f"{stem}-{number}" for number in range(2, 1000)))
    return next(name for name in names if not os.path.lexists(file.with_name(name)))


def create_private(file: Path) -> None:
    """Create an empty file for its owner only. SQLite gives the files next to it the same mode."""
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _unnamed(file: Path) -> Path:
    return file.with_name(f"{file.name}.new")


def _create_unnamed(file: Path) -> sqlite3.Connection:
    new = _unnamed(file)
    for leftover in (new, *companions(new), *companions(file)):
        leftover.unlink(missing_ok=True)
    create_private(new)
    return connect(new)


def _salvage(damaged: Path, new: sqlite3.Connection, progress: Progress) -> Salvaged:
    from chatgrid_tui.store.salvage import Salvaged, salvage

    if damaged.exists() and not damaged.is_file():
        schema.migrate(new)
        return Salvaged()
    with SqliteFile(damaged) as pages:
        return salvage(pages, new, lambda done, total: progress(_RECOVERING, done, total))


def _summary(salvaged: Salvaged, damaged: Path, shown_name: str) -> str:
    messages, conversations = _counted(salvaged.messages, "message"), _counted(salvaged.conversations, "conversation")
    sentence = f"The damaged file is kept as {shown_name}."
    if not salvaged.conversations and _is_empty(damaged):
        return f"The history file was emptied. A new one was created. The empty one is kept as {shown_name}."
    if not salvaged.conversations:
        return f"The history was damaged, and none of it could be read. A new one was created. {sentence}"
    if not salvaged.lost and not salvaged.uncounted:
        return f"The history was damaged. Recovered all of it: {messages} in {conversations}. {sentence}"
    lost = f"{salvaged.lost:,} could not be read" if salvaged.lost else ""
    uncounted = "more may be missing" if salvaged.uncounted else ""
    missing = ", and ".join(filter(None, (lost, uncounted)))
    return f"The history was damaged. Recovered {messages} in {conversations}; {missing}. {sentence}"


def _is_empty(damaged: Path) -> bool:
    return damaged.is_file() and not damaged.stat().st_size and not companions(damaged)[0].exists()


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
