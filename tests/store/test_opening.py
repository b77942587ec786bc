"""Files that are missing, damaged, owned by others, too old and too new."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import sqlite3
import stat
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from chatgrid_tui.errors import StorageProblem
from chatgrid_tui.store import opening, schema
from chatgrid_tui.store.history import History
from chatgrid_tui.store.inspection import inspect_history
from chatgrid_tui.store.opening import InstanceLock
from quiet import PATIENCE

posix = pytest.mark.skipif(os.name != "posix", reason="file modes are those of POSIX")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def fill(folder: Path, noon: datetime, text: str = "kept") -> int:
    """Make a history with one conversation that has one turn; return the conversation's id."""
    history = await History.open(folder)
    conversation = await history.create("acme", "support", "Support bot")
    turn = await history.add_turn(conversation, text, text, noon)
    await history.append(await history.add_reply(turn, "bot", noon), [(0, "half "), (0, "a reply")])
    await history.close()
    return conversation


@posix
async def test_everything_is_for_its_owner_only(tmp_path: Path, noon: datetime) -> None:
    before = os.umask(0)
    try:
        history = await History.open(tmp_path / "new" / "data")
        await history.create("acme", "support", "Support bot")
        folder = tmp_path / "new" / "data"
        assert (mode(folder), mode(folder.parent)) == (0o700, 0o700)
        assert {path.name: oct(mode(path)) for path in folder.iterdir()} == {
            "history.db": "0o600",
            "history.db-shm": "0o600",
            "history.db-wal": "0o600",
            "history.db.note": "0o600",
            "instance.lock": "0o600",
        }
        await history.close()
    finally:
        os.umask(before)
    assert names(folder) == ["history.db", "history.db.note", "instance.lock"]


@posix
async def test_a_file_that_others_could_read_is_closed_to_them(folder: Path, noon: datetime) -> None:
    await fill(folder, noon)
    (folder / "history.db").chmod(0o644)
    await (await History.open(folder)).close()
    assert mode(folder / "history.db") == 0o600


async def test_an_unfinished_reply_is_interrupted_at_the_next_start(folder: Path, noon: datetime) -> None:
    conversation = await fill(folder, noon)
    history = await History.open(folder)
    (turn,) = await history.turns(conversation)
    assert (turn.replies[0].state, turn.replies[0].bubbles) == ("interrupted", ("half a reply",))
    row = await history.conversation(conversation)
    assert (row.state, row.preview) == ("interrupted", "half a reply")
    await history.close()


async def test_a_second_window_reads_only(folder: Path, noon: datetime) -> None:
    conversation = await fill(folder, noon)
    first = await History.open(folder)
    live = await first.add_reply(await first.add_turn(conversation, "x", "x", noon), "bot", noon)
    second = await History.open(folder)
    assert second.read_only == "another window"
    assert second.notice == f"Another window has this history (process {os.getpid()}). It is read only here."
    await first.append(live, [(0, "seen live")])
    assert [reply.bubbles for reply in (await second.turns(conversation))[1].replies] == [("seen live",)]
    assert (await second.conversation(conversation)).state == "writing"
    with pytest.raises(StorageProblem, match="read only"):
        await second.create("a", "b", "c")
    # What only that window cares about is dropped.
    await second.mark_read(conversation)
    await second.save_draft(conversation, "draft")
    await second.saved_state.save_last_shown(conversation)
    assert await first.saved_state.last_shown() == 0
    await second.close()
    await first.close()
    third = await History.open(folder)
    assert not third.read_only
    await third.close()


async def test_a_second_window_does_not_wait_for_ever_for_the_first(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "_WAIT_FOR_OWNER", 0.1)
    first = await History.open(folder)
    (folder / "history.db").unlink()
    second = await History.open(folder)
    assert (second.in_memory, second.read_only) == (True, None)
    assert "cannot be read" in second.notice
    await second.close()
    await first.close()


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(b"", id="cut to nothing"),
        pytest.param(b"this is no database at all" * 400, id="something else"),
        pytest.param(b"SQLite format 3\x00" + bytes(5000), id="a broken header"),
    ],
)
async def test_a_damaged_file_is_set_aside(folder: Path, noon: datetime, damage: bytes) -> None:
    await fill(folder, noon)
    (folder / "history.db").write_bytes(damage)
    history = await History.open(folder)
    (aside,) = folder.glob("history.db.corrupt-*")
    assert aside.read_bytes() == damage
    assert ("was emptied" if not damage else "was damaged, and none of it could be read") in history.notice
    assert history.notice.endswith(f"kept as {aside.name}.")
    assert await history.conversations() == []
    await history.create("a", "b", "c")
    await history.close()


