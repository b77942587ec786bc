"""Copy what can be read of a damaged history into a new one.

Rows are read from the pages themselves: first from those that belong to a table, then from orphaned ones, whose
table is recognised by the types of the values. Indexes, and rows that refer to others, show which rows are missing;
a placeholder replaces a missing row if something readable belongs to it.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from chatgrid_tui.store import schema
from chatgrid_tui.store.sqlite_file import SqliteFile, Value

Progress: TypeAlias = Callable[[int, int], None]
"""Called with the pages read and the total. May raise an error to end the work."""

LOST_TEXT: Final = "(This could not be read: the history was damaged.)"
LOST_TITLE: Final = "Recovered conversation"
_NO_PROVIDER: Final = "recovered"

_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "INTEGER": (int,),
    "REAL": (float, int),
    "TEXT": (str,),
    "BLOB": (bytes,),
}
_LARGEST_INTEGER: Final = 1 << 60
"""Above all ids and times of a history. A larger number is damage, and would leave no ids for new rows."""
_ANY: Final = (int, float, str, bytes)
_INDEXES: Final = {
    "turns": "turns_by_conversation",
    "replies": "replies_by_turn",
    "bubble_pieces": "bubble_pieces_by_reply",
}
"""For each table, the index that contains all its ids. An entry begins with the id of the parent."""


@dataclass(frozen=True, slots=True)
class Salvaged:
    """How much was copied, and how much was not."""

    conversations: int = 0
    messages: int = 0
    """The user's messages and the complete replies that were copied."""
    lost: int = 0
    """The messages and replies that are missing completely or in part."""
    uncounted: bool = False
    """Whether more may be missing."""


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    types: tuple[type, ...]
    required: bool
    is_row_id: bool


class _Table:
    """A table of the new history, which receives rows of the damaged one."""

    def __init__(self, connection: sqlite3.Connection, name: str, fewest: int) -> None:
        """`fewest` is the least number of values in a row: columns that were added later may be absent."""
        self.name = name
        declared = connection.execute(f"PRAGMA table_info({name})").fetchall()
        keys = [row for row in declared if row[5]]
        self.has_row_ids = "WITHOUT ROWID" not in _sql_of(connection, name).upper()
        row_id = keys[0] if self.has_row_ids and len(keys) == 1 and keys[0][2] == "INTEGER" else None
        self._columns = [_Column(row[1], _TYPES.get(row[2], _ANY), bool(row[3]), row is row_id) for row in declared]
        self._fewest = fewest
        self._connection = connection

    def fits(self, values: Sequence[Value]) -> bool:
        """Return whether the values can be a row of this table."""
        if not self._fewest <= len(values) <= len(self._columns):
            return False
        return all(map(_fits, self._columns, values))

    def put(self, row_id: int, values: Sequence[Value]) -> None:
        """Add a row, unless it exists."""
        columns = self._columns[: len(values)]  # columns that were added later get their defaults
        row = [row_id if column.is_row_id else value for column, value in zip(columns, values, strict=True)]
        names, marks = ", ".join(column.name for column in columns), ", ".join("?" * len(columns))
        self._connection.execute(f"INSERT OR IGNORE INTO {self.name} ({names}) VALUES ({marks})", row)  # noqa: S608


class _Ids:
    """The ids that the damaged history had, each with its parent's id if that is known."""

    def __init__(self) -> None:
        self.parents: dict[str, dict[int, int | None]] = {name: {} for name in _INDEXES}

    def add(self, table: str, row_id: int, parent: Value = None) -> None:
        """Add the id of a row."""
        if not _is_plausible(row_id):
            return
        if isinstance(parent, int) and _is_plausible(parent):
            self.parents[table][row_id] = parent
        else:
            self.parents[table].setdefault(row_id, None)


def salvage(pages: SqliteFile, new: sqlite3.Connection, progress: Progress) -> Salvaged:
    """Copy what can be read of `pages` into the empty database `new`, and bring it to the newest version.

    Raises:
        sqlite3.Error: the new history cannot be written.
    """
    schema.migrate(new, pages.user_version if 0 < pages.user_version < schema.VERSION else schema.VERSION)
    new.execute("PRAGMA foreign_keys = OFF")
    new.execute("BEGIN IMMEDIATE")
    ids = _Ids()
    fewest = _first_columns()
    complete = _load(pages, [_Table(new, name, fewest[name]) for name in _names(new)], ids, progress)
    new.execute("COMMIT")
    schema.migrate(new)
    new.execute("BEGIN IMMEDIATE")
    salvaged = _mend(new, ids, uncounted=not complete)
    new.execute("COMMIT")
    return salvaged


