"""Adds imported conversations."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

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
_KNOWN: Final = """SELECT CAST(provider AS TEXT), CAST(board AS TEXT), CAST(created_at AS INTEGER), id,
    CAST(remote_id AS TEXT), CAST(updated_at AS INTEGER), CAST(draft AS TEXT),
    NOT EXISTS (SELECT 1 FROM turns WHERE conversation_id = conversations.id) FROM conversations"""

_MESSAGES_HERE: Final = "SELECT CAST(remote_id AS TEXT) FROM remote_messages WHERE conversation_id = ?"


class _Known(NamedTuple):
    """A conversation of the history."""

    id: int
    remote_id: str
    updated_at: int
    draft: str
    is_listed: bool
    """Whether nothing was sent in it: a service listed it."""


@dataclass(frozen=True, slots=True)
class Added:
    """What an import did."""

    rows: tuple[ConversationRow, ...]
    """The rows of the list that are new, or have got messages."""
    known: int
    """How many conversations were in the history already. They were left as they are."""
    newer: int
    """How many of these have been continued in the file."""


class Imports:
    """Adds conversations of files."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, conversations: Sequence[ConversationRows], open_ids: Collection[int] = ()) -> Added:
        """Add conversations, all or none, except those that are in the history already: those with the provider and
        the time, or the board and the service's id, of one there. One that was only listed by its service gets the
        messages of the file, unless it is among the `open_ids`.

        Unlike other writes, this does not wait until a history that cannot be written now can be, and it is given up
        when the caller is cancelled or the history is closed: what else is to be saved then must not wait for it.

        Raises:
            StorageProblem: nothing was added.
        """
        new_ids = self._database.new_ids
        abandoned = threading.Event()

        def is_given_up() -> bool:
            return abandoned.is_set() or self._database.closed

        def add(connection: sqlite3.Connection) -> Added:
            added = _add(connection, new_ids, conversations, open_ids, is_given_up)
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
    open_ids: Collection[int],
    is_given_up: Callable[[], bool],
) -> Added:
    by_time: dict[tuple[object, object], list[_Known]] = {}
    by_remote_id: dict[tuple[object, object, object], _Known] = {}
    for provider, board, created_at, *known in connection.execute(_KNOWN):
        here = _Known(*known)
        by_time.setdefault((provider, created_at), []).append(here)
        if here.remote_id:
            by_remote_id[provider, board, here.remote_id] = here
    ids: list[int] = []
    known_count = newer = 0
    for conversation in reversed(conversations):  # the first one of a file is the newest
        if is_given_up():
            break
        fields = conversation.fields
        remote_id = fields.get("remote_id", "")
        same = by_remote_id.get((fields["provider"], fields["board"], remote_id))
        for here in by_time.get((fields["provider"], fields["created_at"]), ()):
            if here.remote_id == remote_id or not (here.remote_id and remote_id):
                same = same or here
        if same is None:
            ids.append(_insert_conversation(connection, new_ids, conversation))
        elif same.is_listed and conversation.turns and same.id not in (*open_ids, *ids):
            ids.append(_fill_conversation(connection, new_ids, conversation, same))
        else:
            known_count += 1
            newer += _number(fields["updated_at"]) > same.updated_at
    return Added(tuple(conversations_by_id(connection, ids)), known_count, newer)


def _insert_conversation(connection: sqlite3.Connection, new_ids: NewIds, rows: ConversationRows) -> int:
    conversation_id = _insert(connection, "conversations", rows.fields, {}, new_ids.conversations)
    _insert_messages(connection, new_ids, rows, conversation_id)
    return conversation_id


def _fill_conversation(
    connection: sqlite3.Connection, new_ids: NewIds, rows: ConversationRows, listed: _Known
) -> int:
    """Add messages to a conversation that a service listed. What the service says of it stays."""
    fields = {name: value for name, value in rows.fields.items() if name != "remote_gone"}
    fields["updated_at"] = max(_number(fields["updated_at"]), listed.updated_at)
    if listed.draft:
        fields["draft"] = listed.draft
    settings = ", ".join(f"{name} = ?" for name in fields)
    statement = f"UPDATE conversations SET {settings} WHERE id = ?"  # noqa: S608  # names of columns
    connection.execute(statement, (*fields.values(), listed.id))
    here = {remote_id for (remote_id,) in connection.execute(_MESSAGES_HERE, (listed.id,))}
    missing = tuple(message for message in rows.service_messages if message["remote_id"] not in here)
    _insert_messages(connection, new_ids, replace(rows, service_messages=missing), listed.id)
    return listed.id


def _insert_messages(
    connection: sqlite3.Connection, new_ids: NewIds, rows: ConversationRows, conversation_id: int
) -> None:
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
