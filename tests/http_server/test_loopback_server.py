"""The server on loopback: how it ends connections, and what it reports about clients it refuses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from chatgrid_tui.http_server import connection
from chatgrid_tui.http_server.loopback_server import LoopbackServer
from chatgrid_tui.http_server.messages import Answer, Cut, Request, Reset, Response, Sink, Stream, text_response


async def greets(request: Request) -> Answer:
    """Answer with a greeting."""
    return text_response(200, "Hello.")


@asynccontextmanager
async def serving(
    handler: Callable[[Request], Awaitable[Answer]], sentences: list[str] | None = None
) -> AsyncIterator[LoopbackServer]:
    """Serve with a handler, and add the reports about refused clients to `sentences`."""
    server = LoopbackServer(handler, refused=([] if sentences is None else sentences).append)
    await server.start()
    try:
        yield server
    finally:
        await server.close()


@asynccontextmanager
async def asking(server: LoopbackServer) -> AsyncIterator[asyncio.StreamReader]:
    """Send a request on a new connection, and give the reader of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    yield reader
    writer.close()


async def test_a_reset_is_one_and_what_was_read_before_it_is_kept() -> None:
    taken = asyncio.Event()

    async def produce(sink: Sink) -> None:
        await sink.send(b"half")
        await taken.wait()
        raise Reset

    async def handler(request: Request) -> Answer:
        return Stream(200, (), produce)

    async with serving(handler) as server, asking(server) as reader:
        assert await reader.readuntil(b"4\r\nhalf\r\n")
        taken.set()
        with pytest.raises(ConnectionResetError):
            await reader.read()


@pytest.mark.parametrize("problem", [Cut, Reset])
async def test_a_handler_may_give_no_answer(problem: type[Cut]) -> None:
    async def handler(request: Request) -> Answer:
        raise problem

    async with serving(handler) as server, asking(server) as reader:
        if problem is Cut:
            assert await reader.read() == b""
        else:
            with pytest.raises(ConnectionResetError):
                await reader.read()


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"\x16\x03\x01\x02\x00 hello\r\n\r\n", "It did not send HTTP."),
        (b"GET / HTTP/1.1\r\nHo", "It closed the connection in the middle of a request."),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf", "in the middle of a request."),
        (b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", "It got 403: This server answers to 127.0.0.1"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: https://x.example\r\n\r\n", "does not answer web pages."),
        (b"", ""),
    ],
)
async def test_it_says_why_a_client_was_refused(sent: bytes, said: str) -> None:
    sentences: list[str] = []
    async with serving(greets, sentences) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(sent)
        writer.write_eof()
        await reader.read()
        writer.close()
    assert len(sentences) == bool(said)
    assert said in "".join(sentences)


async def test_an_error_in_the_handler_is_told_without_what_is_in_it() -> None:
    sentences: list[str] = []

    async def handler(request: Request) -> Answer:
        raise KeyError("secret")

    async with serving(handler, sentences) as server, asking(server) as reader:
        head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 500")
    assert sentences == ["The server failed at its request: KeyError."]


async def test_a_body_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "MAX_DISCARDED", 3 * 1024 * 1024)
    sentences: list[str] = []
    async with serving(greets, sentences) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n")
        with pytest.raises(ConnectionError):
            while True:
                writer.write(bytes(65536))
                await writer.drain()
        writer.close()
        assert not (await reader.read() if not reader.exception() else b"")
    assert sentences == ["Its request has a body of more than 3 MiB."]


@pytest.mark.parametrize("status", [204, 304])
async def test_an_answer_without_a_body_tells_no_length(status: int) -> None:
    async def handler(request: Request) -> Answer:
        return Response(status, (), b"left out")

    async with serving(handler) as server, asking(server) as reader:
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 %d" % status)
        assert b"content-length" not in head.lower()
        assert b"transfer-encoding" not in head.lower()


async def test_values_of_headers_may_hold_latin_1() -> None:
    async def handler(request: Request) -> Answer:
        return Stream(200, (("X-City", "Zürich"),), lambda sink: sink.send(b"."))

    async with serving(handler) as server, asking(server) as reader:
        assert b"X-City: Z\xfcrich\r\n" in await reader.readuntil(b"\r\n\r\n")
