"""A proxy under test, its reports, and a client that sends and reads raw bytes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from chatgrid_tui.engine.exchange import ParsedChunk
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.model.events import Event
from chatgrid_tui.watch.proxy import WatchProxy
from chatgrid_tui.watch.upstream import upstream_at
from chatgrid_tui.watch.watched_exchange import WatchedExchange
from quiet import PATIENCE


class Watched:
    """A listener that keeps what the proxy reports."""

    def __init__(self) -> None:
        self.exchanges: list[WatchedExchange] = []
        self.events: list[Event] = []
        self.refusals: list[str] = []
        self._changed = asyncio.Event()

    def began(self, exchange: WatchedExchange) -> None:
        """Keep the exchange."""
        self.exchanges.append(exchange)
        self._changed.set()

    def read(self, exchange: WatchedExchange, chunk: ParsedChunk) -> None:
        """Keep the events."""
        self.events += [event for record in chunk.records for event in record.events]
        self._changed.set()

    async def ended(self, exchange: WatchedExchange) -> None:
        """Note the end."""
        assert exchange.ended
        self._changed.set()

    def refused(self, sentence: str) -> None:
        """Keep the sentence."""
        self.refusals.append(sentence)
        self._changed.set()

    @property
    def recording(self) -> Recording:
        """The recording of the newest exchange."""
        return self.exchanges[-1].recordings[0]

    async def all_ended(self, count: int = 1) -> None:
        """Wait until so many exchanges have ended."""
        async with asyncio.timeout(PATIENCE):
            while len(self.exchanges) < count or not all(exchange.ended for exchange in self.exchanges):
                self._changed.clear()
                await self._changed.wait()


@asynccontextmanager
async def watching(
    upstream: str, *, kind: str = "", allowed_origin: str = ""
) -> AsyncIterator[tuple[WatchProxy, Watched]]:
    """Give a proxy in front of a service, and its reports."""
    watched = Watched()
    proxy = WatchProxy(upstream_at(upstream), watched, kind=kind, allowed_origin=allowed_origin)
    await proxy.start()
    try:
        yield proxy, watched
    finally:
        await proxy.close()


@dataclass
class RawAnswer:
    """An answer as it came. `whole` is whether it ended in order."""

    head: bytes = b""
    chunks: list[bytes] = field(default_factory=list)
    whole: bool = False

    @property
    def status(self) -> int:
        """The status."""
        return int(self.head.split(b" ", 2)[1])

    @property
    def body(self) -> bytes:
        """The body, as far as it came."""
        return b"".join(self.chunks)

    def headers(self, *left_out: str) -> list[tuple[str, str]]:
        """The headers without some, sorted."""
        lines = (line.partition(": ") for line in self.head.decode("latin-1").split("\r\n")[1:])
        return sorted((name.lower(), value) for name, _, value in lines if name and name.lower() not in left_out)


async def ask(address: str, request: bytes) -> RawAnswer:
    """Send the bytes of a request to the host of an address, and read the answer to its end."""
    reader, writer = await _connected(address)
    answer = RawAnswer()
    try:
        writer.write(request)
        async with asyncio.timeout(PATIENCE):
            answer.head = (await reader.readuntil(b"\r\n\r\n"))[:-4]
            await _read_body(reader, answer)
        answer.whole = True
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()
    return answer


async def _connected(address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    port = int(address.partition("://")[2].partition("/")[0].partition(":")[2])
    return await asyncio.open_connection("127.0.0.1", port)


async def _read_body(reader: asyncio.StreamReader, answer: RawAnswer) -> None:
    headers = dict(answer.headers())
    if headers.get("transfer-encoding") != "chunked":
        answer.chunks.append(await reader.readexactly(int(headers.get("content-length", "0"))))
        return
    while size := int(await reader.readuntil(b"\r\n"), 16):
        answer.chunks.append(await reader.readexactly(size))
        await reader.readexactly(2)


def post(path: str, body: bytes, *headers: str) -> bytes:
    """Return the bytes of a request that ends its connection."""
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Connection: close",
        f"Content-Length: {len(body)}",
        *headers,
    ]
    return "\r\n".join((*lines, "", "")).encode() + body


def get(path: str, *headers: str) -> bytes:
    """Return the bytes of a request without a body, which ends its connection."""
    return "\r\n".join((f"GET {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", *headers, "", "")).encode()
