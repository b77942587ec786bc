"""One automatic retry after a limit, at the time the service names, and every way to change that."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.model.provider import Board
from chatgrid_tui.model.request import Request
from chatgrid_tui.session.changes import Change, TurnChanged, UnhandledError
from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.session.turns.runner import RetryScheduler
from fakes import DONE, FakeAnswer, ManualClock, delta, listing, says, turns
from session.room import BOARD, BOT, MODEL, OpenRoom, Room, regenerate, reply_of, text_of

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
LIMITED = {"error": {"message": "Slow down", "code": "rate_limit_exceeded"}}


def limit(seconds: str = "7") -> FakeAnswer:
    return listing(LIMITED, 429, retry_after=seconds)


async def limited(room: Room, seconds: str = "7") -> Conversation:
    conversation = room.begin()
    reply = await room.say(conversation, "Hello", limit(seconds))
    assert reply.failure is not None
    assert (reply.state, reply.failure.status) == ("failed", 429)
    return conversation


def wait_of(room: Room, conversation: Conversation) -> float | None:
    """Return the seconds until the next try."""
    return None if conversation.retry_at is None else conversation.retry_at - room.clock()


async def test_a_limit_is_waited_for_and_tried_once(room: Room) -> None:
    conversation = await limited(room)
    assert wait_of(room, conversation) == 7
    room.script(says("At last"))
    await room.clock.advance(6.9)
    assert len(room.transport.sent) == 1
    await room.clock.advance(0.1)
    assert conversation.retry_at is None
    await room.session.until_ended(2)
    assert text_of(reply_of(conversation)) == "At last"
    (turn,) = await room.stored(conversation)
    assert [reply.state for reply in turn.replies] == ["failed", "finished"]


async def test_the_second_limit_is_not_waited_for(room: Room) -> None:
    conversation = await limited(room)
    room.script(limit())
    await room.clock.advance(7)
    await room.session.until_ended(2)
    assert conversation.retry_at is None
    assert room.clock.naps == []
    assert len(room.transport.sent) == 2


@pytest.mark.parametrize(
    ("asked", "waited"), [("0", 0), ("0.5", 0.5), ("300", 300), ("301", None), ("86400", None), ("999999999", None)]
)
async def test_only_a_short_limit_is_waited_for(asked: str, waited: float | None, room: Room) -> None:
    conversation = await limited(room, asked)
    failure = reply_of(conversation).failure
    assert failure is not None
    assert failure.retry_after == float(asked)
    assert wait_of(room, conversation) == waited


async def test_a_quota_that_is_used_up_is_not_waited_for(room: Room) -> None:
    """Whatever wait the service asks for: no countdown, and no automatic retry."""
    conversation = room.begin()
    used_up = {"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}}
    reply = await room.say(conversation, "Hello", listing(used_up, 429, retry_after="1"))
    assert reply.failure is not None
    assert reply.failure.retry_after == 1.0
    assert conversation.retry_at is None
    assert room.clock.naps == []
    health = room.session.clients.health_monitor.of(conversation.provider.name)
    assert (health.state, health.summary) == ("refused", "quota used up")


@pytest.mark.parametrize("seconds", ["nan", "inf", "1e999", "-5", "soon", ""])
async def test_without_a_usable_time_nothing_is_tried(seconds: str, room: Room) -> None:
    conversation = await limited(room, seconds)
    assert conversation.retry_at is None
    assert room.clock.naps == []


@pytest.mark.parametrize("status", [400, 401, 500, 503])
async def test_other_errors_are_not_tried_again(status: int, room: Room) -> None:
    conversation = room.begin()
    await room.say(conversation, "Hello", listing({"error": "no"}, status, retry_after="7"))
    assert conversation.retry_at is None


async def test_a_limit_within_a_stream_is_not_tried_again(room: Room) -> None:
    conversation = room.begin(BOT)
    said = b'data: {"error":{"code":"RATE_LIMIT_EXCEEDED","message":"Daily chat limit reached."}}\n\n'
    await room.say(conversation, "Hello", FakeAnswer(said, DONE))
    assert conversation.retry_at is None


async def test_the_wait_can_be_cancelled(room: Room) -> None:
    conversation = await limited(room)
    room.session.outbox.cancel_retry(conversation)
    await room.clock.advance(100)
    assert len(room.transport.sent) == 1
    assert conversation.retry_at is None


async def test_the_wait_can_be_skipped_and_is_not_repeated(room: Room) -> None:
    conversation = await limited(room)
    room.script(says("At once"))
    regenerate(room.session, conversation)
    await room.session.until_ended(2)
    await room.clock.advance(100)
    assert len(room.transport.sent) == 2
    assert text_of(reply_of(conversation)) == "At once"


async def test_another_message_replaces_the_retry(room: Room) -> None:
    conversation = await limited(room)
    await room.say(conversation, "Something else", says("Yes"))
    await room.clock.advance(100)
    assert len(room.transport.sent) == 2
    assert [turn.reply.state for turn in conversation.turns if turn.reply] == ["failed", "finished"]


async def queued_behind_a_limit(room: Room) -> Conversation:
    conversation = room.begin()
    gate = asyncio.Event()

    async def wait(request: Request) -> None:
        await gate.wait()

    room.transport.before = wait
    room.script(limit())
    await room.session.outbox.send(conversation, "First")
    await room.session.outbox.send(conversation, "Second")
    gate.set()
    await room.session.until_ended(1)
    await turns()
    assert len(room.transport.sent) == 1, "what is queued waits as well"
    return conversation


async def test_the_queue_continues_after_the_retry(room: Room) -> None:
    conversation = await queued_behind_a_limit(room)
    room.script(says("One"), says("Two"))
    await room.clock.advance(7)
    await room.session.until_ended(3)
    assert [text_of(turn.reply) for turn in conversation.turns] == ["One", "Two"]


async def test_the_queue_continues_if_the_retry_is_cancelled(room: Room) -> None:
    conversation = await queued_behind_a_limit(room)
    room.script(says("Two"))
    told = len(room.session.changes_seen)
    room.session.outbox.cancel_retry(conversation)
    assert room.session.changes_seen[told] == TurnChanged(conversation, conversation.turns[0])
    await room.session.until_ended(2)
    assert [text_of(turn.reply) for turn in conversation.turns] == ["", "Two"]


async def test_the_queue_continues_if_another_message_is_sent(room: Room) -> None:
    conversation = await queued_behind_a_limit(room)
    room.script(says("Two"), says("Three"))
    await room.session.outbox.send(conversation, "Third")
    await room.session.until_ended(3)
    assert [text_of(turn.reply) for turn in conversation.turns] == ["", "Two", "Three"]


async def test_closing_ends_the_wait(room: Room) -> None:
    conversation = await limited(room)
    await room.session.close()
    await room.clock.advance(100)
    assert len(room.transport.sent) == 1
    assert reply_of(conversation).state == "failed"


async def test_other_conversations_continue_meanwhile(room: Room) -> None:
    await limited(room)
    other = room.begin()
    assert text_of(await room.say(other, "Hello", FakeAnswer(delta("Hi"), DONE))) == "Hi"


async def test_a_limit_is_not_waited_for_once_another_message_went_out(room: Room) -> None:
    conversation = room.begin()
    closing = limit()
    closing.may_close = asyncio.Event()  # the reply has ended, and its connection has not
    room.script(closing, says("B"))
    await room.session.outbox.send(conversation, "First")
    await room.session.until(lambda: reply_of(conversation).state == "failed")
    await room.session.outbox.send(conversation, "Second")
    closing.may_close.set()
    await room.session.until_ended(2)
    assert conversation.retry_at is None
    await room.clock.advance(10)
    assert [turn.sent for turn in conversation.turns] == ["First", "Second"]
    assert len(room.transport.sent) == 2


@pytest.mark.parametrize("undone_after", [3, 9])
async def test_the_retry_comes_back_if_a_deletion_is_undone(room: Room, undone_after: int) -> None:
    conversation = await limited(room)
    room.session.deletions.delete([conversation], at_service=False)
    await room.clock.advance(undone_after)
    assert len(room.transport.sent) == 1
    room.script(says("Now"))
    room.session.deletions.undo()
    await room.clock.advance(7 - min(undone_after, 7))
    await room.session.until_ended(2)
    await room.clock.advance(100)
    assert (text_of(reply_of(conversation)), len(room.transport.sent)) == ("Now", 2)


async def test_a_refusal_during_a_deletion_is_tried_again_only_if_that_is_undone(room: Room) -> None:
    room.script(limit("2"), limit("2"), says("Now"))
    deleted, undone = room.begin(MODEL), room.begin(MODEL, Board("other", "Other"))
    for conversation in (deleted, undone):
        await room.session.outbox.send(conversation, "Hello")
        room.session.deletions.delete([conversation], at_service=False)
    await room.session.until_ended(2)
    room.session.deletions.undo()
    await room.clock.advance(2)
    await room.session.until_ended(3)
    await room.clock.advance(100)
    assert (text_of(reply_of(undone)), len(room.transport.sent)) == ("Now", 3)


async def test_an_internal_error_is_reported() -> None:
    error, clock = ZeroDivisionError(), ManualClock()
    changes: list[Change] = []

    def start(*_: object) -> None:
        raise error

    turn = Turn(0, "Hello", "Hello", NOON)
    scheduler = RetryScheduler(start, changes.append, Clock(clock, sleep=clock.sleep))
    scheduler.wait(Conversation(MODEL, BOARD, turns=[turn], retry_at=clock() + 7), turn)
    await clock.advance(7)
    assert [change.error for change in changes if isinstance(change, UnhandledError)] == [error]


async def test_an_earlier_reply_can_be_selected_until_the_next_try(rooms: OpenRoom) -> None:
    room = await rooms()
    conversation = room.begin()
    await room.say(conversation, "Hello", says("First"))
    room.script(says("Second"))
    regenerate(room.session, conversation)
    await room.session.until_ended(2)
    (turn,) = conversation.turns
    await room.session.outbox.select_reply(conversation, turn, 0)
    assert text_of(turn.reply) == "First"
    assert room.session.changes_seen[-2] == TurnChanged(conversation, turn)
    await room.say(conversation, "Go on", says("Yes"))
    assert [said["content"] for said in room.transport.bodies[-1]["messages"]] == ["Hello", "First", "Go on"]  # type: ignore[attr-defined]
    again = await rooms()
    (turn, _) = (await again.session.open(conversation.id)).turns
    assert (text_of(turn.reply), len(turn.replies)) == ("First", 2)


async def test_a_new_try_counts_in_place_of_the_reply_that_was_selected(rooms: OpenRoom) -> None:
    room = await rooms()
    conversation = room.begin()
    await room.say(conversation, "Hello", says("First"))
    await room.session.outbox.select_reply(conversation, conversation.turns[0], 0)
    gate = asyncio.Event()
    room.script(FakeAnswer(delta("Second"), gate, DONE))
    regenerate(room.session, conversation)
    await room.session.until(lambda: text_of(reply_of(conversation)) == "Second")
    await room.session.outbox.select_reply(conversation, conversation.turns[0], 0)
    assert text_of(reply_of(conversation)) == "Second", "nothing is selected while a reply is being written"
    gate.set()
    await room.session.until_ended(2)
    again = await rooms()
    (turn,) = (await again.session.open(conversation.id)).turns
    assert text_of(turn.reply) == "Second"
