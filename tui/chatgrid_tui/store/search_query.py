"""Run a search in the index. The functions run within a transaction that their caller opens."""

# ruff: noqa: S608 - statements are put together from constants

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal

from chatgrid_tui.model.search import Hit, SearchQuery, SearchResults, Side
from chatgrid_tui.store.conversion import Value, from_time, to_time
from chatgrid_tui.store.search_text import BEGIN, END, match_expression, snippet_of
from chatgrid_tui.text import clean_line

NO_MODULE: Final = "This SQLite was built without full-text search (FTS5), so nothing can be searched."

_TITLE_LENGTH: Final = 200
_BOARDS_AT_MOST: Final = 10_000
"""Boards that a filter may match: SQLite limits the values of a statement."""
_ID: Final = "(-search.rowid >> 2)"
_KIND: Final = "(-search.rowid & 3)"
_CONVERSATION: Final = f"""CASE {_KIND} WHEN 0 THEN {_ID}
    WHEN 1 THEN (SELECT conversation_id FROM turns WHERE id = {_ID})
    WHEN 2 THEN (SELECT t.conversation_id FROM replies r JOIN turns t ON t.id = r.turn_id WHERE r.id = {_ID})
    ELSE (SELECT conversation_id FROM remote_messages WHERE id = {_ID}) END"""
_AT: Final = f"""CASE {_KIND}
    WHEN 0 THEN (SELECT updated_at FROM conversations WHERE id = {_ID})
    WHEN 1 THEN (SELECT sent_at FROM turns WHERE id = {_ID})
    WHEN 2 THEN (SELECT started_at FROM replies WHERE id = {_ID})
    ELSE (SELECT 1000000 * CAST(strftime('%s', created_at) AS INTEGER) FROM remote_messages WHERE id = {_ID}) END"""
_MINE: Final = f"""CASE {_KIND} WHEN 1 THEN 1 WHEN 2 THEN 0
    WHEN 3 THEN (SELECT role = 'user' FROM remote_messages WHERE id = {_ID}) END"""
_OF_REPLY: Final = f"({_KIND} = 2 AND (SELECT {{}} FROM replies WHERE id = {_ID}))"
_TURN: Final = f"CASE {_KIND} WHEN 1 THEN {_ID} WHEN 2 THEN (SELECT turn_id FROM replies WHERE id = {_ID}) ELSE 0 END"
_REMOTE_ID: Final = f"""CASE {_KIND} WHEN 3 THEN
    (SELECT CAST(remote_id AS TEXT) FROM remote_messages WHERE id = {_ID}) ELSE '' END"""
_FAILED: Final = _OF_REPLY.format("failure IS NOT NULL")
_COLUMNS: Final = ", ".join((_ID, _KIND, _CONVERSATION, _AT, _MINE, _FAILED, _TURN, _REMOTE_ID))
_SNIPPET: Final = f"snippet(search, 0, '{BEGIN}', '{END}', '…', 32)"
_BEGINNING: Final = "substr(text, 1, 200)"
_CONVERSATION_ROW: Final = """SELECT CAST(title AS TEXT), CAST(provider AS TEXT), CAST(board AS TEXT),
    CAST(board_name AS TEXT) FROM conversations WHERE id = ?"""
_BOARDS: Final = """SELECT DISTINCT CAST(provider AS TEXT), CAST(board AS TEXT), CAST(board_name AS TEXT)
    FROM conversations"""
_MESSAGES: Final = """SELECT (SELECT count(*) FROM conversations) + (SELECT count(*) FROM turns)
    + (SELECT count(*) FROM replies) + (SELECT count(*) FROM remote_messages)"""


