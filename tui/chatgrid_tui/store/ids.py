"""Ids for new rows, given by the program: a write that has to wait needs nothing from the database."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator


class NewIds:
    """Counts on from the highest id ever given, as AUTOINCREMENT does. `next` may be called in any thread."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Read where to count on.

        Raises:
            sqlite3.Error: it cannot be read.
        """
        self.conversations = _new_ids(connection, "conversations")
        self.turns = _new_ids(connection, "turns")
        self.replies = _new_ids(connection, "replies")


def _new_ids(connection: sqlite3.Connection, table: str) -> Iterator[int]:
    # Both, as SQLite does: a damaged sequence can be behind the rows.
    highest = """SELECT max(coalesce((SELECT max(id) FROM {0}), 0),
        coalesce((SELECT max(CAST(seq AS INTEGER)) FROM sqlite_sequence WHERE name = '{0}'), 0))"""
    last: int = connection.execute(highest.format(table)).fetchone()[0]
    return itertools.count(last + 1)
