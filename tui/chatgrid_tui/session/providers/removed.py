"""Conversations whose provider is not configured any more: they can be read, and say so where one writes."""

from __future__ import annotations

from chatgrid_tui.config.settings import Settings
from chatgrid_tui.demo.catalogue import DEMO_TITLES
from chatgrid_tui.dialects.registry import PLAINEST_KIND
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.session.providers.clients import Clients
from chatgrid_tui.text import clean_line


def stand_in(name: str, title: str = "") -> Provider:
    """Return what stands in the place of a provider of which only the name is known. It has no address, so that
    nothing can be asked there.
    """
    return Provider(name, PLAINEST_KIND, "", title or DEMO_TITLES.get(name, ""))


def current(provider: Provider, clients: Clients) -> Provider:
    """Return a provider as it is configured now: what stands in its place where it is not, and itself again where
    it came back.
    """
    if is_removed(provider, clients.settings):
        return stand_in(provider.name, provider.title)
    return clients.current(provider) if provider.base_url else clients.settings.providers[provider.name]


def is_removed(provider: Provider, settings: Settings) -> bool:
    """Whether a provider is not configured any more."""
    return provider.name not in settings.providers


def words_for(provider: Provider) -> str:
    """Say that a provider is gone, and what that means for its conversations."""
    if provider.name in DEMO_TITLES:
        return (
            "The bots that come along are not running, since a provider is configured. `chatgrid-tui demo` opens the "
            "app on them. This conversation can be read; nothing was sent."
        )
    shown = clean_line(provider.shown, 60)
    return f"The provider {shown} is not configured any more. This conversation can be read; nothing was sent."


def refuse(provider: Provider, settings: Settings) -> None:
    """Raise `UsageProblem` where a provider is not configured any more, so that nothing can be sent to it."""
    if is_removed(provider, settings):
        raise UsageProblem(words_for(provider))
