"""A keyring as the optional package has it."""

from __future__ import annotations

import sys
import types
from importlib.machinery import ModuleSpec
from typing import TypeAlias

import pytest

Keyring: TypeAlias = dict[tuple[str, str], str]


def fake_keyring(monkeypatch: pytest.MonkeyPatch) -> Keyring:
    """Install a keyring, and return what it keeps. A name of "broken" makes it fail."""
    kept: Keyring = {}

    class Fake(types.ModuleType):
        @staticmethod
        def get_password(service: str, name: str) -> str | None:
            if name == "broken":
                raise RuntimeError("no backend")
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
