"""How many credits are left, asked for now and then without anybody waiting for it."""

from __future__ import annotations

from typing import Final

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.errors import ChatgridError
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.session.providers.clients import Clients
from chatgrid_tui.session.tasks import BackgroundTasks

APART: Final = 10.0
"""Seconds between two questions to one provider."""


class CreditMonitor:
    """Asks for the credits that are left, and puts them into the provider's health. Failures show there as well."""

    def __init__(self, clients: Clients, tasks: BackgroundTasks, clock: Clock) -> None:
        self._clients = clients
        self._tasks = tasks
        self._clock = clock
        self._wanted: dict[str, Provider] = {}
        self._not_before: dict[str, float] = {}
        self._asking: set[str] = set()

    def ask(self, provider: Provider) -> None:
        """Ask for the credits of a provider, soon: now, or once the last question is ten seconds old."""
        name = provider.name
        if DIALECTS[provider.kind].account is None or provider.embedded:
            return
        if name not in self._clients.settings.providers:  # it was taken away, and its key with it
            return
        self._wanted[name] = provider
        if name not in self._asking:
            self._asking.add(name)
            self._tasks.start(self._keep_asking(name))

    async def _keep_asking(self, name: str) -> None:
        try:
            while name in self._wanted:
                wait = self._not_before.get(name, 0.0) - self._clock.monotonic()
                if wait > 0:
                    await self._clock.sleep(wait)
                self._not_before[name] = self._clock.monotonic() + APART
                await self._ask_once(self._clients.current(self._wanted.pop(name)))
        finally:
            self._asking.discard(name)

    async def _ask_once(self, provider: Provider) -> None:
        if self._clients.health_monitor.of(provider.name).state == "limited":
            return  # a request less is of more use now
        try:
            if (await self._clients.look_up_key(provider)).missing:
                return  # it would only be refused
            left = await (await self._clients.get(provider)).credits()
        except ChatgridError:
            return  # the standing knows already
        self._clients.health_monitor.has_credits(provider.name, left)
