"""Stored keys: a keyring like that of the optional package, and the lines of the key file."""

from __future__ import annotations

import sys
import types
from importlib.machinery import ModuleSpec
from typing import TypeAlias
from urllib.parse import urlsplit

import pytest

Keyring: TypeAlias = dict[tuple[str, str], str]


def kept_line(name: str, key: str, address: str) -> str:
    """Return the line that is written into the file of keys for a provider at `address`."""
    parts = urlsplit(address)
    return f'{name} = {{ key = "{key}", for = "{parts.scheme}://{parts.netloc}" }}\n'


class NoKeyringError(RuntimeError):
    """The error of the package if the system has no keyring."""


class KeyringLockedError(RuntimeError):
    """The error of a keyring that is locked."""


def fake_keyring(monkeypatch: pytest.MonkeyPatch) -> Keyring:
    """Install a keyring, and return its content. "broken" as its name makes every call fail, "stuck" makes deletions
    fail, and "nowhere" is a system without a keyring.
    """
    kept: Keyring = {}

    class Fake(types.ModuleType):
        @staticmethod
        def get_password(service: str, name: str) -> str | None:
            if name == "broken":
                raise RuntimeError("no session bus")
            if name == "nowhere":
                raise NoKeyringError
            return kept.get((service, name))

        @staticmethod
        def set_password(service: str, name: str, key: str) -> None:
            if name == "broken":
                raise RuntimeError(f"refused {key}")
            kept[service, name] = key

        @staticmethod
        def delete_password(service: str, name: str) -> None:
            if name == "stuck":
                raise RuntimeError(f"refused {kept[service, name]}")
            del kept[service, name]

    module = Fake("keyring")
    module.__spec__ = ModuleSpec("keyring", None)
    monkeypatch.setitem(sys.modules, "keyring", module)
    return kept
