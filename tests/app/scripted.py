"""A bot whose replies the test writes piece by piece, and configurations that use it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chatgrid_tui.demo.catalogue import Kind
from engine.raw import SSE_HEAD, raw_server
from fakes import DONE, delta


class HeldBot:
    """An OpenAI-compatible server that sends only what the test writes. One reply at a time."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[str] = []
        """The messages it got, in their order."""
        self._pieces: asyncio.Queue[bytes | None] = asyncio.Queue()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Send one reply as the test writes it."""
        writer.write(SSE_HEAD + b"\r\n")
        await writer.drain()
        hung_up = asyncio.create_task(reader.read())
        while True:
            piece = asyncio.create_task(self._pieces.get())
            await asyncio.wait({hung_up, piece}, return_when=asyncio.FIRST_COMPLETED)
            if not piece.done():  # what is said from now on is for the next reply
                piece.cancel()
                return
            if (written := piece.result()) is None:
                hung_up.cancel()
                return
            writer.write(written)
            await writer.drain()

    def says(self, *texts: str) -> None:
        """Write pieces of text."""
        for text in texts:
            self._pieces.put_nowait(delta(text))

    def ends(self) -> None:
        """End the reply as it should end."""
        self._pieces.put_nowait(DONE)
        self._pieces.put_nowait(None)

    def breaks_off(self) -> None:
        """End the reply without its end mark."""
        self._pieces.put_nowait(None)


@asynccontextmanager
async def held_bot() -> AsyncIterator[HeldBot]:
    """Serve a bot whose replies the test writes."""
    bot = HeldBot()
    async with raw_server(bot.serve) as server:
        bot.url = f"{server.url}/v1"
        yield bot
        bot.asked = [said_in(heard) for heard in server.heard]


def said_in(request: bytes) -> str:
    """Return the newest message of a request to an OpenAI-compatible server."""
    body = json.loads(request.split(b"\r\n\r\n", 1)[1])
    return str(body["messages"][-1]["content"])


def provider(
    url: str, kind: Kind = "openai", *, name: str = "acme", board: str = "support-bot", more: str = ""
) -> str:
    """Return a configuration with one provider, to be used alone or after another."""
    return f'[providers.{name}]\nkind = "{kind}"\nbase_url = "{url}"\nboards = ["{board}"]\n{more}\n'
