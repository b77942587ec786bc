"""Messages sent again in a new conversation: in order, each after the reply to the one before, until one fails."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.model.provider import Board
from chatgrid_tui.session.conversation import Conversation
from fakes import DONE, FakeAnswer, broken, delta, listing, says
from session.room import BOARD, MODEL, SITE, OpenRoom, Room, SlowDisk, reply_of, text_of

OTHER = replace(MODEL, name="other")


async def talked(room: Room, *texts: str) -> Conversation:
    conversation = room.begin()
    for text in texts:
        await room.say(conversation, text, says(f"{text} here"))
    room.session.ended.clear()
    return conversation


async def test_messages_are_sent_one_after_the_other_on_another_board(rooms: OpenRoom) -> None:
    room = await rooms(providers=(MODEL, OTHER))
    source = await talked(room, "One", "Two")
    await room.session.set_options(source, "Be brief.", None)
    await room.session.outbox.send(source, "/payload", shown="Label")
    room.script(says("Yes"))
    await room.session.until_ended()
    gate = asyncio.Event()
    first = FakeAnswer(gate, delta("1"), DONE)
    room.script(first, says("2"), says("3"))
    sent_before = len(room.transport.sent)
    conversation = await room.session.reruns.start(source, OTHER, Board("large", "Large"))
    assert (conversation.title, room.session.reruns.progress(conversation)) == ("Again: One", "1 of 3")
    await room.session.save_draft(conversation, "half a thought")
    await first.opened.wait()
    assert len(room.transport.sent) == sent_before + 1
    gate.set()
    await room.session.until_ended(4)
    assert [(turn.sent, turn.shown, text_of(turn.reply)) for turn in conversation.turns] == [
        ("One", "One", "1"),
        ("Two", "Two", "2"),
        ("/payload", "Label", "3"),
    ]
    bodies = room.transport.bodies[-3:]
    assert [body["model"] for body in bodies] == ["large"] * 3
    assert [body["messages"][0]["content"] for body in bodies] == ["Be brief."] * 3  # type: ignore[index]
    assert (room.session.reruns.progress(conversation), conversation.draft) == ("", "half a thought")
    assert room.session.alerts.messages == ()
    assert [turn.sent for turn in await room.stored(conversation)] == ["One", "Two", "/payload"]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (listing({"error": {"message": "No"}}, 400), "the reply failed"),
        (broken(), "the reply broke off"),
        (FakeAnswer(delta("Half")), "the reply broke off"),
    ],
)
async def test_a_reply_that_is_not_whole_ends_it(room: Room, answer: FakeAnswer, why: str) -> None:
    source = await talked(room, "One", "Two", "Three")
    room.script(says("1"), answer)
    conversation = await room.session.reruns.start(source, MODEL, BOARD)
    await room.session.until_ended(2)
    await room.session.until(lambda: not room.session.reruns.progress(conversation))
    assert room.session.alerts.messages == (f'"Again: One" ends after 2 of 3 messages: {why}.',)
    assert len(conversation.turns) == 2


async def test_it_goes_on_after_a_retry_that_the_service_asked_for(room: Room) -> None:
    source = await talked(room, "One", "Two")
    room.script(listing({"error": {"message": "Slow"}}, 429, retry_after="5"), says("1"), says("2"))
    conversation = await room.session.reruns.start(source, MODEL, BOARD)
    await room.session.until_ended()
    assert room.session.reruns.progress(conversation) == "1 of 2"
    await room.clock.advance(5)
    await room.session.until_ended(3)
    assert [text_of(turn.reply) for turn in conversation.turns] == ["1", "2"]


async def test_it_waits_for_what_the_user_sends_in_between(room: Room) -> None:
    source = await talked(room, "One", "Two")
    gate = asyncio.Event()
    room.script(FakeAnswer(gate, delta("1"), DONE), says("mine"), says("2"))
    conversation = await room.session.reruns.start(source, MODEL, BOARD)
    await room.session.outbox.send(conversation, "A question")
    gate.set()
    await room.session.until_ended(3)
    assert [turn.sent for turn in conversation.turns] == ["One", "A question", "Two"]


async def test_it_can_be_stopped(room: Room) -> None:
    source = await talked(room, "One", "Two")
    room.script(FakeAnswer(delta("Half"), asyncio.Event()))
    conversation = await room.session.reruns.start(source, MODEL, BOARD)
    await room.session.until(lambda: text_of(reply_of(conversation)) == "Half")
    assert room.session.reruns.stop(conversation) == "Sending again ends after 1 of 2 messages."
    room.session.outbox.stop(conversation)
    await room.session.until_ended()
    assert (len(conversation.turns), reply_of(conversation).state) == (1, "stopped")
    assert room.session.reruns.stop(conversation) == ""
    assert room.session.alerts.messages == ()


async def test_it_can_be_stopped_while_a_message_is_being_saved(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    source = await talked(room, "One", "Two", "Three")
    gate = asyncio.Event()
    room.script(FakeAnswer(gate, delta("1"), DONE), FakeAnswer(asyncio.Event()))
    conversation = await room.session.reruns.start(source, MODEL, BOARD)
    disk = SlowDisk(room)
    monkeypatch.setattr(room.history, "add_turn", disk.add_turn)
    gate.set()
    await disk.asked.wait()
    assert room.session.reruns.stop(conversation) == "Sending again ends after 1 of 3 messages."
    room.session.outbox.stop(conversation)
    disk.go_on.set()
    await room.session.until_ended(2)
    assert [turn.reply.state for turn in conversation.turns if turn.reply] == ["finished", "stopped"]
    assert room.session.alerts.messages == ()


async def test_a_message_that_can_no_longer_be_sent_ends_it(room: Room) -> None:
    source = await talked(room, "One", "Two")
    gate = asyncio.Event()
    room.script(FakeAnswer(gate, delta("1"), DONE))
    conversation = await room.session.reruns.start(source, MODEL, BOARD)
    room.session.clients.settings = replace(room.session.clients.settings, providers={})
    gate.set()
    await room.session.until(lambda: bool(room.session.alerts.messages))
    (alert,) = room.session.alerts.messages
    assert alert.startswith('"Again: One" ends after 1 of 2 messages: The provider model is no longer configured.')
    assert len(conversation.turns) == 1


@pytest.mark.parametrize(
    ("first", "sent", "alerts"),
    [
        (says("1"), ["One", "Two"], []),
        (broken(), ["One"], ['"Again: One" ends after 1 of 2 messages: the reply broke off.']),
    ],
)
async def test_it_goes_on_after_a_deletion_is_undone(
    room: Room, first: FakeAnswer, sent: list[str], alerts: list[str]
) -> None:
    source = await talked(room, "One", "Two")
    room.script(first, says("2"))
    conversation = await room.session.reruns.start(source, MODEL, BOARD)
    room.session.deletions.delete([conversation], at_service=False)
    await room.session.until_ended()
    assert ([turn.sent for turn in conversation.turns], room.session.alerts.messages) == (["One"], ())
    room.session.deletions.undo()
    await room.session.until(lambda: not room.session.reruns.progress(conversation))
    assert [turn.sent for turn in conversation.turns] == sent
    assert list(room.session.alerts.messages) == alerts


async def test_deleting_the_conversation_ends_it(room: Room) -> None:
    source = await talked(room, "One", "Two")
    room.script(FakeAnswer(delta("Half"), asyncio.Event()))
    conversation = await room.session.reruns.start(source, MODEL, BOARD)
    room.session.deletions.delete([conversation], at_service=False)
    await room.session.deletions.finish()
    await room.session.until_ended()
    assert room.session.reruns.progress(conversation) == ""
    assert (await room.history.count(), room.session.alerts.messages) == (1, ())


async def test_what_was_sent_is_there_after_a_restart(rooms: OpenRoom) -> None:
    room = await rooms()
    source = await talked(room, "One", "Two", "Three")
    room.script(says("1"), FakeAnswer(delta("Half"), asyncio.Event()))
    conversation = await room.session.reruns.start(source, MODEL, BOARD)
    await room.session.until(lambda: text_of(conversation.turns[-1].reply) == "Half")
    again = await (await rooms()).session.open(conversation.id)
    assert [(turn.sent, text_of(turn.reply)) for turn in again.turns] == [("One", "1"), ("Two", "Half")]
    assert (again.draft, again.title) == ("", "Again: One")


async def test_nothing_is_sent_if_one_message_would_be_refused(rooms: OpenRoom) -> None:
    room = await rooms()
    source = await talked(room, "One", "é" * 4_001)
    sent = len(room.transport.sent)
    with pytest.raises(UsageProblem, match=r"Message 2 of 2: 4,001 of 4,000 characters"):
        await room.session.reruns.start(source, SITE, BOARD)
    with pytest.raises(UsageProblem, match="no longer configured"):
        await room.session.reruns.start(source, OTHER, BOARD)
    with pytest.raises(UsageProblem, match="no messages"):
        await room.session.reruns.start(room.begin(), MODEL, BOARD)
    other = await rooms(beside=True)
    with pytest.raises(UsageProblem, match="Another window"):
        await other.session.reruns.start(await other.session.open(source.id), MODEL, BOARD)
    assert (len(room.transport.sent), await room.history.count()) == (sent, 1)
