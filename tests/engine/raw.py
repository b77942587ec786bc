"""Servers that write exactly the bytes they are given, and exchanges read to their end."""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

from chatgrid_tui.demo.catalogue import Kind
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.engine.chain import transport_chain
from chatgrid_tui.engine.clock import SYSTEM_CLOCK, Clock
from chatgrid_tui.engine.exchange import Exchange
from chatgrid_tui.engine.recording import Head, Recording
from chatgrid_tui.engine.transport import ANSWER_TIMEOUT, Credential, Transport
from chatgrid_tui.model.events import BodyEnded, Event, StreamFailed, TextDelta
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.model.request import Outgoing, Request

Handler: TypeAlias = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

TLS_HANDSHAKE = b"\x16"
SSE_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"


class RawServer:
    """A server on the loopback interface. `heard` contains the requests it received, one per connection."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.heard: list[bytes] = []
        self.gone = asyncio.Event()
        """The client has closed a connection before the server did."""

    @property
    def url(self) -> str:
        """Its address, without a path."""
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def raw_server(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[RawServer]:
    """Serve each connection with `handler`, after its request was read whole. Without `tls`, one that begins so is
    closed.
    """
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readexactly(1)
            if head == TLS_HANDSHAKE:
                return
            head += await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: (\d+)", head)
            server.heard.append(head + await reader.readexactly(int(length[1]) if length else 0))
            await handler(reader, writer)
            await writer.drain()
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(serve(reader, writer))
        tasks.add(task)

    listening = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=tls)
    server = RawServer(listening.sockets[0].getsockname()[1])
    try:
        yield server
    finally:
        listening.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def writes(*pieces: bytes) -> Handler:
    """Return a handler that writes the pieces and closes in good order."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()

    return handler


def resets(*pieces: bytes) -> Handler:
    """Return a handler that writes the pieces, waits until they have been taken, and resets the connection."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        writer.transport.abort()

    return handler


def exchange(
    url: str,
    transport: Transport,
    *,
    kind: Kind = "openai",
    key: Credential | None = None,
    silence_timeout: float | None = None,
    answer_timeout: float = ANSWER_TIMEOUT,
    clock: Clock = SYSTEM_CLOCK,
) -> Exchange:
    """Return the exchange of one message with the service at `url`."""
    dialect = DIALECTS[kind]
    request = _message(kind, url)
    recordings: list[Recording] = []
    chain = transport_chain(transport, recordings=recordings, kind=kind, clock=clock)
    return Exchange(
        chain,
        dialect,
        request,
        key,
        recordings=recordings,
        silence_timeout=silence_timeout,
        answer_timeout=answer_timeout,
        clock=clock,
    )


def recorded(
    *reads: tuple[float, bytes], kind: Kind = "openai", status: int = 200, answered: float = 0.0
) -> Recording:
    """Return a recording of the exchange of `exchange`, which ended in order."""
    recording = Recording(_message(kind, "http://127.0.0.1:1"), kind)
    recording.head = Head(answered, status, {"content-type": "text/event-stream"})
    for t, data in reads:
        recording.add_read(t, data)
    recording.finish(max((t for t, _ in reads), default=answered), "eof")
    return recording


def _message(kind: Kind, url: str) -> Request:
    return DIALECTS[kind].message(Outgoing(Provider("p", kind, url), "m", "Hello", "c"))


async def events_of(exchanged: Exchange) -> list[Event]:
    """Read an exchange to its end."""
    return [event async for chunk in exchanged.chunks() for record in chunk.records for event in record.events]


def text_of(events: list[Event]) -> str:
    """Return the text that arrived."""
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def failure_of(events: list[Event]) -> Failure | None:
    """Return the failure, whether a service or the connection reported it."""
    said = (event.failure for event in events if isinstance(event, StreamFailed))
    lost = (event.lost for event in events if isinstance(event, BodyEnded))
    return next(said, None) or next(lost, None)


def get(url: str) -> Request:
    """Return a request without a body."""
    return Request("GET", url)
