"""The index of all messages for the search: an FTS5 table that can be made again at any time.

Triggers of the schema note in `unindexed` what was written, changed or deleted, in the same transaction. `Search`
reads these notes and updates the table, newest first, in small transactions: parsing a long reply takes up to a
second, and neither that nor a damaged index must keep a message from being saved. A history from before the index was
added is only a long list of such notes, which the next start continues.

The row id of an entry is `-item`, so that FTS5 itself returns the newer one of two that match equally well. An item
is four times the id of a row, plus the number of its kind, as in `unindexed`.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from chatgrid_tui.store.conversion import to_failure
from chatgrid_tui.store.search_text import LONGEST, TOKENIZER, of_message, of_reply

MODULE: Final = "fts5"

_CREATE: Final = f"CREATE VIRTUAL TABLE IF NOT EXISTS search USING {MODULE}(text, tokenize = '{TOKENIZER}')"
_NOTES: Final = "SELECT change, item FROM unindexed ORDER BY change DESC LIMIT ?"
_TITLE: Final = "SELECT CAST(title AS TEXT) FROM conversations WHERE id = ? AND title_source <> 'first line'"
"""A title that is the first line of a message is found with that."""
_EDITED: Final = """SELECT group_concat(char(10) || edited_message, '') FROM replies
    WHERE turn_id = turns.id AND edited_message IS NOT NULL"""
_MESSAGE: Final = f"""SELECT substr(CAST(shown AS TEXT) || coalesce(({_EDITED}), ''), 1, ?)
    FROM turns WHERE id = ?"""  # noqa: S608  # constants
_REPLY: Final = "SELECT CAST(failure AS TEXT), CAST(note AS TEXT) FROM replies WHERE id = ?"
_PIECES: Final = """SELECT number, substr(CAST(text AS TEXT), 1, ?) FROM bubble_pieces
    WHERE reply_id = ? ORDER BY number, seq"""
_REMOTE: Final = """SELECT CAST(role AS TEXT), substr(CAST(content AS TEXT), 1, ?),
    EXISTS (SELECT 1 FROM turns JOIN replies ON replies.turn_id = turns.id
        WHERE turns.conversation_id = m.conversation_id AND replies.remote_id = m.remote_id AND m.remote_id <> '')
    OR EXISTS (SELECT 1 FROM turns WHERE turns.conversation_id = m.conversation_id
        AND m.role = 'user' AND m.content IN (turns.sent, turns.shown))
    OR EXISTS (SELECT 1 FROM turns JOIN replies ON replies.turn_id = turns.id
        JOIN bubble_pieces ON bubble_pieces.reply_id = replies.id
        WHERE turns.conversation_id = m.conversation_id AND m.role <> 'user' AND bubble_pieces.text = m.content)
    FROM remote_messages m WHERE id = ?"""
"""The last column: whether it is on this machine as well, where it is found already."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row to index, as it was read."""

    change: int
    """The number of the note."""
    item: int
    """Which row it is."""
    parts: tuple[str, ...] | None
    """The title, the message or the bubbles; None if there is nothing to find."""
    is_markdown: bool = False

    def text(self) -> str | None:
        """Return the text to index."""
        if self.parts is None:
            return None
        return of_reply(self.parts) if self.is_markdown else of_message("\n\n".join(self.parts))


def has_full_text_search(connection: sqlite3.Connection) -> bool:
    """Return whether SQLite was built with FTS5."""
    query = "SELECT 1 FROM pragma_module_list WHERE name = ?"
    return connection.execute(query, (MODULE,)).fetchone() is not None


def create_index(connection: sqlite3.Connection) -> bool:
    """Create the index unless it exists. Return whether SQLite can have one."""
    if not has_full_text_search(connection):
        return False
    connection.execute(_CREATE)
    return True


def recreate_index(connection: sqlite3.Connection) -> None:
    """Replace a damaged index by an empty one, and note everything as not indexed."""
    connection.execute("DROP TABLE IF EXISTS search")
    connection.execute(_CREATE)
    for kind, table in enumerate(("conversations", "turns", "replies", "remote_messages")):
        connection.execute(f"INSERT OR IGNORE INTO unindexed (item) SELECT 4 * id + {kind} FROM {table}")  # noqa: S608


def read_unindexed(connection: sqlite3.Connection, entries: int, characters: int) -> list[Entry]:
    """Return what is to be indexed next: at least one entry if there is any, and at most about so many."""
    read: list[Entry] = []
    size = 0
    for change, item in connection.execute(_NOTES, (entries,)).fetchall():
        entry = _read(connection, change, item)
        read.append(entry)
        size += sum(map(len, entry.parts or ()))
        if size >= characters:
            break
    return read


def update_index(connection: sqlite3.Connection, texts: Sequence[tuple[Entry, str | None]]) -> None:
    """Index texts in place of what was indexed before. What has changed since it was read is noted again."""
    for entry, text in sorted(texts, key=lambda one: -one[0].item):  # FTS5 starts a new segment for a lower row id
        connection.execute("DELETE FROM search WHERE rowid = ?", (-entry.item,))
        if text is not None:
            connection.execute("INSERT INTO search (rowid, text) VALUES (?, ?)", (-entry.item, text))
        connection.execute("DELETE FROM unindexed WHERE change = ?", (entry.change,))


def _read(connection: sqlite3.Connection, change: int, item: int) -> Entry:
    row_id, kind = divmod(item, 4)
    match kind:
        case 0:
            row = connection.execute(_TITLE, (row_id,)).fetchone()
            return Entry(change, item, tuple(row) if row is not None and row[0] else None)
        case 1:
            row = connection.execute(_MESSAGE, (LONGEST, row_id)).fetchone()
            return Entry(change, item, tuple(row) if row is not None and row[0] else None)
        case 2:
            return Entry(change, item, _bubbles(connection, row_id), is_markdown=True)
        case _:
            role, content, is_here = connection.execute(_REMOTE, (LONGEST, row_id)).fetchone() or ("", "", True)
            parts = (content,) if content and not is_here else None
            return Entry(change, item, parts, is_markdown=role != "user")


def _bubbles(connection: sqlite3.Connection, reply_id: int) -> tuple[str, ...] | None:
    """Return the texts of a reply, as far as they are indexed, why it failed, and the user's note; None if there is
    no such reply.
    """
    row = connection.execute(_REPLY, (reply_id,)).fetchone()
    if row is None:
        return None
    bubbles: list[str] = []
    left = LONGEST
    pieces = connection.execute(_PIECES, (LONGEST, reply_id))
    for _, numbered in itertools.groupby(pieces, key=lambda piece: piece[0]):
        texts = []
        for _, text in numbered:
            texts.append(text[:left])
            left -= len(texts[-1])
            if left <= 0:
                break
        bubbles.append("".join(texts))
        if left <= 0:
            break
    failure = to_failure(row[0])
    return (*bubbles, "" if failure is None else failure.message or "", row[1])
