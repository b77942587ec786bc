"""Run a search in the index. The functions run within a transaction that their caller opens."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Final, Literal

from chatgrid_tui.model.search import Hit, SearchQuery, SearchResults, Side
from chatgrid_tui.store.conversion import Value, from_time, to_time
from chatgrid_tui.store.search_text import BEGIN, END, match_expression, snippet_of
from chatgrid_tui.text import clean_line

NO_MODULE: Final = "This SQLite was built without full-text search (FTS5), so nothing can be searched."

_TITLE_LENGTH: Final = 200
_SNIPPET_TOKENS: Final = 32
_CONVERSATION: Final = """CASE search.rowid & 3
    WHEN 0 THEN search.rowid >> 2
    WHEN 1 THEN (SELECT conversation_id FROM turns WHERE id = search.rowid >> 2)
    WHEN 2 THEN (SELECT t.conversation_id FROM replies r JOIN turns t ON t.id = r.turn_id
        WHERE r.id = search.rowid >> 2)
    ELSE (SELECT conversation_id FROM remote_messages WHERE id = search.rowid >> 2) END"""
_AT: Final = """CASE search.rowid & 3
    WHEN 0 THEN (SELECT updated_at FROM conversations WHERE id = search.rowid >> 2)
    WHEN 1 THEN (SELECT sent_at FROM turns WHERE id = search.rowid >> 2)
    WHEN 2 THEN (SELECT started_at FROM replies WHERE id = search.rowid >> 2)
    ELSE (SELECT 1000000 * CAST(strftime('%s', created_at) AS INTEGER) FROM remote_messages
        WHERE id = search.rowid >> 2) END"""
_MINE: Final = """CASE search.rowid & 3 WHEN 1 THEN 1 WHEN 2 THEN 0
    WHEN 3 THEN (SELECT role = 'user' FROM remote_messages WHERE id = search.rowid >> 2) END"""
_OF_REPLY: Final = "(search.rowid & 3 = 2 AND (SELECT {} FROM replies WHERE id = search.rowid >> 2))"
_SNIPPET: Final = """SELECT snippet(search, 0, ?, ?, '…', ?) FROM search WHERE search MATCH ? AND rowid = ?"""
_BEGINNING: Final = "SELECT substr(text, 1, 200) FROM search WHERE rowid = ?"
_DETAILS: Final = f"""SELECT {_CONVERSATION}, {_AT}, {_MINE}, {_OF_REPLY.format("failure IS NOT NULL")},
    CASE search.rowid & 3 WHEN 1 THEN search.rowid >> 2
        WHEN 2 THEN (SELECT turn_id FROM replies WHERE id = search.rowid >> 2) ELSE 0 END,
    CASE search.rowid & 3 WHEN 3 THEN (SELECT CAST(remote_id AS TEXT) FROM remote_messages
        WHERE id = search.rowid >> 2) ELSE '' END
    FROM (SELECT ? AS rowid) AS search"""  # noqa: S608  # constants
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
    expression = match_expression(query.words)
    items = _items(connection, query, expression, limit + 1)
    hits = [hit for item in items[:limit] if (hit := _hit(connection, item, expression)) is not None]
    return SearchResults(tuple(hits), len(items) > limit, unindexed, messages, query=query)


def _items(connection: sqlite3.Connection, query: SearchQuery, expression: str, limit: int) -> list[int]:
    """Return the row ids of the best entries: by rank, and among equals the newer ones first."""
    conditions: list[str] = []
    values: list[Value] = []
    for condition, *operands in _conditions(connection, query):
        conditions.append(str(condition))
        values += operands
    order = f"{_AT} DESC, search.rowid DESC"
    if expression:
        conditions, values = ["search MATCH ?", *conditions], [expression, *values]
        order = "rank, search.rowid DESC"
    statement = f"SELECT search.rowid FROM search WHERE {' AND '.join(conditions)} ORDER BY {order} LIMIT ?"  # noqa: S608
    return [item for (item,) in connection.execute(statement, (*values, limit))]


def _conditions(connection: sqlite3.Connection, query: SearchQuery) -> Iterator[tuple[Value, ...]]:
    """Yield the SQL of each filter with its values."""
    if query.bot or query.provider:
        boards = [
            (provider, board)
            for provider, board, name in connection.execute(_BOARDS)
            if query.provider.casefold() in provider.casefold()
            and (query.bot.casefold() in name.casefold() or query.bot.casefold() in board.casefold())
        ]
        marks = ", ".join(["(?, ?)"] * len(boards)) or "(NULL, NULL)"
        condition = f"SELECT id FROM conversations WHERE (provider, board) IN (VALUES {marks})"  # noqa: S608
        yield f"{_CONVERSATION} IN ({condition})", *(value for pair in boards for value in pair)
    if query.side is not None:
        yield f"{_MINE} = ?", query.side == "me"
    if query.failed:
        yield (_OF_REPLY.format("failure IS NOT NULL"),)
    if query.with_files:
        yield (_OF_REPLY.format("attachments IS NOT NULL"),)
    if query.before is not None:
        yield f"{_AT} < ?", to_time(query.before)
    if query.after is not None:
        yield f"{_AT} >= ?", to_time(query.after)


def _hit(connection: sqlite3.Connection, item: int, expression: str) -> Hit | None:
    """Return an entry of the index as a hit; None if it was deleted."""
    row_id, kind = divmod(item, 4)
    conversation_id, at, mine, failed, turn, remote_id = connection.execute(_DETAILS, (item,)).fetchone()
    row = connection.execute(_CONVERSATION_ROW, (conversation_id,)).fetchone()
    if row is None:
        return None
    if expression:
        marked = connection.execute(_SNIPPET, (BEGIN, END, _SNIPPET_TOKENS, expression, item)).fetchone()
    else:
        marked = connection.execute(_BEGINNING, (item,)).fetchone()
    title, provider, board, board_name = (clean_line(text or "", _TITLE_LENGTH) for text in row)
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
        snippet=snippet_of(marked[0]) if marked is not None and marked[0] else (),
        turn=turn or 0,
        remote_id=remote_id or "",
        failed=bool(failed),
    )


_KINDS: Final[Sequence[Literal["title", "message", "reply", "remote"]]] = ("title", "message", "reply", "remote")
