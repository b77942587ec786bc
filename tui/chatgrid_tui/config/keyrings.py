"""The system's keyring, where the optional package for it is installed."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Protocol, cast

from chatgrid_tui.errors import KeyProblem

_SERVICE = "chatgrid-tui"


class _Keyring(Protocol):
    def get_password(self, service: str, name: str) -> str | None: ...

    def set_password(self, service: str, name: str, key: str) -> None: ...

    def delete_password(self, service: str, name: str) -> None: ...


def keyring_usable() -> bool:
    """Whether the package is installed; the system may have no keyring all the same."""
    return importlib.util.find_spec("keyring") is not None


def in_keyring(name: str) -> str:
    """Return the key kept for `name`, empty where there is none or no keyring. May wait for the person."""
    if not keyring_usable():
        return ""
    try:
        return (_keyring().get_password(_SERVICE, name) or "").strip()
    except Exception:
        # Each system's keyring fails in its own ways. There are other places to look in.
        return ""


def put_into_keyring(name: str, key: str) -> None:
    """Keep the key for `name`. May wait for the person.

    Raises:
        KeyProblem: there is no keyring, or it refused.
    """
    if not keyring_usable():
        raise KeyProblem("The keyring needs one more package: chatgrid-tui[keyring].")
    try:
        _keyring().set_password(_SERVICE, name, key)
    except Exception as problem:
        # Only the kind of the error: its text is the keyring's own, and not to be trusted with a key.
        raise KeyProblem(f"The keyring of this system refused the key ({type(problem).__name__}).") from None


def take_out_of_keyring(name: str) -> None:
    """Keep the key for `name` no longer. May wait for the person.

    Raises:
        KeyProblem: the keyring refused.
    """
    if not keyring_usable():
        return
    try:
        _keyring().delete_password(_SERVICE, name)
    except Exception as problem:
        kind = type(problem).__name__
        raise KeyProblem(f"The keyring of this system still has the key: it cannot be taken out ({kind}).") from None


def _keyring() -> _Keyring:
    # Imported late: it brings a dozen packages, and most people have none of them.
    return cast(_Keyring, importlib.import_module("keyring"))
