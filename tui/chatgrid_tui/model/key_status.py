"""Which key is in use, as a value that can be shown."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """Which key is in use, without the key itself."""

    shown: str = ""
    """Its last four characters after an ellipsis, or only the ellipsis if the key is too short."""
    source: str = ""
    warning: str = ""
    """A sentence about a risk in how it is stored, or an empty string."""
    missing: str = ""
    """If there is no key, a sentence that names the places where it was looked up."""
    named: bool = False
    """Whether the configuration names a variable or a command for it."""

    @property
    def name(self) -> str:
        """What to call the key: `key …9f3a`, or `key` if it is too short to show its end."""
        return f"key {self.shown}".rstrip(" …")

    @property
    def sentence(self) -> str:
        """Return a sentence on which key is used, or that there is none."""
        return f"The {self.name} comes from {self.source}." if self.source else self.missing
