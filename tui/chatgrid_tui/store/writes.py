"""Write conversations. Each function runs within a transaction that its caller opens, and may run twice.

Writes to a deleted reply have no effect: a conversation may be deleted while a reply is being written.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from chatgrid_tui.model.json import JsonObject
from chatgrid_tui.model.reply_mark import ReplyVerdict
from chatgrid_tui.model.saved_conversation import LIVE_STATES, SavedReply
from chatgrid_tui.model.truth_check import TruthCheck
from chatgrid_tui.store.conversion import from_failure, from_truth, one_line, to_json, to_text, to_time
from chatgrid_tui.store.reads import bubbles_of, last_line, recorded_bytes

_PREVIEW: Final = 200
"""Characters of a preview: more than the widest list shows."""
_TITLE: Final = 80
_PIECE: Final = 64 * 1024
"""Characters of a text in one row: the connection keeps a copy of the last row that was written."""
_LIVE = tuple(sorted(LIVE_STATES))

_SAVE_REPLY = """UPDATE replies SET state = ?, speaker = ?, started_at = ?, model = ?, remote_id = ?, attachments = ?,
    suggestions = ?, usage = ?, failure = ?, first_token = ?, duration = ?, deltas = ?, warnings = ?, chosen = ?,
    chosen_before = ?, finish_reason = ?, reasoning = ?, tool_calls = ?, truth = ?, verdict = ?, note = ?
    WHERE id = ?"""
_COPY_TURN = """INSERT INTO turns (id, conversation_id, shown, sent, sent_at)
    SELECT ?, conversation_id, shown, sent, sent_at FROM turns WHERE id = ?"""
_NEWEST_TURN = "SELECT id, shown FROM turns WHERE conversation_id = ? ORDER BY id DESC LIMIT 1"
_NEWEST_ANSWERED = """SELECT t.id, t.selected FROM turns t JOIN replies r ON r.turn_id = t.id
    WHERE t.conversation_id = ? ORDER BY t.id DESC LIMIT 1"""
_NEWEST_VERDICT = """SELECT r.verdict FROM turns t JOIN replies r ON r.turn_id = t.id
    WHERE t.conversation_id = ? AND r.verdict <> '' ORDER BY t.id DESC, r.id DESC LIMIT 1"""
_REPLIES_OF_TURN = "SELECT id, state, failure, edited_message FROM replies WHERE turn_id = ? ORDER BY id"
_DUPLICATES = """SELECT double.id FROM conversations double JOIN conversations named
    ON double.provider = named.provider AND double.board = named.board AND double.remote_id = ?
    AND double.remote_id <> '' AND named.id = ?
    WHERE double.id <> named.id AND double.draft = ''
    AND NOT EXISTS (SELECT 1 FROM turns WHERE conversation_id = double.id)"""
_DISMISS = """INSERT OR REPLACE INTO dismissed (provider, board, remote_id, at)
    SELECT provider, board, remote_id, max(updated_at, ?) FROM conversations WHERE id = ? AND remote_id <> ''"""
_OLDEST_RECORDINGS = """SELECT id, CAST(recording_size AS INTEGER) FROM replies
    WHERE recording_size > 0 AND NOT recording_kept ORDER BY id LIMIT ?"""
_DELETED_AT_ONCE: Final = 64
_BYTES_AT_ONCE: Final = 16 * 1024 * 1024
"""Bytes of recordings that are deleted in one transaction, so that what else is to be written does not wait."""
_CONVERSATION_OF_REPLY = "SELECT t.conversation_id FROM replies r JOIN turns t ON t.id = r.turn_id WHERE r.id = ?"


def create(
    connection: sqlite3.Connection, new: int, provider: str, board: str, board_name: str, title: str, at: datetime
) -> None:
    """Create a conversation with the id `new`. As in `add_turn`, its title is only the first line of a message: the
    service and the user may replace it.
    """
    names = tuple(map(to_text, (provider, board, board_name, title)))
    connection.execute(
        """INSERT INTO conversations (id, provider, board, board_name, title, title_source, created_at, updated_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
        (new, *names, "first line" if title else "", to_time(at), to_time(at)),
    )


def rename(connection: sqlite3.Connection, conversation_id: int, title: str, by_service: bool) -> None:
    """Set the title. The service does not replace one that the user gave."""
    connection.execute(
        """UPDATE conversations SET title = ?, title_source = ?
        WHERE id = ? AND NOT (title_source = 'person' AND ?)""",
        (to_text(title), "service" if by_service else "person", conversation_id, by_service),
    )


