"""Every command on every dialect."""

from __future__ import annotations

import asyncio
import json
import re
from time import monotonic

import httpx
import pytest

from chatgrid_tui.demo.bots.commands import COMMANDS, command_plan
from chatgrid_tui.demo.bots.specimens import ESCAPES, LIST_BOMB, SPLIT_TEXT
from chatgrid_tui.demo.catalogue import BOTS, ECHO, TROUBLE, Kind
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.demo.steps import Pause, Turn
from demo.talking import KINDS, Talker

pytestmark = pytest.mark.parametrize("kind", KINDS)


async def test_help_lists_every_command(talker: Talker, kind: Kind) -> None:
    reply = await talker.say(kind, "/help", TROUBLE)
    assert reply.ended
    assert all(f"| `/{command.name}" in reply.text for command in COMMANDS)


@pytest.mark.parametrize("bot", [bot.slug for bot in BOTS])
async def test_every_bot_takes_commands(talker: Talker, kind: Kind, bot: str) -> None:
    assert (await talker.say(kind, " /echo /help ", bot)).text.strip() == "/help"


async def test_texts_that_are_no_command(talker: Talker, kind: Kind) -> None:
    assert (await talker.say(kind, "/unheard of", ECHO)).text == "/unheard of"
    assert "That sounds like `/slow`" in (await talker.say(kind, "be slow", TROUBLE)).text


async def test_slow(client: httpx.AsyncClient, kind: Kind) -> None:
    async with DemoServer() as server:
        started = monotonic()
        url, body = await Talker(server, client).request(kind, "/slow 50", ECHO, stream=True)
        async with client.stream("POST", url, json=body) as response:
            moments = [monotonic() - started async for _ in response.aiter_raw()]
    assert len(moments) > 10
    assert moments[-1] > 0.6


@pytest.mark.parametrize("stream", [True, False])
async def test_stall(talker: Talker, kind: Kind, stream: bool) -> None:
    started = monotonic()
    reply = await talker.say(kind, "/stall 0.2", TROUBLE, stream=stream)
    assert monotonic() - started >= 0.2
    said = reply.text if stream else reply.body.decode()
    assert "it only took a while" in said


def test_stall_takes_eight_seconds_unless_told_otherwise(kind: Kind) -> None:
    plan = command_plan(Turn("/stall"))
    assert plan is not None
    assert Pause(8.0) in tuple(plan.steps)


@pytest.mark.parametrize("stream", [True, False])
async def test_drop(talker: Talker, kind: Kind, stream: bool) -> None:
    reply = await talker.say(kind, "/drop", TROUBLE, stream=stream)
    assert reply.status == 200
    assert reply.cut
    if stream:
        assert reply.text.endswith("in the middle of")
        assert not reply.ended
    else:
        assert 0 < len(reply.body) < int(reply.headers["content-length"])


async def test_noend(talker: Talker, kind: Kind) -> None:
    reply = await talker.say(kind, "/noend", TROUBLE)
    assert not reply.cut
    assert not reply.ended
    assert "the stream does not say so" in reply.text
    assert b'"finish_reason":"stop"' not in reply.body


@pytest.mark.parametrize("stream", [True, False])
async def test_error(talker: Talker, kind: Kind, stream: bool) -> None:
    reply = await talker.say(kind, "/error", TROUBLE, stream=stream)
    if not stream:
        assert reply.status == 500
        return
    assert reply.status == 200
    assert "gives up." in reply.text
    last = reply.objects()[-1]
    shapes: dict[str, object] = {
        "chatgrid": {"event": "error", "code": "stream_error", "message": "Upstream model failed"},
        "chatiq": {"error": {"code": "INTERNAL_SERVER_ERROR", "message": "Upstream model failed"}},
        "widget": {"type": "error", "error": "Internal server error"},
    }
    assert last == shapes.get(kind, last)
    assert "error" in json.dumps(last)
    assert (reply.payloads()[-1] == "[DONE]") == (kind == "chatiq")


