"""Ids for new rows, given by the program: a write that has to wait needs nothing from the database."""

from __future__ import annotations

import itertools
import sqlite3


class NewIds:
    """Counts on from the ids that were ever given, as AUTOINCREMENT does. `next` may be called in any thread."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Read where to count on.

        Raises:
            sqlite3.Error: it cannot be read.
        """
        given: dict[str, int] = dict(connection.execute("SELECT name, seq FROM sqlite_sequence").fetchall())
        self.conversations = itertools.count(given.get("conversations", 0) + 1)
        self.turns = itertools.count(given.get("turns", 0) + 1)
        self.replies = itertools.count(given.get("replies", 0) + 1)
