"""Deleting conversations, here and at their services: nothing is destroyed for ten seconds, and undone until then."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from chatgrid_tui.errors import StorageProblem, UsageProblem
from chatgrid_tui.session.changes import RowsChanged
from chatgrid_tui.session.conversation import Conversation
from fakes import FakeAnswer, delta, says
from quiet import PATIENCE
from session.grid import NOON, Grid, chat
from session.room import BOARD, GRID, OpenRoom, Room, SlowDisk, reply_of, text_of


async def listed(room: Room, grid: Grid) -> Conversation:
    grid.serve(room)
    room.session.remote.chat_list.show_board(GRID, BOARD, 0)
    await room.session.until(lambda: not room.session.remote.chat_list.busy)
    return await room.session.open(room.session.index.at(0).id)


async def said(room: Room, *texts: str) -> list[Conversation]:
    """Return conversations with these messages, and their replies."""
    conversations = [room.begin() for _ in texts]
    for conversation, text in zip(conversations, texts, strict=True):
        await room.say(conversation, text, says("Hi"))
    return conversations


async def deleted(room: Room) -> None:
    """Wait until the time to undo is over, and everything is deleted."""
    await room.clock.advance(10)
    await room.session.deletions.finish()


async def test_after_ten_seconds_a_conversation_is_deleted(room: Room) -> None:
    (conversation,) = await said(room, "Hello")
    number = conversation.id
    room.session.deletions.delete([conversation], at_service=False)
    assert (len(room.session.index), room.session.changes_seen[-1]) == (0, RowsChanged())
    await room.clock.advance(9.5)
    assert await room.history.count() == 1
    assert room.session.deletions.seconds_left == 1
    await room.clock.advance(0.5)
    await room.session.until(lambda: not conversation.id)
    assert room.session.deletions.newest is None
    with pytest.raises(StorageProblem):
        await room.history.conversation(number)


async def test_what_is_undone_is_where_it_was(room: Room) -> None:
    _, two, three = await said(room, "one", "two", "three")
    await room.session.manager.pin([two.id], True)
    before = list(room.session.index)
    room.session.deletions.delete([two, three], at_service=False)
    assert [row.title for row in room.session.index] == ["one"]
    assert room.session.deletions.undo() is not None
    assert list(room.session.index) == before
    assert room.session.deletions.undo() is None
    await deleted(room)
    assert await room.history.count() == 3
    await room.say(three, "And more", says("Hi"))


async def test_each_deletion_has_its_ten_seconds_and_the_newest_is_undone_first(room: Room) -> None:
    one, two = await said(room, "one", "two")
    room.session.deletions.delete([one], at_service=False)
    await room.clock.advance(6)
    room.session.deletions.delete([two], at_service=False)
    await room.clock.advance(4)
    await room.session.until(lambda: not one.id)
    assert await room.history.count() == 1
    room.session.deletions.undo()
    assert [row.title for row in room.session.index] == ["two"]


async def test_a_crash_before_leaves_everything_and_quitting_deletes_at_once(rooms: OpenRoom) -> None:
    room = await rooms()
    (conversation,) = await said(room, "Hello")
    room.session.deletions.delete([conversation], at_service=False)
    beside = await rooms(beside=True)
    assert [row.title for row in beside.session.index] == ["Hello"], "the file is as it was"
    await room.session.close()
    assert room.session.not_saved == ""
    assert await (await rooms()).history.count() == 0


async def test_a_chat_is_deleted_here_and_at_the_service(room: Room) -> None:
    grid = Grid([chat(1)])
    conversation = await listed(room, grid)
    room.session.deletions.delete([conversation], at_service=True)
    assert grid.chats
    await deleted(room)
    assert not grid.chats
    assert await room.history.count() == 0


async def test_a_chat_already_gone_at_the_service_is_deleted_here(room: Room) -> None:
    grid = Grid([chat(1)])
    conversation = await listed(room, grid)
    grid.chats = []
    room.session.deletions.delete([conversation], at_service=True)
    await deleted(room)
    assert await room.history.count() == 0


async def test_one_that_is_opened_while_the_user_is_asked_is_deleted_as_well(rooms: OpenRoom) -> None:
    before = await rooms()
    one, _ = await said(before, "one", "two")
    room = await rooms()
    chosen = room.session.deletions.conversations([one.id])
    opened = await room.session.open(one.id)
    room.session.deletions.delete(chosen, at_service=False)
    with pytest.raises(UsageProblem, match="being deleted"):
        await room.session.outbox.send(opened, "More")


async def test_what_was_just_deleted_is_not_exported_with_all(room: Room, tmp_path: Path) -> None:
    one, two = await said(room, "one", "two")
    room.session.deletions.delete([one], at_service=False)
    assert (await room.session.transfers.save((), "text", tmp_path / "all.txt"))[0] == 1
    room.session.deletions.delete([two], at_service=False)
    with pytest.raises(UsageProblem, match="no conversations"):
        await room.session.transfers.save((), "text", tmp_path / "none.txt")


async def test_many_are_deleted_without_being_read(room: Room) -> None:
    grid = Grid([chat(number) for number in range(250, 0, -1)])
    kept = await listed(room, grid)
    room.session.remote.chat_list.scrolled_to(NOON)
    await room.session.until(lambda: len(room.session.index) == 250)
    ids = [row.id for row in room.session.index]
    room.session.deletions.delete(room.session.deletions.conversations(ids[1:]), at_service=True)
    assert [row.id for row in room.session.index] == ids[:1]
    await deleted(room)
    assert [one["id"] for one in grid.chats[:1]] == [kept.remote_id]
    assert await room.history.count() == 1


async def test_if_the_service_refuses_nothing_is_deleted_and_the_queue_continues(room: Room) -> None:
    grid = Grid([chat(1)], {"chat-1": []})
    conversation = await listed(room, grid)
    first = FakeAnswer(delta("x"), asyncio.Event())
    room.script(first)
    await room.session.outbox.send(conversation, "First")
    await room.session.outbox.send(conversation, "Second")
    async with asyncio.timeout(PATIENCE):
        while not first.given:  # noqa: ASYNC110 (stopped before, it would leave its answer to the second message)
            await asyncio.sleep(0)
    grid.read_only = True
    room.script(says("y"))
    room.session.deletions.delete([conversation], at_service=True)
    await deleted(room)
    assert room.session.troubles == ['"Chat 1" was not deleted. The key does not allow this (403 forbidden).']
    assert [row.title for row in room.session.index] == ["Chat 1"]
    await room.session.until_ended(2)
    assert [turn.sent for turn in conversation.turns] == ["First", "Second"]
    assert len(await room.stored(conversation)) == 2


async def test_a_reply_goes_on_until_its_conversation_is_deleted(room: Room) -> None:
    conversation = room.begin()
    gate = asyncio.Event()
    room.script(FakeAnswer(delta("So "), gate, delta("what"), asyncio.Event()))
    await room.session.outbox.send(conversation, "Hello")
    await room.session.outbox.send(conversation, "And this")
    await room.session.until(lambda: text_of(reply_of(conversation)) == "So ")
    room.session.deletions.delete([conversation], at_service=False)
    gate.set()
    await room.session.until(lambda: text_of(reply_of(conversation)) == "So what")
    assert len(room.session.index) == 0
    await deleted(room)
    assert reply_of(conversation).state == "stopped"
    assert await room.history.count() == 0
    assert len(room.transport.sent) == 1


async def test_what_is_queued_waits_and_is_sent_after_undoing(room: Room) -> None:
    conversation = room.begin()
    gate = asyncio.Event()
    room.script(FakeAnswer(delta("So"), gate), says("Yes"))
    await room.session.outbox.send(conversation, "Hello")
    await room.session.outbox.send(conversation, "And this")
    room.session.deletions.delete([conversation], at_service=False)
    gate.set()
    await room.session.until_ended(1)
    assert [turn.sent for turn in conversation.queued] == ["And this"]
    with pytest.raises(UsageProblem, match="is being deleted"):
        await room.session.outbox.send(conversation, "Now this")
    with pytest.raises(UsageProblem, match="being deleted already"):
        room.session.deletions.delete([conversation], at_service=False)
    with pytest.raises(UsageProblem, match="was just deleted"):
        await room.session.open(conversation.id)
    room.session.deletions.undo()
    await room.session.until_ended(2)
    assert len(await room.stored(conversation)) == 2


class SlowService:
    """A service that deletes when it is let."""

    def __init__(self, room: Room) -> None:
        self.asked, self.go_on = asyncio.Event(), asyncio.Event()
        self._delete = room.session.remote.delete
        room.session.remote.delete = self.delete  # type: ignore[method-assign]

    async def delete(self, conversation: Conversation) -> None:
        self.asked.set()
        await self.go_on.wait()
        await self._delete(conversation)


async def test_a_service_that_does_not_answer_at_the_end_keeps_the_chat_here_too(rooms: OpenRoom) -> None:
    room = await rooms()
    conversation = await listed(room, Grid([chat(1)]))
    service = SlowService(room)
    room.session.deletions.delete([conversation], at_service=True)
    await room.session.close(within=0.1)
    assert service.asked.is_set()
    assert room.session.not_saved == "1 conversation could not be deleted at the service, and stayed here too."
    assert await (await rooms()).history.count() == 1


async def test_nothing_that_was_queued_is_sent_at_the_end(rooms: OpenRoom) -> None:
    room = await rooms()
    conversation = await listed(room, Grid([chat(1)], {"chat-1": []}))
    room.script(FakeAnswer(delta("So "), asyncio.Event()))
    await room.session.outbox.send(conversation, "Hello")
    await room.session.outbox.send(conversation, "And this")
    SlowService(room)
    room.session.deletions.delete([conversation], at_service=True)
    await room.session.close(within=0.1)
    again = await (await rooms()).session.open(conversation.id)
    assert ([turn.sent for turn in again.turns], again.draft) == (["Hello"], "And this")


async def test_a_message_being_saved_is_not_sent_once_its_conversation_is_deleted(room: Room) -> None:
    (conversation,) = await said(room, "Hello")
    disk = SlowDisk(room)
    room.history.add_turn = disk.add_turn  # type: ignore[method-assign,assignment]
    room.script(FakeAnswer(delta("So "), asyncio.Event()))
    sending = asyncio.create_task(room.session.outbox.send(conversation, "And this?"))
    await disk.asked.wait()
    room.session.deletions.delete([conversation], at_service=False)
    deleting = asyncio.create_task(room.session.deletions.finish())
    await asyncio.sleep(0)
    disk.go_on.set()
    await asyncio.gather(sending, deleting)
    assert conversation.live is None
    assert await room.history.count() == 0
