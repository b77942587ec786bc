"""What is written, each within one transaction that somebody else opens. All of it may be run twice.

What belongs to a reply that was deleted meanwhile is dropped without a word: a conversation may be deleted
while the reply to it still comes in.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime

from chatgrid_tui.model.history import LIVE_STATES, SavedReply
from chatgrid_tui.model.json import JsonObject
from chatgrid_tui.store.reads import bubbles_of, last_line
from chatgrid_tui.store.rows import from_failure, one_line, to_json, to_text, to_time

_PREVIEW = 200
"""Characters of a preview: more than the widest list shows."""
_TITLE = 80
_PIECE = 64 * 1024
"""Characters of a text in one row: the connection holds the last row that was written."""
_LIVE = tuple(sorted(LIVE_STATES))

_SAVE_REPLY = """UPDATE replies SET state = ?, speaker = ?, started_at = ?, model = ?, remote_id = ?, attachments = ?,
    suggestions = ?, usage = ?, failure = ?, first_token = ?, duration = ?, deltas = ?, warnings = ?, chosen = ?,
    finish_reason = ?, reasoning = ?, tool_calls = ?
    WHERE id = ?"""
_NEWEST_TURN = "SELECT id, shown FROM turns WHERE conversation_id = ? ORDER BY id DESC LIMIT 1"
_NEWEST_REPLY = """SELECT t.id, r.id, r.state FROM turns t JOIN replies r ON r.turn_id = t.id
    WHERE t.conversation_id = ? ORDER BY t.id DESC, r.id DESC LIMIT 1"""
_LISTED_TWICE = """SELECT double.id FROM conversations double JOIN conversations named
    ON double.provider = named.provider AND double.board = named.board AND double.remote_id = ?
    AND double.remote_id <> '' AND named.id = ?
    WHERE double.id <> named.id AND double.draft = ''
    AND NOT EXISTS (SELECT 1 FROM turns WHERE conversation_id = double.id)"""
_DISMISS = """INSERT OR REPLACE INTO dismissed (provider, board, remote_id, at)
    SELECT provider, board, remote_id, max(updated_at, ?) FROM conversations WHERE id = ? AND remote_id <> ''"""
_CONVERSATION_OF_REPLY = "SELECT t.conversation_id FROM replies r JOIN turns t ON t.id = r.turn_id WHERE r.id = ?"


def create(
    connection: sqlite3.Connection, new: int, provider: str, board: str, board_name: str, title: str, at: datetime
) -> None:
    """Begin a conversation with the id `new`. A title given here is, as in `add_turn`, only the first words of it:
    the service and the person may overrule it.
    """
    names = tuple(map(to_text, (provider, board, board_name, title)))
    connection.execute(
        """INSERT INTO conversations (id, provider, board, board_name, title, title_source, created_at, updated_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
        (new, *names, "first line" if title else "", to_time(at), to_time(at)),
    )


def rename(connection: sqlite3.Connection, conversation_id: int, title: str, by_service: bool) -> None:
    """Set the title. The service does not overrule a title that a person gave."""
    connection.execute(
        """UPDATE conversations SET title = ?, title_source = ?
        WHERE id = ? AND NOT (title_source = 'person' AND ?)""",
        (to_text(title), "service" if by_service else "person", conversation_id, by_service),
    )


def name_remote(connection: sqlite3.Connection, conversation_id: int, remote_id: str) -> list[int]:
    """Set the service's id of the conversation. Where the service listed it under that id meanwhile, so that it is
    there twice, the one in which nothing was said here goes; return the ids of those.
    """
    key = (to_text(remote_id), conversation_id)
    connection.execute("UPDATE conversations SET remote_id = ?, remote_gone = 0 WHERE id = ?", key)
    doubles = [row[0] for row in connection.execute(_LISTED_TWICE, key)] if remote_id else []
    for double in doubles:
        delete(connection, double)
    return doubles


def set_board(connection: sqlite3.Connection, conversation_id: int, board: str, board_name: str) -> None:
    """Set the board of a conversation."""
    values = (to_text(board), to_text(board_name), conversation_id)
    connection.execute("UPDATE conversations SET board = ?, board_name = ? WHERE id = ?", values)


