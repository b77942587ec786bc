"""The demo server: real HTTP on the loopback interface, all four dialects, no key needed.

async with DemoServer() as server:
    print(server.base_url("chatgrid"))
"""

from __future__ import annotations

from chatgrid_tui.demo.catalogue import KINDS, Bot, Kind, StreamForm
from chatgrid_tui.demo.sample_files import serve_file
from chatgrid_tui.demo.services.chatgrid import ChatGrid
from chatgrid_tui.demo.services.chatiq import ChatIQ
from chatgrid_tui.demo.services.context import Context, DemoKeys, RateLimit
from chatgrid_tui.demo.services.openai import OpenAI
from chatgrid_tui.demo.services.widget import Widget
from chatgrid_tui.demo.state import State
from chatgrid_tui.http_server.loopback_server import LoopbackServer, Server
from chatgrid_tui.http_server.messages import Answer, Headers, Request, text_response

USUAL_RATE_LIMIT = 6_000
_PREFIXES: dict[Kind, str] = {
    "chatgrid": "/chatgrid/v1",
    "chatiq": "/chatiq/api",
    "widget": "/widget",
    "openai": "/openai/v1",
}
_HEADERS: Headers = (("Server", "chatgrid-tui-demo"), ("X-Content-Type-Options", "nosniff"))


class DemoServer(Server):
    """The demo bots behind one port.

    Args:
        port: the port to listen on; 0 takes any free one.
            pace: tokens per second, in place of the paces of the bots and those that messages ask for; 0 is
                unthrottled. Pauses that a message asks for (`/stall 8`) take their time regardless.
            keys: the keys to require; None requires none.
            seed: the seed of generated text.
            chatgrid_form: how ChatGrid streams name their events; None leaves it to each board.
            rate_limit: how many requests a minute ChatGrid takes, as its headers say.
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
        self._pace = pace
        self._keys = keys
        self._seed = seed
        self._form = chatgrid_form
        self._rate_limit = rate_limit
        self._server = LoopbackServer(self._handle, port=port, headers=_HEADERS)
        self.state = State()
        """What the services store: boards, chats, conversations."""
        self._services: dict[Kind, ChatGrid | ChatIQ | Widget | OpenAI] = {}

    async def start(self) -> None:
        """Bind the port and start answering.

        Raises:
                OSError: the port is taken, or the server is already running.
        """
        await self._server.start()
        context = Context(
            origin=self._server.origin,
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
        """Stop listening and end every open stream at once. Does nothing if closed already."""
        await self._server.close()

    @property
    def port(self) -> int:
        """The port that the server listens on; 0 before it starts."""
        return self._server.port

    def base_url(self, kind: Kind, bot: Bot | None = None) -> str:
        """Return the address of a kind of service. `bot` matters only to the widget, whose address names the bot."""
        middle = f"/{bot.slug}" if bot is not None and kind == "widget" else ""
        return f"{self._server.origin}{_PREFIXES[kind]}{middle}"

    async def _handle(self, request: Request) -> Answer:
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
        return text_response(404, "Not found.\n")