async def test_429(talker: Talker, kind: Kind) -> None:
    for stream in (True, False):
        reply = await talker.say(kind, "/429", TROUBLE, stream=stream)
        if kind == "chatiq" and stream:
            assert reply.status == 200
            assert reply.objects()[0]["error"]["code"] == "RATE_LIMIT_EXCEEDED"
            continue
        assert reply.status == 429
        assert 19 <= int(reply.headers["retry-after"]) <= 20
        assert reply.content_type == "application/json"
    limits = {"chatgrid": "x-ratelimit-remaining", "openai": "x-ratelimit-remaining-requests"}
    if kind in limits:
        assert reply.headers.get_list(limits[kind]) == ["0"]


async def test_429_ends_when_its_time_is_over(talker: Talker, kind: Kind) -> None:
    first = await talker.say(kind, "/429 0", TROUBLE)
    assert not first.ended or "error" in first.body.decode()
    assert "was accepted" in (await talker.say(kind, "/429 0", TROUBLE)).text


async def test_500_and_401(talker: Talker, kind: Kind) -> None:
    failed = await talker.say(kind, "/500", TROUBLE)
    assert (failed.status, failed.content_type) == (500, "application/json")
    assert (await talker.say(kind, "/401", TROUBLE)).status == (200 if kind == "chatiq" else 401)
    assert (await talker.say(kind, "/401", TROUBLE, stream=False)).status == 401


async def test_html_and_redirect(talker: Talker, kind: Kind) -> None:
    page = await talker.say(kind, "/html", TROUBLE)
    assert (page.status, page.content_type) == (200, "text/html")
    assert b"<title>Sign in to the network</title>" in page.body
    moved = await talker.say(kind, "/redirect", TROUBLE)
    assert moved.status == 308
    assert moved.headers["location"].startswith(f"http://localhost:{talker.server.port}/moved/")
    followed = await talker.client.get(moved.headers["location"].replace("localhost", "127.0.0.1"))
    assert followed.status_code == 410


async def test_empty(talker: Talker, kind: Kind) -> None:
    reply = await talker.say(kind, "/empty", TROUBLE)
    assert reply.ended
    assert reply.text == ""
    if kind == "widget":
        assert reply.objects()[-1]["message"] == "I could not generate a response right now."


async def test_split(talker: Talker, kind: Kind) -> None:
    reply = await talker.say(kind, "/split", TROUBLE)
    assert reply.text == SPLIT_TEXT
    assert b"\r\n" in reply.body
    assert sum(0x80 <= chunk[0] < 0xC0 for chunk in reply.chunks) > 10
    assert any(
        one.endswith(b"\r") and two.startswith(b"\n")
        for one, two in zip(reply.chunks, reply.chunks[1:], strict=False)
    )
    assert b"\xe2\x80\xa8" in reply.body
    assert (await talker.say(kind, "/split äöü", TROUBLE)).text == "äöü"


@pytest.mark.parametrize("stream", [True, False])
async def test_badjson(talker: Talker, kind: Kind, stream: bool) -> None:
    reply = await talker.say(kind, "/badjson", TROUBLE, stream=stream)
    if stream:
        bad = [payload for payload in reply.payloads() if payload != "[DONE]" and not is_json(payload)]
        assert len(bad) == 1
        assert reply.text == "Before the bad payload. After it, all is well again."
        assert reply.ended
    else:
        assert not is_json(reply.body.decode())


def is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


async def test_two(talker: Talker, kind: Kind) -> None:
    reply = await talker.say(kind, "/two", TROUBLE)
    texts = ["The first of two. The other comes in a moment.", "The second of two."]
    assert reply.bubbles() == (texts if kind in ("chatiq", "openai") else ["\n\n".join(texts)])
    started = monotonic()
    await talker.say(kind, "/two 0.2", TROUBLE)
    assert monotonic() - started >= 0.2


