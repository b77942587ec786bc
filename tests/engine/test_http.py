"""The transport against servers that do everything wrong, over real connections on the loopback interface."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator

import httpx
import pytest

from chatgrid_tui.config.secret import Secret
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.engine.http import HttpTransport
from chatgrid_tui.engine.transport import Credential
from chatgrid_tui.errors import ConnectionProblem
from chatgrid_tui.model.events import BodyEnded, Finished
from chatgrid_tui.model.failure import Failure
from engine.raw import (
    SSE_HEAD,
    Handler,
    events_of,
    exchange,
    failure_of,
    get,
    raw_server,
    resets,
    text_of,
    writes,
)
from fakes import DONE, delta

CHUNKED = SSE_HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
UNTIL_CLOSED = SSE_HEAD + b"Connection: close\r\n\r\n"
KEY = "canary-0123456789"


@pytest.fixture
async def transport() -> AsyncIterator[HttpTransport]:
    transport = HttpTransport()
    yield transport
    await transport.close()


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


BEFORE_THE_HEAD = {
    "closed": writes(),
    "reset": resets(),
    "half a head": writes(b"HTTP/1.1 200 OK\r\nContent-"),
    "not HTTP": writes(b"220 mail.example ESMTP ready\r\n"),
    "binary": writes(bytes(range(256))),
    "an endless header": writes(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000 + b"\r\n\r\n"),
}


@pytest.mark.parametrize("handler", BEFORE_THE_HEAD.values(), ids=BEFORE_THE_HEAD)
async def test_no_answer_at_all(handler: Handler, transport: HttpTransport) -> None:
    async with raw_server(handler) as server:
        events = await events_of(exchange(server.url, transport))
        assert events == [BodyEnded(Failure("network", "dropped", place=f"127.0.0.1:{server.port}"))]


HALF = delta("Half")
WITHIN_THE_BODY = {
    "reset": resets(CHUNKED, chunk(HALF)),
    "a chunk cut": writes(CHUNKED, chunk(HALF), b"40\r\ndata: {"),
    "no last chunk": writes(CHUNKED, chunk(HALF)),
    "a bad chunk size": writes(CHUNKED, chunk(HALF), b"zz\r\n"),
    "a huge chunk size": writes(CHUNKED, chunk(HALF), b"f" * 40 + b"\r\n"),
    "a Content-Length that is too long": writes(SSE_HEAD + b"Content-Length: 9999\r\n\r\n", HALF),
}


@pytest.mark.parametrize("handler", WITHIN_THE_BODY.values(), ids=WITHIN_THE_BODY)
async def test_a_reply_that_breaks_off_keeps_its_text(handler: Handler, transport: HttpTransport) -> None:
    async with raw_server(handler) as server:
        exchanged = exchange(server.url, transport)
        events = await events_of(exchanged)
    assert text_of(events) == "Half"
    assert events[-1] == BodyEnded(Failure("network", "dropped", place=f"127.0.0.1:{server.port}"))
    assert not any(isinstance(event, Finished) for event in events)
    assert b"".join(piece for _, piece in exchanged.recording.pieces).startswith(HALF)


async def test_a_body_that_ends_early_in_good_order_is_no_failure(transport: HttpTransport) -> None:
    async with raw_server(writes(UNTIL_CLOSED, HALF)) as server:
        events = await events_of(exchange(server.url, transport))
    assert (text_of(events), events[-1], failure_of(events)) == ("Half", BodyEnded(), None)


async def test_a_content_length_that_is_too_short_ends_the_body(transport: HttpTransport) -> None:
    length = f"Content-Length: {len(HALF)}\r\n\r\n".encode()
    async with raw_server(writes(SSE_HEAD + length, HALF, delta("more"), DONE)) as server:
        events = await events_of(exchange(server.url, transport))
    assert (text_of(events), failure_of(events)) == ("Half", None)


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def continues_for_ever(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await writer.drain()


@pytest.mark.parametrize("handler", [silent, continues_for_ever], ids=["silence", "100 Continue"])
async def test_a_head_that_never_comes(handler: Handler, transport: HttpTransport) -> None:
    async with raw_server(handler) as server:
        events = await events_of(exchange(server.url, transport, patience=0.2))
    assert events == [BodyEnded(Failure("timeout", "no answer in time", place=f"127.0.0.1:{server.port}"))]


async def test_silence_ends_a_reply_and_keeps_its_text(transport: HttpTransport) -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(CHUNKED + chunk(HALF))
        await reader.read()
        server.gone.set()

    async with raw_server(handler) as server:
        events = await events_of(exchange(server.url, transport, silence=0.2))
        assert text_of(events) == "Half"
        assert events[-1] == BodyEnded(Failure("timeout", "silence"))
        async with asyncio.timeout(5):
            await server.gone.wait()


async def test_a_flood_of_small_chunks(transport: HttpTransport) -> None:
    count = 20_000
    flood = [b"".join(chunk(delta("x")) for _ in range(500)) for _ in range(count // 500)]
    async with raw_server(writes(CHUNKED, *flood, chunk(DONE), b"0\r\n\r\n")) as server:
        events = await events_of(exchange(server.url, transport))
    assert text_of(events) == "x" * count
    assert events[-1] == BodyEnded()


async def test_one_byte_at_a_time(transport: HttpTransport) -> None:
    body = delta("Grüße 🍛") + DONE
    chunks = [chunk(body[at : at + 1]) for at in range(len(body))]
    async with raw_server(writes(CHUNKED, *chunks, b"0\r\n\r\n")) as server:
        events = await events_of(exchange(server.url, transport))
    assert text_of(events) == "Grüße 🍛"
    assert any(isinstance(event, Finished) for event in events)


async def test_an_error_whose_body_has_no_end_is_left(transport: HttpTransport) -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 500 Oops\r\nContent-Type: text/plain\r\n\r\n")
        while True:
            writer.write(b"x" * 4096)
            await writer.drain()

    async with raw_server(handler) as server, asyncio.timeout(10):
        failure = failure_of(await events_of(exchange(server.url, transport)))
    assert failure is not None
    assert (failure.kind, failure.status, failure.message) == ("http", 500, None)


async def test_stopping_closes_the_connection(transport: HttpTransport) -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(CHUNKED + chunk(HALF))
        await reader.read()
        server.gone.set()

    async with raw_server(handler) as server:
        batches = exchange(server.url, transport).batches()
        await anext(batches)
        await batches.aclose()
        async with asyncio.timeout(5):
            await server.gone.wait()


async def test_cancelling_while_connecting_leaves_nothing_open(transport: HttpTransport) -> None:
    asked = asyncio.Event()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await reader.read()
        server.gone.set()

    async with raw_server(handler) as server, asyncio.timeout(5):
        reading = asyncio.create_task(events_of(exchange(server.url, transport)))
        await asked.wait()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await server.gone.wait()


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate, identity"])
async def test_a_compressed_reply_is_refused(encoding: str, transport: HttpTransport) -> None:
    head = SSE_HEAD + f"Content-Encoding: {encoding}\r\nConnection: close\r\n\r\n".encode()
    async with raw_server(writes(head, b"\x1f\x8b" + b"\0" * 1000)) as server:
        events = await events_of(exchange(server.url, transport))
        assert failure_of(events) == Failure("protocol", "compressed", place=encoding)
        assert b"accept-encoding: identity\r\n" in server.heard[0].lower()


async def test_a_redirect_is_not_followed_and_the_key_stays(transport: HttpTransport) -> None:
    async with raw_server(writes(UNTIL_CLOSED, DONE)) as other:
        moved = f"HTTP/1.1 307 Moved\r\nLocation: {other.url}/v1\r\nContent-Length: 0\r\n\r\n".encode()
        async with raw_server(writes(moved)) as server:
            key = Credential("x-api-key", "", Secret(KEY))
            failure = failure_of(await events_of(exchange(server.url, transport, key=key)))
        assert other.heard == []
        assert failure == Failure("http", "moved", None, None, 307, None, f"127.0.0.1:{other.port}")


async def test_the_key_goes_into_its_header_and_nowhere_else(transport: HttpTransport) -> None:
    async with raw_server(writes(UNTIL_CLOSED, HALF, DONE)) as server:
        key = Credential("Authorization", "Bearer ", Secret(KEY))
        exchanged = exchange(server.url, transport, key=key)
        await events_of(exchanged)
        (asked,) = server.heard
    assert asked.count(KEY.encode()) == 1
    assert f"authorization: bearer {KEY}\r\n".encode() in asked.lower()
    assert KEY.encode() not in exchanged.recording.to_bytes()
    assert KEY not in repr(exchanged.recording) + repr(key)


PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


async def test_this_machine_is_reached_past_any_proxy(
    demo: DemoServer, transport: HttpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with raw_server(writes(b"HTTP/1.1 502 Proxy\r\nContent-Length: 0\r\n\r\n")) as proxy:
        for name in PROXIES:
            monkeypatch.setenv(name, proxy.url)
        for host in ("127.0.0.1", "localhost"):
            async with transport.open(get(f"http://{host}:{demo.port}/")) as answer:
                assert answer.status == 200
        assert proxy.heard == []


async def test_other_machines_are_reached_through_the_proxy(
    transport: HttpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with raw_server(writes(UNTIL_CLOSED, HALF, DONE)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        assert text_of(await events_of(exchange("http://bots.example", transport))) == "Half"
        assert proxy.heard[0].startswith(b"POST http://bots.example/v1/chat/completions HTTP/1.1\r\n")


async def test_nothing_listens(transport: HttpTransport) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{taken.getsockname()[1]}"
    events = await events_of(exchange(f"http://{place}", transport))
    assert events == [BodyEnded(Failure("network", "refused", place=place))]


async def test_no_such_host(transport: HttpTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*arguments: object, **options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    events = await events_of(exchange("http://nowhere.invalid", transport))
    assert events == [BodyEnded(Failure("network", "unknown host", place="nowhere.invalid"))]


async def test_https_to_a_port_that_does_not_speak_it(transport: HttpTransport) -> None:
    async with raw_server(writes()) as server:

        async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            writer.close()

        listening = await asyncio.start_server(plain, "127.0.0.1", 0)
        place = f"127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        failure = failure_of(await events_of(exchange(f"https://{place}", transport)))
        listening.close()
    assert failure == Failure("network", "no TLS", place=place)
    assert server.heard == []


async def test_a_certificate_that_cannot_be_trusted(
    transport: HttpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*arguments: object, **options: object) -> None:
        words = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate"
        raise httpx.ConnectError(words) from ssl.SSLCertVerificationError(1, words)

    monkeypatch.setattr(httpx.AsyncClient, "send", refuse)
    failure = failure_of(await events_of(exchange("https://bots.example", transport)))
    assert failure == Failure("network", "certificate", place="bots.example")


@pytest.mark.parametrize("address", ["http://[::1", "http://127.0.0.1:99999", "http://a b", "ftp://bots.example"])
async def test_an_address_that_cannot_be_used(address: str, transport: HttpTransport) -> None:
    with pytest.raises(ConnectionProblem) as raised:
        async with transport.open(get(address)):
            raise AssertionError
    assert raised.value.failure.kind == "network"


async def test_credentials_in_an_address_are_not_repeated(transport: HttpTransport) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with pytest.raises(ConnectionProblem) as raised:
        async with transport.open(get(f"http://somebody:{KEY}@127.0.0.1:{port}/")):
            raise AssertionError
    assert KEY not in str(raised.value) + repr(raised.value.failure)
    assert raised.value.__cause__ is None


async def test_a_connection_is_used_again(transport: HttpTransport) -> None:
    connections = 0
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while True:
            writer.write(answer)
            await reader.readuntil(b"\r\n\r\n")

    async with raw_server(handler) as server:
        for _ in range(3):
            async with transport.open(get(server.url)) as answered:
                assert b"".join([piece async for piece in answered.pieces()]) == b"{}"
    assert connections == 1


async def test_no_cookie_is_kept(transport: HttpTransport) -> None:
    answer = b"HTTP/1.1 200 OK\r\nSet-Cookie: seen=yes; Path=/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    async with raw_server(writes(answer)) as server, raw_server(writes(answer)) as other:
        for url in (server.url, server.url, other.url):
            async with transport.open(get(url)):
                pass
    assert len(server.heard) == 2
    assert not any(b"cookie" in asked.lower() for asked in server.heard + other.heard)


async def test_closing_twice_does_no_harm(transport: HttpTransport) -> None:
    await transport.close()
    await transport.close()
