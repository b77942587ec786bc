"""Open Chat Widget: NDJSON, JSON and the pages its framework answers with."""

from __future__ import annotations

import httpx
import pytest

from chatgrid_tui.demo.services.context import WIDGET_KEY
from demo.talking import Talker


def base(talker: Talker) -> str:
    return talker.server.base_url("widget")


async def test_the_bytes_of_a_stream(talker: Talker) -> None:
    for path in ("/v1/chat/stream", "/chat"):
        reply = await talker.post(f"{base(talker)}/echo{path}", {"sessionId": "s", "message": " We are "})
        name = reply.objects()[0]["conversationId"]
        lines = [
            f'{{"type":"start","conversationId":"{name}"}}',
            '{"type":"token","token":" We"}',
            '{"type":"token","token":" are"}',
            '{"type":"token","token":" "}',
            f'{{"type":"done","message":"We are","conversationId":"{name}"}}',
        ]
        assert reply.body.decode() == "\n".join(lines) + "\n"
        assert reply.headers["content-type"] == "application/x-ndjson; charset=utf-8"
        assert reply.headers["cache-control"] == "no-store, no-transform"
        assert len(name) == 32


async def test_json_and_health(talker: Talker) -> None:
    whole = await talker.say("widget", "hi", "echo", stream=False)
    assert whole.json["message"] == "hi"
    for path in ("/health", "/echo/health"):
        assert (await talker.client.get(base(talker) + path)).json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("prefix", "session", "text"),
    [
        ("", "echo.1234", "hello"),
        ("", "echo:1", "hello"),
        ("", "restaurant-1", "Welcome to The Terrace"),
        ("", "echoes", "A page of Markdown"),
        ("", "1234", "A page of Markdown"),
        ("/restaurant", "echo.1", "Welcome to The Terrace"),
        ("/long-writer", "1", "## 1."),
    ],
)
async def test_which_bot_answers(talker: Talker, prefix: str, session: str, text: str) -> None:
    body = {"sessionId": session, "message": "hello"}
    reply = await talker.post(f"{base(talker)}{prefix}/v1/chat/stream", body)
    assert text in reply.text


async def test_a_session_is_one_conversation(talker: Talker) -> None:
    first = await talker.say("widget", "book a table", "restaurant")
    second = await talker.say("widget", "4 people", "restaurant")
    assert first.objects()[0] == second.objects()[0]
    assert "Noted: 4 people." in second.text
    other = await talker.say("widget", "4 people", "restaurant", sessionId="other")
    assert first.objects()[0] != other.objects()[0]


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        None,
        {"sessionId": "s"},
        {"message": "m"},
        {"sessionId": "", "message": "m"},
        {"sessionId": "a b", "message": "m"},
        {"sessionId": "x" * 129, "message": "m"},
        {"sessionId": "s\n", "message": "m"},
        {"sessionId": "s", "message": ""},
        {"sessionId": "s", "message": "x" * 4001},
        {"sessionId": "s", "message": "🙂" * 2001},
        {"sessionId": 1, "message": "m"},
    ],
)
async def test_payloads_that_are_not_valid(talker: Talker, body: object) -> None:
    reply = await talker.post(f"{base(talker)}/v1/chat", body)
    assert (reply.status, reply.json) == (400, {"error": "Invalid request payload"})


async def test_the_longest_message(talker: Talker) -> None:
    assert (await talker.say("widget", "🙂" * 2000, "echo")).text == "🙂" * 2000


async def test_a_content_type_that_is_not_json(talker: Talker) -> None:
    response = await talker.client.post(f"{base(talker)}/v1/chat", content=b'{"sessionId":"s","message":"m"}')
    assert response.status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "content", "status"),
    [
        ("GET", "/nowhere", b"", 404),
        ("GET", "/v1/chat", b"", 404),
        ("GET", "/<script>", b"", 404),
        ("POST", "/v1/chat", b"{", 400),
        ("POST", "/v1/chat", b'"' + b"x" * 2 * 1024 * 1024, 413),
    ],
)
async def test_pages_of_the_framework(talker: Talker, method: str, path: str, content: bytes, status: int) -> None:
    headers = {"Content-Type": "application/json"}
    response: httpx.Response = await talker.client.request(
        method, base(talker) + path, content=content, headers=headers
    )
    assert response.status_code == status
    assert response.headers["content-type"].startswith("text/html")
    assert "<pre>" in response.text
    assert "<script>" not in response.text


async def test_keys(locked: Talker) -> None:
    body = {"sessionId": "echo.1", "message": "hi"}
    address = f"{base(locked)}/v1/chat/stream"
    for headers in ({}, {"x-api-key": "wrong", "x-widget-api-key": WIDGET_KEY}):
        refused = await locked.post(address, body, headers)
        assert (refused.status, refused.json) == (401, {"error": "Unauthorized"})
    for name in ("x-api-key", "x-widget-api-key"):
        assert (await locked.post(address, body, {name: WIDGET_KEY})).text == "hi"
    assert (await locked.client.get(f"{base(locked)}/health")).status_code == 200
