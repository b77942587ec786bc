"""Conversations whose provider is no longer configured: they can be read, but nothing can be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatgrid_tui.config.settings import Settings
from chatgrid_tui.demo.catalogue import DEMO_TITLES
from chatgrid_tui.dialects.registry import PLAINEST_KIND
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.session.importing import IMPORTED_TITLES
from chatgrid_tui.text import clean_line

if TYPE_CHECKING:  # the interface names removed providers in its first frame
    from chatgrid_tui.session.providers.clients import Clients


def placeholder(name: str, title: str = "") -> Provider:
    """Return a placeholder for a provider of which only the name is known. It has no address, so no request can be
    sent to it.
    """
    return Provider(name, PLAINEST_KIND, "", title or title_of(name))


def title_of(name: str) -> str:
    """Return the title of a provider that is not configured, as far as it is known."""
    return DEMO_TITLES.get(name) or IMPORTED_TITLES.get(name, "")


def current(provider: Provider, clients: Clients) -> Provider:
    """Return a provider as it is configured now, or a placeholder if it is not configured. A placeholder becomes the
    provider again when that is back.
    """
    if is_removed(provider, clients.settings):
        return placeholder(provider.name, provider.title)
    return clients.current(provider) if provider.base_url else clients.settings.providers[provider.name]


def is_removed(provider: Provider, settings: Settings) -> bool:
    """Return whether a provider is no longer configured."""
    return provider.name not in settings.providers


def explain(provider: Provider) -> str:
    """Return sentences saying that a provider is gone, and what that means for its conversations."""
    if provider.name in DEMO_TITLES:
        return (
            "The demo bots are not running, since a provider is configured. `chatgrid-tui demo` opens the "
            "app with them. Their conversations can be read; nothing was sent."
        )
    shown = clean_line(provider.shown, 60)
    if provider.name in IMPORTED_TITLES:
        return (
            f"What was imported from {shown} can be read; nothing was sent. `Run again` sends it to a bot of yours."
        )
    return f"The provider {shown} is no longer configured. Its conversations can be read; nothing was sent."


def check(provider: Provider, settings: Settings) -> None:
    """Raise `UsageProblem` if a provider is no longer configured, so that nothing is sent to it."""
    if is_removed(provider, settings):
        raise UsageProblem(explain(provider))
