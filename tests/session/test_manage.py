"""Conversations are renamed and deleted, locally and at their services."""

from __future__ import annotations

import asyncio

import pytest

from chatgrid_tui.errors import StorageProblem, UsageProblem
from chatgrid_tui.session.changes import RowsChanged
from chatgrid_tui.session.conversation import Conversation
from fakes import FakeAnswer, broken, delta, says
from quiet import PATIENCE
from session.grid import Grid, chat, refused
from session.room import BOARD, GRID, OpenRoom, Room, SlowDisk, regenerate, reply_of, text_of


async def listed(room: Room, grid: Grid) -> Conversation:
    grid.serve(room)
    room.session.remote.chat_list.show_board(GRID, BOARD, 0)
    await room.session.until(lambda: not room.session.remote.chat_list.busy)
    return await room.session.open(room.session.index.at(0).id)


async def test_a_title_goes_to_the_service_too(room: Room) -> None:
    grid = Grid([chat(1)])
    conversation = await listed(room, grid)
    assert await room.session.manager.rename(conversation, "  Refunds\n2026 ") == ""
    assert (conversation.title, room.session.index.at(0).title) == ("Refunds 2026", "Refunds 2026")
    assert grid.chats[0]["title"] == "Refunds 2026"
    assert (await room.history.conversation(conversation.id)).title == "Refunds 2026"


async def test_a_title_refused_by_the_service_stays_here(room: Room) -> None:
    grid = Grid([chat(1)])
    conversation = await listed(room, grid)
    for answer, words in (
        (refused(403, "forbidden"), "The key does not allow this (403 forbidden)."),
        (refused(404, "not_found"), "grid no longer has this chat."),
    ):
        grid.trouble = [answer]
        assert (
            await room.session.manager.rename(conversation, "Mine")
            == f"It was renamed here, but keeps its old title at grid. {words}"
        )
    room.transport.aside = lambda request: None
    room.script(broken("refused"))
    assert "Nothing answers" in await room.session.manager.rename(conversation, "Mine too")
    assert room.session.index.at(0).title == "Mine too"


async def test_a_title_of_the_service_does_not_override_the_users(room: Room) -> None:
    conversation = room.begin(GRID)
    Grid().serve(room)
    gate = asyncio.Event()
    answer = FakeAnswer(gate)
    room.script(answer)
    await room.session.outbox.send(conversation, "Hello")
    await answer.opened.wait()
    await room.session.manager.rename(conversation, "Mine")
    gate.set()
    await room.session.until_ended(1)
    await room.stored(conversation)
    assert conversation.title == "Mine"


async def test_invalid_titles(room: Room) -> None:
    conversation = room.begin()
    with pytest.raises(UsageProblem, match="This conversation is empty"):
        await room.session.manager.rename(conversation, "x")
    await room.say(conversation, "Hello", says("Hi"))
    with pytest.raises(UsageProblem, match="empty"):
        await room.session.manager.rename(conversation, " \n ")
    assert conversation.title == "Hello"


async def test_a_chat_is_deleted_here_and_at_the_service(room: Room) -> None:
    grid = Grid([chat(1)])
    conversation = await listed(room, grid)
    number = conversation.id
    await room.session.manager.delete(conversation, at_service=True)
    assert not grid.chats
    assert len(room.session.index) == 0
    assert room.session.changes_seen[-1] == RowsChanged()
    with pytest.raises(StorageProblem):
        await room.history.conversation(number)


async def test_a_chat_already_gone_at_the_service_is_deleted_here(room: Room) -> None:
    grid = Grid([chat(1)])
    conversation = await listed(room, grid)
    grid.chats = []
    await room.session.manager.delete(conversation, at_service=True)
    assert len(room.session.index) == 0


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
    with pytest.raises(UsageProblem) as raised:
        await room.session.manager.delete(conversation, at_service=True)
    assert str(raised.value) == "Nothing was deleted. The key does not allow this (403 forbidden)."
    await room.session.until_ended(2)
    assert [turn.sent for turn in conversation.turns] == ["First", "Second"]
    assert len(await room.stored(conversation)) == 2


