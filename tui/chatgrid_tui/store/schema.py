"""The tables, as numbered steps from one version to the next.

A step, once released, is never changed. A new one goes to the end of `STEPS`; nothing else needs to know.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from typing import TypeAlias

from chatgrid_tui.model.json import Json
from chatgrid_tui.store.old_recordings import converted_recording

Step: TypeAlias = str | Callable[[sqlite3.Connection], None]
"""A statement, or a function that carries data over, within the transaction of the migration."""

_FIRST = (
    # Ids are never given twice: a reply that was deleted while it came in must not write into another.
    """CREATE TABLE conversations (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        provider TEXT NOT NULL,
        board TEXT NOT NULL,
        board_name TEXT NOT NULL,
        title TEXT NOT NULL DEFAULT '',
        title_source TEXT NOT NULL DEFAULT '',
        remote_id TEXT NOT NULL DEFAULT '',
        draft TEXT NOT NULL DEFAULT '',
        preview TEXT NOT NULL DEFAULT '',
        preview_mine INTEGER NOT NULL DEFAULT 0,
        state TEXT,
        unread INTEGER NOT NULL DEFAULT 0,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL
    )""",
    "CREATE INDEX conversations_by_time ON conversations (updated_at DESC, id DESC)",
    """CREATE TABLE turns (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        conversation_id INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
        shown TEXT NOT NULL,
        sent TEXT NOT NULL,
        sent_at INTEGER NOT NULL
    )""",
    "CREATE INDEX turns_by_conversation ON turns (conversation_id)",
    """CREATE TABLE replies (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        turn_id INTEGER NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
        state TEXT NOT NULL,
        speaker TEXT NOT NULL,
        started_at INTEGER NOT NULL,
        model TEXT NOT NULL DEFAULT '',
        remote_id TEXT NOT NULL DEFAULT '',
        attachments TEXT,
        suggestions TEXT,
        usage TEXT,
        failure TEXT,
        first_token REAL,
        duration REAL,
        deltas INTEGER NOT NULL DEFAULT 0,
        warnings INTEGER NOT NULL DEFAULT 0,
        chosen INTEGER
    )""",
    "CREATE INDEX replies_by_turn ON replies (turn_id)",
    # At a start, those that were left unfinished must be found without reading all.
    "CREATE INDEX replies_unfinished ON replies (state) WHERE state IN ('waiting', 'writing')",
    # While a reply comes in, its text grows by rows: growing one row would write it anew each time. At the end
    # there is one row for each bubble.
    """CREATE TABLE bubble_pieces (
        seq INTEGER PRIMARY KEY,
        reply_id INTEGER NOT NULL REFERENCES replies (id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        text TEXT NOT NULL
    )""",
    "CREATE INDEX bubble_pieces_by_reply ON bubble_pieces (reply_id, number)",
    # Apart from the replies, so that no ordinary reading goes through megabytes of wire.
    """CREATE TABLE recordings (
        reply_id INTEGER PRIMARY KEY REFERENCES replies (id) ON DELETE CASCADE,
        data BLOB NOT NULL
    )""",
    "CREATE TABLE remembered (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
)

_OPTIONS = (
    # What a conversation sends otherwise than its provider says, as JSON; NULL where that is nothing.
    "ALTER TABLE conversations ADD COLUMN options TEXT",
)

_AT_THE_SERVICE = (
    # Whether the service said that it has the conversation no more.
    "ALTER TABLE conversations ADD COLUMN remote_gone INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX conversations_by_remote ON conversations (remote_id, provider, board) WHERE remote_id <> ''",
    # What the service stored of a conversation, in its order. What was said here is in `turns`; the two are put
    # together when a conversation is read.
    """CREATE TABLE remote_messages (
        id INTEGER PRIMARY KEY,
        conversation_id INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
        remote_id TEXT NOT NULL,
        position INTEGER NOT NULL,
        role TEXT NOT NULL,
        content TEXT NOT NULL,
        model TEXT NOT NULL DEFAULT '',
        created_at TEXT NOT NULL DEFAULT '',
        UNIQUE (conversation_id, remote_id)
    )""",
    # What was deleted here is not to come back with the next listing, unless something new is said in it.
    """CREATE TABLE dismissed (
        provider TEXT NOT NULL,
        board TEXT NOT NULL,
        remote_id TEXT NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY (provider, board, remote_id)
    ) WITHOUT ROWID""",
)

_MORE_OF_A_REPLY = (
    "ALTER TABLE replies ADD COLUMN finish_reason TEXT NOT NULL DEFAULT ''",
    # JSON lists: the texts of the reasoning, and the calls to tools in OpenAI's shape; NULL if there are none.
    "ALTER TABLE replies ADD COLUMN reasoning TEXT",
    "ALTER TABLE replies ADD COLUMN tool_calls TEXT",
)


def _fill_typed_tables(connection: sqlite3.Connection) -> None:
    """Move what was kept as JSON in `remembered` into tables; entries that cannot be read are left out."""
    remembered: dict[str, str] = dict(
        connection.execute("SELECT CAST(key AS TEXT), CAST(value AS TEXT) FROM remembered")
    )
    last = remembered.get("conversation", "")
    if last.isdecimal() and len(last) < 16:
        connection.execute("INSERT INTO last_shown VALUES (1, ?)", (int(last),))
    connection.executemany(
        "INSERT INTO visits VALUES (?, ?, ?, ?, ?)",
        ((at, *row[:4]) for at, row in enumerate(_lists(remembered.get("recent places"), str, str, str, int))),
    )
    connection.executemany(
        "INSERT OR IGNORE INTO gone_boards VALUES (?, ?)",
        (row[:2] for row in _lists(remembered.get("boards that are gone"), str, str)),
    )
    drafts = _lists(remembered.get("beginning"), str, str, str, str)
    drafts = drafts or _lists(f"[{remembered.get('beginning')}]", str, str, str, str)  # once there was only one
    connection.executemany(
        "INSERT INTO new_conversations VALUES (?, ?, ?, ?, ?, ?)",
        ((at, *row[:4], json.dumps(row[4]) if len(row) > 4 and row[4] else None) for at, row in enumerate(drafts)),
    )
    providers = {
        provider for (provider,) in connection.execute("SELECT DISTINCT CAST(provider AS TEXT) FROM conversations")
    }
    for key, value in remembered.items():
        kind, _, rest = key.partition(" ")
        if kind == "session":
            # A name may hold spaces, and so may the id of a board.
            names = [name for name in providers if rest.startswith(f"{name} ")]
            provider = max(names, key=len, default=rest.partition(" ")[0])
            values = (provider, rest[len(provider) + 1 :], value)
            connection.execute("INSERT OR REPLACE INTO shared_sessions VALUES (?, ?, ?)", values)
        elif kind == "boards" and key != "boards that are gone":
            connection.executemany(
                "INSERT OR IGNORE INTO boards VALUES (?, ?, ?, ?, ?)",
                ((rest, row[0], at, *row[1:3]) for at, row in enumerate(_lists(value, str, str, str))),
            )


def _lists(text: str | None, *types: type) -> list[list[Json]]:
    """Return the lists in a JSON list that begin with values of these types."""
    try:
        value: Json = json.loads(text or "[]")
    except (ValueError, RecursionError):
        return []
    lists = [item for item in value if isinstance(item, list)] if isinstance(value, list) else []
    return [item for item in lists if len(item) >= len(types) and all(map(isinstance, item, types))]


_TYPED_TABLES: tuple[Step, ...] = (
    # The place of the chosen reply among those of the turn; NULL for the newest.
    "ALTER TABLE turns ADD COLUMN selected INTEGER",
    # Without row ids: the pages of these tables are not taken for those of another one in a damaged file.
    """CREATE TABLE last_shown (
        id INTEGER NOT NULL PRIMARY KEY,
        conversation_id INTEGER NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE visits (
        position INTEGER NOT NULL PRIMARY KEY,
        provider TEXT NOT NULL,
        board TEXT NOT NULL,
        board_name TEXT NOT NULL,
        conversation_id INTEGER NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE boards (
        provider TEXT NOT NULL,
        board TEXT NOT NULL,
        position INTEGER NOT NULL,
        name TEXT NOT NULL,
        detail TEXT NOT NULL,
        PRIMARY KEY (provider, board)
    ) WITHOUT ROWID""",
    """CREATE TABLE gone_boards (
        provider TEXT NOT NULL,
        board TEXT NOT NULL,
        PRIMARY KEY (provider, board)
    ) WITHOUT ROWID""",
    # With row ids, by which its drafts are found in a damaged file. `options` as in `conversations`.
    """CREATE TABLE new_conversations (
        position INTEGER PRIMARY KEY,
        provider TEXT NOT NULL,
        board TEXT NOT NULL,
        board_name TEXT NOT NULL,
        draft TEXT NOT NULL,
        options TEXT
    )""",
    """CREATE TABLE shared_sessions (
        provider TEXT NOT NULL,
        board TEXT NOT NULL,
        session TEXT NOT NULL,
        PRIMARY KEY (provider, board)
    ) WITHOUT ROWID""",
    _fill_typed_tables,
    "DROP TABLE remembered",
)


def _convert_recordings(connection: sqlite3.Connection) -> None:
    rows = connection.execute(
        "SELECT reply_id, data, started_at, state, failure FROM recordings JOIN replies ON replies.id = reply_id"
    )
    for reply_id, *row in rows:
        if (converted := converted_recording(*row)) is not None:
            connection.execute("INSERT INTO all_recordings VALUES (?, 0, ?)", (reply_id, converted))


_ALL_RECORDINGS: tuple[Step, ...] = (
    # A reply may take several requests; each has a recording of its own, as compressed lines of JSON.
    """CREATE TABLE all_recordings (
        reply_id INTEGER NOT NULL REFERENCES replies (id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        data BLOB NOT NULL,
        PRIMARY KEY (reply_id, number)
    )""",
    _convert_recordings,
    "DROP TABLE recordings",
    "ALTER TABLE all_recordings RENAME TO recordings",
)

STEPS: tuple[Sequence[Step], ...] = (
    _FIRST,
    _OPTIONS,
    _AT_THE_SERVICE,
    _MORE_OF_A_REPLY,
    _TYPED_TABLES,
    _ALL_RECORDINGS,
)
"""What leads from each version to the next."""

VERSION = len(STEPS)
"""The version this program reads and writes."""


def version_of(connection: sqlite3.Connection) -> int:
    """Return the version of the tables; 0 where there are none yet."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def migrate(connection: sqlite3.Connection, to: int | None = None) -> None:
    """Take the tables to the version `to`, or to the newest one; all steps or none.

    Raises:
        sqlite3.Error: a step failed; the tables are as they were.
    """
    connection.execute("BEGIN EXCLUSIVE")
    try:
        for number, statements in enumerate(STEPS[:to], start=1):
            if number > version_of(connection):
                for statement in statements:
                    if isinstance(statement, str):
                        connection.execute(statement)
                    else:
                        statement(connection)
                connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
