"""Read a history without opening it as the app does: nothing is written, locked, repaired or converted."""

from __future__ import annotations

import contextlib
import functools
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from chatgrid_tui.errors import StorageProblem
from chatgrid_tui.model.json import JsonObject
from chatgrid_tui.model.provider import RemoteMessage
from chatgrid_tui.model.saved_conversation import SavedTurn
from chatgrid_tui.store import portable, reads, schema
from chatgrid_tui.store.inspection import FILE_NAME, connect_without_writing, identify, obstacle, refusal
from chatgrid_tui.store.sqlite_connection import SQLITE_ERRORS, is_damage, storage_problem

_DAMAGED = "The history is damaged. Open the app once: it recovers what can be read."


class UnlockedHistory:
    """The conversations of a history that is only read, for an export. The methods are those of `History`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def turns(self, conversation_id: int) -> list[SavedTurn]:
        """Return the turns of a conversation with their replies, oldest first."""
        return reads.turns(self._connection, conversation_id)

    async def messages(self, conversation_id: int) -> list[RemoteMessage]:
        """Return the saved messages of a conversation at its service, oldest first."""
        return reads.messages(self._connection, conversation_id)

    async def whole(self, conversation_id: int) -> JsonObject:
        """Return a conversation with all its rows, as JSON."""
        return portable.read_conversation(self._connection, conversation_id)


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[sqlite3.Connection | None]:
    """Connect to the history in `folder`, also while an app uses it; None if there is no history.

    Raises:
        StorageProblem: it cannot be read, here or within the context.
    """
    try:
        connection = _connect(folder)
        if connection is None:
            yield None
            return
        with contextlib.closing(connection):
            yield connection
    except StorageProblem:
        raise
    except OSError as problem:
        raise StorageProblem(f"The history cannot be read: {problem.strerror}.") from problem
    except SQLITE_ERRORS as problem:
        if is_damage(problem):
            raise StorageProblem(_DAMAGED) from problem
        if storage_problem(problem).fault == "locked":
            raise StorageProblem("Another program keeps the history locked. Try again later.") from problem
        raise StorageProblem("The history cannot be read. --log FILE writes the reason to a file.") from problem


def _connect(folder: Path) -> sqlite3.Connection | None:
    file = folder / FILE_NAME
    identity = identify(file)
    if identity == "missing":
        return None
    if sentence := obstacle(file) or refusal(file, identity):
        raise StorageProblem(sentence)
    if identity in ("unreadable", "special"):
        raise StorageProblem(_DAMAGED)
    connection = connect_without_writing(file)
    connection.text_factory = functools.partial(str, encoding="utf-8", errors="replace")
    try:
        version = schema.version_of(connection)
        if version == schema.VERSION:
            return connection
        if version > schema.VERSION:
            raise StorageProblem("A newer version of this program made the history.")
        raise StorageProblem("An earlier version of this program made the history. Open the app once to convert it.")
    except BaseException:
        connection.close()
        raise