def save_options(connection: sqlite3.Connection, conversation_id: int, options: JsonObject | None) -> None:
    """Set what the conversation sends otherwise than its provider says."""
    written = None if options is None else to_json(options)
    connection.execute("UPDATE conversations SET options = ? WHERE id = ?", (written, conversation_id))


def save_draft(connection: sqlite3.Connection, conversation_id: int, text: str) -> None:
    """Set what is typed but not sent."""
    connection.execute("UPDATE conversations SET draft = ? WHERE id = ?", (to_text(text), conversation_id))


def delete(connection: sqlite3.Connection, conversation_id: int, at: datetime | None = None) -> None:
    """Delete the conversation and all that belongs to it. Where a person did so, `at` is when: the service's listing
    does not bring it back then.
    """
    if at is not None:
        connection.execute(_DISMISS, (to_time(at), conversation_id))
    connection.execute("DELETE FROM conversations WHERE id = ?", (conversation_id,))


def mark_read(connection: sqlite3.Connection, conversation_id: int) -> None:
    """Count nothing as unread."""
    connection.execute("UPDATE conversations SET unread = 0 WHERE id = ? AND unread", (conversation_id,))


def bump_unread(connection: sqlite3.Connection, conversation_id: int) -> None:
    """Count one more as unread."""
    connection.execute("UPDATE conversations SET unread = unread + 1 WHERE id = ?", (conversation_id,))


def add_turn(
    connection: sqlite3.Connection, new: int, conversation_id: int, shown: str, sent: str, at: datetime
) -> None:
    """Add a user's message as the turn `new`. The first one's first line becomes the title."""
    connection.execute(
        "INSERT INTO turns (id, conversation_id, shown, sent, sent_at) VALUES (?, ?, ?, ?, ?)",
        (new, conversation_id, to_text(shown), to_text(sent), to_time(at)),
    )
    first_line = next((line for line in shown.splitlines() if line.strip()), "")
    connection.execute(
        "UPDATE conversations SET title = ?, title_source = 'first line' WHERE id = ? AND title = ''",
        (to_text(one_line(first_line, _TITLE)), conversation_id),
    )
    touch(connection, conversation_id, to_time(at))
    refresh(connection, conversation_id)


def delete_turn(connection: sqlite3.Connection, turn_id: int) -> None:
    """Delete a turn and its replies."""
    row = connection.execute("SELECT conversation_id FROM turns WHERE id = ?", (turn_id,)).fetchone()
    if row is not None:
        connection.execute("DELETE FROM turns WHERE id = ?", (turn_id,))
        refresh(connection, row[0])


def select_reply(connection: sqlite3.Connection, turn_id: int, number: int | None) -> None:
    """Choose a reply of a turn by its place; None for the newest."""
    connection.execute("UPDATE turns SET selected = ? WHERE id = ?", (number, turn_id))


def add_reply(connection: sqlite3.Connection, new: int, turn_id: int, speaker: str, at: datetime) -> None:
    """Add a reply that is waited for, with the id `new`. It counts in place of the one that was selected."""
    select_reply(connection, turn_id, None)
    connection.execute(
        "INSERT INTO replies (id, turn_id, state, speaker, started_at) VALUES (?, ?, 'waiting', ?, ?)",
        (new, turn_id, to_text(speaker), to_time(at)),
    )
    conversation_id = _conversation_of(connection, new)
    if conversation_id is not None:
        touch(connection, conversation_id, to_time(at))
        refresh(connection, conversation_id)


def append(connection: sqlite3.Connection, reply_id: int, pieces: Sequence[tuple[int, str]]) -> None:
    """Add text to the ends of bubbles."""
    conversation_id = _conversation_of(connection, reply_id)
    if conversation_id is None:
        return
    _insert_pieces(connection, reply_id, pieces)
    begun = connection.execute("UPDATE replies SET state = 'writing' WHERE id = ? AND state = 'waiting'", (reply_id,))
    if begun.rowcount:
        refresh(connection, conversation_id)


