"""A history that is damaged, missing, moved, or not ours: what is done, reported, and left alone."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from chatgrid_tui.errors import StorageProblem
from chatgrid_tui.store import opening
from chatgrid_tui.store.history import History
from chatgrid_tui.store.inspection import inspect_history

posix = pytest.mark.skipif(os.name != "posix", reason="links and pipes are those of POSIX")
_TURNS = 40


async def fill(folder: Path, noon: datetime) -> int:
    """Make a history with one conversation of some pages, and return its id."""
    history = await History.open(folder)
    conversation = await history.create("acme", "support", "Support bot", "Kept")
    for number in range(_TURNS):
        turn = await history.add_turn(conversation, f"{number} " * 300, "sent", noon)
        await history.append(await history.add_reply(turn, "bot", noon), [(0, f"{number} " * 300)])
    await history.close()
    with closing(sqlite3.connect(folder / "history.db")) as connection, connection:
        connection.execute("UPDATE replies SET state = 'finished'")
    return conversation


def damage(file: Path, table: str) -> None:
    """Overwrite the root page of a table."""
    with closing(sqlite3.connect(file)) as connection:
        page = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()[0]
    with file.open("r+b") as opened:
        opened.seek((page - 1) * 4096)
        opened.write(b"\xa5" * 4096)


async def titles(folder: Path) -> tuple[list[str], str]:
    history = await History.open(folder)
    rows = [row.title for row in await history.conversations()]
    await history.close()
    return rows, history.notice


async def read_all(history: History, conversation: int, noon: datetime) -> None:
    await history.turns(conversation)


async def write_one(history: History, conversation: int, noon: datetime) -> None:
    await history.append(await history.add_reply(1, "bot", noon), [(0, "more")])


@pytest.mark.parametrize("use", [read_all, write_one])
async def test_damage_found_in_a_large_file_is_repaired_at_the_next_start(
    use: Callable[[History, int, datetime], object], folder: Path, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "CHECKED_ALWAYS", 0)
    conversation = await fill(folder, noon)
    damage(folder / "history.db", "bubble_pieces")
    history = await History.open(folder)
    assert history.notice == ""  # nobody has met it yet
    with pytest.raises(StorageProblem, match="The next start recovers what can be read"):
        await use(history, conversation, noon)  # type: ignore[misc]
    await history.close()
    reported: list[tuple[str, int, int]] = []
    history = await History.open(folder, lambda *done: reported.append(done))
    assert history.notice.startswith("The history was damaged. Recovered all of it: 8")
    assert {doing for doing, _, _ in reported} == {"Checking the history", "Recovering the history"}
    assert all(0 <= done <= of for _, done, of in reported)
    saved = await history.turns(conversation)
    assert [turn.replies[0].bubbles for turn in saved] == [(f"{number} " * 300,) for number in range(_TURNS)]
    await history.close()
    assert (await titles(folder)) == (["Kept"], "")


async def test_a_note_without_damage_costs_one_check(
    folder: Path, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "CHECKED_ALWAYS", 0)
    await fill(folder, noon)
    (folder / "history.db.note").write_text("damaged")
    reported: list[str] = []
    for expected in ({"Checking the history"}, set()):
        reported.clear()
        history = await History.open(folder, lambda doing, _done, _of: reported.append(doing))
        await history.close()
        assert (set(reported), history.notice) == (expected, "")


async def test_a_name_that_is_not_utf8_is_damage(folder: Path, noon: datetime) -> None:
    await fill(folder, noon)
    file = folder / "history.db"
    file.write_bytes(file.read_bytes().replace(b"turns_by_conversation", b"turns_by_conversatio\xb7", 1))
    assert inspect_history(folder).state == "damaged"
    rows, notice = await titles(folder)
    assert rows == ["Kept"]
    assert notice.startswith("The history was damaged. Recovered 80 messages")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE bubble_pieces SET text = x'ff'",
        "UPDATE conversations SET title = x'4b657074'",
        "UPDATE sqlite_sequence SET seq = 0",
        "UPDATE sqlite_sequence SET seq = 'x'",
        "DELETE FROM sqlite_sequence",
    ],
)
async def test_values_that_sqlite_does_not_check_may_be_odd(statement: str, folder: Path, noon: datetime) -> None:
    conversation = await fill(folder, noon)
    with closing(sqlite3.connect(folder / "history.db", isolation_level=None)) as connection:
        connection.execute("UPDATE replies SET state = 'streaming'")
        connection.execute(statement)
    history = await History.open(folder)
    assert not history.in_memory
    await history.create("acme", "support", "Support bot", "New")
    assert [row.title for row in await history.conversations()] == ["New", "Kept"]
    assert len(await history.turns(conversation)) == _TURNS
    await history.close()


@pytest.mark.parametrize("name", ["history.db", pytest.param("../die Gespräche.db", marks=posix, id="behind a link")])
@pytest.mark.parametrize("step", ["os.rename", "os.replace", "chatgrid_tui.store.salvage.salvage"])
async def test_an_interrupted_recovery_is_repeated(
    step: str, name: str, folder: Path, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(folder, noon)
    damage(folder / "history.db", "bubble_pieces")
    file = folder / name
    if name != "history.db":
        shutil.move(folder / "history.db", file)
        (folder / "history.db").symlink_to(file)

    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(step, fails)
        history = await History.open(folder)
        assert history.in_memory
        assert "No space left" in history.notice
        await history.close()
    rows, notice = await titles(folder)
    assert rows == ["Kept"]
    assert notice.startswith(
        "The history was damaged. Recovered all of it: 80 messages in 1 conversation. The damaged"
    )
    assert len(list(file.parent.glob(f"{file.name}.corrupt-*"))) == 1
    assert (await titles(folder)) == (["Kept"], "")


async def test_a_missing_history_is_reported(folder: Path, noon: datetime) -> None:
    await fill(folder, noon)
    (folder / "history.db").unlink()
    rows, notice = await titles(folder)
    assert (rows, notice) == (
        [],
        f"The history in {folder / 'history.db'} was moved or deleted. A new one was created.",
    )
    assert (await titles(folder)) == ([], "")


@posix
async def test_a_history_on_an_unmounted_drive_is_found_again(folder: Path, noon: datetime, tmp_path: Path) -> None:
    await fill(folder, noon)
    drive = tmp_path / "drive"
    drive.mkdir()
    shutil.move(folder / "history.db", drive / "history.db")
    (folder / "history.db").symlink_to(drive / "history.db")
    assert (await titles(folder)) == (["Kept"], "")
    drive.rename(tmp_path / "unplugged")
    history = await History.open(folder)
    assert history.in_memory
    assert f"links to {drive / 'history.db'}, which does not exist." in history.notice
    await history.create("acme", "support", "Support bot")
    await history.close()
    assert not drive.exists()
    (tmp_path / "unplugged").rename(drive)
    assert (await titles(folder)) == (["Kept"], "")
    damage(drive / "history.db", "turns_by_conversation")
    rows, notice = await titles(folder)
    assert rows == ["Kept"]
    assert f"kept as {drive}/history.db.corrupt-" in notice
    assert (folder / "history.db").is_symlink()


@posix
@pytest.mark.parametrize("linked", [False, True], ids=["in its place", "behind a link"])
@pytest.mark.parametrize("version", [0, 2, 99])
async def test_the_database_of_another_program_is_left_alone(
    version: int, linked: bool, folder: Path, tmp_path: Path
) -> None:
    folder.mkdir()
    other = tmp_path / "other.sqlite" if linked else folder / "history.db"
    if linked:
        (folder / "history.db").symlink_to(other)
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE bookmarks (url)")
        connection.execute(f"PRAGMA user_version = {version}")
    other.chmod(0o644)
    before = other.read_bytes()
    history = await History.open(folder)
    assert history.in_memory
    assert "is the database of another program" in history.notice
    await history.create("acme", "support", "Support bot")
    await history.close()
    assert (other.read_bytes(), other.stat().st_mode & 0o777) == (before, 0o644)
    assert sorted(path.name for path in folder.iterdir()) == ["history.db", "instance.lock"]


@posix
async def test_the_target_of_a_link_is_left_alone(folder: Path, tmp_path: Path) -> None:
    folder.mkdir()
    precious, pipe = tmp_path / "precious", tmp_path / "pipe"
    precious.write_text("precious")
    os.mkfifo(pipe)
    for target in (precious, pipe, tmp_path):
        (folder / "history.db").symlink_to(target)
        history = await History.open(folder)
        assert history.in_memory
        assert "not a history of this program" in history.notice
        await history.close()
        (folder / "history.db").unlink()
    assert precious.read_text() == "precious"


@posix
async def test_a_pipe_in_its_place_is_set_aside(folder: Path) -> None:
    folder.mkdir()
    os.mkfifo(folder / "history.db")
    history = await History.open(folder)
    assert not history.in_memory
    assert "damaged" in history.notice
    await history.close()