def set_remote_id(connection: sqlite3.Connection, conversation_id: int, remote_id: str) -> list[int]:
    """Set the service's id of a conversation. If the service has listed it in the meantime, so that two rows have
    this id, delete the one without turns, and return the ids of deleted rows.
    """
    key = (to_text(remote_id), conversation_id)
    connection.execute("UPDATE conversations SET remote_id = ?, remote_gone = 0 WHERE id = ?", key)
    duplicates = [row[0] for row in connection.execute(_DUPLICATES, key)] if remote_id else []
    for duplicate in duplicates:
        delete(connection, duplicate)
    return duplicates


def set_board(connection: sqlite3.Connection, conversation_id: int, board: str, board_name: str) -> None:
    """Set the board of a conversation."""
    values = (to_text(board), to_text(board_name), conversation_id)
    connection.execute("UPDATE conversations SET board = ?, board_name = ? WHERE id = ?", values)


def save_options(connection: sqlite3.Connection, conversation_id: int, options: JsonObject | None) -> None:
    """Set the options of a conversation that differ from those of its provider."""
    value = None if options is None else to_json(options)
    connection.execute("UPDATE conversations SET options = ? WHERE id = ?", (value, conversation_id))


def save_draft(connection: sqlite3.Connection, conversation_id: int, text: str) -> None:
    """Set the draft of a conversation."""
    connection.execute("UPDATE conversations SET draft = ? WHERE id = ?", (to_text(text), conversation_id))


def delete(connection: sqlite3.Connection, conversation_id: int, at: datetime | None = None) -> None:
    """Delete a conversation with everything in it. `at` is the time if the user deleted it: the service's list then
    does not bring it back.
    """
    if at is not None:
        connection.execute(_DISMISS, (to_time(at), conversation_id))
    connection.execute("DELETE FROM conversations WHERE id = ?", (conversation_id,))


def pin(connection: sqlite3.Connection, conversation_ids: Iterable[int], pinned: bool) -> None:
    """Put conversations first in the list, or no longer. Those that are archived return to it."""
    update = "UPDATE conversations SET pinned = ?, archived = 0 WHERE id = ?"
    connection.executemany(update, ((pinned, conversation_id) for conversation_id in conversation_ids))


def archive(connection: sqlite3.Connection, conversation_ids: Iterable[int], archived: bool) -> None:
    """Take conversations out of the list, where they are no longer pinned, or put them back."""
    update = "UPDATE conversations SET archived = ?, pinned = 0 WHERE id = ?"
    connection.executemany(update, ((archived, conversation_id) for conversation_id in conversation_ids))


def mark_read(connection: sqlite3.Connection, conversation_id: int) -> None:
    """Set the number of unread replies to 0."""
    connection.execute("UPDATE conversations SET unread = 0 WHERE id = ? AND unread", (conversation_id,))


def bump_unread(connection: sqlite3.Connection, conversation_id: int) -> None:
    """Count one more unread reply."""
    connection.execute("UPDATE conversations SET unread = unread + 1 WHERE id = ?", (conversation_id,))


def add_turn(
    connection: sqlite3.Connection, new: int, conversation_id: int, shown: str, sent: str, at: datetime
) -> None:
    """Add a user's message as the turn `new`. The first line of the first message becomes the title. An archived
    conversation returns to the list.
    """
    connection.execute(
        "INSERT INTO turns (id, conversation_id, shown, sent, sent_at) VALUES (?, ?, ?, ?, ?)",
        (new, conversation_id, to_text(shown), to_text(sent), to_time(at)),
    )
    first_line = next((line for line in shown.splitlines() if line.strip()), "")
    connection.execute(
        "UPDATE conversations SET title = ?, title_source = 'first line' WHERE id = ? AND title = ''",
        (to_text(one_line(first_line, _TITLE)), conversation_id),
    )
    connection.execute("UPDATE conversations SET archived = 0 WHERE id = ?", (conversation_id,))
    touch(connection, conversation_id, to_time(at))
    refresh(connection, conversation_id)


def renumber(connection: sqlite3.Connection, turn_ids: Sequence[int], new: Sequence[int]) -> None:
    """Give turns without replies, all of one conversation, other ids."""
    for turn_id, new_id in zip(turn_ids, new, strict=True):
        connection.execute(_COPY_TURN, (new_id, turn_id))
        delete_turn(connection, turn_id)


