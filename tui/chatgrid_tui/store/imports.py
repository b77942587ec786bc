"""Adds imported conversations."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from chatgrid_tui.errors import StorageProblem
from chatgrid_tui.model.saved_conversation import ConversationRow
from chatgrid_tui.store.database import Database
from chatgrid_tui.store.reads import conversations_by_id
from chatgrid_tui.store.sqlite_connection import NewIds
from chatgrid_tui.store.writes import insert_pieces, refresh, refresh_verdict

if TYPE_CHECKING:  # loaded when conversations are exported or imported
    from chatgrid_tui.store.portable import ConversationRows, Fields

_LOOK_EVERY: Final = 0.2
_LAST_CHANCE: Final = 1.0
"""Seconds in which a write that is given up may still turn out to have been done."""
_KNOWN: Final = """SELECT CAST(provider AS TEXT), CAST(created_at AS INTEGER), CAST(remote_id AS TEXT),
    CAST(updated_at AS INTEGER) FROM conversations"""

_Known: TypeAlias = Mapping[tuple[object, object], Sequence[tuple[str, int]]]
"""What is in the history already: ids of services and times of change, by provider and time of creation."""


@dataclass(frozen=True, slots=True)
class Added:
    """What an import did."""

    rows: tuple[ConversationRow, ...]
    """The new rows of the list."""
    known: int
    """How many conversations were in the history already. They were left as they are."""
    newer: int
    """How many of these have been continued in the file."""


class Imports:
    """Adds conversations of files."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, conversations: Sequence[ConversationRows]) -> Added:
        """Add conversations, all or none, except those that are in the history already: those with the provider, the
        time and the service's id of one there. Unlike other writes, this does not wait until a history that cannot be
        written now can be, and it is given up when the caller is cancelled or the history is closed: what else is to
        be saved then must not wait for it.

        Raises:
            StorageProblem: nothing was added.
        """
        new_ids = self._database.new_ids
        abandoned = threading.Event()

        def is_given_up() -> bool:
            return abandoned.is_set() or self._database.closed

        def add(connection: sqlite3.Connection) -> Added:
            added = _add(connection, new_ids, conversations, is_given_up)
            if is_given_up():
                raise StorageProblem("Nothing was imported.")
            return added

        writing = asyncio.ensure_future(self._database.result_of(add, takes_long=True))
        writing.add_done_callback(lambda done: done.cancelled() or done.exception())  # it is reported below
        try:
            while not writing.done():
                await asyncio.wait([writing], timeout=_LOOK_EVERY)
                problem = self._database.problem
                if not writing.done() and problem is not None and problem.fault != "slow":
                    abandoned.set()
                    await asyncio.wait([writing], timeout=_LAST_CHANCE)
                    if not writing.done():
                        raise StorageProblem(str(problem), problem.fault)
        except asyncio.CancelledError:
            abandoned.set()
            raise
        return writing.result()


def _add(
    connection: sqlite3.Connection,
    new_ids: NewIds,
    conversations: Sequence[ConversationRows],
    is_given_up: Callable[[], bool],
) -> Added:
    before: dict[tuple[object, object], list[tuple[str, int]]] = {}
    for provider, created_at, remote_id, updated_at in connection.execute(_KNOWN):
        before.setdefault((provider, created_at), []).append((remote_id, updated_at))
    ids: list[int] = []
    known = newer = 0
    for conversation in reversed(conversations):  # the first one of a file is the newest
        if is_given_up():
            break
        if (updated_at := _known(before, conversation.fields)) is None:
            ids.append(_insert_conversation(connection, new_ids, conversation))
        else:
            known += 1
            newer += _number(conversation.fields["updated_at"]) > updated_at
    return Added(tuple(conversations_by_id(connection, ids)), known, newer)


def _known(before: _Known, fields: Fields) -> int | None:
    """Return when the same conversation was last changed in the history, None if it is not there."""
    remote_id = fields.get("remote_id", "")
    for known_id, updated_at in before.get((fields["provider"], fields["created_at"]), ()):
        if known_id == remote_id or not known_id or not remote_id:
            return updated_at
    return None


def _insert_conversation(connection: sqlite3.Connection, new_ids: NewIds, rows: ConversationRows) -> int:
    conversation_id = _insert(connection, "conversations", rows.fields, {}, new_ids.conversations)
    of_conversation = {"conversation_id": conversation_id}
    for message in rows.service_messages:
        _insert(connection, "remote_messages", message, of_conversation)
    for turn in rows.turns:
        turn_id = _insert(connection, "turns", turn.fields, of_conversation, new_ids.turns)
        for reply in turn.replies:
            reply_id = _insert(connection, "replies", reply.fields, {"turn_id": turn_id}, new_ids.replies)
            insert_pieces(connection, reply_id, enumerate(reply.bubbles))
    if "preview" not in rows.fields:
        refresh(connection, conversation_id)
        refresh_verdict(connection, conversation_id)
    return conversation_id


def _insert(
    connection: sqlite3.Connection,
    table: str,
    fields: Fields,
    parent: Fields,
    new_ids: Iterator[int] | None = None,
) -> int:
    """Insert a row, and return its id."""
    cells = {**fields, **parent}
    if new_ids is not None:
        cells["id"] = next(new_ids)
    names, marks = ", ".join(cells), ", ".join("?" * len(cells))
    statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608  # names of columns
    row_id = connection.execute(statement, tuple(cells.values())).lastrowid
    assert row_id is not None
    return row_id


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
