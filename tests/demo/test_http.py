"""The connection: which clients are accepted, the limits, and how streams end."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from pathlib import Path
from time import monotonic

import httpx
import pytest

import chatgrid_tui.demo
from chatgrid_tui.demo import plan_player
from chatgrid_tui.demo import server as demo_server
from chatgrid_tui.demo.catalogue import ECHO, LONG_WRITER, Kind
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.http_server import loopback_server
from chatgrid_tui.http_server.connection import Connection
from chatgrid_tui.http_server.messages import Request
from demo.talking import KINDS, Talker, raw_exchange

PATIENCE = 60.0
"""Seconds until what did not come counts as not coming."""


def head(status: bytes) -> int:
    return int(status.split(b" ", 2)[1])


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:{port}", 200),
        ("localhost:{port}", 200),
        ("LocalHost", 200),
        ("127.0.0.1", 200),
        ("127.0.0.1:1", 403),
        ("evil.example", 403),
        ("evil.example:{port}", 403),
        ("127.0.0.1.evil.example:{port}", 403),
        ("localhost.evil.example", 403),
        ("user@localhost", 403),
        ("[::1]:{port}", 403),
        ("0.0.0.0:{port}", 403),
        ("", 403),
    ],
)
async def test_only_local_host_names(server: DemoServer, host: str, status: int) -> None:
    named = host.format(port=server.port).encode()
    request = b"GET /chatgrid/v1/me HTTP/1.1\r\nHost: " + named + b"\r\nConnection: close\r\n\r\n"
    assert head(await raw_exchange(server.port, request)) == status


async def test_no_host_at_all(server: DemoServer) -> None:
    assert head(await raw_exchange(server.port, b"GET / HTTP/1.0\r\n\r\n")) == 403
    assert head(await raw_exchange(server.port, b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")) == 400


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:{port}", "null", ""])
@pytest.mark.parametrize("kind", KINDS)
async def test_no_web_page(server: DemoServer, client: httpx.AsyncClient, kind: Kind, origin: str) -> None:
    headers = {"Origin": origin.format(port=server.port)}
    for method in ("GET", "POST", "OPTIONS"):
        response = await client.request(method, server.base_url(kind) + "/health", headers=headers)
        assert response.status_code == 403
        assert not [name for name in response.headers if name.startswith("access-control-")]


async def test_other_paths(server: DemoServer, client: httpx.AsyncClient) -> None:
    root = f"http://127.0.0.1:{server.port}"
    front = await client.get(root)
    assert all(server.base_url(kind) in front.text for kind in KINDS)
    assert front.headers["x-content-type-options"] == "nosniff"
    assert (await client.get(f"{root}/nothing")).status_code == 404
    assert (await client.get(f"{root}/chatgrid/v10")).status_code == 404
    assert (await client.get(f"{root}/files/nothing")).status_code == 404
    assert (await client.get(f"{root}/files/notes.txt")).status_code == 200
    assert (await client.post(f"{root}/files/menu.pdf")).status_code == 405
    got = await client.head(f"{root}/files/menu.pdf")
    assert (got.status_code, got.content, got.headers["content-type"]) == (200, b"", "application/pdf")
    target = b"GET http://127.0.0.1/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    assert head(await raw_exchange(server.port, target)) == 400


async def test_what_is_not_http(server: DemoServer) -> None:
    assert head(await raw_exchange(server.port, b"\x16\x03\x01\x02\x00\x01\r\n\r\n")) == 400
    assert head(await raw_exchange(server.port, b"GET / HTTP/1.1\r\nX: " + b"x" * 100_000)) in (400, 431)


async def test_100_continue_and_pipelining(server: DemoServer) -> None:
    body = b'{"sessionId":"echo.1","message":"hi"}'
    request = (
        b"POST /widget/v1/chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Expect: 100-continue\r\nContent-Length: " + str(len(body)).encode() + b"\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(request)
    assert (await reader.readline()).startswith(b"HTTP/1.1 100")
    writer.write(body + b"GET /widget/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    answered = await reader.read()
    writer.close()
    assert answered.count(b"HTTP/1.1 200") == 2
    assert answered.endswith(b'{"status":"ok"}')


async def test_a_connection_is_kept_for_more(talker: Talker) -> None:
    pool = httpx.AsyncHTTPTransport(limits=httpx.Limits(max_connections=1))
    async with httpx.AsyncClient(transport=pool) as client:
        one = Talker(talker.server, client)
        for _ in range(3):
            assert (await one.say("openai", "again", ECHO)).text == "again"


async def test_only_the_loopback_interface_is_bound(server: DemoServer) -> None:
    listening = server._server._server
    assert listening is not None
    assert [socket.getsockname()[0] for socket in listening.sockets] == ["127.0.0.1"]


async def test_connections_are_bounded(monkeypatch: pytest.MonkeyPatch, server: DemoServer) -> None:
    monkeypatch.setattr(loopback_server, "MOST_CONNECTIONS", 1)
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET / HTTP/1.1\r\n")
    assert head(await raw_exchange(server.port, b"")) == 503
    writer.close()


async def test_the_first_token_comes_at_once(client: httpx.AsyncClient) -> None:
    async with DemoServer(pace=0.01) as server:  # the second one is due in a hundred seconds
        talker = Talker(server, client)
        for kind in KINDS:
            url, body = await talker.request(kind, "hello there", ECHO, stream=True)
            async with client.stream("POST", url, json=body) as response, asyncio.timeout(PATIENCE):
                arriving = response.aiter_raw()
                seen = b""
                while b"hello" not in seen:
                    seen += await anext(arriving)
                assert b"there" not in seen


async def test_the_pace_is_kept(client: httpx.AsyncClient) -> None:
    async with DemoServer(pace=200) as server:
        started = monotonic()
        await Talker(server, client).say("openai", "/long 100 5", ECHO)
        assert monotonic() - started > 0.45


class Watched(Connection):
    """A connection that reports when a reply starts and ends."""

    begun = asyncio.Event()
    ended = asyncio.Event()

    async def _exchange(self, request: Request) -> None:
        self.begun.set()
        try:
            await super()._exchange(request)
        finally:
            self.ended.set()


@pytest.mark.parametrize("kind", KINDS)
async def test_a_client_that_goes_away_stops_the_reply(
    monkeypatch: pytest.MonkeyPatch, client: httpx.AsyncClient, kind: Kind
) -> None:
    async with DemoServer() as server:
        talker = Talker(server, client)
        writing, body = await talker.request(kind, "20000 at 500", LONG_WRITER, stream=True)
        waiting, stalled = await talker.request(kind, "/stall 600", LONG_WRITER, stream=False)
        monkeypatch.setattr(loopback_server, "Connection", Watched)
        async with httpx.AsyncClient(trust_env=False, verify=False) as leaving:
            Watched.begun, Watched.ended = asyncio.Event(), asyncio.Event()
            async with leaving.stream("POST", writing, json=body) as response:
                await anext(response.aiter_raw())
            await asyncio.wait_for(Watched.ended.wait(), 2)
            Watched.begun, Watched.ended = asyncio.Event(), asyncio.Event()
            request = asyncio.create_task(leaving.post(waiting, json=stalled))
            await asyncio.wait_for(Watched.begun.wait(), 2)
            request.cancel()
            await asyncio.wait_for(Watched.ended.wait(), 2)
            await asyncio.gather(request, return_exceptions=True)


async def test_a_fault_in_mid_stream_is_a_cut(
    monkeypatch: pytest.MonkeyPatch, talker: Talker, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(plan_player, "nasty_pieces", None)
    assert (await talker.say("widget", "/split", ECHO)).cut
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("kind", KINDS)
async def test_close_ends_open_streams(client: httpx.AsyncClient, kind: Kind) -> None:
    server = DemoServer()
    await server.start()
    with pytest.raises(OSError, match="already"):
        await server.start()
    url, body = await Talker(server, client).request(kind, "/stall 600", LONG_WRITER, stream=True)
    async with client.stream("POST", url, json=body) as response:
        arriving = response.aiter_raw()
        await anext(arriving)
        async with asyncio.timeout(PATIENCE):
            await server.close()
        with pytest.raises(httpx.RemoteProtocolError):
            async for _ in arriving:
                pass
    await server.close()
    with pytest.raises(httpx.ConnectError):
        await client.get(url)


async def test_a_port_can_be_asked_for(server: DemoServer) -> None:
    with pytest.raises(OSError, match="Address already in use"):
        await DemoServer(port=server.port).start()


async def test_an_internal_error_is_answered(
    monkeypatch: pytest.MonkeyPatch, server: DemoServer, client: httpx.AsyncClient, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(request: Request) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(demo_server, "serve_file", fail)
    response = await client.get(f"http://127.0.0.1:{server.port}/files/x")
    assert response.status_code == 500
    assert capfd.readouterr() == ("", "")


def test_nothing_is_printed_whatever_happens() -> None:
    script = """
