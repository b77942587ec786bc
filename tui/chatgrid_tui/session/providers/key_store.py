"""The keys that are stored for a provider outside its configuration, and how saving the provider changes them."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal, TypeAlias, get_args

from chatgrid_tui.config.api_keys import key_in_file, save_key
from chatgrid_tui.config.provider_fields import ProviderFields, ValidProvider
from chatgrid_tui.config.providers import KeySource, same_place
from chatgrid_tui.config.stored_keys import (
    NOTHING,
    StoredKey,
    in_keyring,
    put_into_keyring,
    take_out_of_keyring,
    used,
)
from chatgrid_tui.errors import KeyProblem
from chatgrid_tui.model.provider import Provider

Apart: TypeAlias = Literal["keyring", "file"]
APART: Final[tuple[Apart, ...]] = get_args(Apart)
"""The writable places for keys outside the configuration."""
Keys: TypeAlias = dict[Apart, StoredKey]


class KeyStore:
    """The keys stored for a provider outside the configuration. Methods may block: the keyring may ask the user."""

    def __init__(self, name: str, keys_file: Path) -> None:
        """Read the keys.

        Raises:
            KeyProblem: the key file cannot be read.
        """
        self._name = name
        self._file = keys_file
        self.unread = ""
        """Why the keyring cannot be read; empty if it can. An unreadable keyring is not changed."""
        self.found: Final[Keys] = {"keyring": self._in_keyring(), "file": key_in_file(name, keys_file)}
        """The keys before any change."""
        self._now = dict(self.found)

    def put(self, keys: Keys) -> None:
        """Store keys at these places. An empty key removes the one stored there.

        Raises:
            KeyProblem: a key cannot be stored or removed.
        """
        for place, stored in keys.items():
            if stored != self._now[place]:
                _keep(place, self._name, stored, self._file)
                self._now[place] = stored

    def put_back(self) -> list[str]:
        """Restore the keys before any change. Return sentences about those that could not be restored."""
        sentences = []
        for place, stored in self.found.items():
            if place == "keyring" and self.unread:
                if self._now[place].key:
                    sentences.append("The new key stays in the keyring, whatever was there before.")
                continue
            try:
                self.put({place: stored})
            except KeyProblem as problem:
                lost = "The old key is lost. " if stored.key else ""
                sentences.append(f"{lost}{problem}")
        return sentences

    def forget(self) -> list[str]:
        """Remove all keys. Return sentences about those that could not be removed."""
        sentences = [self.may_stay] if self.unread else []
        for place in APART:
            try:
                self.put({place: NOTHING})
            except KeyProblem as problem:
                sentences.append(str(problem))
        return sentences

    @property
    def may_stay(self) -> str:
        """The sentence that a key may remain in the keyring, since the keyring cannot be read."""
        return f"{self.unread} If it has a key under the name {self._name}, that key stays there."

    def _in_keyring(self) -> StoredKey:
        try:
            return in_keyring(self._name)
        except KeyProblem as problem:
            self.unread = str(problem)
            return NOTHING


def is_stored_apart(source: KeySource) -> bool:
    """Return whether the configuration names no key, so that it is stored elsewhere."""
    return not source.variable and not source.command and source.written is None


def keys_to_store(
    fields: ProviderFields,
    valid: ValidProvider,
    store: KeyStore,
    old: Provider | None,
    source: KeySource,
    *,
    editing: bool,
) -> Keys | None:
    """Return the key that each place should have after saving a provider; None if they stay as they are. `old` is the
    provider before, and `source` where its key is. A key stored for another address is never used.

    Raises:
        KeyProblem: there is no key to store, or one for another address cannot be removed.
    """
    address = valid.provider.base_url
    same_address = old is not None and same_place(old.base_url, address)
    typed = fields.key.reveal().strip() if fields.key is not None else ""
    replaced = bool(typed) and fields.key_from == "keyring"
    if old is not None and not same_address and store.unread and not replaced:
        raise KeyProblem(f"{store.unread} It may have a key for the old address, so nothing was saved.")
    nothing: Keys = {place: NOTHING for place in APART}
    match fields.key_from:
        case "none":
            return nothing
        case "environment" | "command":
            return None if same_address and not is_stored_apart(source) else nothing
        case "config":
            if same_address:
                return None
        case "keyring" | "file" as place:
            before = _before(store, source, address) if same_address else ""
            if not typed and not before and same_address and place == "keyring" and store.unread:
                return None  # the key may be in the keyring
            if typed or before:
                # The keyring's key would be used if there were two, so only the chosen place gets one.
                return nothing | {place: StoredKey.at(typed or before, address)}
    raise KeyProblem(_missing(valid, store, old, same_address=same_address, editing=editing))


def _before(store: KeyStore, source: KeySource, address: str) -> str:
    """Return the current key, unless it comes from a variable or a command."""
    if source.written is not None:
        return source.written.reveal()
    place = used(store.found, address)
    return "" if place is None else store.found[place].key


def _missing(
    valid: ValidProvider, store: KeyStore, old: Provider | None, *, same_address: bool, editing: bool
) -> str:
    if old is None and editing:
        return f"{valid.provider.name} was removed from config.toml. Type its key to add it again."
    if not same_address or any(one.key for one in store.found.values()):
        return "The stored key is for another address. Type the key for this one."
    return f"{store.unread} Type the key." if store.unread else "The key is missing."


def _keep(place: Apart, name: str, stored: StoredKey, keys_file: Path) -> None:
    """Store a key for `name` at a place, or remove it if it is empty."""
    if place == "file":
        save_key(name, stored, keys_file)
    elif stored.key:
        put_into_keyring(name, stored)
    else:
        take_out_of_keyring(name)
