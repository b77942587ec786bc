"""The style sheets, parsed only where something about them is new."""

from __future__ import annotations

from typing import Final

from textual.cache import LRUCache
from textual.css.stylesheet import Stylesheet

_SOURCES: Final = 512
"""How many sources are kept parsed; each class of widgets is one. Textual's 64 are fewer than the app has."""


class ParsedOnce(Stylesheet):
    """The style sheets of an app. Textual parses all of them again with each new screen, and twice at the start."""

    def __init__(self, *, variables: dict[str, str] | None = None) -> None:
        super().__init__(variables=variables)
        self._parse_cache = LRUCache(_SOURCES)

    def set_variables(self, variables: dict[str, str]) -> None:
        """Set the colours. What was parsed with the same ones is kept. Overrides `Stylesheet.set_variables`."""
        if variables != self._variables:
            super().set_variables(variables)

    def reparse(self) -> None:
        """Parse what is new. After an error the rules are what they were before. Overrides `Stylesheet.reparse`."""
        self.parse()
