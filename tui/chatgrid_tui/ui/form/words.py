"""The message next to the buttons of a form."""

from __future__ import annotations

from rich.segment import Segment
from textual.strip import Strip

from chatgrid_tui.ui.appearance import Look, Part
from chatgrid_tui.ui.widgets.cells import cut, filled, own_words
from chatgrid_tui.ui.widgets.one_line import OneLine


class FormWords(OneLine):
    """One line on an overlay."""

    surface: Part = "overlay"

    def __init__(self) -> None:
        super().__init__()
        self._words = ""
        self._failed = False

    def show(self, words: str, *, failed: bool = False) -> None:
        """Show another message."""
        if (words, failed) != (self._words, self._failed):
            self._words, self._failed = words, failed
            self.refresh()

    def drawn(self, look: Look, width: int) -> Strip:
        """Return the line."""
        words = own_words(self._words, look.signs)
        if self._failed:
            words = f"{look.signs.failed} {words}"
        style = look.style("error" if self._failed else "muted", self.surface)
        return filled([Segment(cut(words, width, look.signs.more), style)], width, look.style("text", self.surface))
