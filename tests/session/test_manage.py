"""Conversations are renamed, here and at their services, pinned and archived."""

from __future__ import annotations

import asyncio

import pytest

from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.session.conversation import Conversation
from fakes import FakeAnswer, broken, says
from session.grid import Grid, chat, refused
from session.room import BOARD, GRID, OpenRoom, Room


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


async def test_pinned_conversations_come_first_and_archived_ones_leave_the_list(rooms: OpenRoom) -> None:
    room = await rooms()
    for title in ("one", "two", "three"):
        await room.say(room.begin(), title, says("Hi"))
    index, manager = room.session.index, room.session.manager
    one, two, three = (row.id for row in reversed(list(index)))
    await manager.pin([one, two], True)
    await manager.archive([three, two], True)

    def listed_ids() -> tuple[list[int], list[int]]:
        return tuple([key.id for key in reversed(index.order(archived=archived))] for archived in (False, True))  # type: ignore[return-value]

    assert listed_ids() == ([one], [three, two])
    await room.session.close()
    again = await rooms()
    assert [row.id for row in again.session.index] == [one], "at the start, archived ones are not read"
    assert await again.session.load_rest()
    index, manager = again.session.index, again.session.manager
    assert listed_ids() == ([one], [three, two])
    await manager.archive([two], False)
    assert listed_ids() == ([one, two], [three]), "no longer pinned"
    await again.say(await again.session.open(three), "and more", says("Hi"))
    assert listed_ids() == ([one, three, two], []), "a message brings it back"
    await manager.pin([one], False)
    rows = await again.history.listed(9)
    assert ([row.id for row in rows], listed_ids()[0]) == ([three, two, one], [three, two, one])


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


async def test_another_window_changes_nothing(rooms: OpenRoom) -> None:
    room = await rooms()
    conversation = room.begin()
    await room.say(conversation, "Hello", says("Hi"))
    second = await rooms(beside=True)
    there = await second.session.open(conversation.id)
    with pytest.raises(UsageProblem, match="Another window"):
        second.session.deletions.delete([there], at_service=False)
    with pytest.raises(UsageProblem, match="Another window"):
        await second.session.manager.rename(there, "x")
    with pytest.raises(UsageProblem, match="Another window"):
        await second.session.manager.pin([there.id], True)
    with pytest.raises(UsageProblem, match="Another window"):
        await second.session.manager.archive([there.id], True)
    assert [row.id for row in second.session.index] == [conversation.id]
