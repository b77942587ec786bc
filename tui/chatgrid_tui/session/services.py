"""The services of the configured providers, made when they are first asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from chatgrid_tui.config.keys import find_key, where_looked
from chatgrid_tui.config.paths import Paths
from chatgrid_tui.config.providers import KeySource
from chatgrid_tui.config.secret import Secret
from chatgrid_tui.config.settings import Settings
from chatgrid_tui.engine.service import Service
from chatgrid_tui.engine.transport import Transport
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.session.explain import KeyStatus


class Services:
    """All providers as things to talk to, with one transport among them."""

    def __init__(self, settings: Settings, paths: Paths, make_transport: Callable[[], Transport]) -> None:
        """`make_transport` is called once, in a thread: what it imports would hold up the screen."""
        self.settings = settings
        self._paths = paths
        self._make_transport = make_transport
        self._transport: Transport | None = None
        self._making = asyncio.Lock()
        self._keys: dict[str, KeyStatus] = {}

    async def of(self, provider: Provider) -> Service:
        """Return the service of a provider."""
        await self.warm_up()
        assert self._transport is not None, "it was made just now"
        return Service(provider, self._transport, lambda: self._find_key(provider))

    async def warm_up(self) -> None:
        """Make the transport before it is needed: what it imports takes a while."""
        async with self._making:
            if self._transport is None:
                self._transport = await asyncio.to_thread(self._make_transport)

    def key_status(self, provider: Provider) -> KeyStatus:
        """Return what is known of a provider's key since it was last looked up."""
        return self._keys.get(provider.name, KeyStatus())

    async def look_up_key(self, provider: Provider) -> KeyStatus:
        """Look a provider's key up, and return what may be shown of it.

        Raises:
            KeyProblem: it cannot be had or used.
        """
        await self._find_key(provider)
        return self.key_status(provider)

    async def close(self) -> None:
        """Close all connections."""
        if self._transport is not None:
            await self._transport.close()

    async def _find_key(self, provider: Provider) -> Secret | None:
        source = self.settings.key_sources.get(provider.name)
        if source is None:  # the embedded bots want no key
            return None
        found = await find_key(provider.name, source, self._paths.keys_file)
        if found is None:
            self._keys[provider.name] = KeyStatus(missing=self._missing(provider, source))
            return None
        self._keys[provider.name] = KeyStatus(shown=str(found.secret), source=found.source, warning=found.warning)
        return found.secret

    def _missing(self, provider: Provider, source: KeySource) -> str:
        return where_looked(provider, source, self._paths.keys_file)