async def test_a_torn_page_and_a_cut_file_are_found(folder: Path, noon: datetime) -> None:
    await fill(folder, noon, "x" * 50_000)
    file = folder / "history.db"
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    await (await History.open(folder)).close()
    file.unlink()
    file.write_bytes(whole[:4096] + b"\xff" * 8192 + whole[12288:])
    await (await History.open(folder)).close()
    assert len(list(folder.glob("history.db.corrupt-*"))) == 2


async def test_a_log_without_its_file_is_set_aside(folder: Path) -> None:
    folder.mkdir()
    (folder / "history.db-wal").write_bytes(b"left over")
    history = await History.open(folder)
    assert "was damaged" in history.notice
    assert next(iter(folder.glob("*corrupt*"))).read_bytes() == b"left over"
    await history.close()


async def test_without_a_folder_it_is_kept_in_memory(tmp_path: Path, noon: datetime) -> None:
    (tmp_path / "file").write_text("in the way")
    history = await History.open(tmp_path / "file" / "data")
    assert history.in_memory
    assert "Not a directory" in history.notice
    conversation = await history.create("acme", "support", "Support bot")
    turn = await history.add_turn(conversation, "hello", "hello", noon)
    await history.append(await history.add_reply(turn, "bot", noon), [(0, "hi")])
    (saved,) = await history.turns(conversation)
    assert saved.replies[0].bubbles == ("hi",)
    assert await history.count() == 1
    await history.close()
    with pytest.raises(StorageProblem, match="closed"):
        await history.count()


async def test_invalid_utf_8_does_not_lose_the_row(folder: Path, noon: datetime) -> None:
    conversation = await fill(folder, noon)
    with closing(sqlite3.connect(folder / "history.db")) as connection, connection:
        connection.execute("UPDATE conversations SET title = CAST(x'41ff42' AS TEXT)")
        connection.execute("UPDATE replies SET usage = '{broken', attachments = '7', failure = '{\"kind\": 3}'")
        connection.execute("UPDATE replies SET state = 'thinking'")
    history = await History.open(folder)
    assert (await history.conversation(conversation)).title == "A\N{REPLACEMENT CHARACTER}B"
    reply = (await history.turns(conversation))[0].replies[0]
    assert (reply.usage, reply.attachments, reply.state) == (None, (), "interrupted")
    assert reply.failure is not None
    await history.close()


async def test_damaged_numbers_lose_nothing_else(folder: Path, noon: datetime) -> None:
    conversation = await fill(folder, noon)
    with closing(sqlite3.connect(folder / "history.db")) as connection, connection:
        connection.execute(
            """UPDATE conversations SET unread = 'x', updated_at = 'y', preview_mine = x'00', state = x'ff',
            remote_gone = 'z'"""
        )
        connection.execute("UPDATE turns SET sent_at = 'nonsense', selected = 'x'")
        connection.execute(
            """UPDATE replies SET started_at = 9223372036854775807, first_token = 'x', duration = x'00',
            deltas = 'many', warnings = x'01', chosen = 'one',
            chosen_before = '[1, true, {}]', attachments = 7, suggestions = 1.5, usage = x'ff'"""
        )
    history = await History.open(folder)
    (row,) = await history.conversations()
    assert (row.id, row.unread, row.preview) == (conversation, 0, "half a reply")
    (turn,) = await history.turns(conversation)
    (reply,) = turn.replies
    assert (turn.shown, reply.bubbles, reply.attachments, reply.usage) == ("kept", ("half a reply",), (), None)
    await history.add_turn(conversation, "more", "more", noon)
    assert (await history.conversation(conversation)).updated_at == noon
    await history.close()


@pytest.mark.parametrize("version", [-1, 0x5A5A5A5A])
async def test_a_damaged_version_is_recovered(folder: Path, noon: datetime, version: int) -> None:
    conversation = await fill(folder, noon)
    with closing(sqlite3.connect(folder / "history.db")) as connection:
        connection.execute(f"PRAGMA user_version = {version}")
    assert inspect_history(folder).state == "damaged"
    history = await History.open(folder)
    assert "Recovered all of it" in history.notice
    assert not history.read_only
    assert [turn.shown for turn in await history.turns(conversation)] == ["kept"]
    await history.close()


@posix
@pytest.mark.parametrize("ending", ["-journal", "-wal", "-shm"])
async def test_a_pipe_next_to_the_history_blocks_nothing(folder: Path, noon: datetime, ending: str) -> None:
    await fill(folder, noon)
    os.mkfifo(folder / f"history.db{ending}")
    assert inspect_history(folder).state == "not read"
    async with asyncio.timeout(PATIENCE):
        history = await History.open(folder)
    assert history.in_memory
    assert f"history.db{ending} is not an ordinary file. It was not changed." in history.notice
    await history.close()
    (folder / f"history.db{ending}").unlink()
    history = await History.open(folder)
    assert (history.notice, await history.count()) == ("", 1)
    await history.close()


