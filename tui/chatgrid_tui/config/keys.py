"""Keys of the services: where they are found, and the one file that they may be written to."""

from __future__ import annotations

import asyncio
import os
import stat
import threading
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import tomli_w

from chatgrid_tui.config.commands import first_line
from chatgrid_tui.config.files import write_file
from chatgrid_tui.config.keyrings import in_keyring, keyring_usable
from chatgrid_tui.config.providers import KeySource
from chatgrid_tui.config.secret import Secret
from chatgrid_tui.disk import held_for_writing
from chatgrid_tui.errors import KeyProblem
from chatgrid_tui.model.provider import Provider

_ONE_AT_A_TIME: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class FoundKey:
    """A key and where it came from."""

    secret: Secret
    source: str
    """Where from, to be shown after "from": the name of a variable, `the command op`, `keys.toml`."""
    warning: str = ""
    """A sentence about how it is kept, empty where nothing is to be said."""


async def find_key(
    name: str, source: KeySource, keys_file: Path | None, environment: Mapping[str, str] | None = None
) -> FoundKey | None:
    """Look for the key of the provider called `name`; None where there is none.

    The order: the variable, the command, the key in the configuration itself, the keyring, `keys_file`. Without a
    file none is taken that is kept by that name. A command may take ten seconds, and a keyring may ask the person
    first.

    Raises:
        KeyProblem: the command failed, `keys_file` cannot be read, or what was found cannot be a key.
    """
    if source.variable:
        value = (os.environ if environment is None else environment).get(source.variable, "").strip()
        if value:
            return FoundKey(checked(value, source.variable), source.variable)
    if source.command:
        program = f"the command {Path(source.command[0]).name}"
        return FoundKey(checked(await first_line(source.command), program), program)
    if source.written is not None:
        warning = f"The key of {name} stands in the open in the configuration. `api_key_env` keeps it out of there."
        return FoundKey(checked(source.written.reveal(), "the configuration"), "the configuration", warning)
    if keys_file is None:
        return None
    if value := await asyncio.to_thread(in_keyring, name):
        return FoundKey(checked(value, "the keyring"), "the keyring")
    return await asyncio.to_thread(_in_file, name, keys_file)


def where_looked(provider: Provider, source: KeySource, keys_file: Path) -> str:
    """Return the sentences that say that no key was found for `provider`, and where one is looked for."""
    if source.variable:
        places = source.variable
    elif keyring_usable():
        places = f"the keyring and in {keys_file}"
    else:
        places = str(keys_file)
    return f"No key is set for {provider.shown}. It is looked for in {places}."


def save_key(name: str, key: str, keys_file: Path) -> None:
    """Keep the key of the provider called `name` in `keys_file` (0600); an empty one is taken out. A file without
    keys is none.

    Raises:
        KeyProblem: it cannot be a key, or the file cannot be read or written, or another window does not let go of
            it.
    """
    busy = KeyProblem(f"Another window is writing {keys_file} just now. Nothing was changed; try it again.")
    # What was read is written again with one key more or less: of two at the same time, one would be lost.
    with _ONE_AT_A_TIME, held_for_writing(keys_file, busy):
        keys = _read_keys(keys_file)
        keys.pop(name, None)
        if key.strip():
            keys[name] = checked(key, "what was entered").reveal()
        try:
            write_file(keys_file, tomli_w.dumps(keys).encode("utf-8"))
            if not keys:
                Path(os.path.realpath(keys_file)).unlink()
        except OSError as problem:
            raise KeyProblem(f"{keys_file} cannot be written: {problem.strerror}.") from problem


def key_in_file(name: str, keys_file: Path) -> str:
    """Return the key of the provider called `name` in `keys_file`; empty where there is none.

    Raises:
        KeyProblem: the file cannot be read.
    """
    return _read_keys(keys_file).get(name, "").strip()


def names_in_file(keys_file: Path) -> frozenset[str]:
    """Return the names of the providers that have a key in `keys_file`.

    Raises:
        KeyProblem: the file cannot be read.
    """
    return frozenset(name for name, key in _read_keys(keys_file).items() if key.strip())


def checked(key: str, place: str) -> Secret:
    """Return the key without blanks around it.

    It goes into a header, where any other character than printable ASCII makes an error that prints the
    whole header; so such a key is refused here.

    Raises:
        KeyProblem: it holds such a character; names `place` and never the key.
    """
    key = key.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise KeyProblem(f"The key from {place} holds a blank or a letter that no key has. Copy it once more.")
    return Secret(key)


def _in_file(name: str, keys_file: Path) -> FoundKey | None:
    value = key_in_file(name, keys_file)
    return FoundKey(checked(value, keys_file.name), keys_file.name, _looseness(keys_file)) if value else None


def _read_keys(keys_file: Path) -> dict[str, str]:
    try:
        document = tomllib.loads(keys_file.read_bytes().decode("utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as problem:
        raise KeyProblem(f"{keys_file} cannot be read: {problem.strerror}.") from problem
    except (ValueError, RecursionError):
        # Without the cause: it would carry the text of the file, and so the keys.
        raise KeyProblem(f'{keys_file} is not TOML. Its lines are like acme = "the key".') from None
    wrong = next((name for name, value in document.items() if not isinstance(value, str)), None)
    if wrong is not None:
        raise KeyProblem(f"{keys_file} holds something else than a text for {wrong}.")
    return {name: str(value) for name, value in document.items()}


def _looseness(keys_file: Path) -> str:
    if os.name != "posix" or not stat.S_IMODE(keys_file.stat().st_mode) & 0o077:
        return ""
    return f"Others on this machine can read {keys_file}. `chmod 600` keeps them out."
