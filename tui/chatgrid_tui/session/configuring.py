"""Providers added, changed and removed while the program runs: the files, and what uses them."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias, get_args

from chatgrid_tui.config.drafts import Checked, Draft, KeyPlace, Known, changes_of, draft_of
from chatgrid_tui.config.keyrings import in_keyring, keyring_usable, put_into_keyring, take_out_of_keyring
from chatgrid_tui.config.keys import key_in_file, names_in_file, save_key
from chatgrid_tui.config.paths import Paths
from chatgrid_tui.config.providers import KeySource, same_place
from chatgrid_tui.config.secret import Secret
from chatgrid_tui.config.settings import Settings, load
from chatgrid_tui.config.writing import change
from chatgrid_tui.engine.service import Service
from chatgrid_tui.errors import ConfigProblem, KeyProblem, UsageProblem
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.session.session import Session

_Apart: TypeAlias = Literal["keyring", "file"]
_Keys: TypeAlias = dict[_Apart, str]
"""The keys of one provider that are kept apart from the configuration, by their places."""
_APART: Final[tuple[_Apart, ...]] = get_args(_Apart)
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
        before = self.settings.providers.get(known.editing)
        if draft.key_from in _APART and draft.key is not None and draft.key.reveal().strip():
            source = KeySource(written=draft.key)
        elif draft.key_from == "config" or (draft.key_from in _APART and known.kept == "config"):
            source = self._source_before(known.editing)
        elif draft.key_from == "none":
            return await self._session.services.trial(checked.provider, None)
        kept = before is not None and same_place(before.base_url, checked.provider.base_url)
        return await self._session.services.trial(checked.provider, source, kept=kept)

    async def save(self, draft: Draft, checked: Checked, known: Known) -> Saved:
        """Write a provider and its key, and use it from now on.

        Raises:
            KeyProblem: the key cannot be kept there; nothing was written.
            ConfigProblem: the configuration is broken or cannot be written; it stays as it is.
        """
        settings, notices = await asyncio.to_thread(_save, draft, checked, known, self._paths)
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


def _save(draft: Draft, checked: Checked, known: Known, paths: Paths) -> tuple[Settings, tuple[str, ...]]:
    """Write the key, then the configuration. Return how that reads now, and sentences about what else was done."""
    name = checked.provider.name
    before = load(paths.config_file)  # says what is wrong with it before anything is written
    old = before.providers.get(name)
    if old is not None and not known.editing:
        raise ConfigProblem(f"Another provider is called {name} in config.toml by now.", path=str(paths.config_file))
    table = before.document.get("providers")
    tables: Mapping[str, object] = table if isinstance(table, Mapping) else {}
    was = tables.get(name)
    changes: dict[str, object] = {"providers": {name: changes_of(checked, was if isinstance(was, Mapping) else {})}}
    if not before.providers or before.default_provider not in (*before.providers, ""):
        changes["default_provider"] = name
    here = old is not None and same_place(old.base_url, checked.provider.base_url)
    kept = _KeptKeys(name, paths)
    wanted = _wanted_keys(draft, before.key_sources.get(name, KeySource()), kept.found, here=here)
    try:
        # A key that was kept for another address is gone before the configuration names this one.
        kept.put(wanted if not here else {place: key for place, key in wanted.items() if key})
        backup = change(paths.config_file, changes)
    except (ConfigProblem, KeyProblem):
        kept.put_back()
        raise
    notices = [f"The comments of config.toml are kept in {backup.name}."] if backup else []
    if not here and any(key and not wanted[place] for place, key in kept.found.items()):
        notices.append("A key that was still kept under this name was taken out.")
    try:
        kept.put(wanted)
    except KeyProblem as problem:
        notices.append(str(problem))  # what was to be saved is saved all the same
    return load(paths.config_file), tuple(notices)


def _was_apart(source: KeySource) -> bool:
    """Whether a key was looked for apart from the configuration first of all."""
    return not source.variable and not source.command and source.written is None


def _wanted_keys(draft: Draft, source: KeySource, found: _Keys, *, here: bool) -> _Keys:
    """Return what each place is to keep from now on. `source` is where the key was before, and `here` is whether that
    was for the same address: else nothing that was kept is used.

    Raises:
        KeyProblem: a key is to be kept, and there is none.
    """
    nothing: _Keys = {"keyring": "", "file": ""}
    if draft.key_from == "config" and here:
        return dict(found)
    if draft.key_from == "none":
        return nothing
    if draft.key_from in ("environment", "command"):
        return dict(found) if here and not _was_apart(source) else nothing
    typed = draft.key.reveal().strip() if draft.key is not None else ""
    before = "" if source.written is None else source.written.reveal()
    key = typed or (before or found["keyring"] or found["file"] if here else "")
    if not key or draft.key_from == "config":
        raise KeyProblem(
            "The key is missing." if here else "The key that is kept is for another address. Type this one's."
        )
    # Of two keys the one in the keyring would be used: only the place that was chosen has one.
    return {"keyring": key, "file": ""} if draft.key_from == "keyring" else {"keyring": "", "file": key}


class _KeptKeys:
    """The keys that are kept for a provider apart from the configuration."""

    def __init__(self, name: str, paths: Paths) -> None:
        self._name = name
        self._file = paths.keys_file
        self.found: Final[_Keys] = {place: _kept_at(place, name, self._file) for place in _APART}
        """What was found at first."""
        self._now = dict(self.found)

    def put(self, wanted: _Keys) -> None:
        """Keep these keys at these places, an empty one nowhere.

        Raises:
            KeyProblem: a place refuses.
        """
        for place, key in wanted.items():
            if key != self._now[place]:
                _keep(place, self._name, key, self._file)
                self._now[place] = key

    def put_back(self) -> None:
        """Keep what was found at first, as far as the places do so."""
        for place, key in self.found.items():
            with contextlib.suppress(KeyProblem):
                self.put({place: key})


def _remove(name: str, with_key: bool, paths: Paths) -> tuple[Settings, tuple[str, ...]]:
    before = load(paths.config_file)
    changes: dict[str, object] = {"providers": {name: None} if set(before.providers) - {name} else None}
    if before.default_provider == name:
        changes["default_provider"] = None
    backup = change(paths.config_file, changes)
    notices = [f"The comments of config.toml are kept in {backup.name}."] if backup else []
    if with_key:
        notices += _forgotten(name, paths.keys_file)
    settings = load(paths.config_file)
    if not settings.providers:
        notices.append("None is left: the next start opens on the bots that come along.")
    return settings, tuple(notices)


def _kept(name: str, paths: Paths) -> tuple[KeyPlace, str]:
    """Return where a key for `name` is kept apart from the configuration, and how it ends."""
    for place in _APART:
        if key := _kept_at(place, name, paths.keys_file):
            return place, str(Secret(key))
    return "none", ""


def _forgotten(name: str, keys_file: Path) -> list[str]:
    """Keep no key for `name` any more. Return sentences where that failed: it is removed all the same."""
    notices = []
    for place in _APART:
        try:
            if _kept_at(place, name, keys_file):
                _keep(place, name, "", keys_file)
        except KeyProblem as problem:
            notices.append(str(problem))
    return notices


def _kept_at(place: _Apart, name: str, keys_file: Path) -> str:
    """Return the key for `name` at a place; empty where there is none."""
    return in_keyring(name) if place == "keyring" else key_in_file(name, keys_file)


def _keep(place: _Apart, name: str, key: str, keys_file: Path) -> None:
    """Keep a key for `name` at a place; an empty one is taken out."""
    if place == "file":
        save_key(name, key, keys_file)
    elif key:
        put_into_keyring(name, key)
    else:
        take_out_of_keyring(name)