async def test_a_newer_version_is_read_only(folder: Path, noon: datetime) -> None:
    conversation = await fill(folder, noon)
    with closing(sqlite3.connect(folder / "history.db")) as connection:
        connection.execute("PRAGMA user_version = 99")
    history = await History.open(folder)
    assert history.read_only == "newer version"
    assert "newer version of this program (99" in history.notice
    assert len(await history.turns(conversation)) == 1
    # The newer program may come and write meanwhile.
    lock = InstanceLock(folder)
    assert lock.take()
    lock.release()
    await history.close()


async def test_an_unwritable_history_is_read_only(
    folder: Path, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatgrid_tui.store.sqlite_connection._BUSY_SECONDS", 0.05)
    conversation = await fill(folder, noon)
    with closing(sqlite3.connect(folder / "history.db", isolation_level=None)) as another_program:
        another_program.execute("BEGIN IMMEDIATE")
        history = await History.open(folder)
    assert history.read_only == "not writable"
    assert history.notice == "Another program keeps the history locked, so this is not saved. It is read only."
    assert len(await history.turns(conversation)) == 1
    await history.close()
    history = await History.open(folder)
    assert (history.read_only, history.notice) == (None, "")
    await history.close()


def a_newer_program(monkeypatch: pytest.MonkeyPatch, *statements: str) -> None:
    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, statements))
    monkeypatch.setattr(schema, "VERSION", len(schema.STEPS))


async def test_a_migration_keeps_all_and_a_copy(
    folder: Path, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = await fill(folder, noon)
    first = schema.VERSION
    for _ in range(4):
        a_newer_program(monkeypatch, f"CREATE TABLE later_{schema.VERSION} (id)")
        history = await History.open(folder)
        assert history.notice == ""
        assert [turn.shown for turn in await history.turns(conversation)] == ["kept"]
        await history.close()
    copies = {copy.name.split("-")[1]: copy for copy in folder.glob("history.db.backup-*")}
    kept = {f"v{version}": version for version in range(first + 1, first + 4)}
    assert copies.keys() == kept.keys()
    for name, copy in copies.items():
        with closing(sqlite3.connect(copy)) as connection:
            assert schema.version_of(connection) == kept[name]
            assert connection.execute("SELECT shown FROM turns").fetchall() == [("kept",)]
        if os.name == "posix":
            assert mode(copy) == 0o600


async def test_a_migration_that_fails_changes_nothing(
    folder: Path, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = await fill(folder, noon)
    with monkeypatch.context() as newer:
        # The second statement fails where there are turns.
        a_newer_program(newer, "DELETE FROM replies", "INSERT INTO turns SELECT * FROM turns")
        history = await History.open(folder)
        assert history.in_memory
        assert "cannot be kept" in history.notice
        await history.close()
    assert len(list(folder.glob(f"history.db.backup-v{schema.VERSION}-*"))) == 1
    history = await History.open(folder)
    (turn,) = await history.turns(conversation)
    assert (turn.shown, len(turn.replies)) == ("kept", 1)
    await history.close()


_KILLED_WHILE_MIGRATING = """
import os, signal, sys
from collections.abc import Iterator
from pathlib import Path
from chatgrid_tui.store import opening, schema

class Deadly(tuple):
    def __iter__(self) -> Iterator[str]:
        yield "DROP TABLE turns"
        os.kill(os.getpid(), signal.SIGKILL)

schema.STEPS = (*schema.STEPS, Deadly())
schema.VERSION = len(schema.STEPS)
opening.open_files(Path(sys.argv[1]))
"""


@posix
async def test_a_migration_that_is_killed_changes_nothing(folder: Path, noon: datetime) -> None:
    conversation = await fill(folder, noon)
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", _KILLED_WHILE_MIGRATING, str(folder))
    assert await process.wait() == -signal.SIGKILL
    (copy,) = folder.glob(f"history.db.backup-v{schema.VERSION}-*")
    assert copy.stat().st_size
    history = await History.open(folder)
    assert history.notice == ""
    assert [turn.shown for turn in await history.turns(conversation)] == ["kept"]
    await history.close()


def test_the_lock_is_taken_on_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.write", full)
    lock = InstanceLock(tmp_path)
    assert lock.take()
    assert not InstanceLock(tmp_path).take()
    assert lock.owner() == ""
    lock.release()
