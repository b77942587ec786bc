"""Add, change and remove providers while the program runs, in the files and in the session."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chatgrid_tui.config.api_keys import names_in_file
from chatgrid_tui.config.paths import Paths
from chatgrid_tui.config.provider_fields import (
    EditContext,
    KeyPlace,
    ProviderFields,
    ValidProvider,
    changes_of,
    fields_of,
)
from chatgrid_tui.config.providers import KeySource, same_place
from chatgrid_tui.config.secret import Secret
from chatgrid_tui.config.settings import Settings, load
from chatgrid_tui.config.stored_keys import keyring_usable, used
from chatgrid_tui.config.writing import change
from chatgrid_tui.disk import held_for_writing
from chatgrid_tui.engine.client import Client
from chatgrid_tui.errors import ConfigProblem, KeyProblem, UsageProblem
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.session.providers.key_store import APART, KeyStore, is_stored_apart, keys_to_store
from chatgrid_tui.session.session import Session


@dataclass(frozen=True, slots=True)
class EditStart:
    """What a form starts with, and what it is checked against."""

    fields: ProviderFields
    context: EditContext
    stored: str = ""
    """The last characters of the key that is stored outside the configuration; empty if there is none."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A provider that was saved."""

    provider: Provider
    added: bool
    """Whether it is new."""
    notices: tuple[str, ...] = ()
    """Sentences about what else was done."""