def search(connection: sqlite3.Connection, query: SearchQuery, limit: int) -> SearchResults:
    """Return the best hits, at most `limit`; without words, the newest."""
    unindexed: int = connection.execute("SELECT count(*) FROM unindexed").fetchone()[0]
    messages: int = connection.execute(_MESSAGES).fetchone()[0] if unindexed else 0
    if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'search'").fetchone():
        return SearchResults((), unindexed=unindexed, messages=messages, query=query)
    conversations: dict[int, tuple[str, str, str, str] | None] = {}
    rows = _rows(connection, query, limit + 1)
    hits = [hit for row in rows[:limit] if (hit := _hit(connection, row, conversations)) is not None]
    return SearchResults(tuple(hits), len(rows) > limit, unindexed, messages, query=query)


def _rows(connection: sqlite3.Connection, query: SearchQuery, limit: int) -> list[Sequence[Any]]:
    """Return the best entries, and among equals the newer ones first, which have the lower row ids.

    FTS5 itself sorts by rank, so that only the rows that are returned cost more than their rank.
    """
    conditions: list[str] = []
    values: list[Value] = []
    order, text = f"{_AT} DESC, search.rowid", _BEGINNING
    if query.words:
        conditions, values = ["search MATCH ?"], [match_expression(query.words)]
        order, text = "rank", _SNIPPET
    for condition, *operands in _conditions(connection, query):
        conditions.append(str(condition))
        values += operands
    statement = f"SELECT {_COLUMNS}, {text} FROM search WHERE {' AND '.join(conditions)} ORDER BY {order} LIMIT ?"
    return connection.execute(statement, (*values, limit)).fetchall()


def _conditions(connection: sqlite3.Connection, query: SearchQuery) -> Iterator[tuple[Value, ...]]:
    """Yield the SQL of each filter with its values."""
    if query.bot or query.provider:
        boards = [
            (provider, board)
            for provider, board, name in connection.execute(_BOARDS)
            if query.provider.casefold() in provider.casefold()
            and (query.bot.casefold() in name.casefold() or query.bot.casefold() in board.casefold())
        ]
        boards = boards[:_BOARDS_AT_MOST]
        marks = ", ".join(["(?, ?)"] * len(boards)) or "(NULL, NULL)"
        condition = f"SELECT id FROM conversations WHERE (provider, board) IN (VALUES {marks})"
        yield f"{_CONVERSATION} IN ({condition})", *(value for pair in boards for value in pair)
    if query.side is not None:
        yield f"{_MINE} = ?", query.side == "me"
    if query.failed:
        yield (_FAILED,)
    if query.with_files:
        yield (_OF_REPLY.format("attachments IS NOT NULL"),)
    if query.with_note:
        yield (_OF_REPLY.format("note <> '' OR verdict <> ''"),)
    if query.verdict is not None:
        yield _OF_REPLY.format("verdict = ?"), query.verdict
    if query.before is not None:
        yield f"{_AT} < ?", to_time(query.before)
    if query.after is not None:
        yield f"{_AT} >= ?", to_time(query.after)


def _hit(
    connection: sqlite3.Connection, row: Sequence[Any], conversations: dict[int, tuple[str, str, str, str] | None]
) -> Hit | None:
    """Return an entry of the index as a hit; None if it was deleted. `conversations` has those that were read."""
    row_id, kind, conversation_id, at, mine, failed, turn, remote_id, marked = row
    if conversation_id not in conversations:
        names = connection.execute(_CONVERSATION_ROW, (conversation_id,)).fetchone()
        conversations[conversation_id] = names and tuple(clean_line(name or "", _TITLE_LENGTH) for name in names)
    if (cleaned := conversations[conversation_id]) is None:
        return None
    title, provider, board, board_name = cleaned
    side: Side | None = None if mine is None else "me" if mine else "bot"
    return Hit(
        kind=_KINDS[kind],
        id=row_id,
        conversation=conversation_id,
        title=title,
        provider=provider,
        board=board,
        board_name=board_name,
        side=side,
        at=from_time(at) if isinstance(at, int) else None,
        snippet=snippet_of(marked or ""),
        turn=turn or 0,
        remote_id=remote_id or "",
        failed=bool(failed),
    )


_KINDS: Final[Sequence[Literal["title", "message", "reply", "remote"]]] = ("title", "message", "reply", "remote")
