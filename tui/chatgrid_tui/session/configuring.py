"""Providers added, changed and removed while the program runs: the files, and what uses them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from chatgrid_tui.config.drafts import Checked, Draft, KeyPlace, Known, changes_of, draft_of
from chatgrid_tui.config.keyrings import in_keyring, keyring_usable, put_into_keyring, take_out_of_keyring
from chatgrid_tui.config.keys import key_in_file, names_in_file, save_key
from chatgrid_tui.config.paths import Paths
from chatgrid_tui.config.providers import KeySource
from chatgrid_tui.config.secret import Secret
from chatgrid_tui.config.settings import Settings, load
from chatgrid_tui.config.writing import change
from chatgrid_tui.engine.service import Service
from chatgrid_tui.errors import ConfigProblem, KeyProblem, UsageProblem
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.session.session import Session

_APART: Final[tuple[KeyPlace, ...]] = ("keyring", "file")
"""The places of keys that lie apart from the configuration and can be written."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A draft to be worked on, and what it is checked against."""

    draft: Draft
    known: Known
    kept: str = ""
    """The last letters of the key that is kept already, where it is kept apart; empty where none is."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A provider that is configured now."""

    provider: Provider
    added: bool
    """Whether it was not there before."""
    notices: tuple[str, ...] = ()
    """Sentences about what else was done."""


