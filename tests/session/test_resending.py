"""A recorded request is sent again unchanged, as another reply to the same message."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from chatgrid_tui.config.settings import Settings
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.errors import ChatgridError
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.model.request import Request
from chatgrid_tui.session.conversation import Conversation
from fakes import DONE, FakeAnswer, delta, listing, says
from session.room import MODEL, Room, WatchedSession, reply_of, text_of

GATEWAY = replace(MODEL, headers=(("X-Tenant", "one"), ("Accept-Language", "en")))


def configure(room: Room, provider: Provider) -> None:
    room.session.clients.settings = Settings(providers={provider.name: provider})


async def recording_of(room: Room, conversation: Conversation) -> Recording:
    return (await room.session.wire_facts(conversation, reply_of(conversation))).recordings[-1]


def resend(room: Room, conversation: Conversation, recording: Recording, turn: int = -1) -> None:
    room.session.outbox.resend(conversation, conversation.turns[turn], recording)


async def test_the_same_request_is_sent_again(room: Room) -> None:
    configure(room, GATEWAY)
    conversation = room.begin(GATEWAY)
    await room.say(conversation, "Hello", says("One"))
    recording = await recording_of(room, conversation)
    conversation.system = "By now there is a system prompt."
    room.script(says("Two"))
    resend(room, conversation, recording)
    await room.session.until_ended(2)
    first, second = (sent.request for sent in room.transport.sent)
    assert (first.method, first.url, first.body) == (second.method, second.url, second.body)
    assert sorted(first.headers) == sorted(second.headers)
    (turn,) = conversation.turns
    assert [text_of(reply) for reply in turn.replies] == ["One", "Two"]
    assert text_of(turn.reply) == "Two"
    (stored,) = await room.stored(conversation)
    assert len(stored.replies) == 2


async def test_a_limit_is_not_waited_for(room: Room) -> None:
    conversation = room.begin()
    await room.say(conversation, "Hello", says("One"))
    recording = await recording_of(room, conversation)
    room.script(listing({"error": {"message": "Slow down", "code": "rate_limit_exceeded"}}, 429, retry_after="7"))
    resend(room, conversation, recording)
    await room.session.until_ended(2)
    assert conversation.retry_at is None


async def test_while_a_reply_is_written_nothing_is_sent(room: Room) -> None:
    conversation = room.begin()
    await room.say(conversation, "Hello", says("One"))
    recording = await recording_of(room, conversation)
    gate = asyncio.Event()
    room.script(FakeAnswer(gate, delta("Two"), DONE))
    await room.session.outbox.send(conversation, "Again")
    with pytest.raises(ChatgridError, match="is being written"):
        resend(room, conversation, recording, turn=0)
    gate.set()
    await room.session.until_ended(2)
    with pytest.raises(ChatgridError, match="newest message"):
        resend(room, conversation, recording, turn=0)
    assert len(room.transport.sent) == 2


async def test_a_recording_that_is_only_read_sends_nothing(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    conversation = room.begin()
    await room.say(conversation, "Hello", says("One"))
    recording = await recording_of(room, conversation)
    monkeypatch.setattr(WatchedSession, "read_only", "recording")
    with pytest.raises(ChatgridError, match="nothing is sent"):
        resend(room, conversation, recording)
    assert len(room.transport.sent) == 1


def _other_body(recording: Recording) -> None:
    recording.unknown["request"] = {"postData": {"text": "no JSON"}}


def _masked(recording: Recording) -> None:
    recording.request = Request("POST", recording.request.url, {"a": "[key ...1234]"})


def _other_header(recording: Recording) -> None:
    recording.redacted = ("x-gone",)


@pytest.mark.parametrize(
    ("change", "provider", "reason"),
    [
        (_other_body, MODEL, "not a JSON object"),
        (_masked, MODEL, "contained a key"),
        (_other_header, MODEL, "The header x-gone"),
        (lambda recording: None, replace(MODEL, base_url="http://127.0.0.1:2"), "127.0.0.1:2 now"),
        (lambda recording: None, replace(MODEL, name="other"), "model is no longer configured"),
    ],
    ids=["body", "masked key", "header", "another server", "removed"],
)
async def test_what_is_not_the_same_is_not_sent(
    change: Callable[[Recording], None], provider: Provider, reason: str, room: Room
) -> None:
    conversation = room.begin()
    await room.say(conversation, "Hello", says("One"))
    recording = await recording_of(room, conversation)
    change(recording)
    configure(room, provider)
    with pytest.raises(ChatgridError, match=reason):
        resend(room, conversation, recording)
    assert len(room.transport.sent) == 1


async def test_an_address_with_a_key_in_it_is_used_as_it_is_configured(room: Room) -> None:
    provider = replace(MODEL, base_url="http://127.0.0.1:1/chat/completions?code=azure-function-key-1")
    configure(room, provider)
    conversation = room.begin(provider)
    await room.say(conversation, "Hello", says("One"))
    recording = await recording_of(room, conversation)
    assert "azure" not in recording.request.url
    room.script(says("Two"))
    resend(room, conversation, recording)
    await room.session.until_ended(2)
    assert room.transport.sent[1].request.url == provider.base_url
