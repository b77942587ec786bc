"""Which key is in use, as a value that may be shown."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """Which key is in use, as far as it may be shown."""

    shown: str = ""
    """Its last four characters, after an ellipsis; the ellipsis alone if it is too short to show them."""
    source: str = ""
    warning: str = ""
    """A sentence about a risk of how it is stored; empty if there is none."""
    missing: str = ""
    """If there is no key, a sentence that names the places searched for one."""
    named: bool = False
    """Whether the configuration names a variable or a command for it."""

    @property
    def name(self) -> str:
        """What to call the key: `key …9f3a`, or `key` if it is too short to show its end."""
        return f"key {self.shown}".rstrip(" …")

    @property
    def sentence(self) -> str:
        """Say which key it is, or that there is none."""
        return f"The {self.name} comes from {self.source}." if self.source else self.missing
