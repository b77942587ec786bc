"""`chatgrid-tui demo`: the demo bots as a configuration, and as a server for other clients (`--serve`)."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from chatgrid_tui.cli.serving import listen, stop_event
from chatgrid_tui.config.settings import Settings
from chatgrid_tui.demo.catalogue import (
    BOTS,
    DEMO_PROVIDERS,
    ECHO,
    FIRST_SCREEN,
    KINDS,
    LONG_WRITER,
    RESTAURANT,
    SHOWCASE,
    TROUBLE,
    Bot,
    DemoProvider,
)
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.model.hue import Hue
from chatgrid_tui.model.provider import Board, Provider

if TYPE_CHECKING:
    from chatgrid_tui.ui.startup import LocalBot
_HUES: Final[tuple[tuple[Bot, Hue], ...]] = (
    (RESTAURANT, "green"),
    (SHOWCASE, "indigo"),
    (LONG_WRITER, "sky"),
    (ECHO, "plum"),
    (TROUBLE, "rose"),
)
"""A bot has the same hue in each dialect."""


def serve(port: int) -> int:
    """Serve the bots until interrupted, and return the exit code.

    Raises:
        UsageProblem: the port cannot be used.
    """
    return asyncio.run(_serve(port))


async def _serve(port: int) -> int:
    stopped = stop_event()
    server = DemoServer(port=port)
    await listen(server, port)
    try:
        sys.stdout.write(_describe(server) + "\n")
        sys.stdout.flush()
        await stopped.wait()
    finally:
        await server.close()
    return 0


def _describe(server: DemoServer) -> str:
    lines = [f"{kind:9} {server.base_url(kind)}" for kind in KINDS]
    lines += ["", "No key is needed. Send /help for a list of commands. Ctrl+C stops the server.", ""]
    lines += [f"{bot.slug:12} {bot.board_id}  {bot.description}" for bot in BOTS]
    return "\n".join(lines)


def with_embedded(settings: Settings, server: DemoServer) -> Settings:
    """Return the settings with the demo bots, in all their dialects, as the only providers."""
    return replace(
        settings,
        default_provider=FIRST_SCREEN[0][1],
        providers={demo.name: _provider(demo, server) for demo in DEMO_PROVIDERS},
        key_sources={},
    )


def local_bots(settings: Settings) -> tuple[LocalBot, ...]:
    """Return the five bots for the first screen, each in the dialect that shows it best."""
    from chatgrid_tui.ui.startup import LocalBot  # imported late, since `send` does not need the interface

    return tuple(
        LocalBot(settings.providers[provider], Board(board, bot.name), bot.description)
        for bot, provider, board in FIRST_SCREEN
    )


def _provider(demo: DemoProvider, server: DemoServer) -> Provider:
    address = server.base_url(demo.kind) if demo.bot is None else server.base_url(demo.kind, demo.bot)
    hues = tuple((board, hue) for bot, hue in _HUES for board in (bot.slug, bot.board_id))
    return Provider(demo.name, demo.kind, address, demo.title, demo.boards, hues=hues, embedded=True)
