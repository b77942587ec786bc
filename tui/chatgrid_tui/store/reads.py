"""What is read, each within one transaction that somebody else opens."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable
from contextlib import suppress
from itertools import groupby
from operator import itemgetter

from chatgrid_tui.errors import StorageProblem
from chatgrid_tui.model.history import ConversationRow, SavedReply, SavedTurn
from chatgrid_tui.model.json import JsonObject
from chatgrid_tui.store.rows import (
    LOOKED_AT,
    from_time,
    one_line,
    to_failure,
    to_object,
    to_objects,
    to_state,
    to_texts,
    to_time,
)

# CAST: a damaged cell can hold bytes in place of a text.
_ROW = """SELECT id, CAST(provider AS TEXT), CAST(board AS TEXT), CAST(board_name AS TEXT), CAST(title AS TEXT),
    CAST(remote_id AS TEXT), CAST(preview AS TEXT), preview_mine, state, unread, CAST(draft AS TEXT), updated_at,
    remote_gone FROM conversations """
_NEWEST = _ROW + "ORDER BY updated_at DESC, id DESC LIMIT ?"
_OLDER = _ROW + "WHERE (updated_at, id) < (?, ?) ORDER BY updated_at DESC, id DESC LIMIT ?"
_ONE = _ROW + "WHERE id = ?"

_TURNS = """SELECT id, CAST(shown AS TEXT), CAST(sent AS TEXT), sent_at, selected FROM turns
    WHERE conversation_id = ? ORDER BY id"""
_REPLIES = """SELECT r.turn_id, r.id, r.state, CAST(r.speaker AS TEXT), r.started_at, r.attachments, r.suggestions,
    r.usage, CAST(r.model AS TEXT), CAST(r.remote_id AS TEXT), r.failure, r.first_token, r.duration, r.deltas,
    r.warnings, r.chosen, CAST(r.finish_reason AS TEXT), r.reasoning, r.tool_calls
    FROM turns t JOIN replies r ON r.turn_id = t.id WHERE t.conversation_id = ? ORDER BY t.id, r.id"""
_PIECES = """SELECT p.reply_id, p.number, CAST(p.text AS TEXT)
    FROM turns t JOIN replies r ON r.turn_id = t.id JOIN bubble_pieces p ON p.reply_id = r.id
    WHERE t.conversation_id = ? ORDER BY t.id, r.id, p.number, p.seq"""
_PIECES_OF_ONE = """SELECT reply_id, number, CAST(text AS TEXT)
    FROM bubble_pieces WHERE reply_id = ? ORDER BY number, seq"""
_BEGINNINGS = """SELECT number, substr(CAST(text AS TEXT), 1, ?)
    FROM bubble_pieces WHERE reply_id = ? ORDER BY number DESC, seq"""


def conversations(
    connection: sqlite3.Connection, limit: int, before: ConversationRow | None
) -> list[ConversationRow]:
    """Return at most `limit` conversations, newest first; those that come after `before`, where it is given."""
    if before is None:
        found = connection.execute(_NEWEST, (limit,))
    else:
        found = connection.execute(_OLDER, (to_time(before.updated_at), before.id, limit))
    return [row_of(*row) for row in found]


def conversations_of(connection: sqlite3.Connection, ids: Iterable[int]) -> list[ConversationRow]:
    """Return the conversations of these ids, in their order; those that are not there are left out."""
    found = (connection.execute(_ONE, (conversation_id,)).fetchone() for conversation_id in ids)
    return [row_of(*row) for row in found if row is not None]


def count(connection: sqlite3.Connection) -> int:
    """Return how many conversations there are."""
    number: int = connection.execute("SELECT count(*) FROM conversations").fetchone()[0]
    return number


def conversation(connection: sqlite3.Connection, conversation_id: int) -> ConversationRow:
    """Return one conversation.

    Raises:
        StorageProblem: it is not there.
    """
    row = connection.execute(_ONE, (conversation_id,)).fetchone()
    if row is None:
        raise StorageProblem("This conversation is no longer in the history.")
    return row_of(*row)


def options(connection: sqlite3.Connection, conversation_id: int) -> JsonObject | None:
    """Return what a conversation sends otherwise than its provider says, None where that is nothing."""
    row = connection.execute("SELECT options FROM conversations WHERE id = ?", (conversation_id,)).fetchone()
    return None if row is None else to_object(row[0])


def turns(connection: sqlite3.Connection, conversation_id: int) -> list[SavedTurn]:
    """Return all turns of a conversation, oldest first: three statements, however many there are."""
    key = (conversation_id,)
    bubbles = _bubbles(connection.execute(_PIECES, key))
    replies: dict[int, list[SavedReply]] = {}
    for row in connection.execute(_REPLIES, key):
        replies.setdefault(row[0], []).append(_reply(bubbles.get(row[1], ()), *row[1:]))
    return [
        SavedTurn(turn_id, shown, sent, from_time(sent_at), tuple(replies.get(turn_id, ())), selected)
        for turn_id, shown, sent, sent_at, selected in connection.execute(_TURNS, key)
    ]


def bubbles_of(connection: sqlite3.Connection, reply_id: int) -> tuple[str, ...]:
    """Return the texts of one reply's bubbles."""
    return _bubbles(connection.execute(_PIECES_OF_ONE, (reply_id,))).get(reply_id, ())


