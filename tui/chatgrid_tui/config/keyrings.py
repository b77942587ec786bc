"""The system's keyring, if the optional package for it is installed.

A provider's entry is `https://host key`: the address that the key is for, a space, and the key. An entry that was
made by hand may be the key alone.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import Final, Protocol, cast

from chatgrid_tui.config.stored_keys import NOTHING, StoredKey
from chatgrid_tui.errors import KeyProblem

_SERVICE = "chatgrid-tui"
_NONE_HERE: Final = "NoKeyringError"
"""What the package raises if the system has no usable keyring."""


class _Keyring(Protocol):
    def get_password(self, service: str, name: str) -> str | None: ...

    def set_password(self, service: str, name: str, key: str) -> None: ...

    def delete_password(self, service: str, name: str) -> None: ...


def keyring_usable() -> bool:
    """Return whether the package is installed. Even then the system may have no keyring."""
    return importlib.util.find_spec("keyring") is not None


def in_keyring(name: str) -> StoredKey:
    """Return the key stored for `name`, or an empty one if there is no keyring. May wait for the user.

    Raises:
        KeyProblem: there is a keyring, and it cannot be read: it may be locked.
    """
    if not keyring_usable():
        return NOTHING
    try:
        entry = (_keyring().get_password(_SERVICE, name) or "").strip()
    except Exception as problem:
        # The keyring of each system raises its own errors.
        kinds = [kind.__name__ for kind in type(problem).__mro__]
        if _NONE_HERE in kinds:
            return NOTHING
        raise KeyProblem(f"The keyring of this system cannot be read ({kinds[0]}).") from None
    origin, _, key = entry.partition(" ")
    return StoredKey(key.strip(), origin) if key and origin.startswith(("http://", "https://")) else StoredKey(entry)


def put_into_keyring(name: str, stored: StoredKey) -> None:
    """Store a key for `name`. May wait for the user.

    Raises:
        KeyProblem: there is no keyring, or it refuses.
    """
    if not keyring_usable():
        raise KeyProblem("The keyring needs one more package: chatgrid-tui[keyring].")
    try:
        _keyring().set_password(_SERVICE, name, f"{stored.origin} {stored.key}".strip())
    except Exception as problem:
        # Only the type of the error: its message may repeat the key.
        raise KeyProblem(f"The keyring of this system refused the key ({type(problem).__name__}).") from None


def take_out_of_keyring(name: str) -> None:
    """Remove the key for `name`. May wait for the user.

    Raises:
        KeyProblem: the keyring refuses.
    """
    if not keyring_usable():
        return
    try:
        _keyring().delete_password(_SERVICE, name)
    except Exception as problem:
        kind = type(problem).__name__
        raise KeyProblem(f"The keyring of this system still has the key: it cannot be removed ({kind}).") from None


def _keyring() -> _Keyring:
    # Imported late, since it imports a dozen packages.
    return cast(_Keyring, importlib.import_module("keyring"))