def _load(pages: SqliteFile, tables: Sequence[_Table], ids: _Ids, progress: Progress) -> bool:
    """Add all rows that can be read to `tables`. Return whether `ids` is complete."""
    roots = _roots(pages)
    visited: set[int] = set()
    for table in tables:
        tree = pages.tree(roots.get(table.name, 0))
        visited.update(tree.pages)
        for number in tree.pages:
            progress(len(visited), pages.count)
            _take(pages, number, [table], ids)
    complete = True
    for name, index in _INDEXES.items():
        tree = pages.tree(roots.get(index, 0))
        complete = complete and not tree.broken
        for number in tree.pages:
            for entry in pages.entries(number):
                if isinstance(entry[-1], int):
                    ids.add(name, entry[-1], entry[0])
    with_ids = [table for table in tables if table.has_row_ids]
    visited |= pages.free_pages()
    for number in range(2, pages.count + 1):
        if number not in visited:
            progress(number, pages.count)
            _take(pages, number, with_ids, ids)
    return complete


def _take(pages: SqliteFile, number: int, tables: Sequence[_Table], ids: _Ids) -> None:
    """Add each row of a page to the first of `tables` that it fits."""
    if not tables[0].has_row_ids:
        for entry in pages.entries(number):
            if tables[0].fits(entry):
                tables[0].put(0, entry)
        return
    for row_id, values in pages.rows(number):
        fitting = [] if values is None else [table for table in tables if table.fits(values)]
        if values is not None and len(fitting) == 1 and _is_plausible(row_id):
            fitting[0].put(row_id, values)
        elif len(tables) == 1 and tables[0].name in _INDEXES:
            ids.add(tables[0].name, row_id)


def _mend(new: sqlite3.Connection, ids: _Ids, *, uncounted: bool) -> Salvaged:
    """Replace missing rows with placeholders, delete rows that belong to nothing, and count what is missing."""
    for name, parent in (("turns", "conversation_id"), ("replies", "turn_id"), ("bubble_pieces", "reply_id")):
        new.execute(f"CREATE TEMP TABLE known_{name} (id INTEGER PRIMARY KEY, parent INTEGER)")
        new.executemany(f"INSERT INTO known_{name} VALUES (?, ?)", ids.parents[name].items())  # noqa: S608
        # Rows that were copied are known without an index.
        new.execute(f"INSERT OR REPLACE INTO known_{name} SELECT rowid, {parent} FROM {name}")  # noqa: S608
    for statement in _KNOWN_BY_REFERENCE:
        new.execute(statement)
    lost, cut, messages = (_one(new, query) for query in (_LOST, _CUT, _MESSAGES))
    values = {"text": LOST_TEXT, "title": LOST_TITLE, "provider": _NO_PROVIDER}
    for statement in (*_ADOPTED, *_PLACEHOLDERS, *_WITHOUT_PARENTS):
        new.execute(statement, {name: value for name, value in values.items() if f":{name}" in statement})
    for name in ids.parents:
        new.execute(f"DROP TABLE known_{name}")
    return Salvaged(_one(new, "SELECT count(*) FROM conversations"), messages - cut, lost + cut, uncounted)


_KNOWN_BY_REFERENCE: Final = (
    "INSERT OR IGNORE INTO known_replies SELECT DISTINCT parent, NULL FROM known_bubble_pieces WHERE parent NOT NULL",
    "INSERT OR IGNORE INTO known_turns SELECT DISTINCT parent, NULL FROM known_replies WHERE parent NOT NULL",
)
_MESSAGES: Final = """SELECT (SELECT count(*) FROM turns)
    + (SELECT count(*) FROM (SELECT id FROM replies UNION SELECT reply_id FROM bubble_pieces))"""
"""A reply whose text was copied counts, whatever else of it is missing."""
_LOST: Final = """SELECT (SELECT count(*) FROM known_turns WHERE id NOT IN (SELECT id FROM turns))
    + (SELECT count(*) FROM known_replies
       WHERE id NOT IN (SELECT id FROM replies UNION SELECT reply_id FROM bubble_pieces))"""
_CUT: Final = """SELECT count(*) FROM (SELECT id FROM replies UNION SELECT reply_id FROM bubble_pieces) WHERE id IN (
    SELECT parent FROM known_bubble_pieces WHERE id NOT IN (SELECT seq FROM bubble_pieces))"""
