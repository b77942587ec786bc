"""The message next to the buttons of a form."""

from __future__ import annotations

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from chatgrid_tui.ui.appearance import Part, look_of
from chatgrid_tui.ui.widgets.cells import cut, filled, own_words


class FormWords(Widget):
    """One line on an overlay."""

    DEFAULT_CSS = """
    FormWords {
        width: 1fr;
        height: 1;
    }
    """
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

    def look_changed(self) -> None:
        """Draw the line with other colours or signs."""
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Overrides `Widget.render_line`."""
        look, width = look_of(self), self.size.width
        words = own_words(self._words, look.signs)
        if self._failed:
            words = f"{look.signs.failed} {words}"
        style = look.style("error" if self._failed else "muted", self.surface)
        return filled([Segment(cut(words, width, look.signs.more), style)], width, look.style("text", self.surface))
