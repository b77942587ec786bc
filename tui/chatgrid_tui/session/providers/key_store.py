"""The keys that are kept for a provider apart from its configuration: what is kept of them when that is changed."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal, TypeAlias, get_args

from chatgrid_tui.config.keyrings import in_keyring, put_into_keyring, take_out_of_keyring
from chatgrid_tui.config.keys import key_in_file, save_key
from chatgrid_tui.config.provider_fields import ProviderFields, ValidProvider
from chatgrid_tui.config.providers import KeySource, same_place
from chatgrid_tui.config.stored_keys import NOTHING, StoredKey, used
from chatgrid_tui.errors import KeyProblem
from chatgrid_tui.model.provider import Provider

Apart: TypeAlias = Literal["keyring", "file"]
APART: Final[tuple[Apart, ...]] = get_args(Apart)
"""The places of keys that lie apart from the configuration and can be written."""
Keys: TypeAlias = dict[Apart, StoredKey]


class KeyStore:
    """The keys that are kept for a provider apart from the configuration. All of it may wait for the person."""

    def __init__(self, name: str, keys_file: Path) -> None:
        """Look for them.

        Raises:
            KeyProblem: the file of keys cannot be read.
        """
        self._name = name
        self._file = keys_file
        self.unread = ""
        """Why the keyring cannot be read; empty where it can. What is in it then is not known, and not touched."""
        self.found: Final[Keys] = {"keyring": self._in_keyring(), "file": key_in_file(name, keys_file)}
        """What was found at first."""
        self._now = dict(self.found)

    def put(self, wanted: Keys) -> None:
        """Keep these keys at these places, an empty one nowhere.

        Raises:
            KeyProblem: a place refuses.
        """
        for place, kept in wanted.items():
            if kept != self._now[place]:
                _keep(place, self._name, kept, self._file)
                self._now[place] = kept

    def put_back(self) -> list[str]:
        """Keep what was found at first. Return sentences about what is not as it was."""
        sentences = []
        for place, kept in self.found.items():
            if place == "keyring" and self.unread:
                if self._now[place].key:
                    sentences.append("The new key stays in the keyring, whatever was there before.")
                continue
            try:
                self.put({place: kept})
            except KeyProblem as problem:
                lost = "The key that was kept before is not kept any more. " if kept.key else ""
                sentences.append(f"{lost}{problem}")
        return sentences

    def forget(self) -> list[str]:
        """Keep none of them any more. Return sentences where that failed."""
        sentences = [self.may_stay] if self.unread else []
        for place in APART:
            try:
                self.put({place: NOTHING})
            except KeyProblem as problem:
                sentences.append(str(problem))
        return sentences

    @property
    def may_stay(self) -> str:
        """Say that a key in the keyring was not taken out, since that cannot be read."""
        return f"{self.unread} A key that it may have under the name {self._name} stays there."

    def _in_keyring(self) -> StoredKey:
        try:
            return in_keyring(self._name)
        except KeyProblem as problem:
            self.unread = str(problem)
            return NOTHING


def was_apart(source: KeySource) -> bool:
    """Whether a key was looked for apart from the configuration first of all."""
    return not source.variable and not source.command and source.written is None


def wanted_keys(
    fields: ProviderFields,
    valid: ValidProvider,
    kept: KeyStore,
    old: Provider | None,
    source: KeySource,
    *,
    editing: bool,
) -> Keys | None:
    """Return what each place is to keep for a provider that is saved; None where they stay as they are. `old` is how
    it is configured and `source` where its key is: nothing that is kept for another address is used.

    Raises:
        KeyProblem: a key is to be kept, and there is none; or what is kept for another address cannot be taken out.
    """
    address = valid.provider.base_url
    here = old is not None and same_place(old.base_url, address)
    typed = fields.key.reveal().strip() if fields.key is not None else ""
    replaced = bool(typed) and fields.key_from == "keyring"
    if old is not None and not here and kept.unread and not replaced:
        raise KeyProblem(f"{kept.unread} It may have a key for the address before, so nothing was saved.")
    nothing: Keys = {place: NOTHING for place in APART}
    match fields.key_from:
        case "none":
            return nothing
        case "environment" | "command":
            return None if here and not was_apart(source) else nothing
        case "config":
            if here:
                return None
        case "keyring" | "file" as place:
            before = _before(kept, source, address) if here else ""
            if not typed and not before and here and place == "keyring" and kept.unread:
                return None  # it may well be there
            if typed or before:
                # Of two keys the one in the keyring would be used: only the place that was chosen has one.
                return nothing | {place: StoredKey.at(typed or before, address)}
    raise KeyProblem(_missing(valid, kept, old, here=here, editing=editing))


def _before(kept: KeyStore, source: KeySource, address: str) -> str:
    """Return the key that was used so far, as far as it was not a variable's or a command's."""
    if source.written is not None:
        return source.written.reveal()
    place = used(kept.found, address)
    return "" if place is None else kept.found[place].key


def _missing(valid: ValidProvider, kept: KeyStore, old: Provider | None, *, here: bool, editing: bool) -> str:
    if old is None and editing:
        return f"{valid.provider.name} was removed from config.toml meanwhile. Type its key to add it again."
    if not here or any(one.key for one in kept.found.values()):
        return "The key that is kept is for another address. Type this one's."
    return f"{kept.unread} Type the key." if kept.unread else "The key is missing."


def _keep(place: Apart, name: str, kept: StoredKey, keys_file: Path) -> None:
    """Keep a key for `name` at a place; an empty one is taken out."""
    if place == "file":
        save_key(name, kept, keys_file)
    elif kept.key:
        put_into_keyring(name, kept)
    else:
        take_out_of_keyring(name)
