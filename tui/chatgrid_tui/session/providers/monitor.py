"""Looking after the provider that is being talked to, without anybody waiting for it."""

from __future__ import annotations

from typing import Final

from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.errors import ChatgridError
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.session.providers.clients import Clients
from chatgrid_tui.session.providers.credits import CreditMonitor
from chatgrid_tui.session.tasks import BackgroundTasks

EVERY: Final = 15.0
"""Seconds between two looks whether a service that was gone is back."""


class ProviderMonitor:
    """Asks what is left to be spent, and whether a service that was gone is back. What it finds is in the standing
    of the provider; no message is sent.
    """

    def __init__(self, clients: Clients, tasks: BackgroundTasks, clock: Clock) -> None:
        self._clients = clients
        self._tasks = tasks
        self._clock = clock
        self._credits = CreditMonitor(clients, tasks, clock)
        self._provider: Provider | None = None
        self._looking = False

    def shown(self, provider: Provider) -> None:
        """A conversation with this provider is on the screen now."""
        self._provider = provider
        self.reply_ended(provider)

    def reply_ended(self, provider: Provider) -> None:
        """A reply of this provider has ended, in whatever way."""
        self._credits.ask(provider)
        if not self._looking and self._is_gone():
            self._looking = True
            self._tasks.start(self._look_until_back())

    def _is_gone(self) -> bool:
        """Whether the provider on the screen is configured and was not reached last."""
        provider = self._provider
        if provider is None or provider.name not in self._clients.settings.providers:
            return False
        return self._clients.health_monitor.of(provider.name).state == "offline"

    async def _look_until_back(self) -> None:
        try:
            while self._is_gone():
                await self._clock.sleep(EVERY)
                if self._provider is not None and self._is_gone():
                    await self._look(self._clients.current(self._provider))
        finally:
            self._looking = False

    async def _look(self, provider: Provider) -> None:
        """Ask for the least there is; the answer, or that there is none, is heard by the standing."""
        client = await self._clients.get(provider)
        dialect = client.dialect
        health = None if dialect.health is None else dialect.health(provider)
        request = health or dialect.key_trial(provider) or dialect.boards(provider, None)
        if request is None:
            return
        try:
            await client.ask(request, with_key=dialect.health is None)
        except ChatgridError:
            return  # it is still gone