def save_reply(connection: sqlite3.Connection, reply: SavedReply) -> None:
    """Set all of a reply; its texts take the place of the pieces."""
    conversation_id = _conversation_of(connection, reply.id)
    if conversation_id is None:
        return
    connection.execute(
        _SAVE_REPLY,
        (
            reply.state,
            to_text(reply.speaker),
            to_time(reply.started_at),
            to_text(reply.model),
            to_text(reply.remote_id),
            to_json(reply.attachments),
            to_json(reply.suggestions),
            to_json(reply.usage),
            from_failure(reply.failure),
            reply.first_token,
            reply.duration,
            reply.deltas,
            reply.warnings,
            reply.chosen,
            to_text(reply.finish_reason),
            to_json(reply.reasoning),
            to_json(reply.tool_calls),
            reply.id,
        ),
    )
    _replace_pieces(connection, reply.id, reply.bubbles)
    touch(connection, conversation_id, to_time(reply.started_at) + round((reply.duration or 0.0) * 1_000_000))
    refresh(connection, conversation_id)


def keep_recordings(connection: sqlite3.Connection, reply_id: int, recordings: Sequence[bytes]) -> None:
    """Keep the compressed recordings of a reply, in place of earlier ones."""
    if _conversation_of(connection, reply_id) is None:
        return
    connection.execute("DELETE FROM recordings WHERE reply_id = ?", (reply_id,))
    for number, data in enumerate(recordings):
        # Not as a parameter: the connection would hold a copy of it until the statement is used again.
        statement = "INSERT INTO recordings (reply_id, number, data) VALUES (?, ?, zeroblob(?))"
        row_id = connection.execute(statement, (reply_id, number, len(data))).lastrowid
        assert row_id is not None
        with connection.blobopen("recordings", "data", row_id) as blob:
            blob.write(data)


def mark_interrupted(connection: sqlite3.Connection) -> None:
    """Close the replies that an earlier run left unfinished; their text is kept."""
    left = connection.execute(f"SELECT id FROM replies WHERE state IN {_LIVE}").fetchall()  # noqa: S608  # our own words
    for (reply_id,) in left:
        connection.execute("UPDATE replies SET state = 'interrupted' WHERE id = ?", (reply_id,))
        _replace_pieces(connection, reply_id, bubbles_of(connection, reply_id))
        conversation_id = _conversation_of(connection, reply_id)
        if conversation_id is not None:
            refresh(connection, conversation_id)


def touch(connection: sqlite3.Connection, conversation_id: int, at: int) -> None:
    """Move the conversation up to `at`, in microseconds; never back."""
    connection.execute(
        "UPDATE conversations SET updated_at = max(updated_at, ?) WHERE id = ?",
        (at, conversation_id),
    )


def refresh(connection: sqlite3.Connection, conversation_id: int) -> None:
    """Copy what the list shows of the newest turn into the conversation's row: the list then reads only rows."""
    key = (conversation_id,)
    turn_id, shown = connection.execute(_NEWEST_TURN, key).fetchone() or (None, "")
    answered, reply_id, state = connection.execute(_NEWEST_REPLY, key).fetchone() or (None, None, None)
    said = last_line(connection, reply_id, _PREVIEW) if reply_id is not None and answered == turn_id else ""
    preview = said or one_line(shown, _PREVIEW)
    connection.execute(
        "UPDATE conversations SET preview = ?, preview_mine = ?, state = ? WHERE id = ?",
        (to_text(preview), bool(preview and not said), state, *key),
    )


def _insert_pieces(connection: sqlite3.Connection, reply_id: int, texts: Iterable[tuple[int, str]]) -> None:
    connection.executemany(
        "INSERT INTO bubble_pieces (reply_id, number, text) VALUES (?, ?, ?)",
        (
            (reply_id, number, to_text(text[at : at + _PIECE]))
            for number, text in texts
            for at in range(0, len(text) or 1, _PIECE)
        ),
    )


def _replace_pieces(connection: sqlite3.Connection, reply_id: int, bubbles: Sequence[str]) -> None:
    connection.execute("DELETE FROM bubble_pieces WHERE reply_id = ?", (reply_id,))
    _insert_pieces(connection, reply_id, enumerate(bubbles))


def _conversation_of(connection: sqlite3.Connection, reply_id: int) -> int | None:
    row = connection.execute(_CONVERSATION_OF_REPLY, (reply_id,)).fetchone()
    return None if row is None else int(row[0])
