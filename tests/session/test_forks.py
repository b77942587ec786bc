"""Forks: what they hold, what is sent in them, and what they refuse."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from chatgrid_tui.errors import StorageProblem, UsageProblem
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.model.saved_conversation import SavedReply
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.session.library.forks import what_is_known, what_is_new
from fakes import FakeAnswer, broken, delta, says
from session.grid import Grid, chat
from session.room import BOT, GRID, MODEL, SITE, OpenRoom, Room, regenerate, text_of
from session.test_message_sync import fetched, lines, listed, talk

SHARED = replace(SITE, options=(("new_conversation", "same session"),))
PRIVATE = replace(BOT, options=(("private_mode", True),))


async def forked(room: Room, conversation: Conversation, place: int = -1) -> Conversation:
    return (await room.session.forks.fork(conversation, conversation.turns[place])).conversation


async def test_a_fork_has_the_turns_up_to_a_message_and_sends_them_along(rooms: OpenRoom) -> None:
    room = await rooms()
    conversation = room.begin()
    await room.session.set_options(conversation, "Be brief.", (("top_p", 0.5),))
    for text in ("One", "Two", "Three"):
        await room.say(conversation, text, says(f"{text} here"))
    fork = await forked(room, conversation, 1)
    assert (fork.title, [turn.sent for turn in fork.turns]) == ("Fork: One", ["One", "Two"])
    assert (await forked(room, fork)).title == "Fork 2: One"
    row = room.session.index.get(fork.id)
    assert row is not None
    assert (row.title, row.preview, row.state) == ("Fork: One", "Two here", "finished")
    await room.say(fork, "Other", says("Four"))
    body = room.transport.bodies[-1]
    assert body["top_p"] == 0.5
    said = [{"role": "system", "content": "Be brief."}]
    for text in ("One", "Two"):
        said += [{"role": "user", "content": text}, {"role": "assistant", "content": f"{text} here"}]
    assert body["messages"] == [*said, {"role": "user", "content": "Other"}]
    assert [turn.sent for turn in conversation.turns] == ["One", "Two", "Three"]

    again = await (await rooms()).session.open(fork.id)
    assert [(turn.sent, text_of(turn.reply), turn.copied) for turn in again.turns] == [
        ("One", "One here", True),
        ("Two", "Two here", True),
        ("Other", "Four", False),
    ]
    assert (again.system, again.copied) == ("Be brief.", 2)


async def test_everything_about_the_replies_is_copied_but_recordings(rooms: OpenRoom) -> None:
    room = await rooms()
    conversation = room.begin()
    await room.say(conversation, "Hello", broken())
    room.script(FakeAnswer(delta("Half"), asyncio.Event()))
    room.session.outbox.regenerate(conversation, conversation.turns[0], "Hello there")
    await room.session.until(lambda: text_of(conversation.turns[0].reply) == "Half")
    room.session.outbox.stop(conversation)
    await room.session.until_ended(2)
    reply = conversation.turns[0].reply
    assert reply is not None
    reply.attachments, reply.suggestions, reply.usage, reply.chosen = (
        [{"url": "a"}],
        [{"label": "b"}],
        {"c": 1},
        (1, 0),
    )
    reply.recording_kept = True
    await room.history.save_reply(reply.saved())
    await room.session.outbox.select_reply(conversation, conversation.turns[0], 0)
    fork = await forked(room, conversation)

    def kept(of: Conversation) -> list[object]:
        plain = [
            replace(one.saved(), id=0, recording_kept=False, chosen=()) for turn in of.turns for one in turn.replies
        ]
        return [*plain, [(turn.selected, turn.first_shown, turn.shown) for turn in of.turns]]

    assert kept(fork) == kept(conversation)
    assert [one.state for one in fork.turns[0].replies] == ["truncated", "stopped"]
    assert kept(await (await rooms()).session.open(fork.id)) == kept(conversation)


async def test_a_reply_that_has_ended_but_is_not_saved_yet_is_copied_whole(
    rooms: OpenRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = await rooms()
    conversation = room.begin()
    save_reply, go_on = room.history.save_reply, asyncio.Event()

    async def save_later(saved: SavedReply) -> None:
        await go_on.wait()
        await save_reply(saved)

    monkeypatch.setattr(room.history, "save_reply", save_later)
    room.script(says("Hello"))
    await room.session.outbox.send(conversation, "One")
    await room.session.until(lambda: text_of(conversation.turns[0].reply) == "Hello" and conversation.live is None)
    fork = await forked(room, conversation)
    go_on.set()
    await room.session.until_ended()
    again = await (await rooms()).session.open(fork.id)
    reply = again.turns[0].reply
    assert reply is not None
    assert (text_of(reply), reply.state) == ("Hello", "finished")


@pytest.mark.parametrize(("place", "sent"), [(0, ["One"]), (1, ["One"]), (2, ["One"])])
async def test_a_fork_ends_before_a_reply_that_is_being_written(room: Room, place: int, sent: list[str]) -> None:
    conversation = room.begin()
    await room.say(conversation, "One", says("Two"))
    room.script(FakeAnswer(delta("Half"), asyncio.Event()))
    for text in ("Two", "queued"):
        await room.session.outbox.send(conversation, text)
    fork, is_before = await room.session.forks.fork(conversation, conversation.turns[place])
    assert ([turn.sent for turn in fork.turns], is_before) == (sent, place > 0)


async def test_what_cannot_be_forked_is_refused_and_nothing_is_added(rooms: OpenRoom) -> None:
    room = await rooms()
    conversation = room.begin()
    room.script(FakeAnswer(delta("Half"), asyncio.Event()))
    await room.session.outbox.send(conversation, "One")
    with pytest.raises(UsageProblem, match="still being written"):
        await forked(room, conversation)
    conversation.deleting = True
    with pytest.raises(UsageProblem, match="no longer"):
        await forked(room, conversation)
    conversation.deleting = False
    await room.session.outbox.stop_and_save(conversation)
    other = await rooms(beside=True)
    with pytest.raises(UsageProblem, match="Another window"):
        await forked(other, await other.session.open(conversation.id))
    assert await room.history.count() == 1


async def test_a_fork_that_cannot_be_written_is_not_there_at_all(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    conversation = room.begin()
    await room.say(conversation, "One", says("Two"))
    monkeypatch.setattr("chatgrid_tui.store.copies._PIECES", {"reply_id": "no such column"})
    with pytest.raises(StorageProblem):
        await forked(room, conversation)
    assert await room.history.count() == len(room.session.index) == 1


async def test_messages_of_the_service_are_copied_and_no_part_of_the_new_chat(rooms: OpenRoom) -> None:
    room = await rooms()
    grid = Grid([chat(1)], {"chat-1": talk(0, 4)})
    conversation = await listed(room, grid)
    await fetched(room, conversation)
    fork = await forked(room, conversation)
    both = ["Said 0 > Said 1", "Said 2 > Said 3"]
    assert lines(fork) == both
    assert not any(turn.remote for turn in fork.turns)
    fork.remote_id = "chat-2"
    grid.messages["chat-2"] = talk(2, 4)  # the same words as in the fork, sent there again
    await fetched(room, fork)
    assert lines(fork) == [*both, both[1]]
    assert [turn.copied for turn in fork.turns] == [True, True, False]
    again = await rooms()
    assert lines(await again.session.open(fork.id))[:2] == both


async def test_a_message_that_is_sent_again_is_one_of_the_fork(rooms: OpenRoom) -> None:
    room = await rooms()
    conversation = room.begin()
    await room.say(conversation, "One", broken())
    fork = await forked(room, conversation)
    room.script(says("Two"))
    regenerate(room.session, fork)
    await room.session.until_ended(2)
    assert (fork.copied, text_of(fork.turns[0].reply)) == (0, "Two")
    assert (await (await rooms()).session.open(fork.id)).copied == 0


@pytest.mark.parametrize(
    ("provider", "known", "new"),
    [
        (GRID, "starts anew", "ChatGrid has no sessions"),
        (SITE, "starts anew", "fresh session"),
        (SHARED, "continues its last session", "fresh session"),
        (MODEL, "knows all", "has no sessions"),
        (BOT, "The next message takes the last 10 messages", "has no sessions"),
        (PRIVATE, "no more than the last 10 messages", "has no sessions"),
    ],
)
def test_it_is_said_what_is_remembered(provider: Provider, known: str, new: str) -> None:
    assert known in what_is_known(provider)
    assert new in what_is_new(provider)
