"""A mock over real sockets: what a client receives, and what the mock notices about the client."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import httpx
import pytest

from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.mock.book import book_of
from chatgrid_tui.mock.mock_server import MockServer
from chatgrid_tui.mock.verdict import verdict
from chatgrid_tui.model.json import Json
from mock.recorded import message, recording, unanswered
from quiet import PATIENCE, until

CHAT = "/v1/chat/completions"
DONE = b"data: [DONE]\n\n"


@asynccontextmanager
async def mocking(*recordings: Recording, speed: float = math.inf, extra: int = 404) -> AsyncIterator[MockServer]:
    """Serve recordings."""
    async with asyncio.timeout(PATIENCE), MockServer(book_of(recordings), speed=speed, extra=extra) as server:
        yield server


@asynccontextmanager
async def asking(
    server: MockServer, target: str, body: Mapping[str, Json] | None = None, method: str = "POST"
) -> AsyncIterator[asyncio.StreamReader]:
    """Send a request on a new connection, and give the reader of the answer."""
    content = b"" if body is None else json.dumps(body).encode()
    head = f"{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", int(server.origin.rpartition(":")[2]))
    writer.write(f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content)
    try:
        yield reader
    finally:
        writer.close()


async def answer(
    server: MockServer, target: str, body: Mapping[str, Json] | None = None, method: str = "POST"
) -> str:
    """Return the whole answer to a request, as it came."""
    async with asking(server, target, body, method) as reader:
        return (await reader.read()).decode("latin-1")


def kinds(server: MockServer) -> Sequence[str]:
    """Return the kinds of the findings about the client."""
    return [finding.kind for finding in verdict(server.seen, server.elapsed)]


def hello() -> Mapping[str, Json]:
    """Return the body of the message that was recorded."""
    return message("openai").body or {}


async def test_status_headers_and_reads_are_those_recorded() -> None:
    headers = {"content-type": "application/json", "retry-after": "2", "x-request-id": "7"}
    async with mocking(recording(message("openai"), (0, b"{}"), (0, b"\n"), status=429, headers=headers)) as server:
        answered = await answer(server, CHAT, hello())
    head, _, body = answered.partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 429 ")
    assert all(f"{name}: {value}" in head.lower() for name, value in headers.items())
    assert body == "2\r\n{}\r\n1\r\n\n\r\n0\r\n\r\n"
    assert (server.seen[0].recording, server.seen[0].retry_after) == (1, 2.0)


async def test_a_cut_has_no_last_chunk_and_a_reset_is_one() -> None:
    cut = recording(message("openai", "cut"), (0, b"half"), end=None)
    reset = recording(message("openai", "reset"), (0, b"half"), end="reset")
    async with mocking(cut, reset) as server:
        assert (await answer(server, CHAT, message("openai", "cut").body)).endswith("\r\n4\r\nhalf\r\n")
        async with asking(server, CHAT, message("openai", "reset").body) as reader:
            await reader.readuntil(b"half\r\n")
            with pytest.raises(ConnectionResetError):
                await reader.read()
        assert kinds(server) == ["not_asked_again_after_cut"]


@pytest.mark.parametrize("headless", [False, True])
async def test_silence_lasts_until_the_client_leaves(headless: bool) -> None:
    silent = recording(message("openai"), (0, b"half"), end="timeout")
    async with mocking(unanswered(message("openai"), "timeout") if headless else silent) as server:
        async with asking(server, CHAT, hello()):
            await until(lambda: bool(server.seen) and server.seen[0].ended_at is not None)
            assert not server.served.is_set()
        await server.served.wait()
        assert kinds(server) == ["gave_up_in_silence"]


async def test_a_client_that_leaves_early_is_noticed() -> None:
    async with mocking(recording(message("openai"), (0, b"a"), (3600, b"b")), speed=1) as server:
        async with asking(server, CHAT, hello()) as reader:
            await reader.readuntil(b"a\r\n")
        await until(lambda: server.seen[0].left_at is not None)
        assert kinds(server) == ["closed_early"]


async def test_what_ends_with_the_mock_is_not_the_client_leaving() -> None:
    slow = recording(message("openai"), (0, b"a"), (3600, b"b"))
    async with mocking(slow, speed=1) as server, asking(server, CHAT, hello()) as reader:
        await reader.readuntil(b"a\r\n")
        await server.close()
    assert server.seen[0].left_at is None
    assert kinds(server) == []


async def test_a_client_that_does_not_read_holds_up_only_itself() -> None:
    piece = bytes(65536)
    large = recording(message("openai", "large"), *((0, piece) for _ in range(120)))
    small = recording(message("openai"), (0, b"small"))
    async with mocking(large, small) as server:
        async with asking(server, CHAT, message("openai", "large").body):
            assert "small" in await answer(server, CHAT, hello())
            assert server.seen[0].sent < 120
        await until(lambda: server.seen[0].left_at is not None)
        assert server.seen[0].ended_at is None


async def test_many_clients_have_their_own_times() -> None:
    async with mocking(recording(message("openai"), (0, b"a"), (0, DONE))) as server:
        answers = await asyncio.gather(*(answer(server, CHAT, hello()) for _ in range(50)))
    assert len({answered.partition("\r\n\r\n")[2] for answered in answers}) == 1
    assert len(server.seen) == 50


@pytest.mark.parametrize(
    ("target", "body", "status", "said"),
    [
        ("/v1/models", None, 418, '{"error":{"message":"This request was not recorded."}}'),
        ("/elsewhere", {}, 418, "This request was not recorded."),
        (CHAT, {}, 400, '{"error":{"message":"This request contains no message."}}'),
    ],
)
async def test_what_was_not_recorded_is_an_error(
    target: str, body: Mapping[str, Json] | None, status: int, said: str
) -> None:
    async with mocking(recording(message("openai"), (0, b"a")), extra=418) as server:
        answered = await answer(server, target, body)
    assert answered.startswith(f"HTTP/1.1 {status} ")
    assert said in answered
    assert (server.seen[0].recording, server.served.is_set()) == (None, False)


@pytest.mark.parametrize(
    ("kind", "method", "target", "status", "said"),
    [
        ("chatgrid", "GET", "/v1/boards?limit=100", 200, '"data":[{"id":"b","name":"b"}]'),
        ("chatgrid", "GET", "/v1/boards/b/chats", 200, '"data":[]'),
        ("chatgrid", "POST", "/v1/boards/b/chats", 201, '"object":"chat_thread"'),
        ("chatgrid", "GET", "/v1/me", 200, '"object":"user"'),
        ("chatgrid", "GET", "/v1/me/usage", 404, '"object":"error","message":"This request was not recorded."'),
        ("chatgrid", "GET", "/v1/boards/b/chats/c1", 501, "A mock does not store conversations."),
        ("chatiq", "GET", "/api/v1/conversations/7/messages", 501, "A mock does not store conversations."),
        ("chatiq", "GET", "/api/v1/bots", 200, '{"bots":[{"slug":"b","name":"b"}]}'),
        ("chatiq", "GET", "/api/v1/health", 200, '{"status":"ok"}'),
        ("widget", "GET", "/site/health", 200, '{"status":"ok"}'),
        ("widget", "POST", "/site/v1/chat/stream", 400, '{"error":"This request contains no message."}'),
        ("openai", "GET", "/v1/models", 200, '{"id":"b","object":"model"}'),
    ],
)
async def test_needed_answers(kind: str, method: str, target: str, status: int, said: str) -> None:
    async with mocking(recording(message(kind), (0, b"a"), kind=kind)) as server:
        answered = await answer(server, target, None, method)
    assert answered.startswith(f"HTTP/1.1 {status} ")
    assert said in answered
    assert server.seen[0].recording is None


async def test_pages_of_one_origin_are_let_in() -> None:
    book = book_of([recording(message("openai"), (0, b"a"))])
    page = {"Origin": "https://shop.example"}
    async with MockServer(book, allowed_origin="https://shop.example") as server, httpx.AsyncClient() as browser:
        url = f"{server.origin}{CHAT}"
        preflight = await browser.options(
            url, headers={**page, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-key"}
        )
        answered = await browser.post(url, json=hello(), headers=page)
        other = await browser.post(url, json=hello(), headers={"Origin": "https://evil.example"})
    assert (preflight.status_code, preflight.headers["access-control-allow-headers"]) == (204, "x-key")
    assert (answered.text, answered.headers["access-control-allow-origin"]) == ("a", "https://shop.example")
    assert (other.status_code, "--allow-origin" in other.text) == (403, True)
    assert len(server.seen) == 1


async def test_new_chats_have_ids_of_their_own() -> None:
    async with mocking(recording(message("chatgrid"), (0, b"a"), kind="chatgrid")) as server:
        answers = {(await answer(server, "/v1/boards/b/chats", {})).partition("\r\n\r\n")[2] for _ in range(3)}
    assert len(answers) == 3
