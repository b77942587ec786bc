"""OpenAI-compatible chat completions."""

from __future__ import annotations

from typing import Any

import pytest

from chatgrid_tui.demo.catalogue import BOTS, ECHO, RESTAURANT
from chatgrid_tui.demo.services.context import OPENAI_KEY
from demo.talking import Outcome, Talker


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


async def test_reasoning_and_tool_calls_without_a_stream(talker: Talker) -> None:
    thought = (await talker.say("openai", "/think", ECHO, stream=False)).json["choices"][0]
    assert thought["message"]["reasoning_content"].startswith("The question is simple")
    assert thought["finish_reason"] == "stop"
    called = (await talker.say("openai", "/tool", ECHO, stream=False)).json["choices"][0]
    assert called["finish_reason"] == "tool_calls"
    assert called["message"]["tool_calls"][0]["function"]["name"] == "look_up"


def texts_of(reply: Outcome) -> list[str]:
    """Return the text of each choice, streamed or not."""
    if reply.content_type == "text/event-stream":
        return reply.bubbles()
    return [choice["message"]["content"] for choice in reply.json["choices"]]


@pytest.mark.parametrize("stream", [True, False])
async def test_the_token_limit(talker: Talker, stream: bool) -> None:
    for name in ("max_tokens", "max_completion_tokens"):
        reply = await talker.say("openai", "one two three", ECHO, stream=stream, **{name: 2})
        assert texts_of(reply) == ["one two"]
        assert b'"finish_reason":"length"' in reply.body
    enough = await talker.say("openai", "one two", ECHO, stream=stream, max_tokens=2)
    assert b'"finish_reason":"stop"' in enough.body
    assert b'"finish_reason":"length"' in (await talker.say("openai", "/length", ECHO, stream=stream)).body
    assert b'"finish_reason":"length"' in (await talker.say("openai", "/two", ECHO, stream=stream, max_tokens=3)).body


@pytest.mark.parametrize("stream", [True, False])
async def test_several_choices(talker: Talker, stream: bool) -> None:
    reply = await talker.say("openai", "Hi there", ECHO, stream=stream, n=3)
    assert texts_of(reply) == ["Hi there"] * 3
    assert reply.body.count(b'"finish_reason":"stop"') == 3


async def test_invalid_numbers(talker: Talker) -> None:
    for name, value in (("n", 0), ("n", "2"), ("n", 1000), ("max_tokens", 0), ("max_tokens", True)):
        refused = await talker.say("openai", "Hi", ECHO, **{name: value})
        assert (refused.status, refused.json["error"]["param"]) == (400, name)


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
