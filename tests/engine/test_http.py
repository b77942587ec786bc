"""The transport against servers that do everything wrong, over real connections on the loopback interface."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager

import pytest

from chatgrid_tui.config.secret import Secret
from chatgrid_tui.engine import http
from chatgrid_tui.engine.http import HttpTransport
from chatgrid_tui.engine.network_backend import HEAD_LIMIT
from chatgrid_tui.engine.recording_format import write_recording
from chatgrid_tui.engine.transport import Credential
from chatgrid_tui.errors import ConnectionProblem
from chatgrid_tui.model.events import BodyEnded, Finished
from chatgrid_tui.model.failure import Failure, FailureCause
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
from quiet import PATIENCE

CHUNKED = SSE_HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
UNTIL_CLOSED = SSE_HEAD + b"Connection: close\r\n\r\n"
KEY = "canary-0123456789"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


HEAD = b"HTTP/1.1 200 OK\r\n"
BEFORE_THE_HEAD: dict[str, tuple[Handler, FailureCause]] = {
    "closed": (writes(), "dropped"),
    "reset": (resets(), "dropped"),
    "half a status line": (writes(b"HTT"), "dropped"),
    "half a head": (writes(HEAD + b"Content-"), "dropped"),
    "a mail server": (writes(b"220 mail.example ESMTP ready\r\n"), "not HTTP"),
    "an SSH server": (writes(b"SSH-2.0-OpenSSH_9.2p1\r\n"), "not HTTP"),
    "binary": (writes(bytes(range(256))), "not HTTP"),
    "a header that is none": (writes(HEAD + b"no header\r\n\r\n"), "not HTTP"),
    "an alert of TLS": (writes(b"\x15\x03\x03\x00\x02\x02\x0a"), "TLS expected"),
    "an endless header": (writes(HEAD + b"X: " + b"x" * 200_000 + b"\r\n\r\n"), "headers too long"),
    "a flood of headers": (writes(HEAD, b"X: y\r\n" * 40_000), "headers too long"),
    "a flood of early hints": (writes(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" * 5_000), "headers too long"),
    "gzip as transfer coding": (writes(HEAD + b"Transfer-Encoding: gzip\r\n\r\n"), "transfer coding"),
    "two transfer codings": (writes(HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n"), "transfer coding"),
}


@pytest.mark.parametrize(("handler", "cause"), BEFORE_THE_HEAD.values(), ids=BEFORE_THE_HEAD)
async def test_no_answer_at_all(handler: Handler, cause: FailureCause, transport: HttpTransport) -> None:
    async with raw_server(handler) as server:
        events = await events_of(exchange(server.url, transport))
        assert events == [BodyEnded(Failure("network", cause, place=f"127.0.0.1:{server.port}"))]


async def test_informational_responses_are_passed_over(transport: HttpTransport) -> None:
    before = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"
    async with raw_server(writes(before * 100, UNTIL_CLOSED, HALF, DONE)) as server:
        assert text_of(await events_of(exchange(server.url, transport))) == "Half"


@asynccontextmanager
async def turns_of_others() -> AsyncIterator[Callable[[], int]]:
    """Count how often another task has its turn."""
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    counting = asyncio.create_task(count())
    yield lambda: turns
    counting.cancel()


async def test_other_tasks_run_during_a_flood_of_100_continue(transport: HttpTransport) -> None:
    async with raw_server(writes(b"HTTP/1.1 100 Continue\r\n\r\n" * 20_000)) as server, turns_of_others() as turns:
        failure = failure_of(await events_of(exchange(server.url, transport)))
        assert turns() >= HEAD_LIMIT // (4 * 1024)
    assert failure == Failure("network", "headers too long", place=f"127.0.0.1:{server.port}")


async def test_other_tasks_run_during_a_flood_of_chunks(transport: HttpTransport) -> None:
    count = 5_000
    flood = chunk(b":") * count
    async with raw_server(writes(CHUNKED, flood, chunk(b"\n" + HALF + DONE))) as server, turns_of_others() as turns:
        assert text_of(await events_of(exchange(server.url, transport))) == "Half"
        assert turns() >= count // 100


HALF = delta("Half")
WITHIN_THE_BODY: dict[str, tuple[Handler, FailureCause]] = {
    "reset": (resets(CHUNKED, chunk(HALF)), "dropped"),
    "a chunk cut": (writes(CHUNKED, chunk(HALF), b"40\r\ndata: {"), "dropped"),
    "no last chunk": (writes(CHUNKED, chunk(HALF)), "dropped"),
    "a chunk size cut": (writes(CHUNKED, chunk(HALF), b"4"), "dropped"),
    "a Content-Length that is too long": (writes(SSE_HEAD + b"Content-Length: 9999\r\n\r\n", HALF), "dropped"),
    "a bad chunk size": (writes(CHUNKED, chunk(HALF), b"zz\r\n"), "broken chunks"),
    "a huge chunk size": (writes(CHUNKED, chunk(HALF), b"f" * 40 + b"\r\n"), "broken chunks"),
    "an endless chunk size": (writes(CHUNKED, chunk(HALF), b"1;" + b"x" * 200_000), "broken chunks"),
    "a chunk longer than said": (writes(CHUNKED, chunk(HALF), b"1\r\n12345\r\n"), "broken chunks"),
}


@pytest.mark.parametrize(("handler", "cause"), WITHIN_THE_BODY.values(), ids=WITHIN_THE_BODY)
async def test_a_reply_that_breaks_off_keeps_its_text(
    handler: Handler, cause: FailureCause, transport: HttpTransport
) -> None:
    async with raw_server(handler) as server:
        exchanged = exchange(server.url, transport)
        events = await events_of(exchanged)
    assert text_of(events) == "Half"
    assert events[-1] == BodyEnded(Failure("network", cause, place=f"127.0.0.1:{server.port}"))
    assert not any(isinstance(event, Finished) for event in events)
    assert exchanged.recordings[-1].body.startswith(HALF)


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


async def continues_slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while not writer.is_closing():
        writer.write(b"HTTP/1.1 102 Processing\r\n\r\n")
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("handler", [silent, continues_slowly], ids=["silence", "102 Processing"])
async def test_a_head_that_never_comes(handler: Handler, transport: HttpTransport) -> None:
    async with raw_server(handler) as server:
        events = await events_of(exchange(server.url, transport, answer_timeout=0.2))
    assert events == [BodyEnded(Failure("timeout", "no answer in time", place=f"127.0.0.1:{server.port}"))]


async def test_silence_ends_a_reply_and_keeps_its_text(transport: HttpTransport) -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(CHUNKED + chunk(HALF))
        await reader.read()
        server.gone.set()

    async with raw_server(handler) as server:
        events = await events_of(exchange(server.url, transport, silence_timeout=0.2))
        assert text_of(events) == "Half"
        assert events[-1] == BodyEnded(Failure("timeout", "silence"))
        async with asyncio.timeout(PATIENCE):
            await server.gone.wait()


async def test_a_flood_of_small_chunks(transport: HttpTransport) -> None:
    count = 5_000
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


async def test_an_error_with_an_endless_body_is_abandoned(transport: HttpTransport) -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 500 Oops\r\nContent-Type: text/plain\r\n\r\n")
        while True:
            writer.write(b"x" * 4096)
            await writer.drain()

    async with raw_server(handler) as server, asyncio.timeout(PATIENCE):
        failure = failure_of(await events_of(exchange(server.url, transport)))
    assert failure is not None
    assert (failure.kind, failure.status, failure.message) == ("http", 500, None)


async def test_stopping_closes_the_connection(transport: HttpTransport) -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(CHUNKED + chunk(HALF))
        await reader.read()
        server.gone.set()

    async with raw_server(handler) as server:
        chunks = exchange(server.url, transport).chunks()
        await anext(chunks)
        await chunks.aclose()
        async with asyncio.timeout(PATIENCE):
            await server.gone.wait()


async def test_cancelling_while_connecting_leaves_nothing_open(transport: HttpTransport) -> None:
    asked = asyncio.Event()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await reader.read()
        server.gone.set()

    async with raw_server(handler) as server, asyncio.timeout(PATIENCE):
        reading = asyncio.create_task(events_of(exchange(server.url, transport)))
        await asked.wait()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await server.gone.wait()


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
    assert KEY.encode() not in write_recording(exchanged.recordings[-1])
    assert KEY not in repr(exchanged.recordings[-1]) + repr(key)


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


async def test_a_connection_that_is_not_taken_in_time(
    transport: HttpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "CONNECT_TIMEOUT", 0.1)
    with ExitStack() as sockets:
        listening = sockets.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(8):  # more than wait to be accepted: whoever comes later gets no answer
            waiting = sockets.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())
        port = listening.getsockname()[1]
        events = await events_of(exchange(f"http://127.0.0.1:{port}", transport))
    assert events == [BodyEnded(Failure("timeout", "no connection in time", place=f"127.0.0.1:{port}"))]


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
