"""OpenAI-compatible chat completions."""

from __future__ import annotations

from typing import Any

import pytest

from chatgrid_tui.demo.catalogue import BOTS, ECHO, RESTAURANT
from chatgrid_tui.demo.keys import OPENAI_KEY
from demo.talking import Talker


def base(talker: Talker) -> str:
    return talker.server.base_url("openai")


async def test_models(talker: Talker) -> None:
    value = (await talker.client.get(f"{base(talker)}/models")).json()
    assert value["object"] == "list"
    assert [model["id"] for model in value["data"]] == [bot.slug for bot in BOTS]
    one = (await talker.client.get(f"{base(talker)}/models/echo")).json()
    assert one in value["data"]


async def test_chunks_with_usage(talker: Talker) -> None:
    reply = await talker.say("openai", "Hi there", ECHO)
    assert reply.payloads()[-1] == "[DONE]"
    first, *deltas, finish, usage = reply.objects()
    assert first["object"] == "chat.completion.chunk"
    assert first["choices"] == [{"index": 0, "delta": {"role": "assistant", "content": None}, "finish_reason": None}]
    assert [chunk["choices"][0]["delta"] for chunk in deltas] == [{"content": "Hi"}, {"content": " there"}]
    assert finish["choices"] == [{"index": 0, "delta": {}, "finish_reason": "stop"}]
    assert usage["choices"] == []
    assert usage["usage"] == {"prompt_tokens": 2, "completion_tokens": 2, "total_tokens": 4}
    assert all(chunk["usage"] is None for chunk in (first, *deltas, finish))
    assert len({chunk["id"] for chunk in reply.objects()}) == 1


async def test_chunks_without_usage(talker: Talker) -> None:
    reply = await talker.say("openai", "Hi", ECHO, stream_options=None)
    assert b'"usage"' not in reply.body


async def test_without_a_stream(talker: Talker) -> None:
    value = (await talker.say("openai", "Hi there", ECHO, stream=False)).json
    assert value["object"] == "chat.completion"
    assert value["model"] == "echo"
    assert value["choices"] == [
        {"index": 0, "message": {"role": "assistant", "content": "Hi there"}, "finish_reason": "stop"}
    ]
    assert value["usage"]["total_tokens"] == 4
    two = (await talker.say("openai", "/two", ECHO, stream=False)).json
    assert [choice["index"] for choice in two["choices"]] == [0, 1]


async def test_the_client_carries_the_conversation(talker: Talker) -> None:
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": "You are a waiter."},
        {"role": "user", "content": "book a table"},
        {"role": "assistant", "content": "How many people will you be?"},
        {"role": "user", "content": [{"type": "text", "text": "4 people"}, {"type": "image_url"}]},
    ]
    reply = await talker.say("openai", "", RESTAURANT, messages=messages)
    assert "Noted: 4 people." in reply.text


async def test_reasoning_and_tool_calls(talker: Talker) -> None:
    thought = await talker.say("openai", "/think", ECHO)
    deltas = [chunk["choices"][0]["delta"] for chunk in thought.objects() if chunk["choices"]]
    assert "".join(delta.get("reasoning_content", "") for delta in deltas).startswith("The question is simple")
    called = await talker.say("openai", "/tool", ECHO)
    choices = [chunk["choices"][0] for chunk in called.objects() if chunk["choices"]]
    calls = [call for choice in choices for call in choice["delta"].get("tool_calls", [])]
    assert calls[0]["function"]["name"] == "look_up"
    assert "".join(call["function"]["arguments"] for call in calls).startswith('{"place"')
    assert choices[-1]["finish_reason"] == "tool_calls"


@pytest.mark.parametrize(
    ("change", "status", "param"),
    [
        ({"model": None}, 400, "model"),
        ({"model": "gpt-4"}, 404, "model"),
        ({"messages": None}, 400, "messages"),
        ({"messages": []}, 400, "messages"),
        ({"messages": ["hi"]}, 400, "messages[0].role"),
        ({"messages": [{"role": "bot", "content": "x"}]}, 400, "messages[0].role"),
    ],
)
async def test_requests_that_are_not_valid(talker: Talker, change: dict[str, Any], status: int, param: str) -> None:
    reply = await talker.say("openai", "hi", ECHO, **change)
    assert reply.status == status
    assert reply.json["error"]["type"] == "invalid_request_error"
    assert reply.json["error"]["param"] == param


@pytest.mark.parametrize(
    ("method", "path", "content", "status"),
    [
        ("GET", "/nowhere", b"", 404),
        ("GET", "/models/none", b"", 404),
        ("POST", "/chat/completions", b"{", 400),
        ("POST", "/chat/completions", b"[]", 400),
        ("POST", "/chat/completions", b"x" * (2 * 1024 * 1024 + 1), 413),
    ],
)
async def test_what_cannot_be_answered(talker: Talker, method: str, path: str, content: bytes, status: int) -> None:
    response = await talker.client.request(method, base(talker) + path, content=content)
    assert response.status_code == status
    assert response.json()["error"]["message"]


async def test_keys(locked: Talker) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        refused = await locked.client.get(f"{base(locked)}/models", headers=headers)
        assert (refused.status_code, refused.json()["error"]["code"]) == (401, "invalid_api_key")
    right = {"Authorization": f"Bearer {OPENAI_KEY}"}
    assert (await locked.client.get(f"{base(locked)}/models", headers=right)).status_code == 200
