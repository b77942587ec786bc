"""The demo server: real HTTP on the loopback interface, all four dialects, no key needed.

async with DemoServer() as server:
    print(server.base_url("chatgrid"))
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from types import TracebackType
from typing import Self

from chatgrid_tui.demo.catalogue import KINDS, Bot, Kind, StreamForm
from chatgrid_tui.demo.files import serve_file
from chatgrid_tui.demo.http.connection import Connection
from chatgrid_tui.demo.http.messages import Answer, Request, text_response
from chatgrid_tui.demo.keys import DemoKeys
from chatgrid_tui.demo.limits import RateLimit
from chatgrid_tui.demo.services.chatgrid import ChatGrid
from chatgrid_tui.demo.services.chatiq import ChatIQ
from chatgrid_tui.demo.services.context import Context
from chatgrid_tui.demo.services.openai import OpenAI
from chatgrid_tui.demo.services.widget import Widget
from chatgrid_tui.demo.state import State

HOST = "127.0.0.1"
MOST_CONNECTIONS = 100
USUAL_RATE_LIMIT = 6_000
_HOST_HEADER = re.compile(r"(?:127\.0\.0\.1|localhost)(?::(\d{1,5}))?", re.IGNORECASE)
_PREFIXES: dict[Kind, str] = {
    "chatgrid": "/chatgrid/v1",
    "chatiq": "/chatiq/api",
    "widget": "/widget",
    "openai": "/openai/v1",
}
_BUSY = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class DemoServer:
    """The embedded bots behind one port.

    Args:
        port: the port to listen on; 0 takes any free one.
        pace: tokens per second in place of each bot's own pace and of what a message asks for; 0 is
            unthrottled. Pauses asked for by message (`/stall 8`) take their time regardless.
        keys: the keys to ask for; None asks for none.
        seed: what generated text depends on.
        chatgrid_form: how ChatGrid streams name their events; None leaves it to each board.
        rate_limit: requests a minute that ChatGrid takes, as its headers say.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        pace: float | None = None,
        keys: DemoKeys | None = None,
        seed: int = 7,
        chatgrid_form: StreamForm | None = None,
        rate_limit: int = USUAL_RATE_LIMIT,
    ) -> None:
        self._wanted_port = port
        self._pace = pace
        self._keys = keys
        self._seed = seed
        self._form = chatgrid_form
        self._rate_limit = rate_limit
        self._server: asyncio.Server | None = None
        self._port = 0
        self.state = State()
        """What the services remember: boards, chats, conversations."""
        self._connections: set[asyncio.Task[None]] = set()
        self._services: dict[Kind, ChatGrid | ChatIQ | Widget | OpenAI] = {}

    async def start(self) -> None:
        """Binds the port and answers from then on.

        Raises:
            OSError: the port is taken, or the server has been started already.
        """
        if self._server is not None:
            raise OSError("the demo server has been started already")
        self._server = await asyncio.start_server(self._accept, HOST, self._wanted_port)
        self._port = int(self._server.sockets[0].getsockname()[1])
        context = Context(
            origin=f"http://{HOST}:{self._port}",
            keys=self._keys,
            pace=self._pace,
            seed=self._seed,
            chatgrid_form=self._form,
            rate_limit=RateLimit(self._rate_limit),
            state=self.state,
        )
        self._services = {
            "chatgrid": ChatGrid(context),
            "chatiq": ChatIQ(context),
            "widget": Widget(context),
            "openai": OpenAI(context),
        }

    async def close(self) -> None:
        """Stops listening and ends every open stream at once. Closing twice does no harm."""
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        open_now = list(self._connections)
        for task in open_now:
            task.cancel()
        await asyncio.gather(*open_now, return_exceptions=True)
        await asyncio.sleep(0)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await server.wait_closed()

    async def __aenter__(self) -> Self:
        """Starts the server."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Closes the server."""
        await self.close()

    @property
    def port(self) -> int:
        """The port listened on; 0 before the start."""
        return self._port

    def base_url(self, kind: Kind, bot: Bot | None = None) -> str:
        """Where a dialect's service is. `bot` matters to the widget only, whose address names its bot."""
        middle = f"/{bot.slug}" if bot is not None and kind == "widget" else ""
        return f"http://{HOST}:{self._port}{_PREFIXES[kind]}{middle}"

    # Connections

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._connections) >= MOST_CONNECTIONS:
            writer.write(_BUSY)
            writer.close()
            return
        task = asyncio.get_running_loop().create_task(Connection(reader, writer, self._handle).serve())
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _handle(self, request: Request) -> Answer:
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        path = request.path
        for kind in KINDS:
            prefix = _PREFIXES[kind]
            if path == prefix or path.startswith(prefix + "/"):
                return await self._services[kind].handle(request, path[len(prefix) :])
        if path.startswith("/files/"):
            return serve_file(request)
        if path.startswith("/moved/"):
            return text_response(410, "The redirect was followed. A client with a key had better not.\n")
        if path == "/":
            addresses = "".join(f"{kind:10}{self.base_url(kind)}\n" for kind in KINDS)
            return text_response(200, f"The demo bots of chatgrid-tui.\n\n{addresses}")
        return text_response(404, "Nothing is here.\n")

    def _refusal(self, request: Request) -> Answer | None:
        """Refuses what can only come from a web page: another host's name, or an Origin."""
        found = _HOST_HEADER.fullmatch(request.headers.get("host", ""))
        if found is None or (found[1] is not None and int(found[1]) != self._port):
            return text_response(403, "This server answers to 127.0.0.1 and localhost only.\n")
        if "origin" in request.headers:
            return text_response(403, "This server does not answer web pages.\n")
        if not request.target.startswith("/"):
            return text_response(400, "The request's target is not a path.\n")
        return None
