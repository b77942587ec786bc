"""Background checks of the provider on the screen."""

from __future__ import annotations

from typing import Final

from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.errors import ChatgridError
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.session.providers.clients import Clients
from chatgrid_tui.session.providers.credits import CreditMonitor
from chatgrid_tui.session.tasks import BackgroundTasks

INTERVAL: Final = 15.0
"""Seconds between two checks of whether an unreachable service is back."""


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
