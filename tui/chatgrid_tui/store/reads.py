"""Read conversations. Each function runs within a transaction that its caller opens.

Cells are cast: a damaged file can contain values of any type, and only the damaged cell should be lost.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import groupby
from operator import itemgetter
from typing import Any

from chatgrid_tui.errors import StorageProblem
from chatgrid_tui.model.json import JsonObject
from chatgrid_tui.model.provider import RemoteMessage
from chatgrid_tui.model.reply_mark import REPLY_VERDICTS
from chatgrid_tui.model.saved_conversation import ConversationRow, SaidMessage, SavedReply, SavedTurn
from chatgrid_tui.store.conversion import (
    LOOKED_AT,
    from_time,
    one_line,
    to_failure,
    to_numbers,
    to_object,
    to_objects,
    to_seconds,
    to_state,
    to_texts,
    to_time,
    to_truth,
)

_ROW = """SELECT id, CAST(provider AS TEXT), CAST(board AS TEXT), CAST(board_name AS TEXT), CAST(title AS TEXT),
    CAST(remote_id AS TEXT), CAST(preview AS TEXT), CAST(preview_mine AS INTEGER), CAST(state AS TEXT),
    CAST(unread AS INTEGER), CAST(draft AS TEXT), CAST(updated_at AS INTEGER), CAST(remote_gone AS INTEGER),
    CAST(failure AS TEXT), CAST(verdict AS TEXT), CAST(pinned AS INTEGER), CAST(archived AS INTEGER)
    FROM conversations """
_NEWEST = _ROW + "ORDER BY updated_at DESC, id DESC LIMIT ?"
_OLDER = _ROW + "WHERE (updated_at, id) < (?, ?) ORDER BY updated_at DESC, id DESC LIMIT ?"
_LISTED = _ROW + "WHERE archived = 0 ORDER BY pinned DESC, updated_at DESC, id DESC LIMIT ?"
_ONE = _ROW + "WHERE id = ?"

_TURNS = """SELECT id, CAST(shown AS TEXT), CAST(sent AS TEXT), CAST(sent_at AS INTEGER), CAST(selected AS INTEGER),
    CAST(copied AS INTEGER) FROM turns WHERE conversation_id = ? ORDER BY id"""
_REPLIES = """SELECT r.turn_id, r.id, CAST(r.state AS TEXT), CAST(r.speaker AS TEXT), CAST(r.started_at AS INTEGER),
    CAST(r.attachments AS TEXT), CAST(r.suggestions AS TEXT), CAST(r.usage AS TEXT), CAST(r.model AS TEXT),
    CAST(r.remote_id AS TEXT), CAST(r.failure AS TEXT), CAST(r.first_token AS REAL), CAST(r.duration AS REAL),
    CAST(r.deltas AS INTEGER), CAST(r.warnings AS INTEGER), CAST(r.chosen AS INTEGER), CAST(r.finish_reason AS TEXT),
    CAST(r.reasoning AS TEXT), CAST(r.tool_calls AS TEXT), CAST(r.recording_kept AS INTEGER), CAST(r.truth AS TEXT),
    CAST(r.verdict AS TEXT), CAST(r.note AS TEXT), CAST(r.edited_message AS TEXT),
    CAST(r.chosen_before AS TEXT)
    FROM turns t JOIN replies r ON r.turn_id = t.id WHERE t.conversation_id = ? ORDER BY t.id, r.id"""
_PIECES = """SELECT p.reply_id, p.number, CAST(p.text AS TEXT)
    FROM turns t JOIN replies r ON r.turn_id = t.id JOIN bubble_pieces p ON p.reply_id = r.id
    WHERE t.conversation_id = ? ORDER BY t.id, r.id, p.number, p.seq"""
_PIECES_OF_ONE = """SELECT reply_id, number, CAST(text AS TEXT)
    FROM bubble_pieces WHERE reply_id = ? ORDER BY number, seq"""
_BEGINNINGS = """SELECT number, substr(CAST(text AS TEXT), 1, ?)
    FROM bubble_pieces WHERE reply_id = ? ORDER BY number DESC, seq"""
_MESSAGES = """SELECT CAST(remote_id AS TEXT), CAST(role AS TEXT), CAST(content AS TEXT), CAST(model AS TEXT),
    CAST(created_at AS TEXT) FROM remote_messages WHERE conversation_id = ? ORDER BY position"""

_SAID = """SELECT t.id, substr(CAST(t.sent AS TEXT), 1, ?), CAST(t.sent_at AS INTEGER), CAST(c.title AS TEXT),
    CAST(c.board_name AS TEXT) FROM turns t JOIN conversations c ON c.id = t.conversation_id
    WHERE t.conversation_id <> ? AND t.sent <> '' ORDER BY t.id DESC LIMIT ?"""
_BEGINNING = 2_000
"""Characters by which a message is found."""

_RECORDED_BYTES = """SELECT CAST(coalesce(sum(recording_size), 0) AS INTEGER) FROM replies
    WHERE recording_size > 0"""


def conversations(
    connection: sqlite3.Connection, limit: int, before: ConversationRow | None
) -> list[ConversationRow]:
    """Return at most `limit` conversations, newest first; with `before`, those that follow it."""
    if before is None:
        rows = connection.execute(_NEWEST, (limit,))
    else:
        rows = connection.execute(_OLDER, (to_time(before.updated_at), before.id, limit))
    return list(map(_conversation, rows))


def listed(connection: sqlite3.Connection, limit: int) -> list[ConversationRow]:
    """Return the first `limit` conversations of the list: pinned ones, then the newest; none that are archived."""
    return list(map(_conversation, connection.execute(_LISTED, (limit,))))


def conversations_by_id(connection: sqlite3.Connection, ids: Iterable[int]) -> list[ConversationRow]:
    """Return the conversations with these ids, in their order, without those that do not exist."""
    rows = (connection.execute(_ONE, (conversation_id,)).fetchone() for conversation_id in ids)
    return [_conversation(row) for row in rows if row is not None]


def count(connection: sqlite3.Connection) -> int:
    """Return how many conversations there are."""
    number: int = connection.execute("SELECT count(*) FROM conversations").fetchone()[0]
    return number


def conversation(connection: sqlite3.Connection, conversation_id: int) -> ConversationRow:
    """Return a conversation.

    Raises:
        StorageProblem: it does not exist.
    """
    row = connection.execute(_ONE, (conversation_id,)).fetchone()
    if row is None:
        raise StorageProblem("This conversation is no longer in the history.")
    return _conversation(row)


def options(connection: sqlite3.Connection, conversation_id: int) -> JsonObject | None:
    """Return the options of a conversation that differ from those of its provider, if any."""
    query = "SELECT CAST(options AS TEXT) FROM conversations WHERE id = ?"
    row = connection.execute(query, (conversation_id,)).fetchone()
    return None if row is None else to_object(row[0])


def turns(connection: sqlite3.Connection, conversation_id: int) -> list[SavedTurn]:
    """Return all turns of a conversation, oldest first, with three statements however many there are."""
    key = (conversation_id,)
    bubbles = _bubbles(connection.execute(_PIECES, key))
    replies: dict[int, list[SavedReply]] = {}
    for turn_id, reply_id, *row in connection.execute(_REPLIES, key):
        replies.setdefault(turn_id, []).append(_reply(reply_id, bubbles.get(reply_id, ()), row))
    return [
        SavedTurn(turn_id, shown, sent, from_time(sent_at), tuple(replies.get(turn_id, ())), selected, bool(copied))
        for turn_id, shown, sent, sent_at, selected, copied in connection.execute(_TURNS, key)
    ]


def said(connection: sqlite3.Connection, not_in: int, limit: int) -> list[SaidMessage]:
    """Return the newest messages of the user in conversations other than `not_in`."""
    rows = connection.execute(_SAID, (_BEGINNING, not_in, limit))
    return [SaidMessage(turn_id, text, from_time(at), *names) for turn_id, text, at, *names in rows]


def message(connection: sqlite3.Connection, turn_id: int) -> str:
    """Return what was sent in a turn.

    Raises:
        StorageProblem: it does not exist.
    """
    row = connection.execute("SELECT CAST(sent AS TEXT) FROM turns WHERE id = ?", (turn_id,)).fetchone()
    if row is None:
        raise StorageProblem("This message is no longer in the history.")
    text: str = row[0]
    return text


def bubbles_of(connection: sqlite3.Connection, reply_id: int) -> tuple[str, ...]:
    """Return the texts of the bubbles of a reply."""
    return _bubbles(connection.execute(_PIECES_OF_ONE, (reply_id,))).get(reply_id, ())


def last_line(connection: sqlite3.Connection, reply_id: int, limit: int) -> str:
    """Return the beginning of the last bubble that has text, on one line, at most `limit` characters.

    Only the beginnings of the pieces are read: a reply may be tens of megabytes long.
    """
    pieces = connection.execute(_BEGINNINGS, (LOOKED_AT * limit, reply_id))
    for _, bubble in groupby(pieces, key=itemgetter(0)):
        if line := one_line("".join(text for _, text in bubble), limit):
            return line
    return ""


def recorded_bytes(connection: sqlite3.Connection) -> int:
    """Return how many bytes all recordings take."""
    size: int = connection.execute(_RECORDED_BYTES).fetchone()[0]
    return size


def recordings(connection: sqlite3.Connection, reply_id: int) -> list[bytes]:
    """Return the recordings of a reply in their order, without damaged ones."""
    rows = connection.execute("SELECT data FROM recordings WHERE reply_id = ? ORDER BY number", (reply_id,))
    uncompressed: list[bytes] = []
    for (data,) in rows:
        with suppress(zlib.error, TypeError):
            uncompressed.append(zlib.decompress(data))
    return uncompressed


def messages(connection: sqlite3.Connection, conversation_id: int) -> list[RemoteMessage]:
    """Return the saved messages of a conversation at its service, oldest first."""
    return [RemoteMessage(*row) for row in connection.execute(_MESSAGES, (conversation_id,))]


def _conversation(row: Sequence[Any]) -> ConversationRow:
    """Return a row of the list from the columns of `_ROW`."""
    number, provider, board, board_name, title, remote_id, preview, mine, state, unread, draft, *rest = row
    updated_at, gone, failure, verdict, pinned, archived = rest
    return ConversationRow(
        number,
        provider,
        board,
        board_name,
        title,
        remote_id,
        preview,
        bool(mine),
        None if state is None else to_state(state),
        unread,
        draft,
        from_time(updated_at),
        bool(gone),
        to_failure(failure),
        REPLY_VERDICTS.get(verdict),
        bool(pinned),
        bool(archived),
    )


def _reply(reply_id: int, bubbles: tuple[str, ...], row: Sequence[Any]) -> SavedReply:
    """Return a reply from the columns of `_REPLIES` after the ids."""
    state, speaker, started_at, attachments, suggestions, usage, model, remote_id, failure, *rest = row
    first_token, duration, deltas, warnings, chosen, finish_reason, reasoning, tool_calls, *rest = rest
    recording_kept, truth, verdict, note, edited_message, chosen_before = rest
    return SavedReply(
        id=reply_id,
        state=to_state(state),
        speaker=speaker,
        started_at=from_time(started_at),
        bubbles=bubbles,
        attachments=to_objects(attachments),
        suggestions=to_objects(suggestions),
        usage=to_object(usage),
        model=model,
        remote_id=remote_id,
        failure=to_failure(failure),
        first_token=to_seconds(first_token),
        duration=to_seconds(duration),
        deltas=deltas,
        warnings=warnings,
        chosen=() if chosen is None else (*to_numbers(chosen_before), chosen),
        finish_reason=finish_reason,
        reasoning=to_texts(reasoning),
        tool_calls=to_objects(tool_calls),
        recording_kept=bool(recording_kept),
        truth=to_truth(truth),
        verdict=REPLY_VERDICTS.get(verdict),
        note=note,
        edited_message=edited_message,
    )


def _bubbles(pieces: Iterable[tuple[int, int, str]]) -> dict[int, tuple[str, ...]]:
    """Join pieces, which come in order, into the texts of the bubbles of each reply."""
    texts: dict[int, dict[int, list[str]]] = {}
    for reply_id, number, text in pieces:
        texts.setdefault(reply_id, {}).setdefault(number, []).append(text)
    return {reply_id: tuple(map("".join, numbered.values())) for reply_id, numbered in texts.items()}
