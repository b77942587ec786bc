"""ChatIQ: streams, JSON mode, conversations and errors."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatgrid_tui.demo.catalogue import BOTS, ECHO, RESTAURANT
from chatgrid_tui.demo.services import chatiq
from chatgrid_tui.demo.services.context import CHATIQ_KEY
from demo.talking import Outcome, Talker


def conversation_of(reply: Outcome) -> str:
    return next(str(value["conversationId"]) for value in reply.objects() if "conversationId" in value)


def stream_error(reply: Outcome) -> dict[str, Any]:
    assert (reply.status, reply.content_type) == (200, "text/event-stream")
    assert reply.payloads()[-1] == "[DONE]"
    error: dict[str, Any] = reply.objects()[-1]["error"]
    return error


def base(talker: Talker) -> str:
    return talker.server.base_url("chatiq")


async def test_the_bytes_of_a_stream(talker: Talker) -> None:
    reply = await talker.say("chatiq", "Our hours", ECHO)
    expected = (
        'data: {"choices":[{"delta":{"content":"Our"}}]}\n\ndata: {"choices":[{"delta":{"content":" hours"}}]}\n\n'
        f'data: {{"conversationId":"{conversation_of(reply)}"}}\n\ndata: [DONE]\n\n'
    )
    assert reply.body == expected.encode()
    assert reply.headers["cache-control"] == "no-cache, no-transform"


async def test_only_a_literal_false_means_json(talker: Talker) -> None:
    for stream in (None, 0, "false", True):
        reply = await talker.say("chatiq", "hi", ECHO, stream=stream)
        assert reply.content_type == "text/event-stream"
    whole = await talker.say("chatiq", "hi", ECHO, stream=False)
    assert whole.content_type == "application/json"
    assert whole.json["response"] == "hi"
    assert whole.json["input"] == "hi"
    assert whole.json["conversationId"]


async def test_json_mode_carries_bubbles_attachments_and_suggestions(talker: Talker) -> None:
    value = (await talker.say("chatiq", "hello", RESTAURANT, stream=False)).json
    assert value["response"] == "\n\n".join(value["responses"])
    assert len(value["responses"]) == 2
    assert value["attachments"][0]["type"] == "image"
    assert {"label", "payload"} == set(value["suggestions"][0])


async def test_json_mode_says_where_a_reply_comes_from(talker: Talker) -> None:
    sources = [
        (await talker.say("chatiq", message, ECHO, stream=False)).json["response_source"]
        for message in ("Hello", "Hello", "/help")
    ]
    assert sources == ["llm", "cache", "canned"]


async def test_a_conversation_can_be_followed(talker: Talker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chatiq, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(chatiq, "PING_EVERY", 0.05)
    conversation = conversation_of(await talker.say("chatiq", "Hello", ECHO))
    followed: list[Any] = []
    place = f"{base(talker)}/v1/conversations/{conversation}/stream"
    async with talker.client.stream("GET", place) as answer:
        lines = answer.aiter_lines()
        assert answer.headers["content-type"].startswith("text/event-stream")
        await talker.say("chatiq", "Again", ECHO, conversation_id=conversation)
        while sum("message" in one for one in followed) < 2 or not any("ping" in one for one in followed):
            line = await anext(lines)
            followed += [json.loads(line.removeprefix("data: "))] if line else []
    said = [one["message"] for one in followed if "message" in one]
    assert [(message["sender"], message["content"]) for message in said] == [("user", "Again"), ("bot", "Again")]
    assert (await talker.client.get(place.replace(conversation, "none"))).status_code == 404


async def test_a_conversation_goes_on(talker: Talker) -> None:
    first = await talker.say("chatiq", "one", ECHO)
    name = conversation_of(first)
    second = await talker.say("chatiq", "two", ECHO, conversation_id=name)
    assert conversation_of(second) == name
    address = f"{base(talker)}/v1/conversations/{name}/messages"
    messages = (await talker.client.get(address)).json()["messages"]
    assert [(message["sender"], message["content"]) for message in messages] == [
        ("user", "one"), ("bot", "one"), ("user", "two"), ("bot", "two"),
    ]  # fmt: skip
    assert not messages[0]["created_at"].endswith("Z")
    later = (await talker.client.get(address, params={"since": messages[1]["created_at"]})).json()["messages"]
    assert later == messages[2:]
    assert (await talker.client.get(address, params={"limit": 1})).json()["messages"] == messages[:1]
    assert (await talker.client.get(address, params={"limit": 501})).status_code == 400


async def test_private_mode_leaves_no_trace(talker: Talker) -> None:
    reply = await talker.say("chatiq", "hi", ECHO, private_mode=True)
    assert b"conversationId" not in reply.body
    whole = await talker.say("chatiq", "hi", ECHO, stream=False, private_mode=True)
    assert "conversationId" not in whole.json


async def test_history_counts_without_a_conversation(talker: Talker) -> None:
    history = [{"role": "user", "content": "book a table"}, {"role": "assistant", "content": "For how many?"}]
    reply = await talker.say("chatiq", "4 people", RESTAURANT, history=history, private_mode=True)
    assert reply.bubbles() == ["Noted: 4 people.", "For which day?"]
    strange = await talker.say("chatiq", "hello", RESTAURANT, history=["x", {"role": "user", "content": 3}])
    assert strange.bubbles()


async def test_looking_up(talker: Talker) -> None:
    health = (await talker.client.get(f"{base(talker)}/v1/health")).json()
    assert (health["status"], health["version"]) == ("healthy", "1.0.0")
    bots = (await talker.client.get(f"{base(talker)}/v1/bots")).json()["bots"]
    assert [bot["slug"] for bot in bots] == [bot.slug for bot in BOTS]
    one = (await talker.client.get(f"{base(talker)}/v1/bots/echo")).json()["bot"]
    assert one in bots


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/bots/nobody", 404, "BOT_NOT_FOUND"),
        ("/v1/conversations/none/messages", 404, "NOT_FOUND"),
        ("/v1/nowhere", 404, "NOT_FOUND"),
        ("/chat", 405, "METHOD_NOT_ALLOWED"),
    ],
)
async def test_what_is_not_there(talker: Talker, path: str, status: int, code: str) -> None:
    response = await talker.client.get(base(talker) + path)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)


async def test_a_method_that_is_not_there(talker: Talker) -> None:
    assert (await talker.client.post(f"{base(talker)}/v1/bots")).status_code == 405


@pytest.mark.parametrize(
    ("change", "code", "status"),
    [
        ({"message": None}, "MISSING_REQUIRED_FIELD", 400),
        ({"message": ""}, "MISSING_REQUIRED_FIELD", 400),
        ({"bot_slug": None}, "MISSING_REQUIRED_FIELD", 400),
        ({"bot_slug": "nobody"}, "BOT_NOT_FOUND", 404),
        ({"conversation_id": "none"}, "NOT_FOUND", 404),
    ],
)
async def test_faults_are_reported_inside_the_stream(
    talker: Talker, change: dict[str, Any], code: str, status: int
) -> None:
    assert stream_error(await talker.say("chatiq", "hi", ECHO, **change))["code"] == code
    whole = await talker.say("chatiq", "hi", ECHO, **{**change, "stream": False})
    assert (whole.status, whole.json["error"]["code"]) == (status, code)


@pytest.mark.parametrize("content", [b"{", b"[]", b"", b"x" * (2 * 1024 * 1024 + 1)])
async def test_a_body_that_cannot_be_read_has_its_status(talker: Talker, content: bytes) -> None:
    response = await talker.client.post(f"{base(talker)}/chat", content=content)
    assert (response.status_code, response.json()["error"]["code"]) == (400, "INVALID_INPUT")


async def test_keys(locked: Talker) -> None:
    body = {"message": "hi", "bot_slug": "echo"}
    address = f"{base(locked)}/chat"
    assert stream_error(await locked.post(address, body))["code"] == "UNAUTHORIZED"
    wrong = {"Authorization": "Bearer wrong"}
    assert stream_error(await locked.post(address, body, wrong))["code"] == "INVALID_API_KEY"
    assert (await locked.post(address, {**body, "stream": False}, wrong)).status == 401
    assert (await locked.client.get(f"{base(locked)}/v1/bots", headers=wrong)).status_code == 401
    assert (await locked.client.get(f"{base(locked)}/v1/health")).status_code == 200
    right = {"Authorization": f"Bearer {CHATIQ_KEY}"}
    assert (await locked.post(address, body, right)).text == "hi"