async def test_chips(talker: Talker, kind: Kind) -> None:
    reply = await talker.say(kind, "/chips", TROUBLE)
    if kind == "chatiq":
        chips = next(value["suggestions"] for value in reply.objects() if "suggestions" in value)
        assert {"label": "Help", "payload": "/help"} in chips
        payloads = [chip["payload"] for chip in chips]
    else:
        payloads = re.findall(r"`(.+?)`", reply.text)
    assert payloads == ["/help", "/two", "/file", "/chips", "/emoji"]


async def test_file(talker: Talker, kind: Kind) -> None:
    reply = await talker.say(kind, "/file", TROUBLE)
    if kind == "chatiq":
        items = next(value["attachments"] for value in reply.objects() if "attachments" in value)
        assert [item["type"] for item in items] == ["image", "file"]
        urls = [item["url"] for item in items]
    else:
        urls = re.findall(r"\((http.+?)\)", reply.text)
    starts = []
    for url in urls:
        file = await talker.client.get(url)
        assert file.status_code == 200
        starts.append(file.content[:4])
    assert starts == [b"\x89PNG", b"%PDF"]


async def test_emoji(talker: Talker, kind: Kind) -> None:
    reply = await talker.say(kind, "/emoji", TROUBLE)
    lone = [payload for payload in reply.payloads() if "\\ud83d" in payload or "\\ude00" in payload]
    assert len(lone) == 2
    assert "cut in half: 😀 (" in reply.text
    if kind == "chatgrid":
        assert "cut in half: 😀 (" in reply.objects()[-1]["content"]


async def test_escape(talker: Talker, kind: Kind) -> None:
    reply = await talker.say(kind, "/escape", TROUBLE)
    assert reply.text.startswith(f"{LIST_BOMB}\n{ESCAPES}")
    assert len(LIST_BOMB) == 4096
    assert all(part in reply.text for part in ("\x1b]52;c;", "[@click=app.quit]", "[/]", "\x9b31m", "\u202e"))
    assert b"\x1b" not in reply.body  # JSON escapes it, so nobody's terminal is at risk from the wire itself


async def test_huge(talker: Talker, kind: Kind) -> None:
    reply = await talker.say(kind, "/huge", TROUBLE)
    assert len(reply.text) == 100_000
    assert "\n" not in reply.text
    whole = await talker.say(kind, "/huge 300000 whole", TROUBLE)
    assert max(len(payload) for payload in whole.payloads()) > 300_000


@pytest.mark.parametrize("message", ["/long 300 100000", "/long 300"])
async def test_long(talker: Talker, kind: Kind, message: str) -> None:
    reply = await talker.say(kind, message, TROUBLE)
    again = await talker.say(kind, message, TROUBLE)
    assert reply.text == again.text
    assert reply.deltas() == 300


async def test_think_and_tool_work_on_every_dialect(talker: Talker, kind: Kind) -> None:
    assert "this is the answer" in (await talker.say(kind, "/think", TROUBLE)).text
    assert (await talker.say(kind, "/tool", TROUBLE)).text == "I look that up. "


async def test_the_key_that_was_sent(talker: Talker, kind: Kind) -> None:
    assert (await talker.say(kind, "/key", TROUBLE)).text == "No key came with this message."
    url, body = await talker.request(kind, "/key", TROUBLE, stream=True)
    header = {"x-api-key": "my-key"} if kind == "widget" else {"Authorization": "Bearer my-key"}
    reply = await talker.post(url, body, header)
    assert reply.text == "The key that you sent: my-key That is all of it."
    assert all(
        b"my-key" not in chunk
        for chunk in reply.body.splitlines()
        if b"complete" not in chunk and b"done" not in chunk
    )


async def test_several_replies_at_once(talker: Talker, kind: Kind) -> None:
    sessions = ["one", "two", "three"]
    more = [{"sessionId": name} if kind == "widget" else {} for name in sessions]
    replies = await asyncio.gather(
        *(talker.say(kind, name, ECHO, **body) for name, body in zip(sessions, more, strict=True))
    )
    assert [reply.text for reply in replies] == sessions
