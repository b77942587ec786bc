"""What is written to the history can be read back."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chatgrid_tui.errors import StorageProblem
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.saved_conversation import SavedReply, SavedTurn
from chatgrid_tui.store import writes
from chatgrid_tui.store.history import History


async def begin(history: History, at: datetime, text: str = "Hello") -> tuple[int, int, int]:
    """Begin a conversation with one turn and one reply; return the three ids."""
    conversation = await history.create("acme", "support", "Support bot", at=at)
    turn = await history.add_turn(conversation, text, text, at)
    return conversation, turn, await history.add_reply(turn, "Support bot", at)


async def test_a_new_history_is_empty_and_says_nothing(history: History) -> None:
    assert await history.conversations() == []
    assert await history.count() == 0
    assert (history.notice, history.read_only, history.in_memory) == ("", None, False)


async def test_a_conversation_comes_back(history: History, noon: datetime) -> None:
    number = await history.create("acme", "support", "Support bot", "Refund", at=noon)
    await history.set_remote_id(number, "chat-9")
    await history.save_draft(number, "and whe")
    row = await history.conversation(number)
    assert (row.provider, row.board, row.board_name, row.title) == ("acme", "support", "Support bot", "Refund")
    assert (row.remote_id, row.draft, row.updated_at) == ("chat-9", "and whe", noon)
    assert (row.preview, row.preview_mine, row.state, row.unread) == ("", False, None, 0)


async def test_a_whole_reply_comes_back(folder: Path, noon: datetime) -> None:
    history = await History.open(folder)
    conversation, turn, reply = await begin(history, noon)
    saved = SavedReply(
        id=reply,
        state="failed",
        speaker="Support bot",
        started_at=noon,
        bubbles=("Yes.", "", "No\x00body."),
        attachments=({"name": "a.pdf", "size": 2**80, "deep": [{"x": None}]},),
        suggestions=({"label": "Menu"}, {"label": "\ud83d"}),
        usage={"tokens": 12, "cost": 0.5},
        finish_reason="length",
        reasoning=("First, \ud83d", "Then"),
        tool_calls=({"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}},),
        model="gpt-x",
        remote_id="m1",
        failure=Failure("http", "said", "rate_limited", "Slow down", 429, 1.5, "api.example"),
        first_token=0.25,
        duration=2.5,
        deltas=7,
        warnings=2,
        chosen=(2, 0, 1),
    )
    await history.save_reply(saved)
    await history.close()
    history = await History.open(folder)
    assert await history.turns(conversation) == [SavedTurn(turn, "Hello", "Hello", noon, (saved,))]
    await history.close()


async def test_pieces_grow_bubbles_and_the_end_replaces_them(history: History, noon: datetime) -> None:
    conversation, _, reply = await begin(history, noon)
    await history.append(reply, [(0, "Op"), (4, "Se")])
    await history.append(reply, [(0, "en"), (4, "cond")])
    (turn,) = await history.turns(conversation)
    assert turn.replies[0].bubbles == ("Open", "Second")
    assert turn.replies[0].state == "writing"
    await history.save_reply(replace(turn.replies[0], state="finished", bubbles=("Closed",)))
    (turn,) = await history.turns(conversation)
    assert turn.replies[0].bubbles == ("Closed",)


async def test_a_turn_can_have_several_replies_in_their_order(history: History, noon: datetime) -> None:
    conversation, turn, first = await begin(history, noon)
    second = await history.add_reply(turn, "Support bot", noon)
    await history.append(second, [(0, "two")])
    await history.append(first, [(0, "one")])
    (saved,) = await history.turns(conversation)
    assert [reply.bubbles for reply in saved.replies] == [("one",), ("two",)]


async def test_the_row_tells_what_was_said_last(history: History, noon: datetime) -> None:
    conversation, turn, reply = await begin(history, noon, "Where is\nmy refund?")
    row = await history.conversation(conversation)
    assert (row.title, row.preview, row.preview_mine) == ("Where is", "Where is my refund?", True)
    assert row.state == "waiting"
    saved = SavedReply(reply, "finished", "Support bot", noon, ("First.", "On  its\nway.", " "), duration=3.0)
    await history.save_reply(saved)
    row = await history.conversation(conversation)
    assert (row.preview, row.preview_mine, row.state) == ("On its way.", False, "finished")
    assert row.updated_at == noon + timedelta(seconds=3)
    later = await history.add_turn(conversation, "Thanks", "thanks", noon + timedelta(minutes=1))
    row = await history.conversation(conversation)
    assert (row.title, row.preview, row.preview_mine, row.state) == ("Where is", "Thanks", True, "finished")
    await history.delete_turn(later)
    assert (await history.conversation(conversation)).preview == "On its way."
    await history.delete_turn(turn)
    row = await history.conversation(conversation)
    assert (row.preview, row.preview_mine, row.state) == ("", False, None)


async def test_the_row_shows_a_reply_that_came_in_small_pieces(history: History, noon: datetime) -> None:
    conversation, _, reply = await begin(history, noon)
    await history.append(reply, [(0, "first"), (1, " On  "), (2, " \n"), (1, "its\n"), (1, "way." + " late" * 50)])
    row = await history.conversation(conversation)
    assert (row.preview, row.preview_mine) == ("On its way." + " late" * 37 + " lat", False)


async def test_a_long_reply_is_kept_without_further_copies_of_it(history: History, noon: datetime) -> None:
    conversation, _, reply = await begin(history, noon)
    text = "A line that comes very often.\n" * 200_000
    half = len(text) // 2
    tracemalloc.start()
    try:
        await history.append(reply, [(0, text[:half])])
        await history.save_reply(SavedReply(reply, "finished", "Support bot", noon, (text,)))
        assert tracemalloc.get_traced_memory()[1] < half + 2_000_000
    finally:
        tracemalloc.stop()
    (turn,) = await history.turns(conversation)
    assert turn.replies[0].bubbles == (text,)


async def test_read_errors_are_reported(folder: Path, noon: datetime) -> None:
    history = await History.open(folder)
    conversation, _, _ = await begin(history, noon)
    await history.close()
    with contextlib.closing(sqlite3.connect(folder / "history.db")) as connection:
        connection.execute("ALTER TABLE bubble_pieces RENAME COLUMN text TO lost")
        connection.commit()
    history = await History.open(folder)
    with pytest.raises(StorageProblem, match=r"could not do this \(SQLITE_ERROR\)"):
        await history.turns(conversation)
    await history.close()


async def test_a_title_set_by_the_user_is_not_overridden(history: History, noon: datetime) -> None:
    conversation, _, _ = await begin(history, noon, "first words")
    await history.rename(conversation, "By the service", by_service=True)
    assert (await history.conversation(conversation)).title == "By the service"
    await history.rename(conversation, "Mine", by_service=False)
    await history.rename(conversation, "By the service", by_service=True)
    assert (await history.conversation(conversation)).title == "Mine"


async def test_the_newest_come_first_and_in_parts(history: History, noon: datetime) -> None:
    ids = [await history.create("a", "b", "B", str(n), at=noon + timedelta(seconds=n // 2)) for n in range(9)]
    rows = await history.conversations(4)
    # Somebody writes in the oldest one while the list is being scrolled: nothing comes twice.
    await history.add_turn(ids[0], "up", "up", noon + timedelta(hours=1))
    while part := await history.conversations(4, rows[-1]):
        rows += part
    assert [row.id for row in rows] == ids[:0:-1]
    assert (await history.conversations(1))[0].id == ids[0]


async def test_a_clock_that_jumps_back_moves_nothing_down(history: History, noon: datetime) -> None:
    conversation, _, _ = await begin(history, noon)
    await history.add_turn(conversation, "later", "later", noon - timedelta(days=1))
    assert (await history.conversation(conversation)).updated_at == noon
    assert [turn.shown for turn in await history.turns(conversation)] == ["Hello", "later"]


async def test_unread_is_counted_and_cleared(history: History, noon: datetime) -> None:
    conversation, _, _ = await begin(history, noon)
    await history.bump_unread(conversation)
    await history.bump_unread(conversation)
    assert (await history.conversation(conversation)).unread == 2
    await history.mark_read(conversation)
    row = await history.conversation(conversation)
    assert (row.unread, row.updated_at) == (0, noon)


async def test_recordings(history: History, noon: datetime) -> None:
    _, _, reply = await begin(history, noon)
    assert await history.recordings(reply) == []
    await history.save_recordings(reply, [b"\x00\xffwire", b"second", b"third"])
    await history.save_recordings(reply, [b"again", b"x" * 100_000])
    assert await history.recordings(reply) == [b"again", b"x" * 100_000]


async def test_deleting_removes_everything_and_late_text_is_dropped(history: History, noon: datetime) -> None:
    conversation, turn, reply = await begin(history, noon)
    await history.append(reply, [(0, "text")])
    await history.save_recordings(reply, [b"wire"])
    await history.delete(conversation)
    await history.append(reply, [(0, "late")])
    await history.save_recordings(reply, [b"late"])
    await history.save_reply(SavedReply(reply, "finished", "bot", noon, ("late",)))
    assert await history.turns(conversation) == []
    assert await history.recordings(reply) == []
    with pytest.raises(StorageProblem, match="no longer in the history"):
        await history.conversation(conversation)
    with pytest.raises(StorageProblem, match="was deleted"):
        await history.add_turn(conversation, "x", "x", noon)
    with pytest.raises(StorageProblem, match="was deleted"):
        await history.add_reply(turn, "bot", noon)
    assert (await begin(history, noon))[2] > reply


async def test_text_that_sqlite_cannot_store_is_repaired(history: History, noon: datetime) -> None:
    conversation, _, reply = await begin(history, noon, "half \ud83d")
    await history.append(reply, [(0, "pair \ud83d\ude00")])
    (turn,) = await history.turns(conversation)
    assert turn.shown == "half \N{REPLACEMENT CHARACTER}"
    assert turn.replies[0].bubbles == ("pair \N{GRINNING FACE}",)


async def test_a_cancelled_caller_does_not_lose_the_message(history: History, noon: datetime) -> None:
    conversation = await history.create("acme", "support", "Support bot")
    task = asyncio.create_task(history.add_turn(conversation, "kept", "kept", noon))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await history.mark_read(conversation)
    assert [turn.shown for turn in await history.turns(conversation)] == ["kept"]


async def test_many_at_once_all_arrive(history: History, noon: datetime) -> None:
    conversation, _, reply = await begin(history, noon)
    async with asyncio.TaskGroup() as group:
        for number in range(500):
            group.create_task(history.append(reply, [(number, str(number))]))
    (turn,) = await history.turns(conversation)
    assert turn.replies[0].bubbles == tuple(map(str, range(500)))


async def test_a_closed_history_says_so(folder: Path) -> None:
    history = await History.open(folder)
    await history.close()
    await history.close()
    with pytest.raises(StorageProblem, match="closed"):
        await history.conversations()
    with pytest.raises(StorageProblem, match="closed"):
        await history.create("a", "b", "c")


async def test_a_long_conversation_comes_back_whole(history: History, noon: datetime) -> None:
    conversation = await history.create("acme", "support", "Support bot")

    def fill(connection: sqlite3.Connection) -> None:
        for number in range(1, 5_001):
            writes.add_turn(connection, number, conversation, f"question {number}", "sent", noon)
            writes.add_reply(connection, number, number, "bot", noon)
            writes.save_reply(connection, SavedReply(number, "finished", "bot", noon, ("x" * 500,), usage={"n": 1}))

    await history._database.result_of(fill)
    turns = await history.turns(conversation)
    assert [turn.shown for turn in turns] == [f"question {number}" for number in range(1, 5_001)]
    assert all([reply.bubbles for reply in turn.replies] == [("x" * 500,)] for turn in turns)


async def test_the_event_loop_runs_while_it_reads_and_writes(history: History) -> None:
    for number in range(300):
        await history.create("acme", "support", "Support bot", str(number), at=datetime.now(UTC))
    turns_of_the_loop = 0
    pending = asyncio.gather(*(history.conversations(300) for _ in range(20)))
    while not pending.done():
        await asyncio.sleep(0)
        turns_of_the_loop += 1
    assert all(len(rows) == 300 for rows in pending.result())
    assert turns_of_the_loop > 40  # were they read on the loop, each would take a turn or two of it