class Configuring:
    """Changes the configuration of a running session. Files and the keyring are used in threads."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._paths: Paths = session.services.paths

    @property
    def settings(self) -> Settings:
        """What is configured now."""
        return self._session.services.settings

    async def begin(self, editing: str = "") -> Begun:
        """Return the draft of the provider called `editing`, or an empty one.

        Raises:
            UsageProblem: there is no such provider, or it is one of the bots that come along.
            KeyProblem: the file of keys cannot be read.
        """
        settings = self.settings
        names = await asyncio.to_thread(names_in_file, self._paths.keys_file)
        if not editing:
            return Begun(Draft(), Known(settings.providers, kept_names=names))
        provider = configured(settings, editing)
        place, shown = await asyncio.to_thread(_kept, editing, self._paths)
        source = settings.key_sources.get(editing, KeySource())
        kept = place if _was_apart(source) else "config" if source.written is not None else "none"
        known = Known(settings.providers, editing, kept, names)
        return Begun(draft_of(provider, source, place), known, shown)

    async def trial(self, draft: Draft, checked: Checked, known: Known) -> Service:
        """Return the service that a draft describes; nothing of it is kept."""
        source = checked.source
        if draft.key_from in _APART and draft.key is not None and draft.key.reveal().strip():
            source = KeySource(written=draft.key)
        elif draft.key_from == "config" or (draft.key_from in _APART and known.kept == "config"):
            source = self._source_before(known.editing)
        elif draft.key_from == "none":
            return await self._session.services.trial(checked.provider, None)
        return await self._session.services.trial(checked.provider, source)

    async def save(self, draft: Draft, checked: Checked, known: Known) -> Saved:
        """Write a provider and its key, and use it from now on.

        Raises:
            KeyProblem: the key cannot be kept there; nothing was written.
            ConfigProblem: the configuration is broken or cannot be written; it stays as it is.
        """
        source = self._source_before(known.editing)
        settings, notices = await asyncio.to_thread(_save, draft, checked, source, self._paths)
        self._use(settings)
        return Saved(settings.providers[checked.provider.name], not known.editing, notices)

    async def remove(self, name: str, *, with_key: bool = True) -> tuple[str, ...]:
        """Take a provider out of the configuration, with its key where that is wished. Its conversations stay.

        Returns sentences about what else was done.

        Raises:
            UsageProblem: there is no such provider, or it is one of the bots that come along.
            ConfigProblem: the configuration is broken or cannot be written; it stays as it is.
        """
        configured(self.settings, name)
        settings, notices = await asyncio.to_thread(_remove, name, with_key, self._paths)
        self._use(settings)
        return notices

    async def keeps_key(self, name: str) -> KeyPlace:
        """Return where the key of a provider is kept, which is lost when it is removed; `none` where no key is.

        Raises:
            KeyProblem: the file of keys cannot be read.
        """
        if self._source_before(name).written is not None:
            return "config"
        return (await asyncio.to_thread(_kept, name, self._paths))[0]

    def _source_before(self, name: str) -> KeySource:
        return self._session.services.settings.key_sources.get(name, KeySource())

    def _use(self, settings: Settings) -> None:
        before = dict(self.settings.providers)
        self._session.services.reconfigure(settings)
        for name, provider in settings.providers.items():
            if name in before and (before[name].kind, before[name].base_url) != (provider.kind, provider.base_url):
                self._session.places.forget(name)
        self._session.providers_changed()


def configured(settings: Settings, name: str) -> Provider:
    """Return the provider of that name that a person has configured.

    Raises:
        UsageProblem: there is none, or it is one of the bots that come along.
    """
    provider = settings.providers.get(name)
    if provider is None:
        raise UsageProblem(f"No provider is called {name} any more.")
    if provider.embedded:
        raise UsageProblem("The local bots come with the program. They need no settings.")
    return provider


def variable_words(name: str, environment: Mapping[str, str] | None = None) -> str:
    """Say whether an environment variable is set now, and how its value ends where that may be shown."""
    name = name.strip().removeprefix("$").strip("{}")
    value = (os.environ if environment is None else environment).get(name, "").strip() if name else ""
    if not name:
        return "Its name, such as ACME_KEY. Only its name is written."
    if not value:
        return "Not set now. It has to be when the program starts."
    return f"Set, and ends in {Secret(value)}. Only its name is written."


def places_for_keys() -> tuple[KeyPlace, ...]:
    """Return where a key can be kept on this system, the best place first."""
    return ("environment", "command", *(("keyring",) if keyring_usable() else ()), "file", "none")


def _save(draft: Draft, checked: Checked, source: KeySource, paths: Paths) -> tuple[Settings, tuple[str, ...]]:
    """Write the key, then the configuration. Return how that reads now, and sentences about what else was done.
    `source` is where the key was before.
    """
    name = checked.provider.name
    before = load(paths.config_file)  # says what is wrong with it before anything is written
    table = before.document.get("providers")
    tables: Mapping[str, object] = table if isinstance(table, Mapping) else {}
    known = tables.get(name)
    changes: dict[str, object] = {
        "providers": {name: changes_of(checked, known if isinstance(known, Mapping) else {})},
    }
    if not before.providers or before.default_provider not in (*before.providers, ""):
        changes["default_provider"] = name
    stored = _store_key(name, draft, source, paths)
    try:
        backup = change(paths.config_file, changes)
    except ConfigProblem:
        if stored and name not in before.providers:
            _forget_key(name, (stored,), paths)
        raise
    notices = [f"The comments of config.toml are kept in {backup.name}."] if backup else []
    if draft.key_from in _APART:
        # Of two keys the one in the keyring would be used: only the place that was chosen has one.
        left = tuple(place for place in _APART if stored and place != draft.key_from)
    else:
        # One that a provider of this name left behind was for another address: where none is wished, it is not used.
        kept = _was_apart(source) if name in before.providers else draft.key_from == "none"
        left = _APART if kept and draft.key_from != "config" else ()
    if left and name not in before.providers and draft.key_from == "none" and _kept(name, paths)[0] != "none":
        notices.append("A key that was still kept under this name was taken out.")
    notices += _forgotten(name, left, paths)
    return load(paths.config_file), tuple(notices)


def _was_apart(source: KeySource) -> bool:
    """Whether a key was looked for apart from the configuration first of all."""
    return not source.variable and not source.command and source.written is None


def _store_key(name: str, draft: Draft, source: KeySource, paths: Paths) -> KeyPlace | None:
    """Put the key where it is to be kept: what was typed, else the one that is kept elsewhere. Return the place,
    None where nothing had to be done.
    """
    if draft.key_from not in _APART:
        return None
    key = draft.key.reveal().strip() if draft.key is not None else ""
    if not key and source.written is not None:
        key = source.written.reveal()
    if not key:
        place, _ = _kept(name, paths)
        if place == draft.key_from or place == "none":
            return None
        key = in_keyring(name) or key_in_file(name, paths.keys_file)
    if draft.key_from == "keyring":
        put_into_keyring(name, key)
    else:
        save_key(name, key, paths.keys_file)
    return draft.key_from


def _remove(name: str, with_key: bool, paths: Paths) -> tuple[Settings, tuple[str, ...]]:
    before = load(paths.config_file)
    changes: dict[str, object] = {"providers": {name: None} if set(before.providers) - {name} else None}
    if before.default_provider == name:
        changes["default_provider"] = None
    backup = change(paths.config_file, changes)
    notices = [f"The comments of config.toml are kept in {backup.name}."] if backup else []
    notices += _forgotten(name, _APART if with_key else (), paths)
    settings = load(paths.config_file)
    if not settings.providers:
        notices.append("None is left: the next start opens on the bots that come along.")
    return settings, tuple(notices)


def _kept(name: str, paths: Paths) -> tuple[KeyPlace, str]:
    """Return where a key for `name` is kept apart from the configuration, and how it ends."""
    if key := in_keyring(name):
        return "keyring", str(Secret(key))
    if key := key_in_file(name, paths.keys_file):
        return "file", str(Secret(key))
    return "none", ""


def _forgotten(name: str, places: tuple[KeyPlace, ...], paths: Paths) -> list[str]:
    """Take a key out of places. Return a sentence where that failed: what was to be saved is saved all the same."""
    try:
        _forget_key(name, places, paths)
    except KeyProblem as problem:
        return [str(problem)]
    return []


def _forget_key(name: str, places: tuple[KeyPlace, ...], paths: Paths) -> None:
    if "keyring" in places and in_keyring(name):
        take_out_of_keyring(name)
    if "file" in places and key_in_file(name, paths.keys_file):
        save_key(name, "", paths.keys_file)