import asyncio
from chatgrid_tui.demo.server import DemoServer

async def main():
    server = DemoServer()
    await server.start()
    body = b'{"model":"long-writer","stream":true,"messages":[{"role":"user","content":"5000 at 2000"}]}'
    head = b"POST /openai/v1/chat/completions HTTP/1.1\\r\\nHost: localhost\\r\\n"
    head += b"Content-Length: %d\\r\\n\\r\\n" % len(body)
    writers = []
    for cut in (True, False):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(head + body)
        await reader.read(500)
        if cut:
            writer.transport.abort()
        writers.append(writer)
    await asyncio.sleep(0.05)

asyncio.run(main(), debug=False)
"""
    source = Path(chatgrid_tui.demo.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script], env={"PYTHONPATH": str(source)}, capture_output=True, timeout=20, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_nothing_but_h11_is_imported() -> None:
    package = Path(chatgrid_tui.demo.__file__).parents[1]
    known = set(sys.stdlib_module_names) | {"h11"}
    own = ("chatgrid_tui.demo.", "chatgrid_tui.http_server.")
    for file in (*(package / "demo").rglob("*.py"), *(package / "http_server").rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        named = re.findall(r"^\s*(?:from|import) ([a-zA-Z][\w.]*)", text, re.MULTILINE)
        others = [name for name in named if not f"{name}.".startswith(own)]
        assert [name for name in others if name.partition(".")[0] not in known] == [], file
