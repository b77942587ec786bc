"""Recordings have a size limit: the oldest are deleted first, a few at a time, and kept ones stay."""

from __future__ import annotations

import os
import sqlite3
import zlib
from contextlib import closing
from datetime import datetime
from pathlib import Path

from chatgrid_tui.store import reads, schema, writes
from chatgrid_tui.store.history import History


async def replies(history: History, noon: datetime, count: int, size: int) -> list[int]:
    """Return the ids of new replies with recordings that take `size` bytes and a few more."""
    conversation = await history.create("p", "b", "Bot", at=noon)
    ids: list[int] = []
    for _ in range(count):
        turn = await history.add_turn(conversation, "Hi", "Hi", noon)
        ids.append(await history.add_reply(turn, "bot", noon))
        await history.save_recordings(ids[-1], [os.urandom(size // 2), os.urandom(size // 2)])
    return ids


async def recorded(history: History, ids: list[int]) -> list[bool]:
    return [bool(await history.recordings(reply)) for reply in ids]


async def test_the_oldest_go_and_what_is_kept_stays(history: History, noon: datetime) -> None:
    ids = await replies(history, noon, 6, 10_000)
    await history.keep_recording(ids[1], True)
    assert [turn.replies[0].recording_kept for turn in (await history.turns(1))[:3]] == [False, True, False]
    await history.delete_old_recordings(100_000)
    assert await recorded(history, ids) == [True] * 6
    await history.delete_old_recordings(35_000)
    assert await recorded(history, ids) == [False, True, False, False, True, True]
    await history.delete_old_recordings(0)
    assert await recorded(history, ids) == [False, True, False, False, False, False]
    await history.keep_recording(ids[1], False)
    await history.delete_old_recordings(0)
    assert await recorded(history, ids) == [False] * 6


async def test_a_deleted_conversation_and_a_new_recording_count_anew(history: History, noon: datetime) -> None:
    first = await replies(history, noon, 2, 10_000)
    await history.save_recordings(first[1], [b"small"])
    second = await replies(history, noon, 1, 10_000)
    await history.delete_old_recordings(25_000)
    assert await recorded(history, [*first, *second]) == [True] * 3
    await history.delete(1)
    await history.delete_old_recordings(11_000)
    assert await recorded(history, second) == [True]


def test_a_transaction_deletes_only_a_few() -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        schema.migrate(connection)
        connection.execute("PRAGMA foreign_keys = OFF")
        columns = "id, turn_id, state, speaker, started_at, recording_size"
        rows = [(number, 1, "finished", "bot", 1, 9) for number in range(1, 201)]
        connection.executemany(f"INSERT INTO replies ({columns}) VALUES (?, ?, ?, ?, ?, ?)", rows)
        steps = 0
        while writes.delete_old_recordings(connection, 100):
            steps += 1
        assert (steps, reads.recorded_bytes(connection)) == (2, 99)


async def test_recordings_of_earlier_versions_are_counted(folder: Path, noon: datetime) -> None:
    folder.mkdir()
    before = next(number for number, step in enumerate(schema.STEPS) if any("recording_size" in str(s) for s in step))
    with closing(sqlite3.connect(folder / "history.db", isolation_level=None)) as connection:
        schema.migrate(connection, before)
        connection.execute(
            "INSERT INTO conversations (id, provider, board, board_name, created_at, updated_at)"
            " VALUES (1, 'a', 'b', 'c', 1, 2)"
        )
        connection.execute("INSERT INTO turns (id, conversation_id, shown, sent, sent_at) VALUES (1, 1, '', '', 1)")
        row = "INSERT INTO replies (id, turn_id, state, speaker, started_at) VALUES (?, 1, 'finished', 'bot', 1)"
        connection.executemany(row, [(1,), (2,)])
        data = zlib.compress(os.urandom(1_000))
        connection.executemany("INSERT INTO recordings VALUES (?, ?, ?)", [(1, 0, data), (1, 1, data), (2, 0, data)])
    history = await History.open(folder)
    await history.delete_old_recordings(2_000)
    assert await recorded(history, [1, 2]) == [False, True]
    await history.close()


async def test_nothing_is_deleted_by_a_window_that_only_reads(folder: Path, noon: datetime, history: History) -> None:
    ids = await replies(history, noon, 1, 1_000)
    second = await History.open(folder)
    assert second.read_only == "another window"
    await second.keep_recording(ids[0], True)
    assert not (await second.turns(1))[0].replies[0].recording_kept
    await second.close()
