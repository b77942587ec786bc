"""A new file for the history: an empty one, or one with what is readable of a damaged one, which is never deleted."""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeAlias

from chatgrid_tui.errors import StorageProblem
from chatgrid_tui.store import schema
from chatgrid_tui.store.condition import NoteFile
from chatgrid_tui.store.connection import connect
from chatgrid_tui.store.pages import Pages
from chatgrid_tui.store.problems import storage_problem
from chatgrid_tui.store.salvage import Salvaged, salvage

logger = logging.getLogger(__name__)

Report: TypeAlias = Callable[[str, int, int], None]
"""Called with the current step, the work done and the total. May raise an error to end the work."""

_ATTACHED: Final = ("-wal", "-shm", "-journal")
_RECOVERING: Final = "Recovering the history"


def build(file: Path) -> None:
    """Make an empty history. It gets its name last, so that one that was cut to nothing is never taken for new."""
    with contextlib.closing(_begin(file)) as connection:
        schema.migrate(connection)
    os.replace(_new(file), file)


def recover(file: Path, note: NoteFile, report: Report, aside: str = "") -> str:
    """Set the damaged history aside, make a new one with what is readable of it, and return the sentences about that.

    If the program ends while it does so, the next start goes on: `aside` is the name that was noted then.

    Raises:
        StorageProblem: there is no new history yet. The damaged one stays as it is.
    """
    name = aside or free_name(file, "corrupt")
    damaged = file.with_name(name)
    logger.warning("The history is damaged, carrying it over from %s", damaged)
    try:
        note.write("recovering", name)
        for part in (file, *attached(file)):
            if part.exists():
                os.rename(part, part.with_name(part.name.replace(file.name, name, 1)))
        with contextlib.closing(_begin(file)) as connection:
            salvaged = _salvaged(damaged, connection, report)
        os.replace(_new(file), file)
    except (OSError, sqlite3.Error) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else str(storage_problem(problem)).rstrip(".")
        words = f"The history is damaged, and could not be recovered yet ({reason}). The next start tries it again."
        raise StorageProblem(words) from problem
    note.try_to_write("kept")
    return _words(salvaged, damaged, name if note.is_beside(file) else str(damaged))


def free_name(file: Path, purpose: str) -> str:
    """Return a name beside `file` that nothing has yet."""
    stem = f"{file.name}.{purpose}-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    names = (stem, *(f"{stem}-{number}" for number in range(2, 1000)))
    return next(name for name in names if not os.path.lexists(file.with_name(name)))


def attached(file: Path) -> tuple[Path, ...]:
    """Return the files that SQLite puts beside a database."""
    return tuple(file.with_name(file.name + ending) for ending in _ATTACHED)


def make_private(file: Path) -> None:
    """Make an empty file for its owner only. What SQLite puts beside it gets the same mode."""
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _new(file: Path) -> Path:
    return file.with_name(f"{file.name}.new")


def _begin(file: Path) -> sqlite3.Connection:
    new = _new(file)
    for leftover in (new, *attached(new), *attached(file)):
        leftover.unlink(missing_ok=True)
    make_private(new)
    return connect(new)


def _salvaged(damaged: Path, new: sqlite3.Connection, report: Report) -> Salvaged:
    if damaged.exists() and not damaged.is_file():
        schema.migrate(new)
        return Salvaged()
    with Pages(damaged) as pages:
        return salvage(pages, new, lambda done, of: report(_RECOVERING, done, of))


def _words(salvaged: Salvaged, damaged: Path, shown: str) -> str:
    messages, conversations = _counted(salvaged.messages, "message"), _counted(salvaged.conversations, "conversation")
    kept = f"The damaged file is kept as {shown}."
    if not salvaged.conversations and _is_empty(damaged):
        return f"The file of the history was emptied. A new one has begun. The empty one is kept as {shown}."
    if not salvaged.conversations:
        return f"The history was damaged, and nothing of it could be read. A new one has begun. {kept}"
    if not salvaged.lost and not salvaged.uncounted:
        return f"The history was damaged. Recovered all of it: {messages} in {conversations}. {kept}"
    lost = f"{salvaged.lost:,} could not be read" if salvaged.lost else ""
    more = "more may be missing" if salvaged.uncounted else ""
    missing = ", and ".join(filter(None, (lost, more)))
    return f"The history was damaged. Recovered {messages} in {conversations}; {missing}. {kept}"


def _is_empty(damaged: Path) -> bool:
    return damaged.is_file() and not damaged.stat().st_size and not attached(damaged)[0].exists()


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
