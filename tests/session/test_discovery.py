"""Model servers on this machine: only those that answer soon with a list of models count."""

from __future__ import annotations

import asyncio

import pytest

from chatgrid_tui.dialects.registry import all_presets
from chatgrid_tui.session.providers.discovery import find_local_servers
from fakes import FakeAnswer, broken, listing
from session.room import Room

OLLAMA, LLAMA = all_presets()[:2]
MODELS = {"object": "list", "data": [{"id": "llama3:8b"}, {"id": "qwen:7b"}]}


async def test_a_list_of_models_is_counted_and_asked_for_without_a_key(room: Room) -> None:
    room.transport.aside = lambda request: listing(MODELS) if ":11434/" in request.url else listing({}, 404)
    (found,) = await find_local_servers(room.session.clients, (OLLAMA, LLAMA))
    assert (found.preset, found.models) == (OLLAMA[1], 2)
    assert {sent.request.url for sent in room.transport.sent_aside} == {
        "http://localhost:11434/v1/models",
        "http://localhost:8080/v1/models",
    }
    assert all(sent.key is None for sent in room.transport.sent_aside)


@pytest.mark.parametrize(
    "answer",
    [
        listing({"object": "list", "data": []}),
        listing({"object": "list", "data": None}),
        listing({"object": "list", "data": [1, 2]}),
        listing({"object": "list", "data": [{"name": "no id"}]}),
        listing({"data": [{"id": "not said to be a list"}]}),
        listing([{"id": "a bare list"}]),
        listing(MODELS, 401),
        FakeAnswer(b"<html>", headers={"content-type": "text/html"}),
        FakeAnswer(b"[" * 100_000, headers={"content-type": "application/json"}),
    ],
)
async def test_other_answers_are_no_model_server(room: Room, answer: FakeAnswer) -> None:
    room.transport.aside = lambda request: answer
    assert await find_local_servers(room.session.clients, (OLLAMA,)) == ()


async def test_no_server_or_a_slow_one(room: Room) -> None:
    room.transport.aside = lambda request: None
    room.script(broken("refused"))
    assert await find_local_servers(room.session.clients, (OLLAMA,)) == ()
    room.script(FakeAnswer(asyncio.Event()))
    assert await find_local_servers(room.session.clients, (OLLAMA,)) == ()
