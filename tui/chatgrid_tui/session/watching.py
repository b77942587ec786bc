"""Looking after the provider that is being talked to, without anybody waiting for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from chatgrid_tui.errors import ChatgridError
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.session.credits import CreditWatch
from chatgrid_tui.session.services import Services

EVERY: Final = 15.0
"""Seconds between two looks whether a service that was gone is back."""


class ProviderWatch:
    """Asks what is left to be spent, and whether a service that was gone is back. What it finds is in the standing
    of the provider; no message is sent.
    """

    def __init__(
        self, services: Services, clock: Callable[[], float], sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        self._services = services
        self._sleep = sleep
        self._credits = CreditWatch(services, clock, sleep)
        self._provider: Provider | None = None
        self._looking: asyncio.Task[None] | None = None
        self._closed = False

    def shown(self, provider: Provider) -> None:
        """A conversation with this provider is on the screen now."""
        self._provider = provider
        self.reply_ended(provider)

    def reply_ended(self, provider: Provider) -> None:
        """A reply of this provider has ended, in whatever way."""
        if self._closed:
            return
        self._credits.ask(provider)
        if self._looking is None and self._is_gone():
            self._looking = asyncio.create_task(self._look_until_back())

    async def close(self) -> None:
        """Look after nothing more."""
        self._closed = True
        await self._credits.close()
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    def _is_gone(self) -> bool:
        """Whether the provider on the screen is configured and was not reached last."""
        provider = self._provider
        if provider is None or provider.name not in self._services.settings.providers:
            return False
        return self._services.standings.of(provider.name).state == "offline"

    async def _look_until_back(self) -> None:
        try:
            while self._is_gone():
                await self._sleep(EVERY)
                if self._provider is not None and self._is_gone():
                    await self._look(self._services.current(self._provider))
        finally:
            self._looking = None

    async def _look(self, provider: Provider) -> None:
        """Ask for the least there is; the answer, or that there is none, is heard by the standing."""
        service = await self._services.of(provider)
        dialect = service.dialect
        ask = dialect.health or dialect.key_trial
        request = ask(provider) if ask is not None else dialect.boards(provider, None)
        if request is None:
            return
        try:
            await service.ask(request, with_key=dialect.health is None)
        except ChatgridError:
            return  # it is still gone