def delete_turn(connection: sqlite3.Connection, turn_id: int) -> None:
    """Delete a turn and its replies."""
    row = connection.execute("SELECT conversation_id FROM turns WHERE id = ?", (turn_id,)).fetchone()
    if row is not None:
        connection.execute("DELETE FROM turns WHERE id = ?", (turn_id,))
        refresh(connection, row[0])
        refresh_verdict(connection, row[0])


def select_reply(connection: sqlite3.Connection, turn_id: int, number: int | None) -> None:
    """Select a reply of a turn by its index; None for the newest."""
    connection.execute("UPDATE turns SET selected = ? WHERE id = ?", (number, turn_id))
    row = connection.execute("SELECT conversation_id FROM turns WHERE id = ?", (turn_id,)).fetchone()
    if row is not None:
        refresh(connection, row[0])


def add_reply(
    connection: sqlite3.Connection,
    new: int,
    turn_id: int,
    speaker: str,
    at: datetime,
    edited_message: str | None = None,
) -> None:
    """Add a reply in the state `waiting`, with the id `new`. It replaces the selected one. `edited_message` is what
    it answers instead of the turn's message.
    """
    select_reply(connection, turn_id, None)
    edited = None if edited_message is None else to_text(edited_message)
    connection.execute(
        """INSERT INTO replies (id, turn_id, state, speaker, started_at, edited_message)
        VALUES (?, ?, 'waiting', ?, ?, ?)""",
        (new, turn_id, to_text(speaker), to_time(at), edited),
    )
    connection.execute("UPDATE turns SET copied = 0 WHERE id = ? AND copied", (turn_id,))
    conversation_id = _conversation_of(connection, new)
    if conversation_id is not None:
        touch(connection, conversation_id, to_time(at))
        refresh(connection, conversation_id)


def append(connection: sqlite3.Connection, reply_id: int, pieces: Sequence[tuple[int, str]]) -> None:
    """Append text to bubbles."""
    conversation_id = _conversation_of(connection, reply_id)
    if conversation_id is None:
        return
    insert_pieces(connection, reply_id, pieces)
    update = "UPDATE replies SET state = 'writing' WHERE id = ? AND state = 'waiting'"
    if connection.execute(update, (reply_id,)).rowcount:
        refresh(connection, conversation_id)


def save_reply(connection: sqlite3.Connection, reply: SavedReply) -> None:
    """Save the whole of a reply, including its texts."""
    conversation_id = _conversation_of(connection, reply.id)
    if conversation_id is None:
        return
    put_reply(connection, reply)
    if reply.verdict is not None:
        refresh_verdict(connection, conversation_id)
    touch(connection, conversation_id, to_time(reply.started_at) + round((reply.duration or 0.0) * 1_000_000))
    refresh(connection, conversation_id)


def put_reply(connection: sqlite3.Connection, reply: SavedReply) -> None:
    """Write a reply that has a row, and its texts, but not what the list shows of it."""
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
            reply.chosen[-1] if reply.chosen else None,
            to_json(reply.chosen[:-1]),
            to_text(reply.finish_reason),
            to_json(reply.reasoning),
            to_json(reply.tool_calls),
            from_truth(reply.truth),
            reply.verdict or "",
            to_text(reply.note),
            reply.id,
        ),
    )
    _replace_pieces(connection, reply.id, reply.bubbles)


def save_truth(connection: sqlite3.Connection, reply_id: int, truth: TruthCheck) -> None:
    """Save how a reply compares with what its service stored."""
    connection.execute("UPDATE replies SET truth = ? WHERE id = ?", (from_truth(truth), reply_id))


def save_mark(connection: sqlite3.Connection, reply_id: int, verdict: ReplyVerdict | None, note: str) -> None:
    """Save what the user says of a reply."""
    conversation_id = _conversation_of(connection, reply_id)
    if conversation_id is not None:
        values = (verdict or "", to_text(note), reply_id)
        connection.execute("UPDATE replies SET verdict = ?, note = ? WHERE id = ?", values)
        refresh_verdict(connection, conversation_id)


def save_recordings(connection: sqlite3.Connection, reply_id: int, recordings: Sequence[bytes]) -> None:
    """Save the compressed recordings of a reply, and delete earlier ones."""
    if _conversation_of(connection, reply_id) is None:
        return
    connection.execute("DELETE FROM recordings WHERE reply_id = ?", (reply_id,))
    for number, data in enumerate(recordings):
        # Not as a parameter: the connection would keep a copy of it until the statement is used again.
        statement = "INSERT INTO recordings (reply_id, number, data) VALUES (?, ?, zeroblob(?))"
        row_id = connection.execute(statement, (reply_id, number, len(data))).lastrowid
        assert row_id is not None
        with connection.blobopen("recordings", "data", row_id) as blob:
            blob.write(data)
    size = sum(map(len, recordings))
    connection.execute("UPDATE replies SET recording_size = ? WHERE id = ?", (size, reply_id))


