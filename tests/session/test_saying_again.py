"""A message is sent again, as it was or edited, for another reply; all replies stay, and one of them counts."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from chatgrid_tui.errors import StorageProblem, UsageProblem
from chatgrid_tui.model.provider import PRIVATE_MODE, Provider
from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.session.turns.variants import compare_replies, compare_sides
from fakes import DONE, FakeAnswer, delta, says
from session.room import BOARD, BOT, GRID, MODEL, SITE, OpenRoom, Room, WatchedSession, text_of


async def regenerate(room: Room, conversation: Conversation, answer: FakeAnswer, message: str | None = None) -> Turn:
    """Regenerate the newest reply, and return its turn once it is saved."""
    room.script(answer)
    before, turn = len(room.session.ended), conversation.turns[-1]
    room.session.outbox.regenerate(conversation, turn, message)
    await room.session.until_ended(before + 1)
    return turn


def sent(room: Room) -> list[object]:
    """Return the messages of the newest request."""
    messages = room.transport.bodies[-1]["messages"]
    assert isinstance(messages, list)
    return [message["content"] for message in messages]


async def test_an_edited_message_and_its_reply_are_a_variant_of_the_turn(rooms: OpenRoom) -> None:
    room = await rooms()
    conversation = room.begin()
    await room.say(conversation, "Hello", says("One"))
    turn = await regenerate(room, conversation, says("Two"), "Hello there")
    assert sent(room) == ["Hello there"]
    assert (turn.shown, turn.sent, text_of(turn.reply)) == ("Hello there", "Hello there", "Two")
    await regenerate(room, conversation, says("Three"))
    assert sent(room) == ["Hello there"], "the message of the reply that counts is sent again"
    await regenerate(room, conversation, says("Four"), "Hello")
    assert (turn.shown, turn.replies[-1].edited_message) == ("Hello", None), "edited back to what it was"
    await room.session.outbox.select_reply(conversation, turn, 1)
    await room.say(conversation, "Go on", says("Yes"))
    assert sent(room) == ["Hello there", "Two", "Go on"], "what counts is sent along"
    again = await rooms()
    (turn, _) = (await again.session.open(conversation.id)).turns
    assert (turn.shown, turn.first_shown, text_of(turn.reply), len(turn.replies)) == (
        "Hello there",
        "Hello",
        "Two",
        4,
    )


async def test_the_list_shows_an_edited_message_without_a_reply(room: Room) -> None:
    conversation = room.begin()
    await room.say(conversation, "Hello", says("One"))
    await regenerate(room, conversation, FakeAnswer(DONE), "Hello there")
    await room.stored(conversation)
    (row,) = await room.history.conversations(1)
    assert (row.preview, row.preview_mine) == ("Hello there", True)


async def test_what_has_another_reply_has_variants(room: Room) -> None:
    conversation = room.begin()
    await room.say(conversation, "Hello", FakeAnswer(DONE))
    turn = await regenerate(room, conversation, says("One"))
    choices = [turn.has_variants]  # a reply without anything in it is no choice
    await regenerate(room, conversation, FakeAnswer(DONE))
    choices.append(turn.has_variants)  # the answer before an empty one is
    await room.session.outbox.select_reply(conversation, turn, 0)
    choices.append(turn.has_variants)
    assert (choices, turn.number) == ([False, True, True], 0)


@pytest.mark.parametrize(("provider", "keeps"), [(MODEL, False), (GRID, True), (BOT, True), (SITE, True)])
def test_which_services_keep_the_messages(provider: Provider, keeps: bool) -> None:
    assert Conversation(provider, BOARD).keeps_messages is keeps
    assert not Conversation(replace(provider, options=((PRIVATE_MODE, True),)), BOARD).keeps_messages


async def test_what_cannot_be_sent_again_is_not(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    conversation = room.begin()
    await room.say(conversation, "Hello", says("One"))
    first = conversation.turns[0]
    gate = asyncio.Event()
    room.script(FakeAnswer(gate, delta("Two"), DONE), says("Three"))
    await room.session.outbox.send(conversation, "More")
    await room.session.outbox.send(conversation, "Queued")
    outbox = room.session.outbox
    for turn in conversation.turns:
        with pytest.raises(UsageProblem, match="is being written"):
            outbox.regenerate(conversation, turn, "Edited")
    gate.set()
    await room.session.until_ended(3)
    with pytest.raises(UsageProblem, match="Only the newest message"):
        outbox.regenerate(conversation, first)
    newest = conversation.turns[-1]
    with pytest.raises(UsageProblem, match="empty"):
        outbox.regenerate(conversation, newest, "")
    assert len(newest.replies) == 1
    with monkeypatch.context() as patch:
        patch.setattr(WatchedSession, "read_only", "not writable")
        with pytest.raises(UsageProblem, match="read-only here"):
            outbox.regenerate(conversation, newest)
    room.session.deletions.delete([conversation], at_service=False)
    await room.session.deletions.finish()
    with pytest.raises(UsageProblem, match="being deleted"):
        outbox.regenerate(conversation, newest)
    assert len(room.transport.sent) == 3


async def test_in_a_history_that_can_only_be_read_a_choice_is_not_saved(
    rooms: OpenRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = await rooms()
    conversation = room.begin()
    await room.say(conversation, "Hello", says("One"))
    turn = await regenerate(room, conversation, says("Two"))
    with monkeypatch.context() as patch:
        patch.setattr(WatchedSession, "read_only", "not writable")
        await room.session.outbox.select_reply(conversation, turn, 0)
    assert text_of(turn.reply) == "One"
    (stored,) = await room.stored(conversation)
    assert stored.selected is None


async def test_two_replies_are_compared_with_what_they_answer(room: Room) -> None:
    conversation = room.begin()
    await room.say(conversation, "Hello", says("The one answer"))
    turn = await regenerate(room, conversation, says("The other answer"), "Hello there")
    turn = await regenerate(room, conversation, says("The other answer"))
    assert compare_replies(turn, 0, 1) == (
        "[-only in reply 1-] {+only in reply 2+}\n\nYour message:\nHello{+ there+}\n\n"
        "The reply:\nThe [-one-]{+other+} answer"
    )
    assert compare_replies(turn, 1, 2).endswith("\n\nThe reply:\nBoth are the same.")


async def test_two_conversations_are_compared_with_their_figures(room: Room) -> None:
    left, right = room.begin(), room.begin()
    await room.say(left, "Hello", says("The one answer"))
    await room.say(right, "Hello there", says("The other answer"))
    (before,), (after,) = left.turns, right.turns
    assert before.reply is not None and after.reply is not None
    before.reply.first_token, before.reply.duration, before.reply.last_data = 0.5, 3.0, 2.5
    before.reply.usage = {"completion_tokens": 100}
    after.reply.first_token, after.reply.duration, after.reply.usage = None, 1.0, None
    assert compare_sides(before, after) == (
        "                    Left                Right\n"
        "First text          500 ms              -\n"
        "End                 3.0 s               1.0 s\n"
        "Speed               50 tokens/s         -\n"
        "Tokens              100                 -\n"
        "Text                14 characters       16 characters\n\n"
        "[-only at the left-] {+only at the right+}\n\n"
        "Your message:\nHello{+ there+}\n\n"
        "The reply:\nThe [-one-]{+other+} answer"
    )


async def test_what_was_said_elsewhere_is_found(room: Room) -> None:
    here, elsewhere = room.begin(), room.begin(BOT)
    await room.say(here, "Hello", says("One"))
    long = "Where is it? " * 1_000
    await room.say(elsewhere, long, says("Two"))
    (message,) = await room.session.said_elsewhere(here)
    assert (message.title[:12], message.beginning) == ("Where is it?", long[:2_000])
    assert await room.session.whole_message(message) == long
    room.session.deletions.delete([elsewhere], at_service=False)
    await room.session.deletions.finish()
    with pytest.raises(StorageProblem, match="no longer"):
        await room.session.whole_message(message)