"""Replies that lack a part of their text."""
_ADOPTED: Final = (
    # The turns of these replies are unknown: each gets a new one, after all others.
    """UPDATE known_replies SET parent = id + coalesce((SELECT max(id) FROM known_turns), 0)
        WHERE parent IS NULL AND id IN (SELECT reply_id FROM bubble_pieces) AND id NOT IN (SELECT id FROM replies)""",
    "INSERT OR IGNORE INTO known_turns SELECT DISTINCT parent, NULL FROM known_replies WHERE parent NOT NULL",
    # The conversation of these turns is unknown: they get a common one.
    """UPDATE known_turns SET parent = 1 + max(
            coalesce((SELECT max(id) FROM conversations), 0), coalesce((SELECT max(parent) FROM known_turns), 0))
        WHERE parent IS NULL AND id IN (SELECT parent FROM known_replies)""",
)
_PLACEHOLDERS: Final = (
    """INSERT INTO conversations (id, provider, board, board_name, title, title_source, created_at, updated_at)
        SELECT known.parent, :provider, :provider, '', :title, 'person',
            coalesce(min(sent_at), min(started_at), 0), coalesce(max(sent_at), max(started_at), 0)
        FROM known_turns AS known LEFT JOIN turns USING (id) LEFT JOIN replies ON replies.turn_id = known.id
        WHERE known.parent NOT NULL AND known.parent NOT IN (SELECT id FROM conversations)
        GROUP BY known.parent
        HAVING count(turns.id) OR count(replies.id) OR sum(known.id IN (SELECT parent FROM known_replies))""",
    """INSERT INTO turns (id, conversation_id, shown, sent, sent_at)
        SELECT known.id, parent, :text, :text, coalesce(
            (SELECT min(started_at) FROM replies WHERE turn_id = known.id),
            (SELECT max(sent_at) FROM turns WHERE conversation_id = parent AND id < known.id),
            (SELECT created_at FROM conversations WHERE id = parent))
        FROM known_turns AS known
        WHERE id NOT IN (SELECT id FROM turns) AND parent IN (SELECT id FROM conversations)""",
    """INSERT INTO bubble_pieces (seq, reply_id, number, text)
        SELECT id, parent, 1 + coalesce((SELECT max(number) FROM bubble_pieces WHERE reply_id = parent), -1), :text
        FROM known_bubble_pieces
        WHERE id NOT IN (SELECT seq FROM bubble_pieces) AND parent NOT NULL GROUP BY parent""",
    """INSERT INTO bubble_pieces (reply_id, number, text) SELECT id, 0, :text FROM known_replies
        WHERE id NOT IN (SELECT id FROM replies) AND id NOT IN (SELECT reply_id FROM bubble_pieces)""",
    """INSERT INTO replies (id, turn_id, state, speaker, started_at)
        SELECT known.id, parent, 'finished', '', (SELECT sent_at FROM turns WHERE id = parent)
        FROM known_replies AS known
        WHERE id NOT IN (SELECT id FROM replies) AND parent IN (SELECT id FROM turns)""",
)
_WITHOUT_PARENTS: Final = (
    "DELETE FROM turns WHERE conversation_id NOT IN (SELECT id FROM conversations)",
    "DELETE FROM replies WHERE turn_id NOT IN (SELECT id FROM turns)",
    "DELETE FROM bubble_pieces WHERE reply_id NOT IN (SELECT id FROM replies)",
    "DELETE FROM recordings WHERE reply_id NOT IN (SELECT id FROM replies)",
    "DELETE FROM remote_messages WHERE conversation_id NOT IN (SELECT id FROM conversations)",
)


def _fits(column: _Column, value: Value) -> bool:
    if column.is_row_id:
        return value is None
    if value is None:
        return not column.required
    return isinstance(value, column.types) and _is_plausible(value)


def _is_plausible(value: Value) -> bool:
    return not isinstance(value, int) or abs(value) < _LARGEST_INTEGER


def _roots(pages: SqliteFile) -> dict[str, int]:
    """Return the root page of each table and index that can be read from the schema."""
    roots: dict[str, int] = {}
    for number in pages.tree(1).pages:
        for _, values in pages.rows(number):
            match values:
                case ["table" | "index", str(name), str(_), int(root), *_]:
                    roots[name] = root
    return roots


def _first_columns() -> dict[str, int]:
    """Return how many columns each table had when it was created, or created again."""
    columns: dict[str, list[str]] = {}
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for version in range(1, schema.VERSION + 1):
            schema.migrate(connection, version)
            for name in _names(connection):
                now = [row[1] for row in connection.execute(f"PRAGMA table_info({name})")]
                first = columns.setdefault(name, now)
                if now[: len(first)] != first:
                    columns[name] = now
    return {name: len(first) for name, first in columns.items()}


def _names(connection: sqlite3.Connection) -> Iterable[str]:
    # Triggers fill `unindexed` again.
    rows = connection.execute(
        """SELECT name FROM sqlite_schema
        WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'unindexed'"""
    )
    return [name for (name,) in rows.fetchall()]


def _sql_of(connection: sqlite3.Connection, table: str) -> str:
    sql: str = connection.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (table,)).fetchone()[0]
    return sql


def _one(connection: sqlite3.Connection, query: str) -> int:
    number: int = connection.execute(query).fetchone()[0]
    return number
