"""Run a search in the index. The functions run within a transaction that their caller opens."""

# ruff: noqa: S608 - statements are put together from constants

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Final, Literal

from chatgrid_tui.model.reply_mark import REPLY_VERDICTS, ReplyMark, note_of
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
_CONVERSATION: Final = f"CASE {_KIND} WHEN 0 THEN {_ID} WHEN 3 THEN m.conversation_id ELSE t.conversation_id END"
_AT: Final = f"""CASE {_KIND} WHEN 0 THEN c.updated_at WHEN 1 THEN t.sent_at WHEN 2 THEN r.started_at
    ELSE 1000000 * CAST(strftime('%s', m.created_at) AS INTEGER) END"""
_MINE: Final = f"CASE {_KIND} WHEN 1 THEN 1 WHEN 2 THEN 0 WHEN 3 THEN m.role = 'user' END"
_OF_REPLY: Final = f"CASE {_KIND} WHEN 2 THEN {{}} END"
"""A CASE, since another condition may let SQLite read all replies first."""
_ENTRIES: Final = f"""search
    LEFT JOIN remote_messages m ON m.id = CASE {_KIND} WHEN 3 THEN {_ID} END
    LEFT JOIN replies r ON r.id = CASE {_KIND} WHEN 2 THEN {_ID} END
    LEFT JOIN turns t ON t.id = CASE {_KIND} WHEN 1 THEN {_ID} WHEN 2 THEN r.turn_id END
    LEFT JOIN conversations c ON c.id = {_CONVERSATION}"""
_COLUMNS: Final = f"""{_ID}, {_KIND}, c.id, CAST(c.title AS TEXT), CAST(c.provider AS TEXT), CAST(c.board AS TEXT),
    CAST(c.board_name AS TEXT), {_MINE}, {_AT}, t.id, CAST(m.remote_id AS TEXT), r.failure IS NOT NULL,
    CAST(r.verdict AS TEXT), CAST(r.note AS TEXT)"""
_SNIPPET: Final = f"snippet(search, 0, '{BEGIN}', '{END}', '…', 32)"
_BEGINNING: Final = "substr(search.text, 1, 200)"
_NOTE: Final = f"coalesce(nullif(r.note, ''), {_BEGINNING})"
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
    rows = _rows(connection, query, limit + 1)
    hits = [hit for row in rows[:limit] if (hit := _hit(row)) is not None]
    return SearchResults(tuple(hits), len(rows) > limit, unindexed, messages, query=query)


def _rows(connection: sqlite3.Connection, query: SearchQuery, limit: int) -> list[Sequence[Any]]:
    """Return the best entries, and among equals the newer ones first, which have the lower row ids.

    FTS5 itself sorts by rank, so that only the rows that are returned cost more than their rank: nothing else is read
    of the others, unless there are filters.
    """
    conditions: list[str] = []
    values: list[Value] = []
    order = f"{_AT} DESC, search.rowid"
    text = _NOTE if query.with_note or query.verdict is not None else _BEGINNING
    if query.words:
        conditions, values = ["search MATCH ?"], [match_expression(query.words)]
        order, text = "rank", _SNIPPET
    for condition, *operands in _conditions(connection, query):
        conditions.append(str(condition))
        values += operands
    statement = f"SELECT {_COLUMNS}, {text} FROM {_ENTRIES} WHERE {' AND '.join(conditions)} ORDER BY {order} LIMIT ?"
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
        yield (_OF_REPLY.format("r.failure IS NOT NULL"),)
    if query.with_files:
        yield (_OF_REPLY.format("r.attachments IS NOT NULL"),)
    if query.with_note:
        yield (_OF_REPLY.format("r.note <> '' OR r.verdict <> ''"),)
    if query.verdict is not None:
        yield _OF_REPLY.format("r.verdict = ?"), query.verdict
    if query.before is not None:
        yield f"{_AT} < ?", to_time(query.before)
    if query.after is not None:
        yield f"{_AT} >= ?", to_time(query.after)


def _hit(row: Sequence[Any]) -> Hit | None:
    """Return an entry of the index as a hit; None if it was deleted."""
    row_id, kind, conversation, title, provider, board, board_name, mine, at, turn, remote_id, *of_reply, text = row
    failed, verdict, note = of_reply
    if conversation is None:
        return None
    side: Side | None = None if mine is None else "me" if mine else "bot"
    return Hit(
        kind=_KINDS[kind],
        id=row_id,
        conversation=conversation,
        title=_cleaned(title or ""),
        provider=_cleaned(provider or ""),
        board=_cleaned(board or ""),
        board_name=_cleaned(board_name or ""),
        side=side,
        at=from_time(at) if isinstance(at, int) else None,
        snippet=snippet_of(text or ""),
        turn=turn or 0,
        remote_id=remote_id or "",
        failed=bool(failed),
        mark=ReplyMark(REPLY_VERDICTS.get(verdict), note_of(note or "")),
    )


@lru_cache(1_000)
def _cleaned(name: str) -> str:
    return clean_line(name, _TITLE_LENGTH)


_KINDS: Final[Sequence[Literal["title", "message", "reply", "remote"]]] = ("title", "message", "reply", "remote")
