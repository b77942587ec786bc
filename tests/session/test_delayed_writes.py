"""What cannot be written yet is kept in memory, reported meanwhile, and written in order later."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from chatgrid_tui.session.turns.reply_writer import BEHIND
from chatgrid_tui.store import database, writer
from chatgrid_tui.store.writer import Writer
from fakes import DONE, FakeAnswer, delta, says
from session.room import OpenRoom, Room, reply_of, text_of


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the store be impatient."""
    for name in ("_LOCKED_FOR", "_RETRY_AFTER"):
        monkeypatch.setattr(writer, name, 0.02)
    monkeypatch.setattr(writer, "_BUSY_MS", 10)
    monkeypatch.setattr(database, "_COMMIT_TIMEOUT", 0.1)


def writer_of(room: Room) -> Writer:
    found = room.history._database._writer
    assert found is not None
    return found


def locked(room: Room, folder: Path) -> Callable[[], object]:
    other = sqlite3.connect(folder / "history.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other.close


def full(room: Room, folder: Path) -> Callable[[], object]:
    connection = writer_of(room)._connection
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")
    with closing(sqlite3.connect(folder / "history.db")) as other:  # use up the free pages
        other.execute("INSERT INTO gone_boards VALUES ('filler', 'x')")
        other.commit()
    return lambda: connection.execute("PRAGMA max_page_count = 100000")


def moved(room: Room, folder: Path) -> Callable[[], object]:
    (folder / "history.db").rename(folder / "elsewhere")
    return lambda: (folder / "elsewhere").rename(folder / "history.db")


def write_protected(room: Room, folder: Path) -> Callable[[], object]:
    connection = writer_of(room)._connection
    connection.execute("PRAGMA query_only = ON")
    return lambda: connection.execute("PRAGMA query_only = OFF")


FAULTS = {
    "locked": (locked, "Another program keeps the history locked"),
    "full": (full, "The disk is full"),
    "moved": (moved, "moved or deleted"),
    "write-protected": (write_protected, "read-only"),
}
LONG = "x" * 20_000
"""More than any free page takes."""


@pytest.fixture(params=FAULTS)
def fault(request: pytest.FixtureRequest) -> Iterator[tuple[Callable[[Room, Path], Callable[[], object]], str]]:
    yield FAULTS[request.param]


def marks(room: Room) -> list[str]:
    return [condition.text for condition in room.session.alerts.conditions]


async def test_everything_is_written_later_in_order(
    rooms: OpenRoom, folder: Path, fault: tuple[Callable[[Room, Path], Callable[[], object]], str]
) -> None:
    break_it, words = fault
    room = await rooms()
    old = room.begin()
    await room.say(old, "Before", says("Yes"))
    mend = break_it(room, folder)
    assert text_of(await room.say(old, f"During {LONG}", says("Still here"))) == "Still here"
    await room.session.until(lambda: any(words in text for text in marks(room)))
    new = room.begin()
    await room.say(new, "New", says("Hi"))
    await room.session.set_options(new, "Be brief.", None)
    for text in ("H", "Ha", "Half a thought"):
        await room.session.save_draft(new, text)
    assert await room.session.manager.rename(old, "Renamed") == ""
    assert len(marks(room)) == 1
    mend()
    await room.session.until(lambda: not marks(room))
    await room.say(old, "After", says("Good"))
    again = await rooms()
    opened = await again.session.open(old.id)
    assert [(turn.shown, text_of(turn.reply)) for turn in opened.turns if turn.reply] == [
        ("Before", "Yes"),
        (f"During {LONG}", "Still here"),
        ("After", "Good"),
    ]
    assert opened.title == "Renamed"
    opened = await again.session.open(new.id)
    assert (opened.draft, opened.system) == ("Half a thought", "Be brief.")
    assert [(turn.shown, text_of(turn.reply)) for turn in opened.turns if turn.reply] == [("New", "Hi")]


async def test_a_growing_reply_is_written_whole_later(room: Room, folder: Path) -> None:
    conversation = room.begin()
    gates = [asyncio.Event(), asyncio.Event()]
    room.script(FakeAnswer(delta("One"), gates[0], delta(" two"), gates[1], delta(" three"), DONE))
    await room.session.outbox.send(conversation, "Hello")
    await room.session.until(lambda: text_of(reply_of(conversation)) == "One")
    mend = locked(room, folder)
    await room.clock.advance(BEHIND)
    await room.session.until(lambda: bool(marks(room)))
    gates[0].set()
    await room.session.until(lambda: text_of(reply_of(conversation)) == "One two")
    for _ in range(100):
        await room.clock.advance(BEHIND)
    writing = writer_of(room)
    assert len(writing._queue) + len(writing._batch) <= 2
    mend()
    await room.session.until(lambda: not marks(room))
    await room.clock.advance(BEHIND)
    (turn,) = await room.stored(conversation)
    assert turn.replies[0].bubbles == ("One two",)
    gates[1].set()
    await room.session.until_ended()
    (turn,) = await room.stored(conversation)
    assert turn.replies[0].bubbles == ("One two three",)


async def test_a_problem_that_returns_is_reported_again(room: Room, folder: Path) -> None:
    conversation = room.begin()
    await room.say(conversation, "Hello", says("Hi"))
    for number in range(2):
        mend = locked(room, folder)
        await room.session.save_draft(conversation, f"draft {number}")
        await room.session.until(lambda: bool(marks(room)))
        mend()
        await room.session.until(lambda: not marks(room))


async def test_a_disk_that_hangs_delays_no_message(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_COMMIT_TIMEOUT", 0.02)
    conversation = room.begin()
    stuck = asyncio.Event()
    loop = asyncio.get_running_loop()
    transact = Writer._transact

    def slowly(self: Writer, entries: list[writer._Entry]) -> list[Callable[[], None]]:
        asyncio.run_coroutine_threadsafe(stuck.wait(), loop).result(10)
        return transact(self, entries)

    monkeypatch.setattr(Writer, "_transact", slowly)
    assert text_of(await room.say(conversation, "Hello", says("Hi"))) == "Hi"
    assert ["does not respond" in text for text in marks(room)] == [True]
    stuck.set()
    await room.session.until(lambda: not marks(room))
    (turn,) = await room.stored(conversation)
    assert (turn.sent, turn.replies[0].bubbles) == ("Hello", ("Hi",))


async def test_a_fork_is_written_whole_when_the_history_can_be_written_again(rooms: OpenRoom, folder: Path) -> None:
    room = await rooms()
    conversation = room.begin()
    await room.say(conversation, "One", says("Two"))
    unlock = locked(room, folder)
    fork = (await room.session.forks.fork(conversation, conversation.turns[0])).conversation
    await room.say(fork, "Three", says("Four"))
    assert await room.history.count() == 1
    unlock()
    await room.session.until(lambda: room.history.problem is None)
    again = await (await rooms()).session.open(fork.id)
    assert [(turn.sent, text_of(turn.reply)) for turn in again.turns] == [("One", "Two"), ("Three", "Four")]
