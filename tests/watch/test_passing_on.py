"""A client gets through the proxy what it would get without it, and the same ending."""

from __future__ import annotations

import asyncio
import gzip
import json
from urllib.parse import urlsplit

import pytest

from chatgrid_tui.demo.catalogue import KINDS, SHOWCASE, Kind
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.model.events import BodyEnded, Finished, TextDelta
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.model.request import Outgoing
from engine.raw import SSE_HEAD, Handler, raw_server, resets, writes
from fakes import DONE, delta
from quiet import PATIENCE
from watch.watching import ask, get, post, watching

CHUNKED = SSE_HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
CHAT = "/v1/chat/completions"
HELLO = b'{"messages": [{"role": "user", "content": "Hello"}], "stream": true}'
CHANGED_BY_PROXIES = ("connection", "transfer-encoding", "date")


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def stays_open(gone: asyncio.Event, *pieces: bytes) -> Handler:
    """Return a handler that writes the pieces, and sets `gone` once the other side has closed the connection."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"".join(pieces))
        await reader.read()
        gone.set()

    return handler


async def message_to(server: DemoServer, kind: Kind) -> bytes:
    """Return the bytes of a request with a message to a bot of the demo."""
    base = server.base_url(kind, SHOWCASE)
    board, chat = SHOWCASE.slug, "c" if kind == "widget" else ""
    if kind == "chatgrid":
        board = SHOWCASE.board_id
        created = await ask(base, post(f"{urlsplit(base).path}/boards/{board}/chats", b"{}"))
        chat = json.loads(created.body)["data"]["id"]
    request = DIALECTS[kind].message(Outgoing(Provider("p", kind, base), board, "Grüße 🍛", chat))
    return post(urlsplit(request.url).path, json.dumps(request.body).encode(), "Content-Type: application/json")


@pytest.mark.parametrize("kind", KINDS)
async def test_the_bytes_of_each_kind(kind: Kind) -> None:
    async with DemoServer(pace=0) as demo:
        request = await message_to(demo, kind)
        direct = await ask(demo.base_url(kind), request)
    assert direct.status == 200
    assert len(direct.chunks) > 10
    written = [direct.head + b"\r\n\r\n", *map(chunk, direct.chunks), b"0\r\n\r\n"]
    async with raw_server(writes(*written)) as server, watching(server.url) as (proxy, watched):
        through = await ask(proxy.address, request)
        await watched.all_ended()
    assert (through.whole, through.status, through.body) == (True, 200, direct.body)
    assert through.headers(*CHANGED_BY_PROXIES) == direct.headers(*CHANGED_BY_PROXIES)
    recording = watched.recording
    assert [read.data for read in recording.reads] == through.chunks
    assert (recording.kind, recording.end and recording.end.reason) == (kind, "end_mark")
    assert watched.exchanges[0].message == "Grüße 🍛"
    assert watched.events[-1] == BodyEnded()
    assert sum(isinstance(event, Finished) for event in watched.events) == 1


async def test_each_piece_goes_on_before_the_next_one_comes() -> None:
    pieces = [delta(text) for text in ("One", "two", "three")]
    received = asyncio.Semaphore(0)

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(CHUNKED)
        for piece in pieces:
            writer.write(chunk(piece))
            await received.acquire()
        writer.write(b"0\r\n\r\n")

    async with raw_server(handler) as server, watching(server.url) as (proxy, watched):
        reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(proxy.address).port)
        writer.write(post(CHAT, HELLO))
        async with asyncio.timeout(PATIENCE):
            await reader.readuntil(b"\r\n\r\n")
            for piece in pieces:
                assert await reader.readexactly(len(chunk(piece))) == chunk(piece)
                received.release()
            assert await reader.read() == b"0\r\n\r\n"
        writer.close()
        await watched.all_ended()
    assert [read.data for read in watched.recording.reads] == pieces


async def test_a_request_goes_on_exactly_as_it_came() -> None:
    body = b'{"a": 1,\n "b":"\xff"}'  # no UTF-8
    target = "/a/../b%2f?q=[1]&r=%C3%A4&s"
    codings = "Accept-Encoding: br;q=1, gzip, zstd"
    sent = post(target, body, "X-Twice: 1", "x-twice: 2", codings, "TE: trailers", "X-Hop: 1")
    sent = sent.replace(b"Connection: close", b"Connection: close, X-Hop")
    answer = (
        b"HTTP/1.1 201 Made\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Latin: \xe4\r\nContent-Length: 2\r\n\r\nOK"
    )
    async with raw_server(writes(answer)) as server, watching(server.url) as (proxy, _):
        got = await ask(proxy.address, sent)
        heard = server.heard[0]
    head, _, heard_body = heard.partition(b"\r\n\r\n")
    assert heard_body == body
    first, *lines = head.decode().split("\r\n")
    assert first == f"POST {target} HTTP/1.1"
    expected = [f"Host: 127.0.0.1:{server.port}", f"Content-Length: {len(body)}", "Accept-Encoding: gzip"]
    assert sorted(lines) == sorted([*expected, "X-Twice: 1", "x-twice: 2"])
    assert got.status == 201
    assert [value for name, value in got.headers() if name == "set-cookie"] == ["a=1", "b=2"]
    assert ("x-latin", "ä") in got.headers()
    assert (got.body, got.head.split(b"\r\n")[0]) == (b"OK", b"HTTP/1.1 201 Made")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
async def test_other_methods_and_answers_without_a_body(method: str) -> None:
    answers = writes(b"HTTP/1.1 204 Nothing\r\n\r\n")
    async with raw_server(answers) as server, watching(server.url) as (proxy, watched):
        got = await ask(proxy.address, get("/v1/models").replace(b"GET", method.encode()))
        await watched.all_ended()
    assert (got.status, got.body, got.whole) == (204, b"", True)
    assert watched.exchanges[0].message == ""


async def test_a_redirect_is_passed_on_and_not_followed() -> None:
    answer = b"HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:1/elsewhere\r\nContent-Length: 0\r\n\r\n"
    async with raw_server(writes(answer)) as server, watching(server.url) as (proxy, _):
        got = await ask(proxy.address, post(CHAT, HELLO))
        assert len(server.heard) == 1
    assert (got.status, ("location", "http://127.0.0.1:1/elsewhere") in got.headers()) == (307, True)


@pytest.mark.parametrize(("coding", "is_read"), [("gzip", True), ("br", False)])
async def test_a_compressed_body_stays_compressed_for_the_client(coding: str, is_read: bool) -> None:
    text = delta("Hello") + DONE
    body = gzip.compress(text)
    head = SSE_HEAD + f"Content-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    async with raw_server(writes(head, body[:9], body[9:])) as server, watching(server.url) as (proxy, watched):
        got = await ask(proxy.address, post(CHAT, HELLO, "Accept-Encoding: gzip"))
        await watched.all_ended()
    assert (got.body, got.whole, ("content-encoding", coding) in got.headers()) == (body, True, True)
    assert watched.recording.body == (text if is_read else b"")
    assert watched.recording.end is not None
    assert watched.recording.end.reason == ("end_mark" if is_read else "limit")


@pytest.mark.parametrize(
    "head_and_half",
    [CHUNKED + chunk(delta("Half")), SSE_HEAD + b"Content-Length: 999\r\n\r\n" + delta("Half")],
    ids=["chunked", "with a length"],
)
async def test_an_answer_that_breaks_off_is_cut_for_the_client(head_and_half: bytes) -> None:
    async with raw_server(resets(head_and_half)) as server, watching(server.url) as (proxy, watched):
        got = await ask(proxy.address, post(CHAT, HELLO))
        await watched.all_ended()
    assert (got.status, got.whole) == (200, False)
    assert watched.recording.end is not None
    assert (watched.recording.body, watched.recording.end.reason) == (delta("Half"), "reset")
    assert TextDelta(0, "Half") in watched.events
    assert isinstance(watched.events[-1], BodyEnded)
    assert watched.events[-1].lost is not None


@pytest.mark.parametrize(("last", "reason"), [(delta("Half"), "stopped"), (delta("Whole") + DONE, "end_mark")])
async def test_a_client_that_leaves(last: bytes, reason: str) -> None:
    gone = asyncio.Event()
    async with raw_server(stays_open(gone, CHUNKED, chunk(last))) as server, watching(server.url) as (proxy, watched):
        reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(proxy.address).port)
        writer.write(post(CHAT, HELLO))
        await reader.readuntil(b"\r\n\r\n")
        await reader.readuntil(last)
        writer.close()
        await watched.all_ended()
        async with asyncio.timeout(PATIENCE):
            await gone.wait()
    assert watched.recording.end is not None
    assert (watched.recording.end.reason, watched.recording.body) == (reason, last)


async def test_a_client_that_does_not_wait_for_an_answer() -> None:
    heard, gone = asyncio.Event(), asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.set()
        await stays_open(gone)(reader, writer)

    async with raw_server(silent) as server, watching(server.url) as (proxy, watched):
        _, writer = await asyncio.open_connection("127.0.0.1", urlsplit(proxy.address).port)
        writer.write(post(CHAT, HELLO))
        async with asyncio.timeout(PATIENCE):
            await heard.wait()
        writer.close()
        await watched.all_ended()
        async with asyncio.timeout(PATIENCE):
            await gone.wait()
    assert watched.recording.head is None
    assert watched.recording.end is not None
    assert watched.recording.end.reason == "stopped"


async def test_no_service_is_there() -> None:
    async with raw_server(writes()) as server:
        dead = server.url
    async with watching(dead) as (proxy, watched):
        got = await ask(proxy.address, post(CHAT, HELLO))
        await watched.all_ended()
    assert (got.status, b"refused" in got.body) == (502, True)
    assert watched.recording.end is not None
    assert watched.recording.end.failure is not None


async def test_each_request_tells_its_kind_and_one_that_does_not_is_of_the_kind_before() -> None:
    async with DemoServer(pace=0) as demo, watching(f"http://127.0.0.1:{demo.port}") as (proxy, watched):
        for kind in KINDS:
            assert (await ask(proxy.address, await message_to(demo, kind))).status == 200
            await ask(proxy.address, get("/nothing"))
        await watched.all_ended(2 * len(KINDS))
        kinds = [exchange.dialect.kind for exchange in watched.exchanges]
    assert kinds == [kind for kind in KINDS for _ in range(2)]
    async with DemoServer(pace=0) as demo, watching(demo.base_url("openai"), kind="widget") as (proxy, watched):
        await ask(proxy.address, await message_to(demo, "openai"))
        assert [exchange.dialect.kind for exchange in watched.exchanges] == ["widget"]
