"""Background checks of the provider on the screen: whether it is back, and the credits that are left."""

from __future__ import annotations

from typing import Final

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.errors import ChatgridError
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.session.providers.clients import Clients
from chatgrid_tui.session.tasks import BackgroundTasks

INTERVAL: Final = 15.0
"""Seconds between two checks of whether an unreachable service is back."""
CREDITS_INTERVAL: Final = 10.0
"""Seconds between two requests to one provider."""


class ProviderMonitor:
    """Requests the remaining credits, and checks whether an unreachable service is back. The results are in the
    provider's health; no message is sent.
    """

    def __init__(self, clients: Clients, tasks: BackgroundTasks, clock: Clock) -> None:
        self._clients = clients
        self._tasks = tasks
        self._clock = clock
        self._credits = CreditMonitor(clients, tasks, clock)
        self._provider: Provider | None = None
        self._looking = False

    def shown(self, provider: Provider) -> None:
        """Record that a conversation with this provider is on the screen."""
        self._provider = provider
        self.reply_ended(provider)

    def reply_ended(self, provider: Provider) -> None:
        """Record that a reply of this provider has ended, successfully or not."""
        self._credits.ask(provider)
        if not self._looking and self._is_gone():
            self._looking = True
            self._tasks.start(self._look_until_back())

    def _is_gone(self) -> bool:
        """Return whether the provider on the screen is configured and could not be reached last time."""
        provider = self._provider
        if provider is None or provider.name not in self._clients.settings.providers:
            return False
        return self._clients.health_monitor.of(provider.name).state == "offline"

    async def _look_until_back(self) -> None:
        try:
            while self._is_gone():
                await self._clock.sleep(INTERVAL)
                if self._provider is not None and self._is_gone():
                    await self._look(self._clients.current(self._provider))
        finally:
            self._looking = False

    async def _look(self, provider: Provider) -> None:
        """Send the smallest possible request; the health monitor records the outcome."""
        client = await self._clients.get(provider)
        dialect = client.dialect
        health = None if dialect.health is None else dialect.health(provider)
        request = health or dialect.key_trial(provider) or dialect.boards(provider, None)
        if request is None:
            return
        try:
            await client.ask(request, with_key=dialect.health is None)
        except ChatgridError:
            return  # still unreachable


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
                self._not_before[name] = self._clock.monotonic() + CREDITS_INTERVAL
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