async def test_a_reply_being_written_is_stopped_first_and_nothing_is_left(room: Room) -> None:
    conversation = room.begin()
    room.script(FakeAnswer(delta("So "), asyncio.Event()))
    await room.session.outbox.send(conversation, "Hello")
    await room.session.outbox.send(conversation, "And this")
    await room.session.until(lambda: text_of(reply_of(conversation)) == "So ")
    await room.session.manager.delete(conversation, at_service=False)
    assert reply_of(conversation).state == "stopped"
    assert len(room.session.index) == 0
    assert await room.history.count() == 0
    assert len(room.transport.sent) == 1


async def test_another_window_deletes_and_renames_nothing(rooms: OpenRoom) -> None:
    room = await rooms()
    conversation = room.begin()
    await room.say(conversation, "Hello", says("Hi"))
    second = await rooms(beside=True)
    there = await second.session.open(conversation.id)
    with pytest.raises(UsageProblem, match="Another window"):
        await second.session.manager.delete(there, at_service=False)
    with pytest.raises(UsageProblem, match="Another window"):
        await second.session.manager.rename(there, "x")


async def test_the_memory_of_a_chat(room: Room) -> None:
    grid = Grid([chat(1)], memory=["Likes tea", "Lives in Riga"])
    conversation = await listed(room, grid)
    assert await room.session.remote.memory(conversation) == ("Likes tea", "Lives in Riga")
    with pytest.raises(UsageProblem, match="no chat for this conversation"):
        await room.session.remote.memory(room.begin())
    for answer, words in ((refused(404, "not_found"), "no longer has this chat"), (refused(500, "x"), "failed")):
        grid.trouble = [answer]
        with pytest.raises(UsageProblem, match=words):
            await room.session.remote.memory(conversation)
    room.transport.aside = lambda request: None
    room.script(broken("refused"))
    with pytest.raises(UsageProblem, match="does not answer now"):
        await room.session.remote.memory(conversation)


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


async def test_nothing_is_sent_into_a_conversation_that_is_being_deleted(room: Room) -> None:
    conversation = await listed(room, Grid([chat(1)]))
    await room.say(conversation, "Hello", says("Hi"))
    client = SlowService(room)
    deleting = asyncio.create_task(room.session.manager.delete(conversation, at_service=True))
    await client.asked.wait()
    with pytest.raises(UsageProblem, match="is being deleted"):
        await room.session.outbox.send(conversation, "And this?")
    with pytest.raises(UsageProblem, match="being deleted already"):
        await room.session.manager.delete(conversation, at_service=True)
    with pytest.raises(UsageProblem, match="is being deleted"):
        regenerate(room.session, conversation)
    assert conversation.live is None
    client.go_on.set()
    await deleting
    assert len(room.transport.sent) == 1
    assert await room.history.count() == 0


async def test_a_cancelled_deletion_leaves_the_conversation_usable(room: Room) -> None:
    conversation = await listed(room, Grid([chat(1)]))
    client = SlowService(room)
    deleting = asyncio.create_task(room.session.manager.delete(conversation, at_service=True))
    await client.asked.wait()
    deleting.cancel()
    await asyncio.wait([deleting])
    assert deleting.cancelled()
    await room.say(conversation, "Hello", says("Hi"))
    assert len(await room.stored(conversation)) == 1


async def test_a_message_being_saved_is_not_sent_once_its_conversation_is_deleted(room: Room) -> None:
    conversation = room.begin()
    await room.say(conversation, "Hello", says("Hi"))
    disk = SlowDisk(room)
    room.history.add_turn = disk.add_turn  # type: ignore[method-assign,assignment]
    room.script(FakeAnswer(delta("So "), asyncio.Event()))
    sending = asyncio.create_task(room.session.outbox.send(conversation, "And this?"))
    await disk.asked.wait()
    deleting = asyncio.create_task(room.session.manager.delete(conversation, at_service=False))
    await asyncio.sleep(0)
    disk.go_on.set()
    await asyncio.gather(sending, deleting)
    assert conversation.live is None
    assert await room.history.count() == 0
