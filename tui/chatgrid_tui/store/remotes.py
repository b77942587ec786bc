"""What the services say of conversations: which there are, and what they stored of each.

Each function runs within one transaction that somebody else opens. The writing ones may be run twice.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Final

from chatgrid_tui.model.history import ConversationRow, ListedChat
from chatgrid_tui.model.provider import RemoteMessage
from chatgrid_tui.store.reads import conversations_of
from chatgrid_tui.store.rows import to_text, to_time
from chatgrid_tui.store.writes import touch

_NEARLY_AT_ONCE: Final = 2_000_000
"""Microseconds that two clocks may differ by without the newer time being news."""

_KNOWN = """SELECT id, title, title_source, updated_at, remote_gone FROM conversations
    WHERE remote_id = ? AND remote_id <> '' AND provider = ? AND board = ? ORDER BY id LIMIT 1"""
"""That the id is not empty has to be said in so many words for the index of those to be used."""
_ADD = """INSERT INTO conversations
    (id, provider, board, board_name, title, title_source, remote_id, created_at, updated_at)
    SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?
    WHERE NOT EXISTS (SELECT 1 FROM dismissed WHERE provider = ? AND board = ? AND remote_id = ? AND at >= ?)"""
_MESSAGES = """SELECT CAST(remote_id AS TEXT), CAST(role AS TEXT), CAST(content AS TEXT), CAST(model AS TEXT),
    CAST(created_at AS TEXT) FROM remote_messages WHERE conversation_id = ? ORDER BY position"""
_KEEP = """INSERT INTO remote_messages (conversation_id, remote_id, position, role, content, model, created_at)
    VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (conversation_id, remote_id) DO UPDATE SET
    position = excluded.position, role = excluded.role, content = excluded.content, model = excluded.model,
    created_at = excluded.created_at
    WHERE position <> excluded.position OR content <> excluded.content OR model <> excluded.model"""


def take_chats(
    connection: sqlite3.Connection,
    new_ids: Iterator[int],
    provider: str,
    board: str,
    board_name: str,
    chats: Sequence[ListedChat],
) -> list[ConversationRow]:
    """Take in conversations as a service lists them; return the rows that are new or say something else now."""
    changed = [_take(connection, new_ids, (provider, board, board_name), chat) for chat in chats]
    return conversations_of(connection, filter(None, changed))


def mark_gone(connection: sqlite3.Connection, conversation_id: int, gone: bool) -> None:
    """Note whether the service has the conversation no more."""
    connection.execute("UPDATE conversations SET remote_gone = ? WHERE id = ?", (gone, conversation_id))


def messages(connection: sqlite3.Connection, conversation_id: int) -> list[RemoteMessage]:
    """Return what is known of the messages that the service stored, oldest first."""
    return [RemoteMessage(*row) for row in connection.execute(_MESSAGES, (conversation_id,))]


def keep_messages(
    connection: sqlite3.Connection, conversation_id: int, found: Sequence[RemoteMessage], preview: str, mine: bool
) -> None:
    """Keep what the service stored, in place of what was kept of that; dropped for a deleted conversation."""
    row = connection.execute("SELECT preview FROM conversations WHERE id = ?", (conversation_id,)).fetchone()
    if row is None:
        return
    kept = {to_text(message.id) for message in found}
    for (remote_id,) in connection.execute(
        "SELECT remote_id FROM remote_messages WHERE conversation_id = ?", (conversation_id,)
    ).fetchall():
        if remote_id not in kept:
            key = (conversation_id, remote_id)
            connection.execute("DELETE FROM remote_messages WHERE conversation_id = ? AND remote_id = ?", key)
    connection.executemany(
        _KEEP,
        (
            (conversation_id, to_text(message.id), position, *map(to_text, _texts(message)))
            for position, message in enumerate(found)
        ),
    )
    if preview:
        values = (to_text(preview), mine, conversation_id)
        connection.execute("UPDATE conversations SET preview = ?, preview_mine = ? WHERE id = ?", values)


def _texts(message: RemoteMessage) -> tuple[str, str, str, str]:
    return message.role, message.content, message.model, message.created_at


def _take(
    connection: sqlite3.Connection, new_ids: Iterator[int], place: tuple[str, str, str], chat: ListedChat
) -> int | None:
    """Take in one; return its id where it is new or something of it changed."""
    provider, board, board_name = map(to_text, place)
    remote_id, title, at = to_text(chat.remote_id), to_text(chat.title), to_time(chat.at)
    known = connection.execute(_KNOWN, (remote_id, provider, board)).fetchone()
    if known is None:
        source = "service" if title else ""
        values = (next(new_ids), provider, board, board_name, title, source, remote_id, at, at)
        found = connection.execute(_ADD, (*values, provider, board, remote_id, at - _NEARLY_AT_ONCE))
        return found.lastrowid if found.rowcount else None
    conversation_id, known_title, source, updated_at, gone = known
    titled = bool(title) and title != known_title and source != "person"
    newer = at > updated_at + _NEARLY_AT_ONCE
    if titled:
        by_service = "UPDATE conversations SET title = ?, title_source = 'service' WHERE id = ?"
        connection.execute(by_service, (title, conversation_id))
    if newer:
        touch(connection, conversation_id, at)
    if gone:
        mark_gone(connection, conversation_id, gone=False)
    return int(conversation_id) if titled or newer or gone else None
