"""The services of the configured providers, made when they are first asked for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Final, NamedTuple

from chatgrid_tui.config.api_keys import FoundKey, NoKey, checked, find_key, where_looked
from chatgrid_tui.config.paths import Paths
from chatgrid_tui.config.providers import KeySource, same_place
from chatgrid_tui.config.secret import Secret
from chatgrid_tui.config.settings import Settings
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.engine.client import Client
from chatgrid_tui.engine.clock import SYSTEM_CLOCK, Clock
from chatgrid_tui.engine.transport import Transport, place_of
from chatgrid_tui.errors import KeyProblem
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.key_status import KeyStatus
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.session.providers.health import HealthMonitor
from chatgrid_tui.session.wording.refusal_kinds import is_key_refused
from chatgrid_tui.text import clean_line

logger = logging.getLogger(__name__)

COMMAND_KEPT: Final = 300.0
"""Seconds for which the key that a command printed is used again: it may be slow, and may ask for a finger."""


class _Printed(NamedTuple):
    """A key that a command printed, and until when it is used."""

    command: tuple[str, ...]
    found: FoundKey | NoKey
    until: float


class Clients:
    """All providers as things to talk to, with one transport among them."""

    def __init__(
        self,
        settings: Settings,
        paths: Paths,
        make_transport: Callable[[], Transport],
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        """`make_transport` is called once, in a thread: what it imports would hold up the screen."""
        self.settings = settings
        self.health_monitor = HealthMonitor()
        """How each provider stands."""
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
        """Where the configuration and the keys are."""
        return self._paths

    async def get(self, provider: Provider) -> Client:
        """Return the service of a provider."""
        await self.warm_up()
        assert self._transport is not None, "it was made just now"
        name = provider.name
        return Client(
            provider,
            self._transport,
            lambda: self._find_key(provider),
            lambda: self.key_status(provider),
            observer=self.health_monitor.observer(name, lambda: self._forget_printed(name)),
            clock=self._clock,
        )

    async def trial(self, provider: Provider, source: KeySource | None, *, kept: bool = False) -> Client:
        """Return the service of a provider that is not configured, or not like this. Its key comes from `source`,
        where one that is written there was typed just now and goes before all else; without a source none is looked
        for. One that is kept under its name is taken only where it was `kept` for this address. Nothing of it is
        remembered.
        """
        await self.warm_up()
        assert self._transport is not None, "it was made just now"
        status = KeyStatus()

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

        return Client(provider, self._transport, found, lambda: status, clock=self._clock)

    def current(self, provider: Provider) -> Provider:
        """Return a provider as it is configured now; itself where it is not any more, or is of another kind. One of
        which nothing but the name was known, since it was not configured, may be of any kind.
        """
        known = self.settings.providers.get(provider.name)
        return known if known is not None and (known.kind == provider.kind or not provider.base_url) else provider

    def reconfigure(self, settings: Settings) -> None:
        """Use other settings from now on. The embedded bots stay where they are; what was known of a provider that
        is another one now is forgotten.
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

    def reply_failed(self, provider: Provider, failure: Failure) -> None:
        """Take in why a reply failed: some services refuse keys, and limit requests, within a stream of success."""
        if failure.kind in ("network", "timeout"):
            return  # that was heard when it happened
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
        if source is None:  # the embedded bots want no key
            return None
        try:
            found = await self._looked_up(provider, source)
        except KeyProblem:
            self.health_monitor.no_key(provider.name, "key not usable")
            raise
        self._keys[provider.name] = self._status_of(provider, source, found)
        if isinstance(found, FoundKey):
            self.health_monitor.key_found(provider.name)
            return found.secret
        if DIALECTS[provider.kind].key_required or source.variable or source.command:
            self.health_monitor.no_key(provider.name)  # other services may want none
        return None

    def _refuse_elsewhere(self, provider: Provider) -> None:
        """Raise `KeyProblem` where a provider is configured with another address by now: what was begun before may
        still ask the old one, and keys are found by name.
        """
        known = self.settings.providers.get(provider.name)
        if known is not None and not same_place(known.base_url, provider.base_url):
            shown = clean_line(provider.shown, 60)
            raise KeyProblem(f"{shown} has another address by now. Its key was not sent to the one it had before.")

    async def _looked_up(self, provider: Provider, source: KeySource) -> FoundKey | NoKey:
        """Look a key up. A command is run once for all who ask at the same time, and not again for a while."""
        name = provider.name
        if not source.command:
            return await find_key(provider, source, self._paths.keys_file, hidden=self._key_variables())
        async with self._printing.setdefault(name, asyncio.Lock()):
            printed = self._printed.get(name)
            if printed is None or printed.command != source.command or printed.until <= self._clock.monotonic():
                found = await find_key(provider, source, self._paths.keys_file, hidden=self._key_variables())
                printed = _Printed(source.command, found, self._clock.monotonic() + COMMAND_KEPT)
                self._printed[name] = printed
            return printed.found

    def _key_variables(self) -> frozenset[str]:
        """Return the names of the environment variables that hold keys of providers."""
        return frozenset(source.variable for source in self.settings.key_sources.values() if source.variable)

    def _forget_printed(self, name: str) -> None:
        """Ask the command anew: the service does not take what it printed."""
        self._printed.pop(name, None)

    def _status_of(self, provider: Provider, source: KeySource, found: FoundKey | NoKey) -> KeyStatus:
        if isinstance(found, NoKey):
            return KeyStatus(
                missing=where_looked(provider, source, self._paths.keys_file, found.why),
                named=bool(source.variable or source.command),
            )
        return KeyStatus(shown=str(found.secret), source=found.source, warning=found.warning)


def _log_providers(settings: Settings) -> None:
    for provider in settings.providers.values():
        logger.info("Provider %s: %s at %s", provider.name, provider.kind, place_of(provider.base_url))
