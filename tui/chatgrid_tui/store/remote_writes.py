"""Write what services list and store, within a transaction that the caller opens. Each function may run twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Final

from chatgrid_tui.model.provider import RemoteMessage
from chatgrid_tui.model.saved_conversation import ConversationRow, ListedChat
from chatgrid_tui.store.conversion import to_text, to_time
from chatgrid_tui.store.reads import conversations_by_id
from chatgrid_tui.store.writes import touch

_SAME_TIME: Final = 2_000_000
"""Microseconds that a service's clock may be ahead before a listed chat counts as changed."""
_FIND_CHAT = """SELECT id, CAST(title AS TEXT), title_source, CAST(updated_at AS INTEGER), remote_gone
    FROM conversations WHERE remote_id = ? AND remote_id <> '' AND provider = ? AND board = ? ORDER BY id LIMIT 1"""
"""The condition that the id is not empty lets SQLite use the index of those that are not."""
_ADD_CHAT = """INSERT INTO conversations
    (id, provider, board, board_name, title, title_source, remote_id, created_at, updated_at)
    SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?
    WHERE NOT EXISTS (SELECT 1 FROM dismissed WHERE provider = ? AND board = ? AND remote_id = ? AND at >= ?)"""
_SAVE_MESSAGE = """INSERT INTO remote_messages
    (conversation_id, remote_id, position, role, content, model, created_at)
    VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (conversation_id, remote_id) DO UPDATE SET
    position = excluded.position, role = excluded.role, content = excluded.content, model = excluded.model,
    created_at = excluded.created_at
    WHERE position <> excluded.position OR content <> excluded.content OR model <> excluded.model"""


def mark_gone(connection: sqlite3.Connection, conversation_id: int, gone: bool) -> None:
    """Set whether the service no longer has a conversation."""
    connection.execute("UPDATE conversations SET remote_gone = ? WHERE id = ?", (gone, conversation_id))


def save_chats(
    connection: sqlite3.Connection,
    new_ids: Iterator[int],
    provider: str,
    board: str,
    board_name: str,
    chats: Sequence[ListedChat],
) -> list[ConversationRow]:
    """Save chats as a service lists them. Return the rows that are new or changed."""
    names = (to_text(provider), to_text(board), to_text(board_name))
    changed = [_save_chat(connection, new_ids, names, chat) for chat in chats]
    return conversations_by_id(connection, filter(None, changed))


def _save_chat(
    connection: sqlite3.Connection, new_ids: Iterator[int], names: tuple[str, str, str], chat: ListedChat
) -> int | None:
    """Save a chat, and return its id if it is new or changed."""
    provider, board, board_name = names
    remote_id, title, at = to_text(chat.remote_id), to_text(chat.title), to_time(chat.at)
    row = connection.execute(_FIND_CHAT, (remote_id, provider, board)).fetchone()
    if row is None:
        source = "service" if title else ""
        values = (next(new_ids), provider, board, board_name, title, source, remote_id, at, at)
        added = connection.execute(_ADD_CHAT, (*values, provider, board, remote_id, at - _SAME_TIME))
        return added.lastrowid if added.rowcount else None
    conversation_id, old_title, source, updated_at, gone = row
    new_title = bool(title) and title != old_title and source != "person"
    is_newer = at > updated_at + _SAME_TIME
    if new_title:
        update = "UPDATE conversations SET title = ?, title_source = 'service' WHERE id = ?"
        connection.execute(update, (title, conversation_id))
    if is_newer:
        touch(connection, conversation_id, at)
    if gone:
        mark_gone(connection, conversation_id, gone=False)
    return int(conversation_id) if new_title or is_newer or gone else None


def save_messages(
    connection: sqlite3.Connection, conversation_id: int, messages: Sequence[RemoteMessage], preview: str, mine: bool
) -> None:
    """Save the messages of a conversation at its service, instead of those that were saved before."""
    if connection.execute("SELECT 1 FROM conversations WHERE id = ?", (conversation_id,)).fetchone() is None:
        return
    ids = {to_text(message.id) for message in messages}
    query = "SELECT remote_id FROM remote_messages WHERE conversation_id = ?"
    for (remote_id,) in connection.execute(query, (conversation_id,)).fetchall():
        if remote_id not in ids:
            key = (conversation_id, remote_id)
            connection.execute("DELETE FROM remote_messages WHERE conversation_id = ? AND remote_id = ?", key)
    connection.executemany(
        _SAVE_MESSAGE,
        (
            (
                conversation_id,
                to_text(message.id),
                position,
                *map(to_text, (message.role, message.content, message.model, message.created_at)),
            )
            for position, message in enumerate(messages)
        ),
    )
    if preview:
        values = (to_text(preview), mine, conversation_id)
        connection.execute("UPDATE conversations SET preview = ?, preview_mine = ? WHERE id = ?", values)
