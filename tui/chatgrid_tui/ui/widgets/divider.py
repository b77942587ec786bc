"""The column between the list and the page; where there are surfaces, it is one of them."""

from __future__ import annotations

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from chatgrid_tui.ui.appearance import look_of


class Divider(Widget):
    """One column: a line."""

    ALLOW_SELECT = False

    def render_line(self, y: int) -> Strip:
        """Return a row (Textual asks for it)."""
        look = look_of(self)
        return Strip([Segment(look.signs.rule, look.style("line", "panel"))], 1)

    def look_changed(self) -> None:
        """Draw anew with other colours or signs."""
        self.refresh()
