"""The embedded bots as a configuration: what the program opens on with nothing configured."""

from __future__ import annotations

from dataclasses import replace

from chatgrid_tui.config.settings import Settings
from chatgrid_tui.demo.catalogue import BOTS, ECHO
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.model.provider import Provider


def with_embedded(settings: Settings, server: DemoServer) -> Settings:
    """Return the settings with the embedded bots, which speak all four dialects, as the only providers."""
    slugs = tuple(bot.slug for bot in BOTS)
    providers = (
        Provider("chatgrid", "chatgrid", server.base_url("chatgrid"), "Local bots", embedded=True),
        Provider("chatiq", "chatiq", server.base_url("chatiq"), "Local ChatIQ", slugs, embedded=True),
        Provider("widget", "widget", server.base_url("widget", ECHO), "Local widget", (ECHO.slug,), embedded=True),
        Provider("openai", "openai", server.base_url("openai"), "Local OpenAI", slugs, embedded=True),
    )
    return replace(
        settings,
        default_provider="chatgrid",
        providers={provider.name: provider for provider in providers},
        key_sources={},
    )
