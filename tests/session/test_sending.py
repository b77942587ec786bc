"""Messages are sent and replies arrive: saved first, stopped, retried, and several at once."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime

import pytest

from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.model.events import TextDelta
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.model.request import Request
from chatgrid_tui.session import tasks
from chatgrid_tui.session.changes import TurnAdded
from fakes import DONE, FakeAnswer, broken, delta, listing, says, turns
from session.room import GRID, MODEL, SITE, OpenRoom, Room, regenerate, reply_of, text_of


async def test_a_message_is_saved_before_it_is_sent(room: Room) -> None:
    conversation = room.begin()
    kept_then: list[str] = []

    async def look(request: Request) -> None:
        kept_then.extend(turn.sent for turn in await room.history.turns(conversation.id))

    room.transport.before = look
    reply = await room.say(conversation, "Hello", says("Hi", " there"))
    assert kept_then == ["Hello"]
    assert (reply.state, text_of(reply)) == ("finished", "Hi there")
    (turn,) = await room.stored(conversation)
    assert (turn.sent, turn.replies[-1].bubbles, turn.replies[-1].state) == ("Hello", ("Hi there",), "finished")


async def test_replies_stream_in_several_conversations_at_once(room: Room) -> None:
    conversations = [room.begin() for _ in range(4)]
    gates = [asyncio.Event() for _ in conversations]
    for number, (conversation, gate) in enumerate(zip(conversations, gates, strict=True)):
        room.script(FakeAnswer(delta(f"{number}"), gate, delta("!"), DONE))
        await room.session.outbox.send(conversation, f"Message {number}")
        await room.session.show(conversation)
    await room.session.until(lambda: all(text_of(reply_of(one)) for one in conversations))
    assert all(conversation.live for conversation in conversations)
    for count, gate in enumerate(reversed(gates), 1):
        gate.set()
        await room.session.until_ended(count)
    assert [text_of(reply_of(one)) for one in conversations] == ["0!", "1!", "2!", "3!"]
    assert room.session.ended == conversations[::-1]


async def test_switching_stops_no_reply_and_new_text_is_unread(room: Room) -> None:
    first, second = room.begin(), room.begin()
    gate = asyncio.Event()
    room.script(FakeAnswer(delta("One"), gate, DONE))
    await room.session.show(first)
    await room.session.outbox.send(first, "To the first")
    await room.session.until(lambda: text_of(reply_of(first)) == "One")
    await room.session.show(second)
    await room.say(second, "To the second", says("Two"))
    assert first.live is not None
    gate.set()
    await room.session.until_ended(2)
    rows = {row.id: row.unread for row in room.session.index}
    assert rows == {first.id: 1, second.id: 0}
    assert (await room.history.conversation(first.id)).unread == 1
    await room.session.show(first)
    assert (await room.history.conversation(first.id)).unread == 0
    assert {row.unread for row in room.session.index} == {0}


async def test_stopping_keeps_the_text_and_late_events_change_nothing(room: Room) -> None:
    conversation = room.begin()
    answer = FakeAnswer(delta("Half"), asyncio.Event(), delta(" more"), DONE)
    room.script(answer)
    await room.session.outbox.send(conversation, "Hello")
    await room.session.until(lambda: text_of(reply_of(conversation)) == "Half")
    await room.clock.advance(2.5)
    room.session.outbox.stop(conversation)
    await room.session.until_ended()
    reply = reply_of(conversation)
    assert answer.closed.is_set()
    assert (reply.state, reply.failure, reply.duration, text_of(reply)) == ("stopped", None, 2.5, "Half")
    reply.apply(TextDelta(0, " more"), 3.0)
    assert (reply.state, text_of(reply)) == ("stopped", "Half")
    (turn,) = await room.stored(conversation)
    assert (turn.replies[-1].state, turn.replies[-1].bubbles) == ("stopped", ("Half",))


async def test_stopping_at_once(room: Room) -> None:
    conversation = room.begin()
    room.script(says("Never"))
    await room.session.outbox.send(conversation, "Hello")
    room.session.outbox.stop(conversation)
    await room.session.until_ended()
    assert reply_of(conversation).state == "stopped"
    assert room.transport.sent == []
    (turn,) = await room.stored(conversation)
    assert [reply.state for reply in turn.replies] == ["stopped"]
    regenerate(room.session, conversation)
    await room.session.until_ended(2)
    assert text_of(reply_of(conversation)) == "Never"


async def test_stopping_while_the_message_is_being_saved(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    conversation = room.begin()
    room.script(says("Never"))
    add_turn, may_keep = room.history.add_turn, asyncio.Event()

    async def add_turn_later(conversation_id: int, shown: str, sent: str, at: datetime) -> int:
        await may_keep.wait()
        return await add_turn(conversation_id, shown, sent, at)

    monkeypatch.setattr(room.history, "add_turn", add_turn_later)
    sending = asyncio.create_task(room.session.outbox.send(conversation, "Hello"))
    await turns()
    assert room.session.outbox.stop(conversation)
    may_keep.set()
    await sending
    await room.session.until_ended()
    assert reply_of(conversation).state == "stopped"
    assert room.transport.sent == []
    assert not room.session.outbox.stop(conversation)


async def test_stopping_without_a_reply(room: Room) -> None:
    conversation = room.begin()
    room.session.outbox.stop(conversation)
    await room.say(conversation, "Hello", says("Hi"))
    room.session.outbox.stop(conversation)
    assert reply_of(conversation).state == "finished"


async def test_stopping_works_for_a_message_sent_while_the_last_connection_closes(room: Room) -> None:
    conversation = room.begin()
    first = says("One")
    first.may_close = asyncio.Event()
    room.script(first, FakeAnswer(delta("Two"), asyncio.Event()))
    await room.session.outbox.send(conversation, "First")
    await room.session.until(lambda: text_of(reply_of(conversation)) == "One" and conversation.live is None)
    await room.session.outbox.send(conversation, "Second")
    await room.session.until(lambda: text_of(reply_of(conversation)) == "Two")
    first.may_close.set()
    await room.session.until_ended(1)
    room.session.outbox.stop(conversation)
    await room.session.until_ended(2)
    assert [turn.reply.state for turn in conversation.turns if turn.reply] == ["finished", "stopped"]


@pytest.mark.parametrize("text", ["", "x" * 100_001, "🍛" * 50_001], ids=["empty", "too long", "too many units"])
async def test_a_message_the_service_would_refuse_is_not_saved_or_sent(text: str, room: Room) -> None:
    conversation = room.begin(GRID)
    with pytest.raises(UsageProblem):
        await room.session.outbox.send(conversation, text)
    assert (conversation.turns, conversation.id, room.transport.sent) == ([], 0, [])
    assert await room.history.count() == 0


async def test_nothing_is_sent_while_another_window_has_the_history(rooms: OpenRoom) -> None:
    first = await rooms()
    conversation = first.begin()
    await first.say(conversation, "Hello", says("Hi"))
    second = await rooms(beside=True)
    assert second.session.read_only
    assert "Another window has this history" in second.session.troubles[0]
    opened = await second.session.open(conversation.id)
    with pytest.raises(UsageProblem, match="read-only"):
        await second.session.outbox.send(opened, "More")
    with pytest.raises(UsageProblem, match="read-only"):
        regenerate(second.session, opened)
    assert opened.live is None
    assert second.transport.sent == []
    assert len(opened.turns) == 1


async def test_another_reply_replaces_the_previous_one(room: Room) -> None:
    conversation = room.begin()
    await room.say(conversation, "Hello", says("Hi"))
    reply = await room.say(conversation, "Again", broken())
    assert (reply.state, reply.failure) == ("truncated", Failure("network", "dropped", place="bots.example"))
    room.script(says("At last"))
    regenerate(room.session, conversation)
    assert conversation.live is not None
    with pytest.raises(UsageProblem, match="being written"):
        regenerate(room.session, conversation)
    await room.session.until_ended(3)
    assert len(room.transport.sent) == 3
    assert room.transport.bodies[1] == room.transport.bodies[2]
    assert text_of(reply_of(conversation)) == "At last"
    saved = await room.stored(conversation)
    assert [[reply.state for reply in turn.replies] for turn in saved] == [["finished"], ["truncated", "finished"]]


async def test_unanswered_messages_are_left_out_of_the_context(room: Room) -> None:
    conversation = room.begin()
    await room.say(conversation, "One", says("1"))
    await room.say(conversation, "Two", broken())
    await room.say(conversation, "Three", FakeAnswer(delta("3"), broken()))
    await room.say(conversation, "Four", says())
    await room.say(conversation, "Five", says("5"))
    said = room.transport.bodies[-1]["messages"]
    assert isinstance(said, list)
    assert [message["content"] for message in said] == ["One", "1", "Three", "3", "Five"]


async def test_the_system_prompt_and_parameters_go_along(rooms: OpenRoom) -> None:
    provider = Provider("model", "openai", "http://127.0.0.1:1", system="Be brief.", parameters=(("temperature", 0),))
    room = await rooms(providers=(provider,))
    await room.say(room.begin(provider), "Hello", says("Hi"))
    (body,) = room.transport.bodies
    assert body["temperature"] == 0
    assert body["messages"] == [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}]


async def test_a_suggestion_is_shown_by_its_label_and_sent_by_its_payload(room: Room) -> None:
    conversation = room.begin(SITE)
    done = b'{"type":"done","message":"Yes","conversationId":"c"}\n'
    room.script(FakeAnswer(done, headers={"content-type": "application/x-ndjson"}))
    await room.session.outbox.send(conversation, "__item__:1:2", shown="See a photo")
    await room.session.until_ended()
    (body,) = room.transport.bodies
    assert body["message"] == "__item__:1:2"
    (turn,) = await room.stored(conversation)
    assert (turn.shown, turn.sent) == ("See a photo", "__item__:1:2")
    assert conversation.title == "See a photo"


async def test_a_suggestion_with_half_a_character_can_be_sent(room: Room) -> None:
    conversation = room.begin()
    room.script(says("Yes"))
    await room.session.outbox.send(conversation, "a\ud83d", shown="A")
    await room.session.until_ended()
    assert json.dumps(room.transport.bodies[0], ensure_ascii=False).encode().count("a\ufffd".encode()) == 1


async def test_which_suggestions_were_chosen_is_kept(room: Room) -> None:
    conversation = room.begin()
    await room.say(conversation, "Hello", says("Hi"))
    for number in (2, 0, 1, 2):
        await room.session.outbox.choose_suggestion(conversation, conversation.turns[0], number)
    (turn,) = await room.stored(conversation)
    assert turn.replies[-1].chosen == (0, 1, 2)


async def test_a_refusal_to_begin_a_conversation_is_the_reply(room: Room) -> None:
    conversation = room.begin(GRID)
    refusal = listing({"code": "unauthorized", "message": "Invalid API key"}, 401)
    reply = await room.say(conversation, "Hello", refusal)
    assert (reply.state, reply.failure) == (
        "failed",
        Failure("http", "said", "unauthorized", "Invalid API key", 401),
    )
    assert conversation.remote_id == ""
    (turn,) = await room.stored(conversation)
    assert turn.replies[-1].failure == reply.failure


async def test_a_connection_failure_ends_a_reply_the_same_way_everywhere(room: Room) -> None:
    making_the_chat = await room.say(room.begin(GRID), "Hello", broken("refused"))
    sending = await room.say(room.begin(MODEL), "Hello", broken("refused"))
    assert (making_the_chat.state, making_the_chat.failure) == (sending.state, sending.failure)
    assert sending.state == "truncated"


async def test_an_internal_error_leaves_the_conversation_usable(room: Room) -> None:
    conversation = room.begin()
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)

    async def fail(request: Request) -> None:
        raise RuntimeError("a bug")

    room.transport.before = fail
    reply = await room.say(conversation, "Hello", says("Hi"))
    assert (reply.state, reply.live) == ("interrupted", False)
    room.transport.before = None
    assert text_of(await room.say(conversation, "Again", says("Hi"))) == "Hi"


async def test_each_turn_is_reported_as_it_is_added(room: Room) -> None:
    conversation = room.begin()
    await room.say(conversation, "Hello", says("Hi"))
    assert room.session.changes_seen[0] == TurnAdded(conversation)


async def test_other_tasks_run_between_the_events_of_one_read(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "_SLICE", -1.0)  # every step takes too long
    conversation = room.begin()
    seen: set[str] = set()

    async def look() -> None:
        while not room.session.ended:
            if conversation.live is not None:
                seen.add(text_of(conversation.live))
            await asyncio.sleep(0)

    looking = asyncio.create_task(look())
    await room.say(conversation, "Hello", FakeAnswer(b"".join(delta(str(number)) for number in range(5)) + DONE))
    await looking
    assert {"0", "01", "012", "0123", "01234"} <= seen
