"""The writer's promises: alone to fail, usable afterwards, nothing told before the commit."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path

import pytest

from chatgrid_tui.errors import StorageProblem
from chatgrid_tui.store.connection import connect
from chatgrid_tui.store.opening import open_files
from chatgrid_tui.store.writer import Writer

LIMIT = 10
"""Seconds; a writer that hangs is a failure."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    opened = open_files(tmp_path)
    assert opened.writer and opened.reader and opened.lock and opened.file
    opened.writer.close()
    opened.reader.close()
    opened.lock.release()
    return opened.file


@pytest.fixture
def writer(file: Path) -> Iterator[Writer]:
    writer = Writer(connect(file), file)
    yield writer
    writer.close()


def submit(writer: Writer, key: str, *, durable: bool = False) -> Future[None]:
    def job(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO remembered VALUES (?, ?)", (key, "x" * 2000))

    return writer.submit(job, durable=durable)


def remembered(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return [key for (key,) in connection.execute("SELECT key FROM remembered ORDER BY rowid")]


def test_what_is_told_is_committed(writer: Writer, file: Path) -> None:
    submit(writer, "a").result(LIMIT)
    assert remembered(file) == ["a"]
    submit(writer, "b", durable=True).result(LIMIT)
    assert remembered(file) == ["a", "b"]


def test_one_that_fails_fails_alone(writer: Writer, file: Path) -> None:
    futures = [submit(writer, key) for key in "abcaad"]
    problems = [future.exception(LIMIT) for future in futures]
    assert [type(problem) for problem in problems] == [type(None)] * 3 + [StorageProblem] * 2 + [type(None)]
    assert remembered(file) == ["a", "b", "c", "d"]


def test_an_error_in_a_job_is_the_caller_s(writer: Writer, file: Path) -> None:
    def job(_: sqlite3.Connection) -> None:
        raise RecursionError

    problem = writer.submit(job).exception(LIMIT)
    assert isinstance(problem, StorageProblem)
    assert "RecursionError" in str(problem)
    submit(writer, "after").result(LIMIT)
    assert remembered(file) == ["after"]


def test_a_full_disk_is_told_and_survived(file: Path) -> None:
    connection = connect(file)
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages + 8}")
    writer = Writer(connection, file)
    futures = [submit(writer, str(number)) for number in range(40)]
    problems = [future.exception(LIMIT) for future in futures]
    kept = [str(number) for number, problem in enumerate(problems) if problem is None]
    assert 0 < len(kept) < 40
    assert {str(problem) for problem in problems if problem} == {"The disk is full, so this is not saved."}
    assert remembered(file) == kept
    writer.submit(lambda connection: connection.execute("PRAGMA max_page_count = 100000") and None).result(LIMIT)
    submit(writer, "space again").result(LIMIT)
    assert remembered(file) == [*kept, "space again"]
    writer.close()


def test_a_locked_file_is_told_and_survived(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatgrid_tui.store.connection._BUSY_SECONDS", 0.05)
    writer = Writer(connect(file), file)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageProblem, match="Another program keeps the history locked"):
            submit(writer, "a").result(LIMIT)
        other.execute("ROLLBACK")
    submit(writer, "b").result(LIMIT)
    writer.close()
    assert remembered(file) == ["b"]


def test_a_file_that_was_deleted_is_noticed(writer: Writer, file: Path) -> None:
    submit(writer, "a").result(LIMIT)
    file.rename(file.with_name("elsewhere"))
    with pytest.raises(StorageProblem, match="moved or deleted"):
        submit(writer, "b").result(LIMIT)


def test_closing_writes_what_is_queued(file: Path) -> None:
    writer = Writer(connect(file), file)
    futures = [submit(writer, str(number)) for number in range(1000)]
    writer.close()
    assert all(future.done() and future.exception() is None for future in futures)
    assert len(remembered(file)) == 1000
    with pytest.raises(StorageProblem, match="closed"):
        submit(writer, "late").result(LIMIT)
    assert not file.with_name(file.name + "-wal").exists()
