"""Conversations started while no board of their provider was known, for example with a wrong key."""

from __future__ import annotations

import pytest

from chatgrid_tui.errors import ConnectionProblem
from chatgrid_tui.model.provider import Board, Provider
from chatgrid_tui.model.request import Request
from chatgrid_tui.session.changes import BoardChanged
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.session.providers.board_choice import starting_board
from fakes import FakeAnswer, broken, listing, says
from session.grid import refused
from session.room import GRID, MODEL, OpenRoom, Room, regenerate

BOARDS = listing({"object": "list", "data": [{"id": "b-1", "name": "Support"}], "has_more": False, "cursor": None})
CHAT = listing({"object": "chat_thread", "data": {"id": "chat-1", "title": "T"}})
MODELS = listing({"data": [{"id": "model-1"}]})


def written() -> FakeAnswer:
    """Return a whole reply of ChatGrid."""
    return FakeAnswer(b'event: message.complete\ndata: {"content":"Hi","id":"m-1"}\n\n')


def _chat_asked(request: Request) -> FakeAnswer | None:
    """Answer what is asked of a chat and its owner after a reply; all else is in the script."""
    aside = request.method == "GET" and ("/chats/" in request.url or "/me/" in request.url)
    return listing({"data": {"id": "chat-1"}}) if aside else None


async def _open(rooms: OpenRoom, *answers: FakeAnswer | ConnectionProblem) -> Room:
    room: Room = await rooms(*answers)
    room.transport.aside = _chat_asked
    return room


async def _begun(room: Room, provider: Provider) -> Conversation:
    board, _ = await starting_board(await room.session.clients.get(provider))
    return room.session.begin(provider, board)


@pytest.mark.parametrize("refusal", [refused(401, "unauthorized"), broken("refused")])
async def test_trying_again_finds_a_board(refusal: FakeAnswer | ConnectionProblem, rooms: OpenRoom) -> None:
    room = await _open(rooms, refusal, refusal, BOARDS, CHAT, written())
    conversation = await _begun(room, GRID)
    assert conversation.board == Board("", GRID.shown)
    await room.session.outbox.send(conversation, "Hello")
    await room.session.until_ended()
    assert conversation.turns[0].reply is not None
    assert conversation.turns[0].reply.failure is not None
    assert all("/boards/" not in sent.request.url for sent in room.transport.sent)
    regenerate(room.session, conversation)
    await room.session.until_ended(2)
    assert conversation.board == Board("b-1", "Support")
    assert [bubble.text for bubble in conversation.turns[0].reply.bubbles] == ["Hi"]
    assert BoardChanged(conversation) in room.session.changes_seen
    assert "/boards/b-1/chats/chat-1/messages" in room.transport.sent[-1].request.url
    again = await rooms()
    assert (await again.session.open(conversation.id)).board.id == "b-1"


async def test_a_board_that_was_only_named_like_the_provider_is_replaced(rooms: OpenRoom) -> None:
    room = await _open(rooms, refused(404, "board_not_found"), BOARDS, CHAT, written())
    conversation = room.session.begin(GRID, Board(GRID.shown, GRID.shown))
    await room.session.outbox.send(conversation, "Hello")
    await room.session.until_ended()
    regenerate(room.session, conversation)
    await room.session.until_ended(2)
    assert conversation.board.id == "b-1"
    assert conversation.turns[0].reply is not None
    assert conversation.turns[0].reply.state == "finished"


async def test_a_model_is_found_for_a_message(rooms: OpenRoom) -> None:
    room = await _open(rooms, broken("refused"), MODELS, says("Hi"))
    conversation = await _begun(room, MODEL)
    await room.session.outbox.send(conversation, "Hello")
    await room.session.until_ended()
    assert room.transport.bodies[-1]["model"] == "model-1"


async def test_nothing_is_sent_if_there_is_no_board(rooms: OpenRoom) -> None:
    room = await _open(rooms, broken("refused"), listing({"data": []}))
    conversation = await _begun(room, MODEL)
    await room.session.outbox.send(conversation, "Hello")
    await room.session.until_ended()
    reply = conversation.turns[0].reply
    assert reply is not None
    assert reply.failure is not None
    assert (reply.state, reply.failure.cause) == ("failed", "no board")
    assert "lists no boards" in reply.failure.place
    assert all(sent.request.method == "GET" for sent in room.transport.sent)