class ProviderEditor:
    """Changes the configuration of a running session. Files and the keyring are accessed in threads."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._paths: Paths = session.clients.paths

    @property
    def settings(self) -> Settings:
        """The current settings."""
        return self._session.clients.settings

    async def begin(self, editing: str = "") -> EditStart:
        """Return the fields of the provider called `editing`, or empty ones.

        Raises:
            UsageProblem: there is no such provider, or it is one of the demo bots.
            KeyProblem: the file of keys cannot be read.
        """
        settings = self.settings
        names = await asyncio.to_thread(names_in_file, self._paths.keys_file)
        if not editing:
            return EditStart(ProviderFields(), EditContext(settings.providers, stored_names=names))
        provider = configured(settings, editing)
        keys = await asyncio.to_thread(KeyStore, editing, self._paths.keys_file)
        source = settings.key_sources.get(editing, KeySource())
        place, shown = _used_at(keys, provider, source)
        stored = place if is_stored_apart(source) else "config" if source.written is not None else "none"
        if not keys.found["file"].fits(provider.base_url):
            names -= {editing}
        context = EditContext(settings.providers, editing, stored, names)
        stored_at = _place_of_key(keys) if place == "none" else place
        return EditStart(fields_of(provider, source, stored_at), context, shown)

    async def trial(self, fields: ProviderFields, valid: ValidProvider, context: EditContext) -> Client:
        """Return a client for the provider in a form. Nothing is stored."""
        source = valid.source
        before = self.settings.providers.get(context.editing)
        same_address = before is not None and same_place(before.base_url, valid.provider.base_url)
        if fields.key_from in APART and fields.key is not None and fields.key.reveal().strip():
            source = KeySource(written=fields.key)
        elif fields.key_from == "config" or (fields.key_from in APART and context.stored == "config"):
            source = self._source_before(context.editing) if same_address else KeySource()
        elif fields.key_from == "none":
            return await self._session.clients.trial(valid.provider, None)
        return await self._session.clients.trial(valid.provider, source, kept=same_address)

    async def save(self, fields: ProviderFields, valid: ValidProvider, context: EditContext) -> Saved:
        """Save a provider and its key, and use it from now on.

        Raises:
            KeyProblem: the key cannot be stored there, or the stored keys cannot be read.
            ConfigProblem: the configuration is broken or cannot be written, or another window is changing it.

        After an error everything is as before. If even that fails, the error says which key is not.
        """
        settings, notices = await asyncio.to_thread(_save, fields, valid, context, self._paths)
        self._use(settings)
        return Saved(settings.providers[valid.provider.name], not context.editing, notices)

    async def remove(self, name: str, *, with_key: bool = True) -> tuple[str, ...]:
        """Remove a provider from the configuration and, by default, its key. Its conversations stay.

        Return sentences about what else was done.

        Raises:
            UsageProblem: there is no such provider, or it is one of the demo bots.
            KeyProblem: the file of keys cannot be read; nothing was removed.
            ConfigProblem: the configuration is broken or cannot be written, or another window is changing it. It is
                left unchanged.
        """
        configured(self.settings, name)
        settings, notices = await asyncio.to_thread(_remove, name, with_key, self._paths)
        self._use(settings)
        return notices

    async def reload(self) -> None:
        """Use the providers that the configuration has now, after it was edited.

        Raises:
            ConfigProblem: it is broken. The settings are as before.
        """
        self._use(await asyncio.to_thread(load, self._paths.config_file))

    async def key_place(self, name: str) -> KeyPlace:
        """Return where the key is stored that would be removed with a provider; `none` if there is no such key.

        Raises:
            KeyProblem: the file of keys cannot be read.
        """
        if self._source_before(name).written is not None:
            return "config"
        keys = await asyncio.to_thread(KeyStore, name, self._paths.keys_file)
        return _place_of_key(keys)

    def _source_before(self, name: str) -> KeySource:
        return self._session.clients.settings.key_sources.get(name, KeySource())

    def _use(self, settings: Settings) -> None:
        self._session.alerts.end("settings read only")  # the file was just read without an error
        before = dict(self.settings.providers)
        self._session.clients.reconfigure(settings)
        for name, provider in settings.providers.items():
            if name in before and (before[name].kind, before[name].base_url) != (provider.kind, provider.base_url):
                self._session.recents.forget(name)
        self._session.providers_changed()


def configured(settings: Settings, name: str) -> Provider:
    """Return the configured provider of that name.

    Raises:
        UsageProblem: there is none, or it is one of the demo bots.
    """
    provider = settings.providers.get(name)
    if provider is None:
        raise UsageProblem(f"There is no longer a provider called {name}.")
    if provider.embedded:
        raise UsageProblem("The local bots come with the program. They need no settings.")
    return provider


def variable_help(name: str, environment: Mapping[str, str] | None = None) -> str:
    """Return the help for an environment variable: whether it is set, and how its value ends."""
    name = name.strip().removeprefix("$").strip("{}")
    value = (os.environ if environment is None else environment).get(name, "").strip() if name else ""
    if not name:
        return "Its name, such as ACME_KEY. Only the name is saved."
    if not value:
        return "Not set. Set it before you start the program."
    return f"Set; it ends in {Secret(value)}. Only the name is saved."


def places_for_keys() -> tuple[KeyPlace, ...]:
    """Return where a key can be stored on this system, the best place first."""
    return ("environment", "command", *(("keyring",) if keyring_usable() else ()), "file", "none")


def _save(
    fields: ProviderFields, valid: ValidProvider, context: EditContext, paths: Paths
) -> tuple[Settings, tuple[str, ...]]:
    """Write the key, then the configuration. Return the new settings, and sentences about what else was done."""
    name, address = valid.provider.name, valid.provider.base_url
    with _alone(paths):
        store = KeyStore(name, paths.keys_file)  # first, since the keyring may ask the user
        before = load(paths.config_file)  # reports a broken file before anything is written
        old = before.providers.get(name)
        if old is not None and not context.editing:
            text = f"By now, config.toml has another provider called {name}."
            raise ConfigProblem(text, path=str(paths.config_file))
        source = before.key_sources.get(name, KeySource())
        new_keys = keys_to_store(fields, valid, store, old, source, editing=bool(context.editing))
        same_address = old is not None and same_place(old.base_url, address)
        try:
            # A new key can be stored at once: it is stored with its address, and sent nowhere else.
            store.put({place: key for place, key in (new_keys or {}).items() if key.key})
            if not same_address and new_keys is not None:
                # A key for another address is removed before the configuration names this one.
                store.put(new_keys)
            backup = change(paths.config_file, _changes(valid, before), decided_on=before.document)
        except (ConfigProblem, KeyProblem) as problem:
            if sentences := store.put_back():
                raise _with_sentences(problem, sentences) from problem
            raise
        notices = (
            [f"config.toml was rewritten without its comments. The old file is {backup.name}."] if backup else []
        )
        if new_keys is not None:
            if not same_address and any(store.found[place].key and not new_keys[place].key for place in APART):
                notices.append("An old key stored under this name was removed.")
            if store.unread and not new_keys["keyring"].key:
                notices.append(store.may_stay)
            try:
                store.put(new_keys)
            except KeyProblem as problem:
                notices.append(str(problem))  # the provider itself is saved
        return load(paths.config_file), tuple(notices)


def _changes(valid: ValidProvider, before: Settings) -> dict[str, object]:
    """Return the changes to the configuration that save a provider."""
    name = valid.provider.name
    table = before.document.get("providers")
    was = table.get(name) if isinstance(table, Mapping) else None
    changes: dict[str, object] = {"providers": {name: changes_of(valid, was if isinstance(was, Mapping) else {})}}
    if not before.providers or before.default_provider not in (*before.providers, ""):
        changes["default_provider"] = name
    return changes


def _remove(name: str, with_key: bool, paths: Paths) -> tuple[Settings, tuple[str, ...]]:
    with _alone(paths):
        store = KeyStore(name, paths.keys_file) if with_key else None
        before = load(paths.config_file)
        changes: dict[str, object] = {"providers": {name: None} if set(before.providers) - {name} else None}
        if before.default_provider == name:
            changes["default_provider"] = None
        backup = change(paths.config_file, changes, decided_on=before.document)
        notices = (
            [f"config.toml was rewritten without its comments. The old file is {backup.name}."] if backup else []
        )
        if store is not None:
            notices += store.forget()
        settings = load(paths.config_file)
    if not settings.providers:
        notices.append("No provider is left: the app will start with the demo bots.")
    return settings, tuple(notices)


@contextmanager
def _alone(paths: Paths) -> Iterator[None]:
    """Prevent other windows from saving or removing providers. The locks of the keys and of the configuration are
    held only while each is written.
    """
    text = "Another window is saving or removing a provider. Nothing was changed; try again."
    together = Path(os.path.realpath(paths.config_file)).with_name("providers")
    with held_for_writing(together, ConfigProblem(text, path=str(paths.config_file))):
        yield


def _with_sentences(problem: ConfigProblem | KeyProblem, sentences: list[str]) -> ConfigProblem | KeyProblem:
    """Return the error with more sentences added."""
    text = " ".join((str(problem), *sentences))
    if isinstance(problem, KeyProblem):
        return KeyProblem(text)
    return ConfigProblem(text, path=problem.path, line=problem.line, column=problem.column)


def _used_at(keys: KeyStore, provider: Provider, source: KeySource) -> tuple[KeyPlace, str]:
    """Return where the key of a provider is stored outside the configuration, and its last characters. If the
    configuration names no place, an unreadable keyring counts as having a key, so that saving does not change it.
    """
    if (place := used(keys.found, provider.base_url)) is not None:
        return place, keys.found[place].shown
    return ("keyring", str(Secret(""))) if keys.unread and is_stored_apart(source) else ("none", "")


def _place_of_key(keys: KeyStore) -> KeyPlace:
    """Return where a key is stored for a provider, whatever its address; `none` if there is none."""
    return next((place for place in APART if keys.found[place].key), "none")
