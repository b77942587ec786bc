"""Conversations that begin with copies of the turns of another one."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from chatgrid_tui.model.json import JsonObject
from chatgrid_tui.model.provider import Board
from chatgrid_tui.model.saved_conversation import SavedReply, SavedTurn
from chatgrid_tui.store import writes
from chatgrid_tui.store.conversion import to_text, to_time
from chatgrid_tui.store.database import Database

_TURNS: Final = {"id": "?", "conversation_id": "?", "copied": "1"}
_REPLIES: Final = {"id": "?", "turn_id": "?", "recording_size": "0", "recording_kept": "0"}
_PIECES: Final = {"seq": "NULL", "reply_id": "?"}
"""The columns in which a copy differs. All others are copied, whichever there are."""
_HAS_ENDED_SINCE: Final = "SELECT 1 FROM replies WHERE id = ? AND state <> ?"


@dataclass(frozen=True, slots=True)
class NewCopy:
    """A conversation to add, and the turns that it begins with.

    Turns and replies that have an id are copied as the history has them; the others, and one that has ended since it
    was saved, are saved as they are here.
    """

    provider: str
    board: Board
    title: str
    options: JsonObject | None
    turns: Sequence[SavedTurn]
    at: datetime


class Copies:
    """Adds conversations with copied turns, each in one transaction. Recordings are not copied."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, copy: NewCopy) -> tuple[int, list[SavedTurn]]:
        """Add a conversation, and return its id and its turns. Once committed, it survives a power cut. If the
        history cannot be written now, all of it is written later.

        Raises:
            StorageProblem: it cannot be written; nothing of it is.
        """
        new_ids = self._database.new_ids
        new = next(new_ids.conversations)
        copied = [
            replace(
                turn,
                id=next(new_ids.turns),
                replies=tuple(
                    replace(reply, id=next(new_ids.replies), recording_kept=False) for reply in turn.replies
                ),
                copied=True,
            )
            for turn in copy.turns
        ]
        await self._database.write(
            ("copy", new), lambda connection: _add(connection, new, copy, copied), durable=True
        )
        return new, copied


def _add(connection: sqlite3.Connection, new: int, copy: NewCopy, copied: Sequence[SavedTurn]) -> None:
    board = copy.board
    writes.create(connection, new, copy.provider, board.id, board.name, copy.title, copy.at)
    if copy.options is not None:
        writes.save_options(connection, new, copy.options)
    copy_turn = _statement(connection, "turns", _TURNS, "id")
    copy_reply = _statement(connection, "replies", _REPLIES, "id")
    copy_pieces = _statement(connection, "bubble_pieces", _PIECES, "reply_id")
    for source, turn in zip(copy.turns, copied, strict=True):
        if source.id:
            connection.execute(copy_turn, (turn.id, new, source.id))
        else:
            _add_turn(connection, new, turn)
        for source_reply, reply in zip(source.replies, turn.replies, strict=True):
            if source_reply.id:
                connection.execute(copy_reply, (reply.id, turn.id, source_reply.id))
                connection.execute(copy_pieces, (reply.id, source_reply.id))
                if connection.execute(_HAS_ENDED_SINCE, (reply.id, reply.state)).fetchone():
                    writes.put_reply(connection, reply)
            else:
                _add_reply(connection, turn.id, reply)
    if copied:  # suggestions that were chosen there are not chosen here
        connection.execute(
            "UPDATE replies SET chosen = NULL, chosen_before = NULL WHERE turn_id = ?", (copied[-1].id,)
        )
    writes.refresh(connection, new)
    writes.refresh_verdict(connection, new)


def _statement(connection: sqlite3.Connection, table: str, changed: Mapping[str, str], key: str) -> str:
    """Return a statement that copies rows of a table: its parameters are the changed values and the key."""
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    names, values = ", ".join(columns), ", ".join(changed.get(column, column) for column in columns)
    return f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} WHERE {key} = ? ORDER BY rowid"  # noqa: S608


def _add_turn(connection: sqlite3.Connection, conversation_id: int, turn: SavedTurn) -> None:
    connection.execute(
        """INSERT INTO turns (id, conversation_id, shown, sent, sent_at, selected, copied)
        VALUES (?, ?, ?, ?, ?, ?, 1)""",
        (turn.id, conversation_id, to_text(turn.shown), to_text(turn.sent), to_time(turn.sent_at), turn.selected),
    )


def _add_reply(connection: sqlite3.Connection, turn_id: int, reply: SavedReply) -> None:
    connection.execute(
        """INSERT INTO replies (id, turn_id, state, speaker, started_at, edited_message)
        VALUES (?, ?, ?, ?, ?, ?)""",
        (reply.id, turn_id, reply.state, to_text(reply.speaker), to_time(reply.started_at), reply.edited_message),
    )
    writes.put_reply(connection, reply)
