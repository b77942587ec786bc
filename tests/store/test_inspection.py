"""Inspecting the history from outside: nothing is written, whatever state it is in."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from chatgrid_tui.store import inspection, schema
from chatgrid_tui.store.history import History
from chatgrid_tui.store.inspection import inspect_history


def state_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


async def fill(folder: Path, noon: datetime, *, leave_open: bool = False) -> History:
    history = await History.open(folder)
    conversation = await history.create("acme", "b", "B", "", noon)
    await history.add_turn(conversation, "Hello", "Hello", noon)
    if not leave_open:
        await history.close()
    return history


def test_no_history(tmp_path: Path) -> None:
    assert inspect_history(tmp_path / "nowhere").state == "missing"
    assert not (tmp_path / "nowhere").exists()


async def test_an_intact_history_is_left_as_it_is(folder: Path, noon: datetime) -> None:
    await fill(folder, noon)
    before = state_of(folder)
    report = inspect_history(folder)
    assert (report.state, report.version, report.conversations) == ("sound", schema.VERSION, 1)
    assert report.recorded == 0
    assert state_of(folder) == before


async def test_an_open_history_can_be_inspected(folder: Path, noon: datetime) -> None:
    history = await fill(folder, noon, leave_open=True)
    report = inspect_history(folder)
    assert (report.state, report.conversations) == ("sound", 1)
    assert await history.count() == 1
    assert not history.read_only
    await history.close()


async def test_a_newer_history(folder: Path, noon: datetime) -> None:
    await fill(folder, noon)
    with closing(sqlite3.connect(folder / "history.db")) as connection:
        connection.execute("PRAGMA user_version = 99")
    report = inspect_history(folder)
    assert (report.state, report.version) == ("newer", 99)
    assert "99" in report.text


@pytest.mark.parametrize("damage", [b"nonsense" * 600, b"", b"SQLite format 3\0" + b"\xff" * 4096])
async def test_a_damaged_history_is_reported_and_left_alone(damage: bytes, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "history.db").write_bytes(damage)
    assert inspect_history(folder).state == "damaged"
    assert state_of(folder) == {"history.db": damage}


async def test_a_page_that_is_damaged(folder: Path, noon: datetime) -> None:
    await fill(folder, noon)
    file = folder / "history.db"
    data = bytearray(file.read_bytes())
    data[4096:8192] = b"\xaa" * 4096
    file.write_bytes(data)
    assert inspect_history(folder).state == "damaged"


async def test_a_history_too_large_to_read_in_time(
    folder: Path, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(folder, noon)
    monkeypatch.setattr(inspection, "_REPORT_TIMEOUT", -1.0)
    monkeypatch.setattr(inspection, "_STEPS_PER_CHECK", 1)
    assert inspect_history(folder).state == "not read"


def test_a_folder_in_its_place(folder: Path) -> None:
    (folder / "history.db").mkdir(parents=True)
    assert inspect_history(folder).state == "not read"


@pytest.mark.skipif(os.name != "posix", reason="links and pipes are those of POSIX")
async def test_other_databases_and_missing_files(folder: Path, noon: datetime) -> None:
    await fill(folder, noon)
    file = folder / "history.db"
    file.unlink()
    reports = [inspect_history(folder)]
    os.mkfifo(file)
    reports.append(inspect_history(folder))
    file.unlink()
    file.symlink_to(folder / "absent")
    reports.append(inspect_history(folder))
    file.unlink()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE bookmarks (url)")
    reports.append(inspect_history(folder))
    assert [report.state for report in reports] == ["not read", "damaged", "not read", "not read"]
    words = ("was moved or deleted", "is damaged", "which does not exist", "another program")
    assert all(part in report.text for part, report in zip(words, reports, strict=True))
