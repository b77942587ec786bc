"""Conversations are opened again: their text, drafts, titles, and how the service continues them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from chatgrid_tui.cli.demo import with_embedded
from chatgrid_tui.config.paths import Paths
from chatgrid_tui.config.providers import KeySource
from chatgrid_tui.config.settings import Settings
from chatgrid_tui.demo.catalogue import ECHO, KINDS, Kind
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.engine.http import HttpTransport
from chatgrid_tui.errors import StorageProblem, UsageProblem
from chatgrid_tui.model.provider import Board
from chatgrid_tui.session.changes import ListChanged
from chatgrid_tui.session.providers.clients import Clients
from chatgrid_tui.session.session import Session
from chatgrid_tui.store.history import History
from fakes import DONE, FakeAnswer, StartDemo, delta, listing, says
from quiet import PATIENCE
from session.room import (
    BOARD,
    BOT,
    GRID,
    MODEL,
    SITE,
    OpenRoom,
    Room,
    SlowDisk,
    WatchedSession,
    regenerate,
    reply_of,
    text_of,
    with_keys,
)

NDJSON = {"content-type": "application/x-ndjson"}


def made(chat: str) -> FakeAnswer:
    return listing({"object": "chat_thread", "data": {"id": chat, "title": "t"}}, 201)


def complete(text: str) -> FakeAnswer:
    return FakeAnswer(b'data: {"event":"message.complete","content":"%s"}\n\n' % text.encode())


async def test_a_conversation_comes_back_as_it_was(rooms: OpenRoom) -> None:
    room = await rooms()
    conversation = room.begin()
    await room.say(conversation, "Hello\nthere", says("Hi"))
    await room.session.save_draft(conversation, "And th")
    again = await rooms()
    (row,) = again.session.index
    assert (row.title, row.preview, row.preview_mine, row.draft) == ("Hello there", "Hi", False, "And th")
    opened = await again.session.open(row.id)
    assert (opened.provider, opened.board, opened.title, opened.draft) == (MODEL, BOARD, "Hello there", "And th")
    assert [(turn.sent, text_of(turn.reply)) for turn in opened.turns] == [("Hello\nthere", "Hi")]
    await again.say(opened, "More", says("Yes"))
    assert again.transport.bodies[0]["messages"] == [
        {"role": "user", "content": "Hello\nthere"},
        {"role": "assistant", "content": "Hi"},
        {"role": "user", "content": "More"},
    ]


async def test_an_open_conversation_is_one_object(room: Room) -> None:
    conversation = room.begin()
    await room.say(conversation, "Hello", says("Hi"))
    assert await room.session.open(conversation.id) is conversation


async def test_the_last_one_shown_is_opened_again(rooms: OpenRoom) -> None:
    room = await rooms()
    assert await room.session.open_last() is None
    first, second = room.begin(), room.begin()
    for conversation in (first, second):
        await room.session.show(conversation)
        await room.say(conversation, "Hello", says("Hi"))
    await room.session.show(first)
    again = await rooms()
    opened = await again.session.open_last()
    assert opened is not None
    assert opened.id == first.id


async def test_an_unreadable_last_conversation_is_reported(rooms: OpenRoom) -> None:
    room = await rooms()
    await room.history.saved_state.save_last_shown(999)
    assert await room.session.open_last() is None
    words = "The conversation that was open last cannot be shown."
    assert room.session.alerts.messages == (f"{words} This conversation is no longer in the history.",)
    conversation = room.begin()
    await room.say(conversation, "Hello", says("Hi"))
    await room.session.show(conversation)
    damage = "ALTER TABLE bubble_pieces RENAME COLUMN text TO damaged"
    await room.history._database.result_of(lambda database: database.execute(damage))
    again = await rooms()
    assert await again.session.open_last() is None
    assert words in again.session.alerts.messages[0]


async def test_a_conversation_that_is_gone(room: Room) -> None:
    with pytest.raises(StorageProblem):
        await room.session.open(999)


async def test_a_conversation_of_a_provider_that_is_not_configured(rooms: OpenRoom) -> None:
    room = await rooms()
    conversation = room.begin(GRID)
    await room.session.show(conversation)
    await room.say(conversation, "Hello", made("chat-1"), complete("Hi"))
    again = await rooms(providers=(MODEL,))
    assert len(again.session.index) == 1
    assert await again.session.open_last() is None
    kept = await again.session.open(conversation.id)
    assert [turn.shown for turn in kept.turns] == ["Hello"]
    with pytest.raises(UsageProblem, match=r"provider grid is no longer configured"):
        await again.session.outbox.send(kept, "Are you there?")
    with pytest.raises(UsageProblem, match="no longer configured"):
        regenerate(again.session, kept)
    assert again.transport.sent == []


async def test_a_conversation_with_a_local_bot_says_how_to_get_it_back(rooms: OpenRoom) -> None:
    bots = replace(GRID, name="demo-chatgrid", embedded=True)
    room = await rooms(providers=(bots,))
    conversation = room.begin(bots)
    await room.say(conversation, "Hello", made("chat-1"), complete("Hi"))
    again = await rooms(providers=(MODEL,))
    kept = await again.session.open(conversation.id)
    assert kept.provider.shown == "Local bots, ChatGrid"
    with pytest.raises(UsageProblem, match="`chatgrid-tui demo` opens the app with them"):
        await again.session.outbox.send(kept, "Are you there?")


async def test_a_draft_is_kept_and_goes_when_it_is_sent(room: Room) -> None:
    conversation = room.begin()
    await room.session.save_draft(conversation, "Not kept: there is no conversation yet")
    assert await room.history.count() == 0
    await room.say(conversation, "Hello", says("Hi"))
    await room.session.save_draft(conversation, "Half a thou")
    assert (await room.history.conversation(conversation.id)).draft == "Half a thou"
    told = len(room.session.changes_seen)
    await room.session.save_draft(conversation, "Half a thou")
    assert len(room.session.changes_seen) == told
    await room.say(conversation, "Half a thought", says("Hi"))
    assert (await room.history.conversation(conversation.id)).draft == ""
    assert conversation.draft == ""


async def test_text_typed_while_a_message_is_saved_stays_a_draft(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    conversation = room.begin()
    disk = SlowDisk(room)
    monkeypatch.setattr(room.history, "add_turn", disk.add_turn)
    room.script(says("Hi"))
    sending = asyncio.create_task(room.session.outbox.send(conversation, "Hello"))
    await disk.asked.wait()
    await room.session.save_draft(conversation, "And another")
    disk.go_on.set()
    await sending
    await room.session.until_ended()
    assert conversation.draft == "And another"
    assert (await room.history.conversation(conversation.id)).draft == "And another"


async def test_a_suggestion_leaves_the_draft_alone(room: Room) -> None:
    conversation = room.begin()
    await room.say(conversation, "Hello", says("Hi"))
    await room.session.save_draft(conversation, "Half a thou")
    room.script(says("Yes"))
    await room.session.outbox.send(conversation, "__item__", shown="See a photo")
    await room.session.until_ended(2)
    assert conversation.draft == "Half a thou"
    assert (await room.history.conversation(conversation.id)).draft == "Half a thou"


async def test_the_first_message_names_a_conversation(room: Room) -> None:
    conversation = room.begin()
    await room.say(conversation, "  \n\x1b[31mWhen\tdo you  close?" + " very" * 40, says("Hi"))
    assert conversation.title.startswith("\ufffd[31mWhen do you close? very very")
    assert len(conversation.title) == 80
    await room.say(conversation, "Something else", says("Hi"))
    (row,) = room.session.index
    assert row.title == conversation.title == (await room.history.conversation(conversation.id)).title


async def test_the_list_has_the_newest_first(room: Room) -> None:
    first, second = room.begin(), room.begin()
    for conversation in (first, second, first):
        await room.say(conversation, "Hello", says("Hi"))
    assert [row.id for row in room.session.index] == [first.id, second.id]
    assert [row.id for row in await room.history.conversations()] == [first.id, second.id]
    assert ListChanged(first) in room.session.changes_seen


async def test_a_chat_is_made_once_and_continued(rooms: OpenRoom) -> None:
    room = await rooms()
    conversation = room.begin(GRID)
    await room.say(conversation, "Hello", made("chat-1"), complete("Hi"))
    await room.say(conversation, "More", complete("Yes"))
    urls = [sent.request.url for sent in room.transport.sent]
    assert [url.rsplit("/chats", 1)[1] for url in urls] == ["", "/chat-1/messages", "/chat-1/messages"]
    assert room.transport.bodies[0] == {"title": "Hello"}
    again = await rooms()
    opened = await again.session.open(conversation.id)
    assert opened.remote_id == "chat-1"
    await again.say(opened, "Even more", complete("Yes"))
    assert len(again.transport.sent) == 1


async def test_a_chat_whose_first_message_failed_is_used_by_the_next(room: Room) -> None:
    conversation = room.begin(GRID)
    await room.say(conversation, "Hello", made("chat-1"), FakeAnswer(status=500))
    await room.say(conversation, "Hello", complete("Hi"))
    assert len(room.transport.sent) == 3


async def test_the_title_that_chatgrid_gives_is_taken_over(room: Room) -> None:
    conversation = room.begin(GRID)
    room.transport.aside = lambda request: titled("Opening\x1b hours") if request.method == "GET" else None
    await room.say(conversation, "When do you close?", made("chat-1"), complete("At nine"))
    await room.session.until(lambda: conversation.title == "Opening\ufffd hours")
    assert [row.title for row in room.session.index] == [conversation.title]
    await room.stored(conversation)
    assert (await room.history.conversation(conversation.id)).title == conversation.title
    await room.say(conversation, "More", complete("Yes"))
    asked = [sent.request.url for sent in room.transport.sent_aside]
    assert len([url for url in asked if url.endswith("/chats/chat-1")]) == 1


def titled(title: str) -> FakeAnswer:
    return listing({"data": {"id": "chat-1", "title": title}})


async def test_nothing_waits_for_a_title(room: Room) -> None:
    conversation = room.begin(GRID)
    stalls = FakeAnswer(asyncio.Event())
    gate = asyncio.Event()
    room.transport.aside = lambda request: stalls if request.method == "GET" else None
    room.script(made("chat-1"), FakeAnswer(gate, b'data: {"event":"message.complete","content":"Hi"}\n\n'))
    await room.session.outbox.send(conversation, "Hello")
    gate.set()
    await room.session.until_ended()
    assert text_of(await room.say(conversation, "More", complete("Yes"))) == "Yes"
    async with asyncio.timeout(PATIENCE):
        await stalls.opened.wait()
        await room.session.close()
    assert stalls.closed.is_set()


async def test_the_name_that_a_service_gives_is_kept(rooms: OpenRoom) -> None:
    room = await rooms()
    conversation = room.begin(BOT)
    named = b'data: {"conversationId":"conversation-9"}\n\n'
    await room.say(conversation, "Hello", FakeAnswer(delta("Hi"), named, DONE))
    again = await rooms()
    opened = await again.session.open(conversation.id)
    await again.say(opened, "More", FakeAnswer(delta("Yes"), named, DONE))
    assert room.transport.bodies[0]["conversation_id"] is None
    assert again.transport.bodies[0]["conversation_id"] == "conversation-9"
    assert "history" not in again.transport.bodies[0]


async def test_the_name_that_we_give_stays_ours(room: Room) -> None:
    conversation = room.begin(SITE)
    done = b'{"type":"done","message":"Hi","conversationId":"theirs"}\n'
    for _ in range(2):
        await room.say(conversation, "Hello", FakeAnswer(done, headers=NDJSON))
    sessions = {body["sessionId"] for body in room.transport.bodies}
    assert sessions == {conversation.remote_id}
    assert "theirs" not in sessions


async def test_conversations_that_embedded_bots_forgot_start_again(rooms: OpenRoom) -> None:
    bots = tuple(replace(provider, embedded=True) for provider in (GRID, BOT, SITE))
    room = await rooms(providers=bots)
    conversation = room.begin(bots[0])
    await room.say(conversation, "Hello", made("chat-1"), complete("Hi"))
    again = await rooms(providers=bots)
    opened = await again.session.open(conversation.id)
    assert opened.remote_id == ""
    await again.say(opened, "More", made("chat-2"), complete("Yes"))
    assert (await again.history.conversation(conversation.id)).remote_id == "chat-2"
    assert again.transport.sent[1].request.url.endswith("/chats/chat-2/messages")


async def embedded_session(server: DemoServer, folder: Path) -> WatchedSession:
    settings = with_embedded(Settings(), server)
    session = WatchedSession(Clients(settings, Paths.usual(), HttpTransport), await History.open(folder))
    session.watch()
    return session


@pytest.mark.parametrize("kind", KINDS)
async def test_embedded_bots_continue_after_a_restart(kind: Kind, folder: Path, start_demo: StartDemo) -> None:
    board = Board(ECHO.board_id if kind == "chatgrid" else ECHO.slug, ECHO.name)
    first = await embedded_session(await start_demo(DemoServer(pace=0)), folder)
    conversation = first.begin(first.clients.settings.providers[f"demo-{kind}"], board)
    await first.outbox.send(conversation, "Hello")
    await first.until_ended()
    assert text_of(reply_of(conversation)) == "Hello"
    await first.close()
    second = await embedded_session(await start_demo(DemoServer(pace=0)), folder)
    opened = await second.open(conversation.id)
    await second.outbox.send(opened, "Again")
    await second.until_ended()
    assert (reply_of(opened).state, text_of(reply_of(opened))) == ("finished", "Again")
    await second.close()


async def test_a_missing_key_is_known_after_it_was_looked_up(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    with_keys(room, "model")
    clients = room.session.clients
    status = await clients.look_up_key(MODEL)
    assert "TEST_KEY_VARIABLE" in status.missing
    monkeypatch.setenv("TEST_KEY_VARIABLE", "secret-key-0123456789")
    await room.say(room.begin(), "Hello", says("Hi"))
    assert clients.key_status(MODEL).sentence == "The key …6789 comes from TEST_KEY_VARIABLE."
    assert clients.key_status(GRID).sentence == ""


async def test_a_key_that_cannot_be_used_is_the_reply(room: Room) -> None:
    with_keys(room, "model", source=KeySource(command=("false",)))
    reply = await room.say(room.begin(), "Hello")
    assert reply.state == "failed"
    assert reply.failure is not None
    assert (reply.failure.kind, reply.failure.cause) == ("network", "key")
    assert room.transport.sent == []


@pytest.fixture
async def plain(room: Room) -> AsyncIterator[Session]:
    """A session on the system's own clock."""
    transport = room.transport
    session = Session(Clients(Settings(providers={"model": MODEL}), Paths.usual(), lambda: transport), room.history)
    yield session
    await session.clients.close()


async def test_observers_receive_changes(plain: Session, room: Room) -> None:
    conversation = plain.begin(MODEL, BOARD)
    room.script(says("Hi"))
    await plain.outbox.send(conversation, "Hello")
    async for changes in plain.changes():
        assert changes
        newest = conversation.newest
        if newest is not None and newest.reply is not None and newest.reply.state == "finished":
            break


async def test_a_session_needs_no_observer(rooms: OpenRoom) -> None:
    room = await rooms()
    for number in range(50):
        await room.say(room.begin(), f"Message {number}", says("Hi"))
    assert len(room.session.index) == 50


async def test_a_long_list_is_read_in_two_parts(rooms: OpenRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatgrid_tui.session.session._FIRST_ROWS", 2)
    room = await rooms()
    for number in range(3):
        await room.say(room.begin(), f"Message {number}", says("Hi"))
    again = await rooms()
    assert [row.title for row in again.session.index] == ["Message 2", "Message 1"]
    assert await again.session.load_rest()
    assert [row.title for row in again.session.index] == ["Message 2", "Message 1", "Message 0"]
