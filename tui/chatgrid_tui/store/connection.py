"""Connections to SQLite, set up as the history needs them."""

from __future__ import annotations

import functools
import sqlite3
from pathlib import Path
from typing import Final

_BUSY_SECONDS: Final = 5.0

SQLITE_ERRORS: Final = (sqlite3.Error, UnicodeDecodeError)
"""What SQLite raises. Its messages quote names of a damaged file, which Python cannot always decode."""


def connect(file: Path | None, *, reading: bool = False) -> sqlite3.Connection:
    """Return a connection, usable in any one thread at a time; without a file, to memory.

    Raises:
        sqlite3.Error: it cannot be opened.
    """
    connection = sqlite3.connect(
        ":memory:" if file is None else file, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    # A damaged text is shown damaged; the default would refuse the whole row.
    connection.text_factory = functools.partial(str, encoding="utf-8", errors="replace")
    for setting in ("foreign_keys = ON", "trusted_schema = OFF", "cell_size_check = ON"):
        connection.execute(f"PRAGMA {setting}")
    if reading:
        connection.execute("PRAGMA query_only = ON")
    return connection
