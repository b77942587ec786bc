"""Which key is in use, as a value that may be shown."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """Which key is in use, as far as it may be shown."""

    shown: str = ""
    """Its last four characters, after an ellipsis."""
    source: str = ""
    warning: str = ""
    """A sentence about how it is kept, where something is to be said of that."""
    missing: str = ""
    """The sentence that says where one is looked for, where there is none."""
    named: bool = False
    """Whether the configuration names a variable or a command for it."""

    @property
    def sentence(self) -> str:
        """Say which key it is, or that there is none."""
        return f"The key {self.shown} comes from {self.source}." if self.source else self.missing
