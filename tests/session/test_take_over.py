"""A read-only window takes the history over when the other window has ended, and loses nothing."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from chatgrid_tui.session.changes import RowsChanged
from fakes import DONE, FakeAnswer, delta, says
from session.room import OpenRoom, Room, reply_of, text_of


async def takes_over(room: Room) -> None:
    """Let the time pass until the next try, and wait until that has worked."""
    while room.session.read_only:
        await room.clock.advance(2.0)
        await asyncio.sleep(0.01)  # it tries in another thread
    await room.session.until(lambda: RowsChanged() in room.session.changes_seen)
    assert not room.session.alerts.conditions


async def test_it_becomes_writable_and_shows_what_was_said_meanwhile(rooms: OpenRoom) -> None:
    first = await rooms()
    conversation = first.begin()
    gate = asyncio.Event()
    first.script(FakeAnswer(delta("One"), gate, delta(" two"), DONE))
    await first.session.outbox.send(conversation, "Hello")
    await first.session.until(lambda: text_of(reply_of(conversation)) == "One")
    second = await rooms(beside=True)
    opened = await second.session.open(conversation.id)
    await second.session.show(opened)
    reply, note = reply_of(opened), opened.turns[0].note
    assert not reply.live, "nobody can stop it here"
    assert "Another window receives this reply" in note
    for _ in range(3):
        await second.clock.advance(2.0)
    assert second.session.read_only == "another window"
    gate.set()
    await first.session.until_ended()
    await first.session.set_options(conversation, "Be brief.", None)
    await first.say(first.begin(), "Another", says("One more"))
    await first.session.close()
    await takes_over(second)
    assert text_of(reply_of(opened)) == "One two"
    assert [turn.note for turn in opened.turns] == [""]
    assert opened.system == "Be brief."
    assert len(second.session.index) == 2
    assert text_of(await second.say(opened, "Mine", says("Yes"))) == "Yes"
    assert [turn.sent for turn in await second.stored(opened)] == ["Hello", "Mine"]


@pytest.mark.parametrize(
    ("before", "there", "here", "draft"),
    [
        ("", "", "", ""),
        ("old", "old", "old", "old"),
        ("old", "", "old", ""),
        ("old", "older", "old", "older"),
        ("old", "old", "mine", "mine"),
        ("", "theirs", "mine", "theirs\nmine"),
        ("old", "", "mine", "mine"),
    ],
)
async def test_what_was_typed_in_either_window_is_kept(
    rooms: OpenRoom, before: str, there: str, here: str, draft: str
) -> None:
    first = await rooms()
    conversation = first.begin()
    await first.say(conversation, "Hello", says("Hi"))
    await first.session.save_draft(conversation, before)
    second = await rooms(beside=True)
    opened = await second.session.open(conversation.id)
    await second.session.save_draft(opened, here)
    await first.session.save_draft(conversation, there)
    await first.session.close()
    await takes_over(second)
    assert opened.draft == draft
    await second.stored(opened)
    assert (await second.history.conversation(opened.id)).draft == draft
    await second.session.close()
    assert second.session.not_saved == ""


async def test_a_history_that_was_locked_at_the_start_is_taken_over_as_well(
    rooms: OpenRoom, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatgrid_tui.store.sqlite_connection._BUSY_SECONDS", 0.02)
    first = await rooms()
    conversation = first.begin()
    await first.say(conversation, "Hello", says("Hi"))
    await first.session.close()
    with closing(sqlite3.connect(folder / "history.db", isolation_level=None)) as program:
        program.execute("BEGIN IMMEDIATE")
        room = await rooms(beside=True)
        assert room.session.read_only == "not writable"
        program.execute("ROLLBACK")
    await takes_over(room)
    assert text_of(await room.say(await room.session.open(conversation.id), "Again", says("Good"))) == "Good"
