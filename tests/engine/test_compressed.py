"""Compressed answers over real connections: replies, errors and listings."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib

import pytest

from chatgrid_tui.demo.catalogue import Kind
from chatgrid_tui.engine.client import Client
from chatgrid_tui.engine.exchange import Exchange
from chatgrid_tui.engine.http import HttpTransport
from chatgrid_tui.errors import ConnectionProblem, ServiceProblem
from chatgrid_tui.model.events import BodyEnded, StreamFailed, TextDelta
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.provider import Board, Provider
from chatgrid_tui.wire import content_encoding
from engine.raw import RawServer, events_of, exchange, failure_of, raw_server, text_of, writes
from fakes import DONE, delta
from quiet import PATIENCE

REPLY = delta("Hello") + delta(" you") + DONE


def head(coding: str, status: str = "200 OK", media_type: str = "text/event-stream") -> bytes:
    """Return the head of an answer that ends with its connection."""
    lines = (f"HTTP/1.1 {status}", f"Content-Type: {media_type}", f"Content-Encoding: {coding}", "Connection: close")
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


async def no_key() -> None:
    return None


def client(server: RawServer, transport: HttpTransport) -> Client:
    """Return the service that a server is."""
    return Client(Provider("p", "openai", server.url), transport, no_key)


@pytest.mark.parametrize(
    ("coding", "body"),
    [("gzip", gzip.compress(REPLY)), ("x-gzip", gzip.compress(REPLY)), ("deflate", zlib.compress(REPLY))],
    ids=["gzip", "x-gzip", "deflate"],
)
async def test_a_compressed_reply_is_read(coding: str, body: bytes, transport: HttpTransport) -> None:
    async with raw_server(writes(head(coding), body[:20], body[20:])) as server:
        exchanged = exchange(server.url, transport)
        events = await events_of(exchanged)
        assert b"accept-encoding: identity\r\n" in server.heard[0].lower()
    assert (text_of(events), failure_of(events)) == ("Hello you", None)
    assert REPLY.startswith(exchanged.recordings[-1].body)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (
            "openai",
            json.dumps({"choices": [{"index": 0, "message": {"content": "Whole."}, "finish_reason": "stop"}]}),
        ),
        ("widget", '{"type": "text", "text": "Lines."}\n{"type": "done"}\n'),
    ],
    ids=["a body of JSON", "lines of JSON"],
)
async def test_replies_of_other_forms_are_read(kind: Kind, body: str, transport: HttpTransport) -> None:
    events = []
    for coding, data in (("identity", body.encode()), ("gzip", gzip.compress(body.encode()))):
        async with raw_server(writes(head(coding, media_type="application/json"), data)) as server:
            events.append(await events_of(exchange(server.url, transport, kind=kind)))
    plain, compressed = events
    assert compressed == plain
    assert failure_of(plain) is None
    assert len(plain) > 1


async def test_tokens_are_there_as_soon_as_they_are_flushed(transport: HttpTransport) -> None:
    seen = asyncio.Event()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        compressor = zlib.compressobj(wbits=31)
        writer.write(head("gzip") + compressor.compress(delta("First")) + compressor.flush(zlib.Z_SYNC_FLUSH))
        await seen.wait()
        writer.write(compressor.compress(delta("second") + DONE) + compressor.flush())

    async with raw_server(handler) as server, asyncio.timeout(PATIENCE):
        texts = []
        async for chunk in exchange(server.url, transport).chunks():
            texts += [event.text for one in chunk.records for event in one.events if isinstance(event, TextDelta)]
            if texts == ["First"]:
                seen.set()
    assert texts == ["First", "second"]


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip"])
async def test_other_codings_are_refused_by_name(coding: str, transport: HttpTransport) -> None:
    async with raw_server(writes(head(coding), b"\x1f\x8b" + b"\0" * 1000)) as server:
        events = await events_of(exchange(server.url, transport))
        with pytest.raises(ConnectionProblem) as raised:
            await client(server, transport).boards()
    failure = Failure("protocol", "compressed", place=coding)
    assert events == [StreamFailed(failure), BodyEnded(failure)]
    assert raised.value.failure == failure


@pytest.mark.parametrize("end", [b"", b"damaged!"], ids=["cut", "damaged"])
async def test_a_compressed_reply_that_is_cut_or_damaged(end: bytes, transport: HttpTransport) -> None:
    async with raw_server(writes(head("gzip"), gzip.compress(delta("Half"))[:-8], end)) as server:
        events = await events_of(exchange(server.url, transport))
    assert text_of(events) == "Half"
    assert events[-1] == BodyEnded(Failure("network", "broken compression", place="gzip"))


async def test_what_follows_the_end_mark_does_not_count(transport: HttpTransport) -> None:
    async with raw_server(writes(head("gzip"), gzip.compress(REPLY)[:-8] + b"damaged!")) as server:
        events = await events_of(exchange(server.url, transport))
    assert (text_of(events), failure_of(events)) == ("Hello you", None)


async def test_a_compressed_error_is_read(transport: HttpTransport) -> None:
    body = gzip.compress(b'{"error": {"message": "No such model", "code": "model_not_found"}}')
    async with raw_server(writes(head("gzip", "404 Not Found", "application/json"), body)) as server:
        failure = failure_of(await events_of(exchange(server.url, transport)))
        with pytest.raises(ServiceProblem) as raised:
            await client(server, transport).boards()
    assert failure == raised.value.failure == Failure("http", "said", "model_not_found", "No such model", 404)


@pytest.mark.parametrize("coding", ["br", "gzip"])
async def test_an_unreadable_error_reports_its_status(coding: str, transport: HttpTransport) -> None:
    async with raw_server(writes(head(coding, "401 Unauthorized"), b"not of that coding")) as server:
        failure = failure_of(await events_of(exchange(server.url, transport)))
        with pytest.raises(ServiceProblem) as raised:
            await client(server, transport).boards()
    assert failure == raised.value.failure == Failure("http", status=401)


async def test_a_compressed_listing_is_read(transport: HttpTransport) -> None:
    body = gzip.compress(b'{"data": [{"id": "small"}, {"id": "large"}]}')
    async with raw_server(writes(head("gzip", media_type="application/json"), body)) as server:
        page = await client(server, transport).boards()
    assert page.items == (Board("small", "small"), Board("large", "large"))


BOMBS = {
    "a line without end": b"data: " + b"x" * (40 * 1024 * 1024),
    "a body without end": b" " * (40 * 1024 * 1024),
    "comments": (b":" + b"x" * 1022 + b"\n") * (40 * 1024),
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
async def test_a_decompression_bomb_is_abandoned(
    bomb: bytes, transport: HttpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content_encoding, "DECODED_LIMIT", 32 * 1024 * 1024)
    async with raw_server(writes(head("gzip"), gzip.compress(bomb, 1))) as server, asyncio.timeout(50):
        exchanged: Exchange = exchange(server.url, transport)
        failure = failure_of(await events_of(exchanged))
        with pytest.raises(ConnectionProblem) as raised:
            await client(server, transport).boards()
    assert failure is not None
    assert raised.value.failure.cause == failure.cause == "too long"
