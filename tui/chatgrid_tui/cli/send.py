"""`chatgrid-tui send`: one turn without a screen. The history is left alone."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from datetime import UTC, datetime

from chatgrid_tui.cli.embedded import with_embedded
from chatgrid_tui.cli.outcome import as_json, exit_code
from chatgrid_tui.cli.printing import TextPrinter, print_rest
from chatgrid_tui.cli.streams import standard_input
from chatgrid_tui.config.paths import Paths
from chatgrid_tui.config.settings import Settings, load
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.engine.client import Client
from chatgrid_tui.engine.http import HttpTransport
from chatgrid_tui.engine.transport import ANSWER_TIMEOUT
from chatgrid_tui.errors import ConnectionProblem, ServiceProblem, UsageProblem
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.model.request import Outgoing
from chatgrid_tui.session.providers.boards import choose_board
from chatgrid_tui.session.providers.clients import Clients
from chatgrid_tui.session.reply import Reply


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for."""

    message: str
    provider: str = ""
    board: str = ""
    conversation: str = ""
    stream: bool = True
    json: bool = False


def send(wanted: Wanted, paths: Paths) -> int:
    """Send one message, print the reply, and return the exit code.

    Raises:
        UsageProblem, ConfigProblem, KeyProblem: nothing was sent.
    """
    return asyncio.run(_send(wanted, paths))


def message_from(argument: str) -> str:
    """Return the message: the argument, or for `-` what comes on standard input, without its last line end."""
    if argument != "-":
        return argument.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    try:
        message = standard_input().read()
    except OSError as problem:
        raise UsageProblem(f"Standard input cannot be read: {problem.strerror}.") from problem
    return message.decode("utf-8", "replace").removesuffix("\n").removesuffix("\r")


async def _send(wanted: Wanted, paths: Paths) -> int:
    async with AsyncExitStack() as open_things:
        settings = await _settings(paths, open_things)
        provider = settings.provider(wanted.provider)
        assert provider is not None, "with nothing configured the embedded bots are"
        clients = Clients(settings, paths, HttpTransport)
        open_things.push_async_callback(clients.close)
        client = await clients.of(provider)
        client.dialect.check(wanted.message)
        if wanted.conversation and (client.dialect.conversations == "none" or provider.private):
            raise UsageProblem(f"{provider.shown} keeps no conversations, so that none can be continued.")
        turn = _Turn(wanted, client)
        await turn.run()
        if wanted.json:
            print(as_json(turn.reply, turn.conversation or None, with_conversation=True))  # noqa: T201
        else:
            print_rest(turn.reply, clients.key_status(provider), client.dialect.resend_at(provider), provider.kind)
        return exit_code(turn.reply)


async def _settings(paths: Paths, open_things: AsyncExitStack) -> Settings:
    settings = load(paths.config_file)
    if settings.providers:
        return settings
    return with_embedded(settings, await open_things.enter_async_context(DemoServer()))


class _Turn:
    """One turn: finds the board, begins a conversation where none is continued, sends, and reads the reply."""

    def __init__(self, wanted: Wanted, client: Client) -> None:
        self._wanted = wanted
        self._service = client
        self.reply = Reply(0, "", datetime.now(UTC))
        self.conversation = wanted.conversation
        self._printer = TextPrinter(self.reply, side_by_side=client.provider.kind == "openai")

    async def run(self) -> None:
        """Run the turn to its end, which the reply tells."""
        started = time.monotonic()
        try:
            await self._converse(self._service.provider)
        except (ConnectionProblem, ServiceProblem) as problem:
            self.reply.give_up(problem.failure, time.monotonic() - started)
        except asyncio.CancelledError:
            self.reply.stop(time.monotonic() - started)
        if not self._wanted.json:
            self._printer.finish()

    async def _converse(self, provider: Provider) -> None:
        board = await choose_board(self._service, self._wanted.board)
        if not self.conversation:
            self.conversation = await self._service.begin_conversation(board.id)
        outgoing = Outgoing(provider, board.id, self._wanted.message, self.conversation, stream=self._wanted.stream)
        exchange = await self._service.send(
            outgoing, silence=provider.silence_timeout, patience=min(ANSWER_TIMEOUT, provider.silence_timeout)
        )
        async with aclosing(exchange.chunks()) as chunks:
            async for chunk in chunks:
                self.reply.take(chunk.arrivals, chunk.elapsed)
                if not self._wanted.json:
                    self._printer.grow()
        if provider.kind == "chatiq" and self.reply.conversation_id:
            self.conversation = self.reply.conversation_id
