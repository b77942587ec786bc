"""What the lines of the frame have in common: one row, drawn by hand, so that news never costs a layout."""

from __future__ import annotations

from textual.strip import Strip
from textual.widget import Widget

from chatgrid_tui.ui.appearance import Look, Part, look_of


class OneLine(Widget):
    """A row of the frame. Subclasses draw it in `drawn`."""

    DEFAULT_CSS = """
    OneLine {
        width: 1fr;
        height: 1;
    }
    """
    ALLOW_SELECT = False

    surface: Part = "panel"
    """What it lies on."""

    def drawn(self, look: Look, width: int) -> Strip:
        """Return the row, exactly `width` cells."""
        raise NotImplementedError

    def render_line(self, y: int) -> Strip:
        """Return the row (Textual asks for it)."""
        look, width = look_of(self), self.size.width
        return self.drawn(look, width) if y == 0 else Strip.blank(width, look.style("text", self.surface))

    def look_changed(self) -> None:
        """Draw anew with other colours or signs."""
        self.refresh()
