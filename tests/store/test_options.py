"""The options of one conversation in the history, and how older histories get them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from chatgrid_tui.store import schema
from chatgrid_tui.store.history import History


async def test_options_are_kept_changed_and_taken_away(folder: Path, noon: datetime) -> None:
    history = await History.open(folder)
    conversation = await history.create("acme", "b", "B", "", noon)
    other = await history.create("acme", "b", "B", "", noon)
    assert await history.options(conversation) is None
    await history.save_options(conversation, {"system": "Be brief. \ud83d", "parameters": {"stop": ["a"], "n": 2}})
    await history.close()
    history = await History.open(folder)
    kept = await history.options(conversation)
    assert kept is not None
    assert kept["parameters"] == {"stop": ["a"], "n": 2}
    assert await history.options(other) is None
    await history.save_options(conversation, None)
    assert await history.options(conversation) is None
    assert await history.options(99) is None
    await history.close()


async def test_a_history_from_before_options(folder: Path, noon: datetime) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with closing(sqlite3.connect(folder / "history.db")) as connection:
        schema.migrate(connection, 1)
        connection.execute(
            """INSERT INTO conversations (provider, board, board_name, title, created_at, updated_at)
            VALUES ('acme', 'b', 'B', 'Old', 1, 1)"""
        )
        connection.commit()
    history = await History.open(folder)
    assert history.notice == ""
    (row,) = await history.conversations()
    assert row.title == "Old"
    await history.save_options(row.id, {"system": "x"})
    assert await history.options(row.id) == {"system": "x"}
    await history.close()
    assert len(list(folder.glob("history.db.backup-v1-*"))) == 1


async def test_damaged_options_lose_nothing_else(folder: Path, noon: datetime) -> None:
    history = await History.open(folder)
    conversation = await history.create("acme", "b", "B", "", noon)
    await history.close()
    with closing(sqlite3.connect(folder / "history.db")) as connection:
        connection.execute("UPDATE conversations SET options = '{half'")
        connection.commit()
    history = await History.open(folder)
    assert await history.options(conversation) is None
    assert len(await history.conversations()) == 1
    await history.close()