def last_line(connection: sqlite3.Connection, reply_id: int, limit: int) -> str:
    """Return the beginning of the last bubble that says something on one line, at most `limit` characters.

    Only the beginnings of the pieces are read: a reply may be tens of megabytes long.
    """
    pieces = connection.execute(_BEGINNINGS, (LOOKED_AT * limit, reply_id))
    for _, bubble in groupby(pieces, key=itemgetter(0)):
        if line := one_line("".join(text for _, text in bubble), limit):
            return line
    return ""


def recordings(connection: sqlite3.Connection, reply_id: int) -> list[bytes]:
    """Return the recordings of a reply in their order. One that is damaged is left out."""
    rows = connection.execute("SELECT data FROM recordings WHERE reply_id = ? ORDER BY number", (reply_id,))
    uncompressed: list[bytes] = []
    for (data,) in rows:
        with suppress(zlib.error):
            uncompressed.append(zlib.decompress(data))
    return uncompressed


def row_of(
    conversation_id: int,
    provider: str,
    board: str,
    board_name: str,
    title: str,
    remote_id: str,
    preview: str,
    preview_mine: int,
    state: str | None,
    unread: int,
    draft: str,
    updated_at: int,
    remote_gone: int,
) -> ConversationRow:
    """Return a row of the list, made of what `conversations` selects."""
    return ConversationRow(
        id=conversation_id,
        provider=provider,
        board=board,
        board_name=board_name,
        title=title,
        remote_id=remote_id,
        preview=preview,
        preview_mine=bool(preview_mine),
        state=None if state is None else to_state(state),
        unread=unread,
        draft=draft,
        updated_at=from_time(updated_at),
        gone=bool(remote_gone),
    )


def _reply(
    bubbles: tuple[str, ...],
    reply_id: int,
    state: str,
    speaker: str,
    started_at: int,
    attachments: str | None,
    suggestions: str | None,
    usage: str | None,
    model: str,
    remote_id: str,
    failure: str | None,
    first_token: float | None,
    duration: float | None,
    deltas: int,
    warnings: int,
    chosen: int | None,
    finish_reason: str,
    reasoning: str | None,
    tool_calls: str | None,
) -> SavedReply:
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
        first_token=first_token,
        duration=duration,
        deltas=deltas,
        warnings=warnings,
        chosen=chosen,
        finish_reason=finish_reason,
        reasoning=to_texts(reasoning),
        tool_calls=to_objects(tool_calls),
    )


def _bubbles(pieces: Iterable[tuple[int, int, str]]) -> dict[int, tuple[str, ...]]:
    """Join the pieces, which come in order, to the texts of the bubbles of each reply."""
    texts: dict[int, dict[int, list[str]]] = {}
    for reply_id, number, text in pieces:
        texts.setdefault(reply_id, {}).setdefault(number, []).append(text)
    return {reply_id: tuple(map("".join, numbered.values())) for reply_id, numbered in texts.items()}