def keep_recording(connection: sqlite3.Connection, reply_id: int, keep: bool) -> None:
    """Set whether the recordings of a reply stay, however much all recordings take."""
    connection.execute("UPDATE replies SET recording_kept = ? WHERE id = ?", (keep, reply_id))


def delete_old_recordings(connection: sqlite3.Connection, most: int) -> bool:
    """Delete a few of the oldest recordings that are not kept, if all take more than `most` bytes. Return whether
    there are more to delete.
    """
    excess = recorded_bytes(connection) - most
    if excess <= 0:
        return False
    oldest = connection.execute(_OLDEST_RECORDINGS, (_DELETED_AT_ONCE,)).fetchall()
    deleted = 0
    for reply_id, size in oldest:
        connection.execute("DELETE FROM recordings WHERE reply_id = ?", (reply_id,))
        connection.execute("UPDATE replies SET recording_size = 0 WHERE id = ?", (reply_id,))
        deleted += size
        if deleted >= min(excess, _BYTES_AT_ONCE):
            break
    return bool(oldest) and deleted < excess


def mark_interrupted(connection: sqlite3.Connection) -> None:
    """Mark the replies that an earlier run left unfinished as interrupted; their text is kept."""
    unfinished = connection.execute(f"SELECT id FROM replies WHERE state IN {_LIVE}").fetchall()  # noqa: S608  # constants
    for (reply_id,) in unfinished:
        connection.execute("UPDATE replies SET state = 'interrupted' WHERE id = ?", (reply_id,))
        _replace_pieces(connection, reply_id, bubbles_of(connection, reply_id))
        conversation_id = _conversation_of(connection, reply_id)
        if conversation_id is not None:
            refresh(connection, conversation_id)


def touch(connection: sqlite3.Connection, conversation_id: int, at: int) -> None:
    """Set when a conversation was changed last, in microseconds, unless it was changed later."""
    connection.execute(
        "UPDATE conversations SET updated_at = max(CAST(updated_at AS INTEGER), ?) WHERE id = ?",
        (at, conversation_id),
    )


def refresh(connection: sqlite3.Connection, conversation_id: int) -> None:
    """Copy what the list shows of the newest turn into the row of its conversation, the only thing the list reads."""
    key = (conversation_id,)
    turn_id, shown = connection.execute(_NEWEST_TURN, key).fetchone() or (None, "")
    answered_id, selected = connection.execute(_NEWEST_ANSWERED, key).fetchone() or (None, None)
    replies = connection.execute(_REPLIES_OF_TURN, (answered_id,)).fetchall() or [(None, None, None, None)]
    if not isinstance(selected, int) or selected not in range(len(replies)):
        selected = -1
    reply_id, state, failure, edited_message = replies[selected]
    if answered_id == turn_id:
        answer = last_line(connection, reply_id, _PREVIEW) if reply_id is not None else ""
        shown = shown if edited_message is None else str(edited_message)
    else:
        answer = ""
    preview = answer or one_line(shown, _PREVIEW)
    connection.execute(
        "UPDATE conversations SET preview = ?, preview_mine = ?, state = ?, failure = ? WHERE id = ?",
        (to_text(preview), bool(preview and not answer), state, failure, *key),
    )


def refresh_verdict(connection: sqlite3.Connection, conversation_id: int) -> None:
    """Copy the verdict on the newest reply that has one into the row of its conversation."""
    update = f"UPDATE conversations SET verdict = coalesce(({_NEWEST_VERDICT}), '') WHERE id = ?"  # noqa: S608  # constants
    connection.execute(update, (conversation_id, conversation_id))


def insert_pieces(connection: sqlite3.Connection, reply_id: int, texts: Iterable[tuple[int, str]]) -> None:
    """Add texts to bubbles of a reply: pairs of a bubble's number and a text."""
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
    insert_pieces(connection, reply_id, enumerate(bubbles))


def _conversation_of(connection: sqlite3.Connection, reply_id: int) -> int | None:
    row = connection.execute(_CONVERSATION_OF_REPLY, (reply_id,)).fetchone()
    return None if row is None else int(row[0])
