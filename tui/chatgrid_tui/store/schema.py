"""The tables, as numbered steps from one version to the next.

A released step is never changed. A new one is added to the end of `STEPS`; nothing else has to be changed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from chatgrid_tui.store.migrations import convert_recordings, fill_typed_tables

Step: TypeAlias = str | Callable[[sqlite3.Connection], None]
"""A statement, or a function that converts data, within the transaction of the migration."""

_FIRST = (
    # An id is never used twice: a reply that was deleted while it came in must not write into another.
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
    # At a start, unfinished replies must be found without reading all.
    "CREATE INDEX replies_unfinished ON replies (state) WHERE state IN ('waiting', 'writing')",
    # While a reply comes in, rows are added to its text: a single row would be rewritten each time. At the end,
    # there is one row for each bubble.
    """CREATE TABLE bubble_pieces (
        seq INTEGER PRIMARY KEY,
        reply_id INTEGER NOT NULL REFERENCES replies (id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        text TEXT NOT NULL
    )""",
    "CREATE INDEX bubble_pieces_by_reply ON bubble_pieces (reply_id, number)",
    # Not in `replies`, so that reading these does not go through megabytes of recordings.
    """CREATE TABLE recordings (
        reply_id INTEGER PRIMARY KEY REFERENCES replies (id) ON DELETE CASCADE,
        data BLOB NOT NULL
    )""",
    "CREATE TABLE remembered (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
)

_OPTIONS = (
    # Options that differ from those of the provider, as JSON; NULL if there are none.
    "ALTER TABLE conversations ADD COLUMN options TEXT",
)

_AT_THE_SERVICE = (
    # Whether the service said that it does not have the conversation any more.
    "ALTER TABLE conversations ADD COLUMN remote_gone INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX conversations_by_remote ON conversations (remote_id, provider, board) WHERE remote_id <> ''",
    # The messages of a conversation at its service, in their order. They are merged with `turns` when a conversation
    # is read.
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
    # Deleted conversations do not return when the service lists them, unless they have new messages.
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
    fill_typed_tables,
    "DROP TABLE remembered",
)

_ALL_RECORDINGS: tuple[Step, ...] = (
    # A reply may take several requests; each has a recording of its own, as compressed lines of JSON.
    """CREATE TABLE all_recordings (
        reply_id INTEGER NOT NULL REFERENCES replies (id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        data BLOB NOT NULL,
        PRIMARY KEY (reply_id, number)
    )""",
    convert_recordings,
    "DROP TABLE recordings",
    "ALTER TABLE all_recordings RENAME TO recordings",
)

_HUES = (
    # The hue of each board that was ever on the screen. It stays when the board goes.
    """CREATE TABLE hues (
        provider TEXT NOT NULL,
        board TEXT NOT NULL,
        hue TEXT NOT NULL,
        PRIMARY KEY (provider, board)
    ) WITHOUT ROWID""",
)

_FAILURE_OF_ROW = (
    # The failure of the newest reply, as JSON, for the list; NULL if there is none.
    "ALTER TABLE conversations ADD COLUMN failure TEXT",
)

_BOUNDED_RECORDINGS = (
    # The bytes that the recordings of a reply take, and whether the user keeps them. With the index, the oldest ones
    # are found without reading any recording.
    "ALTER TABLE replies ADD COLUMN recording_size INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE replies ADD COLUMN recording_kept INTEGER NOT NULL DEFAULT 0",
    """UPDATE replies SET recording_size = (SELECT sum(length(data)) FROM recordings WHERE reply_id = replies.id)
        WHERE id IN (SELECT reply_id FROM recordings)""",
    """CREATE INDEX replies_recorded ON replies (id, recording_size, recording_kept) WHERE recording_size > 0""",
)

_TRUTH = (
    # What the service stored of a reply, compared with what it sent, as JSON; NULL if it was not asked.
    "ALTER TABLE replies ADD COLUMN truth TEXT",
)


def _noted(kind: int, table: str, event: str, condition: str = "TRUE") -> str:
    """Return the trigger that notes in `unindexed` what happens to a row. The note gets a new number each time."""
    row, name = "old" if event == "DELETE" else "new", event.lower().replace(" ", "_")
    return f"""CREATE TRIGGER {table}_{name}_unindexed AFTER {event} ON {table} WHEN {condition} BEGIN
        DELETE FROM unindexed WHERE item = 4 * {row}.id + {kind};
        INSERT INTO unindexed (item) VALUES (4 * {row}.id + {kind});
    END"""  # noqa: S608  # constants


_SEARCH = (
    # The rows that the index of the search does not have as they are now: `item` is four times the id, plus 0 for a
    # title, 1 for a user's message, 2 for a reply, 3 for a message from the service. The index itself is no part of
    # these steps (`store.search_index`): SQLite may be built without FTS5, and must be able to write all the same.
    "CREATE TABLE unindexed (change INTEGER PRIMARY KEY AUTOINCREMENT, item INTEGER NOT NULL UNIQUE)",
    """INSERT INTO unindexed (item)
        SELECT 4 * id FROM conversations UNION ALL SELECT 4 * id + 1 FROM turns
        UNION ALL SELECT 4 * id + 2 FROM replies UNION ALL SELECT 4 * id + 3 FROM remote_messages""",
    _noted(0, "conversations", "INSERT"),
    _noted(0, "conversations", "UPDATE OF title", "new.title IS NOT old.title"),
    _noted(0, "conversations", "DELETE"),
    _noted(1, "turns", "INSERT"),
    _noted(1, "turns", "UPDATE OF shown", "new.shown IS NOT old.shown"),
    _noted(1, "turns", "DELETE"),
    _noted(2, "replies", "INSERT", "new.state NOT IN ('waiting', 'writing')"),
    _noted(2, "replies", "UPDATE OF state", "new.state NOT IN ('waiting', 'writing')"),
    _noted(2, "replies", "DELETE"),
    _noted(3, "remote_messages", "INSERT"),
    _noted(3, "remote_messages", "UPDATE OF content", "new.content IS NOT old.content"),
    _noted(3, "remote_messages", "DELETE"),
)

_VERDICTS = (
    # What the user says of a reply; empty if nothing. The list shows the verdict on the newest reply that has one.
    "ALTER TABLE replies ADD COLUMN verdict TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE replies ADD COLUMN note TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE conversations ADD COLUMN verdict TEXT NOT NULL DEFAULT ''",
)

_COPIED = (
    # Whether a turn was copied from another conversation: its service does not know it as part of this one.
    "ALTER TABLE turns ADD COLUMN copied INTEGER NOT NULL DEFAULT 0",
)

_EDITED_MESSAGES = (
    # The message that a reply answers instead of its turn's; NULL if that was not edited.
    "ALTER TABLE replies ADD COLUMN edited_message TEXT",
    """CREATE TRIGGER edited_messages_unindexed AFTER INSERT ON replies WHEN new.edited_message IS NOT NULL BEGIN
        DELETE FROM unindexed WHERE item = 4 * new.turn_id + 1;
        INSERT INTO unindexed (item) VALUES (4 * new.turn_id + 1);
    END""",
)

_SEARCHED_NOTES = (
    _noted(2, "replies", "UPDATE OF note", "new.note IS NOT old.note"),
    _noted(0, "conversations", "UPDATE OF title_source", "new.title_source IS NOT old.title_source"),
)

_PINNED_AND_ARCHIVED = (
    "ALTER TABLE conversations ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE conversations ADD COLUMN archived INTEGER NOT NULL DEFAULT 0",
    # In the order of the list: at a start, its first rows are read without the archived ones before them.
    "CREATE INDEX conversations_listed ON conversations (archived, pinned DESC, updated_at DESC, id DESC)",
)

_CHOSEN_BEFORE = (
    # The suggestions of a reply that were sent before the `chosen` one, as a JSON list of their places.
    "ALTER TABLE replies ADD COLUMN chosen_before TEXT",
)

STEPS: tuple[Sequence[Step], ...] = (
    _FIRST,
    _OPTIONS,
    _AT_THE_SERVICE,
    _MORE_OF_A_REPLY,
    _TYPED_TABLES,
    _ALL_RECORDINGS,
    _HUES,
    _FAILURE_OF_ROW,
    _BOUNDED_RECORDINGS,
    _TRUTH,
    _SEARCH,
    _VERDICTS,
    _COPIED,
    _EDITED_MESSAGES,
    _SEARCHED_NOTES,
    _PINNED_AND_ARCHIVED,
    _CHOSEN_BEFORE,
)
"""The steps from each version to the next."""

VERSION = len(STEPS)
"""The version that this program reads and writes."""
_HIGHEST: Final = 10_000
"""No program will ever have a version above this one: a higher number is damage."""


def version_of(connection: sqlite3.Connection) -> int:
    """Return the version of the tables, 0 if there are none yet."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def is_plausible(version: int) -> bool:
    """Return whether a program can have written this version."""
    return 0 <= version <= _HIGHEST


def migrate(connection: sqlite3.Connection, to: int | None = None) -> None:
    """Bring the tables to the version `to`, by default the newest one, in a single transaction.

    Raises:
        sqlite3.Error: a step failed; the tables are unchanged.
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
