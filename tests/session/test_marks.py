"""Marking replies: what is saved and shown, and which replies cannot be marked."""

from __future__ import annotations

import asyncio

import pytest

from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.model.provider import RemoteMessage
from chatgrid_tui.model.reply_mark import LONGEST_NOTE, ReplyMark
from chatgrid_tui.session.changes import ListChanged, TurnChanged
from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.sync.merge import merge
from chatgrid_tui.session.tasks import run_now
from fakes import FakeAnswer, delta, says
from session.room import OpenRoom, Room, reply_of, text_of

WRONG = ReplyMark("wrong", "The price is missing.")


async def test_a_mark_is_kept_with_its_reply(rooms: OpenRoom) -> None:
    room = await rooms()
    conversation = room.begin()
    first = await room.say(conversation, "Hello", says("Hi"))
    await room.say(conversation, "More", says("Yes"))
    await room.session.marks.save(conversation, conversation.turns[0], first, WRONG)
    assert TurnChanged(conversation, conversation.turns[0]) in room.session.changes_seen
    assert ListChanged(conversation) in room.session.changes_seen
    row = room.session.index.get(conversation.id)
    assert row is not None
    assert row.verdict == "wrong"
    await room.session.outbox.choose_suggestion(conversation, conversation.turns[0], 0)  # saves the whole reply

    again = await rooms()
    opened = await again.session.open(conversation.id)
    kept = opened.turns[0].reply
    assert kept is not None
    assert (kept.verdict, kept.note, kept.chosen) == (*("wrong", "The price is missing."), (0,))
    row = again.session.index.get(conversation.id)
    assert row is not None
    assert row.verdict == opened.verdict == "wrong"
    await again.session.marks.save(opened, opened.turns[1], reply_of(opened), ReplyMark("right"))
    await again.session.marks.save(opened, opened.turns[0], kept, ReplyMark())
    stored = [turn.replies[0] for turn in await again.stored(opened)]
    assert [(reply.verdict, reply.note) for reply in stored] == [(None, ""), ("right", "")]
    row = again.session.index.get(conversation.id)
    assert row is not None
    assert row.verdict == "right"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" two\n\tlines \x1b[31m", "two lines \N{REPLACEMENT CHARACTER}[31m"),
        ("\u202eevil\u200b", "\N{REPLACEMENT CHARACTER}evil\N{REPLACEMENT CHARACTER}"),
        ("x" * 1_000_000, "x" * (LONGEST_NOTE - 1) + "…"),
    ],
)
async def test_a_note_is_one_clean_line(room: Room, typed: str, kept: str) -> None:
    conversation = room.begin()
    reply = await room.say(conversation, "Hello", says("Hi"))
    await room.session.marks.save(conversation, conversation.turns[0], reply, ReplyMark(None, typed))
    (turn,) = await room.stored(conversation)
    assert (turn.replies[0].note, reply.note) == (kept, kept)


async def test_a_reply_that_is_being_written_cannot_be_marked(room: Room) -> None:
    conversation = room.begin()
    gate = asyncio.Event()
    room.script(FakeAnswer(delta("Half"), gate))
    await room.session.outbox.send(conversation, "Hello")
    await room.session.until(lambda: text_of(reply_of(conversation)) == "Half")
    with pytest.raises(UsageProblem, match="still being written"):
        await room.session.marks.save(conversation, conversation.turns[0], reply_of(conversation), WRONG)
    assert reply_of(conversation).verdict is None
    gate.set()
    await room.session.until_ended()
    await room.session.marks.save(conversation, conversation.turns[0], reply_of(conversation), WRONG)
    assert (await room.stored(conversation))[0].replies[0].verdict == "wrong"


async def test_neither_can_one_that_is_not_in_the_history(room: Room) -> None:
    conversation = room.begin()
    answered = await room.say(conversation, "Hello", says("Hi"))
    stand_in = Turn(1, "Hello", "Hello", answered.started_at, [answered])
    with pytest.raises(UsageProblem, match="no longer part of the conversation"):
        room.session.marks.check(conversation, stand_in, answered)
    only_there = Turn(0, "", "", answered.started_at, [Reply(0, "bot", answered.started_at, "finished")])
    with pytest.raises(UsageProblem, match="not in the history"):
        room.session.marks.check(conversation, only_there, only_there.replies[0])
    only_there.remote = ("m1",)
    with pytest.raises(UsageProblem, match="only at the service"):
        room.session.marks.check(conversation, only_there, only_there.replies[0])


async def test_while_another_window_has_the_history_nothing_is_marked(rooms: OpenRoom) -> None:
    first = await rooms()
    conversation = first.begin()
    await first.say(conversation, "Hello", says("Hi"))
    second = await rooms(beside=True)
    opened = await second.session.open(conversation.id)
    with pytest.raises(UsageProblem, match="Another window has this history; nothing can be changed here"):
        await second.session.marks.save(opened, opened.turns[0], reply_of(opened), WRONG)
    assert reply_of(opened).verdict is None


async def test_messages_of_the_service_leave_marks_alone(room: Room) -> None:
    conversation = room.begin()
    reply = await room.say(conversation, "Hello", says("Hi"))
    await room.session.marks.save(conversation, conversation.turns[0], reply, WRONG)
    stored = [
        *(RemoteMessage("u0", "user", "Before"), RemoteMessage("a0", "assistant", "Yes")),
        *(RemoteMessage("u1", "user", "Hello"), RemoteMessage("a1", "assistant", "Hi")),
    ]
    merged = run_now(merge(conversation.turns, stored, "bot"))
    replies = [turn.reply for turn in merged]
    assert [reply and (reply.verdict, reply.note) for reply in replies] == [(None, ""), (WRONG.verdict, WRONG.note)]
