"""The clients of the configured providers, created on first use."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple

from chatgrid_tui.config.api_keys import FoundKey, NoKey, checked, find_key, where_looked
from chatgrid_tui.config.paths import Paths
from chatgrid_tui.config.providers import KeySource, same_place
from chatgrid_tui.config.secret import Secret
from chatgrid_tui.config.settings import Settings
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.engine.clock import SYSTEM_CLOCK, Clock
from chatgrid_tui.engine.transport import Transport, place_of
from chatgrid_tui.errors import KeyProblem
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.key_status import KeyStatus
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.session.providers.health import HealthMonitor
from chatgrid_tui.session.wording.refusal_kinds import is_key_refused
from chatgrid_tui.text import clean_line

if TYPE_CHECKING:  # not needed to be at rest
    from chatgrid_tui.engine.client import Client

logger = logging.getLogger(__name__)

COMMAND_KEPT: Final = 300.0
"""Seconds for which the key that a command printed is reused: the command may be slow, or ask for a fingerprint."""


class _Printed(NamedTuple):
    """A key that a command printed, and until when it is used."""

    command: tuple[str, ...]
    found: FoundKey | NoKey
    until: float


class Clients:
    """Creates the clients of all providers, with one transport for all of them."""

    def __init__(
        self,
        settings: Settings,
        paths: Paths,
        make_transport: Callable[[], Transport],
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        """`make_transport` is called once, in a thread: its imports would block the screen."""
        self.settings = settings
        self.health_monitor = HealthMonitor()
        """The health of each provider."""
        self._paths = paths
        self._make_transport = make_transport
        self._clock = clock
        self._transport: Transport | None = None
        self._making = asyncio.Lock()
        self._keys: dict[str, KeyStatus] = {}
        self._printed: dict[str, _Printed] = {}
        self._printing: dict[str, asyncio.Lock] = {}
        _log_providers(settings)

    @property
    def paths(self) -> Paths:
        """The locations of the configuration and the keys."""
        return self._paths

    async def transport(self) -> Transport:
        """Return the transport of all clients, for requests to other places than a provider."""
        await self.warm_up()
        assert self._transport is not None, "it was made just now"
        return self._transport

    async def get(self, provider: Provider) -> Client:
        """Return a client for a provider."""
        from chatgrid_tui.engine.client import Client

        name = provider.name
        return Client(
            provider,
            await self.transport(),
            lambda: self._find_key(provider),
            lambda: self.key_status(provider),
            observer=self.health_monitor.observer(name, lambda: self._forget_printed(name)),
            recording_limit=self.settings.recordings.per_reply,
            clock=self._clock,
        )

    async def trial(self, provider: Provider, source: KeySource | None, *, kept: bool = False) -> Client:
        """Return a client for a provider that is not configured, or is configured differently. A key in `source`
        itself was just typed and comes first; without a source no key is used. A key stored under the provider's name
        is used only if `kept`, that is, if it was stored for this address. Nothing is remembered.
        """
        from chatgrid_tui.engine.client import Client

        transport, status = await self.transport(), KeyStatus()

        async def found() -> Secret | None:
            nonlocal status
            if source is None:
                status = KeyStatus(missing="No key was sent.")
                return None
            if source.written is not None:
                secret = checked(source.written.reveal(), "the form")
                status = KeyStatus(str(secret), "the form")
                return secret
            keys_file = self._paths.keys_file if kept else None
            found = await find_key(provider, source, keys_file, hidden=self._key_variables())
            status = self._status_of(provider, source, found)
            return found.secret if isinstance(found, FoundKey) else None

        return Client(provider, transport, found, lambda: status, clock=self._clock)

    def current(self, provider: Provider) -> Provider:
        """Return a provider as it is configured now, or `provider` itself if it is no longer configured or is of
        another kind now. One without an address is a placeholder, and may be of any kind.
        """
        configured = self.settings.providers.get(provider.name)
        if configured is None or (provider.base_url and configured.kind != provider.kind):
            return provider
        return configured

    def reconfigure(self, settings: Settings) -> None:
        """Use these settings from now on. The demo bots keep their addresses. What was known about providers that
        changed is forgotten.
        """
        before = self.settings
        embedded = {name: provider for name, provider in before.providers.items() if provider.embedded}
        self.settings = replace(settings, providers={**settings.providers, **embedded})
        for name, provider in before.providers.items():
            now = self.settings
            if now.providers.get(name) != provider or now.key_sources.get(name) != before.key_sources.get(name):
                self.health_monitor.forget(name)
                self._keys.pop(name, None)
                self._printed.pop(name, None)
        _log_providers(self.settings)

    async def warm_up(self) -> None:
        """Load what sends requests before it is needed, in a thread, since that takes a while."""
        async with self._making:
            if self._transport is None:
                self._transport = await asyncio.to_thread(self._load)

    def _load(self) -> Transport:
        import_module("chatgrid_tui.engine.client")
        return self._make_transport()

    def key_status(self, provider: Provider) -> KeyStatus:
        """Return the status of a provider's key when it was last looked up."""
        return self._keys.get(provider.name, KeyStatus())

    async def look_up_key(self, provider: Provider) -> KeyStatus:
        """Look up a provider's key, and return its status, which can be shown.

        Raises:
            KeyProblem: it cannot be read or used.
        """
        await self._find_key(provider)
        return self.key_status(provider)

    def reply_failed(self, provider: Provider, failure: Failure) -> None:
        """Record why a reply failed: some services report refused keys and limits within a successful stream."""
        if failure.kind in ("network", "timeout"):
            return  # recorded already, when it happened
        self.health_monitor.failed(provider.name, failure)
        if is_key_refused(failure):
            self._forget_printed(provider.name)

    async def close(self) -> None:
        """Close all connections."""
        if self._transport is not None:
            await self._transport.close()

    async def _find_key(self, provider: Provider) -> Secret | None:
        self._refuse_elsewhere(provider)
        source = self.settings.key_sources.get(provider.name)
        if source is None:  # the demo bots need no key
            return None
        try:
            key = await self._looked_up(provider, source)
        except KeyProblem:
            self.health_monitor.no_key(provider.name, "key not usable")
            raise
        self._keys[provider.name] = self._status_of(provider, source, key)
        if isinstance(key, FoundKey):
            self.health_monitor.key_found(provider.name)
            return key.secret
        if DIALECTS[provider.kind].key_required or source.variable or source.command:
            self.health_monitor.no_key(provider.name)  # other services may need none
        return None

    def _refuse_elsewhere(self, provider: Provider) -> None:
        """Raise `KeyProblem` if the provider's configured address is a different one by now. Work that began before
        the change still uses the old address, but keys are found by name.
        """
        configured = self.settings.providers.get(provider.name)
        if configured is not None and not same_place(configured.base_url, provider.base_url):
            shown = clean_line(provider.shown, 60)
            raise KeyProblem(f"{shown} has a new address. Its key was not sent to the old one.")

    async def _looked_up(self, provider: Provider, source: KeySource) -> FoundKey | NoKey:
        """Look up a key. A command runs once for all concurrent callers, and not again for a while."""
        name = provider.name
        if not source.command:
            return await find_key(provider, source, self._paths.keys_file, hidden=self._key_variables())
        async with self._printing.setdefault(name, asyncio.Lock()):
            printed = self._printed.get(name)
            if printed is None or printed.command != source.command or printed.until <= self._clock.monotonic():
                key = await find_key(provider, source, self._paths.keys_file, hidden=self._key_variables())
                printed = _Printed(source.command, key, self._clock.monotonic() + COMMAND_KEPT)
                self._printed[name] = printed
            return printed.found

    def _key_variables(self) -> frozenset[str]:
        """Return the names of the environment variables that hold keys of providers."""
        return frozenset(source.variable for source in self.settings.key_sources.values() if source.variable)

    def _forget_printed(self, name: str) -> None:
        """Run the command again next time: the service refused the key that it printed."""
        self._printed.pop(name, None)

    def _status_of(self, provider: Provider, source: KeySource, key: FoundKey | NoKey) -> KeyStatus:
        if isinstance(key, NoKey):
            return KeyStatus(
                missing=where_looked(provider, source, self._paths.keys_file, key.why),
                named=bool(source.variable or source.command),
            )
        return KeyStatus(shown=str(key.secret), source=key.source, warning=key.warning)


def _log_providers(settings: Settings) -> None:
    for provider in settings.providers.values():
        logger.info("Provider %s: %s at %s", provider.name, provider.kind, place_of(provider.base_url))
