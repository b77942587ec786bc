"""Find and store API keys.

A line of the key file is `acme = "key"`, as people write it, or `acme = { key = "key", for = "https://host" }`, as
this module writes it: such a key is sent only to that host, whatever address the configuration gives the provider.
"""

from __future__ import annotations

import asyncio
import os
import stat
import threading
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import tomli_w

from chatgrid_tui.config.key_command import first_line
from chatgrid_tui.config.providers import KeySource
from chatgrid_tui.config.secret import Secret
from chatgrid_tui.config.stored_keys import NOTHING, StoredKey, in_keyring, keyring_usable, used
from chatgrid_tui.disk import held_for_writing, read_bounded, write_file
from chatgrid_tui.errors import KeyProblem
from chatgrid_tui.model.provider import Provider

_ONE_AT_A_TIME: Final = threading.Lock()
_LARGEST: Final = 512 * 1024
"""The largest size of the key file, in bytes."""


@dataclass(frozen=True, slots=True)
class FoundKey:
    """A key and where it came from."""

    secret: Secret
    source: str
    """Where it was found, as shown after "from": the name of a variable, `the command op`, `keys.toml`."""
    warning: str = ""
    """A sentence about how it is stored, or an empty string."""


@dataclass(frozen=True, slots=True)
class NoKey:
    """No key was found for this provider."""

    why: str = ""
    """Sentences about other keys, and about what could not be read; may be empty."""


async def find_key(
    provider: Provider,
    source: KeySource,
    keys_file: Path | None,
    environment: Mapping[str, str] | None = None,
    *,
    hidden: Collection[str] = (),
) -> FoundKey | NoKey:
    """Look up the key of `provider`.

    The order is: the variable, the command, the key in the configuration itself, the keyring, `keys_file`. In the
    last two, a key stored for another address does not count, and a key stored for exactly this address comes before
    one stored without an address. If `keys_file` is None, neither is searched. A command may take ten seconds, and a
    keyring may ask the user first. A command does not get the variables `hidden`, which hold keys of other providers.

    Raises:
        KeyProblem: the command failed, `keys_file` cannot be read, or the value cannot be a key.
    """
    variables = os.environ if environment is None else environment
    if source.variable:
        value = variables.get(source.variable, "").strip()
        if value:
            return FoundKey(checked(value, source.variable), source.variable)
    if source.command:
        program = f"the command {Path(source.command[0]).name}"
        inherited = {name: value for name, value in variables.items() if name not in hidden}
        return FoundKey(checked(await first_line(source.command, environment=inherited), program), program)
    if source.written is not None:
        where = f"The key of {provider.name} is stored as plain text in the configuration."
        warning = f"{where} Use `api_key_env` instead."
        return FoundKey(checked(source.written.reveal(), "the configuration"), "the configuration", warning)
    return NoKey() if keys_file is None else await asyncio.to_thread(_kept_for, provider, keys_file)


def where_looked(provider: Provider, source: KeySource, keys_file: Path, reason: str = "") -> str:
    """Return sentences saying that `provider` has no key, where it was looked up, and (`reason`) why stored keys were
    not used.
    """
    if source.variable:
        places = source.variable
    elif keyring_usable():
        places = f"the keyring and in {keys_file}"
    else:
        places = str(keys_file)
    return f"No key is set for {provider.shown}. It is looked for in {places}.{reason and ' '}{reason}"


def save_key(name: str, stored: StoredKey, keys_file: Path) -> None:
    """Store the key of the provider called `name` in `keys_file` (0600). An empty key is removed, and a file without
    keys is deleted.

    Raises:
        KeyProblem: it cannot be a key, the file cannot be read or written, or another window keeps it locked.
    """
    busy = KeyProblem(f"Another window is writing {keys_file}. Nothing was changed; try again.")
    # Read, change and write under one lock, so that no concurrent change is lost.
    with _ONE_AT_A_TIME, held_for_writing(keys_file, busy):
        keys = _read_keys(keys_file)
        keys.pop(name, None)
        if stored.key.strip():
            keys[name] = StoredKey(checked(stored.key, "what was entered").reveal(), stored.origin)
        try:
            write_file(keys_file, "".join(_line(*entry) for entry in keys.items()).encode("utf-8"))
            if not keys:
                Path(os.path.realpath(keys_file)).unlink()
        except OSError as problem:
            raise KeyProblem(f"{keys_file} cannot be written: {problem.strerror}.") from problem


