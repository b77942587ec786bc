"""What the history could not take before the end is saved in a file next to it, and reported."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from chatgrid_tui.model.json import Json
from chatgrid_tui.store import database, writer
from fakes import FakeAnswer, delta, says
from session.room import OpenRoom, Room, reply_of, text_of


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let the store be impatient, and keep files that find no place elsewhere."""
    for name in ("_LOCKED_FOR", "_RETRY_AFTER"):
        monkeypatch.setattr(writer, name, 0.02)
    monkeypatch.setattr(writer, "_BUSY_MS", 10)
    monkeypatch.setattr(database, "_COMMIT_TIMEOUT", 0.1)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))


def conversations(room: Room, folder: Path) -> list[dict[str, Json]]:
    """Return what the file of a closed session has, which must be private and must be named."""
    (file,) = folder.glob("chatgrid-tui-unsaved-*.json")
    assert str(file) in room.session.not_saved
    assert file.stat().st_mode & 0o777 == 0o600
    content = json.loads(file.read_text("utf-8"))
    assert content["format"] == "chatgrid-tui unsaved 1"
    found: list[dict[str, Json]] = content["conversations"]
    return found


async def test_only_what_is_not_in_the_history_is_in_the_file(room: Room, folder: Path) -> None:
    conversation, other = room.begin(), room.begin()
    await room.say(conversation, "Saved", says("Yes"))
    await room.say(other, "Elsewhere", says("Saved"))
    with closing(sqlite3.connect(folder / "history.db", isolation_level=None)) as program:
        program.execute("BEGIN IMMEDIATE")
        await room.say(conversation, "Über", says("Not yet"))
        room.script(FakeAnswer(delta("Half"), asyncio.Event()))
        await room.session.outbox.send(conversation, "Growing")
        await room.session.until(lambda: text_of(reply_of(conversation)) == "Half")
        await room.session.close(0.4, [(conversation, "typed")])
    assert room.session.not_saved.startswith("1 conversation could not be saved in the history.")
    (left,) = conversations(room, folder)
    assert (left["provider"], left["board"], left["title"], left["draft"]) == ("model", "m", "Saved", "typed")
    turns = [(turn["message"], turn["reply"]["bubbles"], turn["reply"]["state"]) for turn in left["turns"]]  # type: ignore[union-attr, index, call-overload]
    assert turns == [("Über", ["Not yet"], "finished"), ("Growing", ["Half"], "interrupted")]


async def test_a_fork_that_could_not_be_saved_is_in_the_file_whole(room: Room, folder: Path) -> None:
    conversation = room.begin()
    await room.say(conversation, "One", says("Two"))
    with closing(sqlite3.connect(folder / "history.db", isolation_level=None)) as program:
        program.execute("BEGIN IMMEDIATE")
        fork = (await room.session.forks.fork(conversation, conversation.turns[0])).conversation
        await room.say(fork, "Three", says("Four"))
        assert room.session.troubles
        await room.session.close(0.4)
    (left,) = conversations(room, folder)
    turns = [(turn["message"], turn["reply"]["bubbles"]) for turn in left["turns"]]  # type: ignore[union-attr, index, call-overload]
    assert (left["title"], turns) == ("Fork: One", [("One", ["Two"]), ("Three", ["Four"])])


async def test_a_reply_that_is_not_the_selected_one_is_in_the_file(room: Room, folder: Path) -> None:
    conversation = room.begin()
    await room.say(conversation, "One", says("First"))
    (turn,) = conversation.turns
    with closing(sqlite3.connect(folder / "history.db", isolation_level=None)) as program:
        program.execute("BEGIN IMMEDIATE")
        room.script(says("Second"))
        room.session.outbox.regenerate(conversation, turn, "Once")
        await room.session.until_ended(2)
        await room.session.outbox.select_reply(conversation, turn, 0)
        await room.session.close(0.4)
    (left,) = conversations(room, folder)
    (values,) = left["turns"]  # type: ignore[misc, str-unpack]
    assert (values["message"], values["reply"]["bubbles"]) == ("One", ["First"])  # type: ignore[call-overload, index]
    (other,) = values["other_replies"]  # type: ignore[call-overload, index, misc]
    assert (other["bubbles"], other["edited_message"]) == (["Second"], "Once")  # type: ignore[call-overload, index]


async def test_no_file_is_left_if_everything_is_saved(room: Room, folder: Path) -> None:
    await room.say(room.begin(), "Hello", says("Hi"))
    await room.session.close()
    assert room.session.not_saved == ""
    assert not list(folder.glob("*unsaved*"))


async def test_a_history_in_memory_is_written_whole(rooms: OpenRoom, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    room = await rooms(at=tmp_path / "file" / "data")
    await room.say(room.begin(), "Hello", says("Hi"))
    await room.session.close()
    (left,) = conversations(room, tmp_path / "temporary")
    assert [turn["message"] for turn in left["turns"]] == ["Hello"]  # type: ignore[union-attr, index, call-overload]


async def test_a_draft_in_a_read_only_window_goes_into_the_file(rooms: OpenRoom, folder: Path) -> None:
    first = await rooms()
    conversation = first.begin()
    await first.say(conversation, "Hello", says("Hi"))
    second = await rooms(beside=True)
    opened = await second.session.open(conversation.id)
    fresh = second.begin()
    await second.session.save_draft(fresh, "in a new one")
    await second.session.close(drafts=[(opened, "half a thought")])
    assert sorted(str(left["draft"]) for left in conversations(second, folder)) == ["half a thought", "in a new one"]
    await first.session.close()
    assert first.session.not_saved == ""


async def test_a_file_that_cannot_be_written_is_reported(
    rooms: OpenRoom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    room = await rooms(at=tmp_path / "file" / "data")
    await room.say(room.begin(), "Hello", says("Hi"))
    await room.session.close()
    assert "could not be written to a file either (Not a directory): it is lost" in room.session.not_saved


async def test_a_disk_that_is_full_at_any_write_loses_no_message(rooms: OpenRoom, tmp_path: Path) -> None:
    said = [(f"Question {number} {'x' * 3000}", f"Answer {number} {'y' * 3000}") for number in range(4)]
    full = 0
    for pages in range(0, 36, 3):
        folder = tmp_path / str(pages)
        room = await rooms(at=folder)
        conversation = room.begin()
        connection = room.history._database._writer._connection  # type: ignore[union-attr]
        used = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {used + pages}")
        for question, answer in said:
            await room.say(conversation, question, says(answer))
        await room.session.close(0.2)
        kept = set()
        if room.session.not_saved:
            full += 1
            for turn in conversations(room, folder)[0]["turns"]:  # type: ignore[union-attr]
                kept.add((turn["message"], *turn["reply"]["bubbles"]))  # type: ignore[index, call-overload, misc]
        again = await rooms(at=folder)
        for row in again.session.index:
            for stored in await again.history.turns(row.id):
                kept |= {(stored.sent, *reply.bubbles) for reply in stored.replies if reply.state == "finished"}
        assert kept >= set(said), f"{pages} free pages"
    assert 3 < full < 12, "the sweep begins and ends where it says something"
