"""The credits that are left, requested in the background."""

from __future__ import annotations

from typing import Final

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.errors import ChatgridError
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.session.providers.clients import Clients
from chatgrid_tui.session.tasks import BackgroundTasks

INTERVAL: Final = 10.0
"""Seconds between two requests to one provider."""


class CreditMonitor:
    """Requests the remaining credits and records them in the provider's health, which also shows failures."""

    def __init__(self, clients: Clients, tasks: BackgroundTasks, clock: Clock) -> None:
        self._clients = clients
        self._tasks = tasks
        self._clock = clock
        self._requested: dict[str, Provider] = {}
        self._not_before: dict[str, float] = {}
        self._asking: set[str] = set()

    def ask(self, provider: Provider) -> None:
        """Request the credits of a provider: now, or ten seconds after the last request."""
        name = provider.name
        if DIALECTS[provider.kind].account is None or provider.embedded:
            return
        if name not in self._clients.settings.providers:  # it was removed, and its key with it
            return
        self._requested[name] = provider
        if name not in self._asking:
            self._asking.add(name)
            self._tasks.start(self._keep_asking(name))

    async def _keep_asking(self, name: str) -> None:
        try:
            while name in self._requested:
                wait = self._not_before.get(name, 0.0) - self._clock.monotonic()
                if wait > 0:
                    await self._clock.sleep(wait)
                self._not_before[name] = self._clock.monotonic() + INTERVAL
                await self._ask_once(self._clients.current(self._requested.pop(name)))
        finally:
            self._asking.discard(name)

    async def _ask_once(self, provider: Provider) -> None:
        if self._clients.health_monitor.of(provider.name).state == "limited":
            return  # do not use up a request
        try:
            if (await self._clients.look_up_key(provider)).missing:
                return  # it would only be refused
            left = await (await self._clients.get(provider)).credits()
        except ChatgridError:
            return  # the health monitor has recorded it
        self._clients.health_monitor.set_credits(provider.name, left)