def key_in_file(name: str, keys_file: Path) -> StoredKey:
    """Return the key of the provider called `name` in `keys_file`, or an empty one.

    Raises:
        KeyProblem: the file cannot be read.
    """
    return _read_keys(keys_file).get(name, NOTHING)


def names_in_file(keys_file: Path) -> frozenset[str]:
    """Return the names of the providers that have a key in `keys_file`.

    Raises:
        KeyProblem: the file cannot be read.
    """
    return frozenset(name for name, stored in _read_keys(keys_file).items() if stored.key)


def checked(key: str, place: str) -> Secret:
    """Return the key, stripped.

    A key goes into a header. There, a character other than printable ASCII causes an error that prints the whole
    header, so it is refused here.

    Raises:
        KeyProblem: it contains such a character. The message names `place` and never the key.
    """
    key = key.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise KeyProblem(
            f"The key from {place} contains a space or a character that keys cannot have. Copy it again."
        )
    return Secret(key)


def _kept_for(provider: Provider, keys_file: Path) -> FoundKey | NoKey:
    """Return the key stored for a provider in the keyring or in `keys_file`."""
    stored, problems = {}, []
    try:
        stored["the keyring"] = in_keyring(provider.name)
    except KeyProblem as problem:
        problems.append(str(problem))  # the key may be in the file
    stored[keys_file.name] = key_in_file(provider.name, keys_file)
    place = used(stored, provider.base_url)
    if place is None:
        others = [f"The key in {place} is for {one.shown_origin}." for place, one in stored.items() if one.key]
        return NoKey(" ".join((*others, *problems)))
    warning = _looseness(keys_file) if place == keys_file.name else ""
    return FoundKey(checked(stored[place].key, place), place, warning)


def _read_keys(keys_file: Path) -> dict[str, StoredKey]:
    try:
        document = tomllib.loads(read_bounded(keys_file, _LARGEST).decode("utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as problem:
        raise KeyProblem(f"{keys_file} cannot be read: {problem.strerror}.") from problem
    except (ValueError, RecursionError):
        # Without the cause, which would contain the text of the file, and thus the keys.
        raise KeyProblem(f'{keys_file} is not TOML. Write lines like acme = "the key".') from None
    keys: dict[str, StoredKey] = {}
    for name, value in document.items():
        stored = _read_entry(value)
        if stored is None:
            raise KeyProblem(f'{keys_file} has no valid key for {name}. Write a line like {name} = "the key".')
        keys[name] = stored
    return keys


def _read_entry(value: object) -> StoredKey | None:
    """Return an entry of the key file, or None if it is malformed."""
    match value:
        case str():
            return StoredKey(value.strip())
        case {"key": str(key), "for": str(origin), **others} if not others:
            return StoredKey(key.strip(), origin.strip())
        case _:
            return None


def _line(name: str, stored: StoredKey) -> str:
    """Return the line of the key file for one provider. It is one line even with an address: otherwise, a line that
    somebody adds below a table would belong to that table.
    """
    if not stored.origin:
        return tomli_w.dumps({name: stored.key})
    before = tomli_w.dumps({name: ""}).removesuffix('""\n')
    key, origin = (
        tomli_w.dumps({field: text}).strip() for field, text in (("key", stored.key), ("for", stored.origin))
    )
    return f"{before}{{ {key}, {origin} }}\n"


def _looseness(keys_file: Path) -> str:
    if os.name != "posix" or not stat.S_IMODE(keys_file.stat().st_mode) & 0o077:
        return ""
    return f"Other users of this machine can read {keys_file}. `chmod 600` prevents that."
