"""Messages that wait for the end of the reply before them: in order, once each, and always saved first."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from chatgrid_tui.session.changes import TurnsReplaced
from fakes import DONE, FakeAnswer, delta, says, turns
from session.room import Room, SlowDisk, reply_of, text_of


async def test_messages_are_queued_while_a_reply_comes_and_go_out_one_by_one(room: Room) -> None:
    conversation = room.begin()
    gate = asyncio.Event()
    first = FakeAnswer(delta("One"), gate, DONE)
    room.script(first, says("Two"), says("Three"))
    await room.session.outbox.send(conversation, "First")
    await room.session.outbox.send(conversation, "Second")
    await room.session.outbox.send(conversation, "Third")
    assert [turn.queued for turn in conversation.turns] == [False, True, True]
    assert [turn.sent for turn in await room.stored(conversation)] == ["First", "Second", "Third"]
    await first.opened.wait()
    await turns()
    assert len(room.transport.sent) == 1
    gate.set()
    await room.session.until_ended(3)
    assert [text_of(turn.reply) for turn in conversation.turns] == ["One", "Two", "Three"]
    assert not conversation.queued
    assert sum(isinstance(change, TurnsReplaced) for change in room.session.changes_seen) == 2
    said = [
        {"role": "user", "content": "First"},
        {"role": "assistant", "content": "One"},
        {"role": "user", "content": "Second"},
        {"role": "assistant", "content": "Two"},
        {"role": "user", "content": "Third"},
    ]
    assert [body["messages"] for body in room.transport.bodies] == [said[:1], said[:3], said]


async def test_a_queued_message_is_taken_back(room: Room) -> None:
    conversation = room.begin()
    gate = asyncio.Event()
    room.script(FakeAnswer(gate, delta("One"), DONE), says("Two"))
    for text in ("First", "Second", "Third"):
        await room.session.outbox.send(conversation, text)
    first, second, third = conversation.turns
    assert await room.session.outbox.take_back(conversation, second) == "Second"
    assert await room.session.outbox.take_back(conversation, second) is None
    assert await room.session.outbox.take_back(conversation, first) is None, "it was sent"
    assert conversation.turns == [first, third]
    await room.session.outbox.send(conversation, "Fourth")
    assert await room.session.outbox.take_back(conversation) == "Fourth"
    assert [turn.sent for turn in await room.stored(conversation)] == ["First", "Third"]
    gate.set()
    await room.session.until_ended(2)
    assert await room.session.outbox.take_back(conversation) is None
    assert len(room.transport.sent) == 2


async def test_queued_messages_change_places(room: Room) -> None:
    conversation = room.begin()
    gate = asyncio.Event()
    room.script(FakeAnswer(gate, delta("One"), DONE), *map(says, ("Two", "Three", "Four")))
    for text in ("First", "Second", "Third", "Fourth"):
        await room.session.outbox.send(conversation, text)
    first, second, third, fourth = conversation.turns
    await room.session.outbox.move(conversation, fourth, -1)
    await room.session.outbox.move(conversation, second, 1)
    assert conversation.turns == [first, fourth, second, third]
    for turn, step in ((third, 1), (fourth, -1), (first, 1)):  # as far as the queue goes; one is no longer in it
        await room.session.outbox.move(conversation, turn, step)
    assert conversation.turns == [first, fourth, second, third]
    stored = await room.stored(conversation)
    assert [(turn.id, turn.sent) for turn in stored] == [(turn.id, turn.sent) for turn in conversation.turns]
    gate.set()
    await room.session.until_ended(4)
    assert [text_of(turn.reply) for turn in (first, fourth, second, third)] == ["One", "Two", "Three", "Four"]


async def test_a_queued_message_is_sent_now(room: Room) -> None:
    conversation = room.begin()
    room.script(FakeAnswer(delta("One"), asyncio.Event()), says("Three"), says("Two"))
    for text in ("First", "Second", "Third"):
        await room.session.outbox.send(conversation, text)
    first, second, third = conversation.turns
    await room.session.until(lambda: text_of(reply_of(conversation)) == "One")
    await room.session.outbox.send_now(conversation, third)
    await room.session.until_ended(3)
    assert conversation.turns == [first, third, second]
    assert first.reply is not None
    assert (first.reply.state, text_of(first.reply)) == ("stopped", "One")
    assert [text_of(turn.reply) for turn in (third, second)] == ["Three", "Two"]
    await room.session.outbox.send_now(conversation, first)
    assert len(room.transport.sent) == 3, "what was sent is not sent again"


async def test_after_a_stop_the_queue_goes_on(room: Room) -> None:
    conversation = room.begin()
    room.script(FakeAnswer(delta("One"), asyncio.Event()), says("Two"))
    await room.session.outbox.send(conversation, "First")
    await room.session.outbox.send(conversation, "Second")
    await room.session.until(lambda: text_of(reply_of(conversation)) == "One")
    room.session.outbox.stop(conversation)
    await room.session.until_ended(2)
    assert [turn.reply.state for turn in conversation.turns if turn.reply] == ["stopped", "finished"]


async def test_two_messages_in_the_same_moment_are_one_conversation_and_one_request(room: Room) -> None:
    conversation = room.begin()
    gate = asyncio.Event()
    first = FakeAnswer(gate, delta("One"), DONE)
    room.script(first, says("Two"))
    await asyncio.gather(
        room.session.outbox.send(conversation, "First"), room.session.outbox.send(conversation, "Second")
    )
    await first.opened.wait()
    await turns()
    assert len(room.transport.sent) == 1
    assert [turn.queued for turn in conversation.turns] == [False, True]
    gate.set()
    await room.session.until_ended(2)
    assert [text_of(turn.reply) for turn in conversation.turns] == ["One", "Two"]
    assert await room.history.count() == 1


async def test_a_message_being_saved_as_the_reply_ends_is_sent_once(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = room.begin()
    gate = asyncio.Event()
    room.script(FakeAnswer(delta("One"), gate, DONE), says("Two"))
    await room.session.outbox.send(conversation, "First")
    await room.session.until(lambda: text_of(reply_of(conversation)) == "One")
    disk = SlowDisk(room)
    monkeypatch.setattr(room.history, "add_turn", disk.add_turn)
    sending = asyncio.create_task(room.session.outbox.send(conversation, "Second"))
    await disk.asked.wait()
    gate.set()
    await room.session.until_ended(1)
    await turns()
    assert len(room.transport.sent) == 1, "it is not kept yet"
    disk.go_on.set()
    await sending
    await room.session.until_ended(2)
    assert [text_of(turn.reply) for turn in conversation.turns] == ["One", "Two"]
    assert len(room.transport.sent) == 2
    assert all(turn.id for turn in conversation.turns)


async def test_a_message_is_not_taken_back_before_it_is_saved(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    conversation = room.begin()
    room.script(FakeAnswer(asyncio.Event()))
    await room.session.outbox.send(conversation, "First")
    disk = SlowDisk(room)
    monkeypatch.setattr(room.history, "add_turn", disk.add_turn)
    sending = asyncio.create_task(room.session.outbox.send(conversation, "Second"))
    await disk.asked.wait()
    taking = asyncio.create_task(room.session.outbox.take_back(conversation))
    await turns()
    disk.go_on.set()
    await sending
    assert await taking == "Second"
    assert [turn.sent for turn in await room.stored(conversation)] == ["First"]


async def test_messages_sent_during_cleanup_stay_in_order(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    conversation = room.begin()
    tidying, go_on = asyncio.Event(), asyncio.Event()
    save_recordings = room.history.save_recordings

    async def slowly(reply_id: int, recordings: Sequence[bytes]) -> None:
        tidying.set()
        await go_on.wait()
        await save_recordings(reply_id, recordings)

    monkeypatch.setattr(room.history, "save_recordings", slowly)
    gate = asyncio.Event()
    second = FakeAnswer(gate, delta("Two"), DONE)
    room.script(says("One"), second, says("Three"))
    await room.session.outbox.send(conversation, "First")
    await tidying.wait()
    await room.session.outbox.send(conversation, "Second")
    await room.session.outbox.send(conversation, "Third")
    go_on.set()
    await room.session.until_ended(1)
    await second.opened.wait()
    await turns()
    assert len(room.transport.sent) == 2
    assert [turn.queued for turn in conversation.turns] == [False, False, True]
    gate.set()
    await room.session.until_ended(3)
    assert [text_of(turn.reply) for turn in conversation.turns] == ["One", "Two", "Three"]
