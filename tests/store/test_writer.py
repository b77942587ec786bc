"""The writer's guarantees: jobs fail alone, it stays usable, and nothing is reported before the commit."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path

import pytest

from chatgrid_tui.errors import StorageProblem
from chatgrid_tui.store import writer as writing
from chatgrid_tui.store.opening import open_files
from chatgrid_tui.store.sqlite_connection import connect
from chatgrid_tui.store.writer import Writer

LIMIT = 10
"""Seconds; a writer that hangs is a failure."""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the writer be impatient."""
    for name in ("_LOCKED_FOR", "_RETRY_AFTER"):
        monkeypatch.setattr(writing, name, 0.02)
    monkeypatch.setattr(writing, "_BUSY_MS", 10)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    opened = open_files(tmp_path)
    assert opened.writer and opened.reader and opened.lock and opened.file
    opened.writer.execute("CREATE TABLE notes (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
    opened.writer.close()
    opened.reader.close()
    opened.lock.release()
    return opened.file


@pytest.fixture
def writer(file: Path) -> Iterator[Writer]:
    writer = Writer(connect(file), file)
    yield writer
    writer.close(LIMIT)


def submit(writer: Writer, key: str, *, durable: bool = False) -> Future[None]:
    def job(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO notes VALUES (?, ?)", (key, "x" * 2000))

    return writer.submit(job, durable=durable)


def until(done: Callable[[], bool]) -> None:
    """Wait for what the other thread does."""
    latest = time.monotonic() + LIMIT
    while not done():
        assert time.monotonic() < latest
        time.sleep(0.002)


def notes(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return [key for (key,) in connection.execute("SELECT key FROM notes ORDER BY rowid")]


def test_reported_writes_are_committed(writer: Writer, file: Path) -> None:
    submit(writer, "a").result(LIMIT)
    assert notes(file) == ["a"]
    submit(writer, "b", durable=True).result(LIMIT)
    assert notes(file) == ["a", "b"]


def test_a_failing_job_fails_alone(writer: Writer, file: Path) -> None:
    futures = [submit(writer, key) for key in "abcaad"]
    problems = [future.exception(LIMIT) for future in futures]
    assert [type(problem) for problem in problems] == [type(None)] * 3 + [StorageProblem] * 2 + [type(None)]
    assert notes(file) == ["a", "b", "c", "d"]


def test_an_error_in_a_job_is_the_caller_s(writer: Writer, file: Path) -> None:
    def job(_: sqlite3.Connection) -> None:
        raise RecursionError

    problem = writer.submit(job).exception(LIMIT)
    assert isinstance(problem, StorageProblem)
    assert "RecursionError" in str(problem)
    submit(writer, "after").result(LIMIT)
    assert notes(file) == ["after"]


def test_a_full_disk_is_reported_and_survived(file: Path) -> None:
    connection = connect(file)
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages + 8}")
    writer = Writer(connection, file)
    futures = [submit(writer, str(number)) for number in range(40)]
    until(lambda: writer.problem is not None and bool(notes(file)))
    optional = writer.write(lambda connection: None, None, optional=True)
    assert str(writer.problem) == "The disk is full, so this is not saved."
    assert 0 < len(notes(file)) < 40
    optional.result(LIMIT)
    connection.execute("PRAGMA max_page_count = 100000")
    submit(writer, "space again").result(LIMIT)
    assert notes(file) == [*map(str, range(40)), "space again"]
    assert all(future.done() for future in futures)
    assert writer.problem is None
    writer.close(LIMIT)


def test_queued_writes_follow_in_order_once_the_lock_is_free(file: Path) -> None:
    changes: list[None] = []
    writer = Writer(connect(file), file, lambda: changes.append(None))
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        futures = [submit(writer, key) for key in "abc"]
        until(lambda: writer.problem is not None)
        futures += [submit(writer, key) for key in "def"]
        assert "Another program keeps the history locked" in str(writer.problem)
        assert not any(future.done() for future in futures)
        other.execute("ROLLBACK")
    for future in futures:
        future.result(LIMIT)
    assert (writer.problem, len(changes), writer.unsaved) == (None, 2, frozenset())
    writer.close(LIMIT)
    assert notes(file) == [*"abcdef"]


def test_a_newer_state_replaces_a_queued_one_in_its_order(file: Path) -> None:
    writer = Writer(connect(file), file)

    def state(text: str) -> Future[None]:
        def job(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT OR REPLACE INTO notes VALUES ('state', ?)", (text,))

        return writer.write(job, ("conversation", 1), state="draft")

    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        submit(writer, "first")
        until(lambda: writer.problem is not None)
        states = [state(str(number)) for number in range(1000)]
        until(lambda: all(one.done() for one in states[:-1]))
        assert not states[-1].done()
        assert writer.unsaved == {("conversation", 1)}
        other.execute("ROLLBACK")
    states[-1].result(LIMIT)
    with closing(sqlite3.connect(file)) as reader:
        rows = reader.execute("SELECT key, substr(value, 1, 3) FROM notes ORDER BY rowid").fetchall()
    assert rows == [("first", "xxx"), ("state", "999")]
    writer.close(LIMIT)


def test_the_queue_is_bounded(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "_MOST_WAITING", 10)
    writer = Writer(connect(file), file)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        submit(writer, "first")
        until(lambda: writer.problem is not None)
        futures = [writer.write(lambda connection: None, ("turn", number)) for number in range(20)]
        refused = [future.exception() for future in futures if future.done()]
        assert len(refused) >= 9
        assert {str(problem) for problem in refused} == {"Too much is waiting to be saved, so this is not saved."}
        assert writer.lost >= {("turn", 19)}
        until(lambda: writer.close(0.0))
        assert writer.unsaved >= {("turn", 0), ("turn", 19)}


def test_closing_ends_in_time_and_says_what_is_not_written(file: Path) -> None:
    writer = Writer(connect(file), file)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        writer.write(lambda connection: None, ("turn", 7))
        writer.close(0.05)
        until(lambda: writer.close(0.0))
        assert writer.unsaved == {("turn", 7)}


def test_a_file_that_was_moved_is_noticed_and_found_again(writer: Writer, file: Path) -> None:
    submit(writer, "a").result(LIMIT)
    file.rename(file.with_name("elsewhere"))
    future = submit(writer, "b")
    until(lambda: writer.problem is not None)
    assert "moved or deleted" in str(writer.problem)
    file.with_name("elsewhere").rename(file)
    future.result(LIMIT)
    assert notes(file) == ["a", "b"]


def test_closing_writes_what_is_queued(file: Path) -> None:
    writer = Writer(connect(file), file)
    futures = [submit(writer, str(number)) for number in range(1000)]
    writer.close(LIMIT)
    assert all(future.done() and future.exception() is None for future in futures)
    assert len(notes(file)) == 1000
    with pytest.raises(StorageProblem, match="closed"):
        submit(writer, "late").result(LIMIT)
    assert not file.with_name(file.name + "-wal").exists()


@pytest.mark.parametrize("takes_long", [False, True])
def test_waiting_for_a_job_that_takes_long_is_no_sign_of_a_slow_disk(takes_long: bool, writer: Writer) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def job(_: sqlite3.Connection) -> None:
        begun.set()
        go_on.wait(LIMIT)

    writing_long = writer.submit(job, takes_long=takes_long)
    begun.wait(LIMIT)
    after = submit(writer, "after")
    writer.report_slow()
    assert (writer.problem is None) == takes_long
    go_on.set()
    writing_long.result(LIMIT)
    after.result(LIMIT)
