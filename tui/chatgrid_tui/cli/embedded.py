"""The embedded bots as a configuration: what the program opens on with nothing configured."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chatgrid_tui.config.settings import Settings
from chatgrid_tui.demo.catalogue import BOTS, ECHO, LONG_WRITER, RESTAURANT, SHOWCASE, TROUBLE, Bot
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.model.provider import EMBEDDED, Board, Kind, Provider

if TYPE_CHECKING:
    from chatgrid_tui.ui.opening import LocalBot


def with_embedded(settings: Settings, server: DemoServer) -> Settings:
    """Return the settings with the embedded bots, which speak all four dialects, as the only providers."""
    slugs, site = tuple(bot.slug for bot in BOTS), (ECHO.slug,)
    shown = EMBEDDED
    providers = (
        Provider("demo-chatgrid", "chatgrid", server.base_url("chatgrid"), shown["demo-chatgrid"], embedded=True),
        Provider("demo-chatiq", "chatiq", server.base_url("chatiq"), shown["demo-chatiq"], slugs, embedded=True),
        Provider("demo-widget", "widget", server.base_url("widget", ECHO), shown["demo-widget"], site, embedded=True),
        Provider("demo-openai", "openai", server.base_url("openai"), shown["demo-openai"], slugs, embedded=True),
    )
    return replace(
        settings,
        default_provider="demo-chatgrid",
        providers={provider.name: provider for provider in providers},
        key_sources={},
    )


def local_bots(settings: Settings) -> tuple[LocalBot, ...]:
    """Return the five bots as the first screen offers them, each over the service that shows it best."""
    from chatgrid_tui.ui.opening import LocalBot  # here, since `send` has no use for the interface

    shown_over: tuple[tuple[Bot, Kind], ...] = (
        (SHOWCASE, "chatgrid"),
        (RESTAURANT, "chatiq"),
        (LONG_WRITER, "openai"),
        (ECHO, "widget"),
        (TROUBLE, "chatiq"),
    )
    return tuple(
        LocalBot(settings.providers[f"demo-{kind}"], Board(_board_id(bot, kind), bot.name), bot.description)
        for bot, kind in shown_over
    )


def _board_id(bot: Bot, kind: Kind) -> str:
    return bot.board_id if kind == "chatgrid" else bot.slug
