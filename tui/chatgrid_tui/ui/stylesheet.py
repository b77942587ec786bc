"""The style sheets, parsed only if something in them is new."""

from __future__ import annotations

from typing import Final

from textual.cache import LRUCache
from textual.css.stylesheet import Stylesheet

_SOURCES: Final = 512
"""The number of parsed sources that are cached, one for each class of widgets. Textual's 64 are fewer than the app
has.
"""


class ParsedOnce(Stylesheet):
    """The style sheets of an app. Textual would parse all of them again for each new screen, and twice at start."""

    def __init__(self, *, variables: dict[str, str] | None = None) -> None:
        super().__init__(variables=variables)
        self._parse_cache = LRUCache(_SOURCES)

    def set_variables(self, variables: dict[str, str]) -> None:
        """Set the colours. Rules parsed with the same colours are reused. Overrides `Stylesheet.set_variables`."""
        if variables != self._variables:
            super().set_variables(variables)

    def reparse(self) -> None:
        """Parse what is new. After an error the previous rules are kept. Overrides `Stylesheet.reparse`."""
        self.parse()
