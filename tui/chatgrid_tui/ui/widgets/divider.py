"""The line between two parts of the page."""

from __future__ import annotations

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from chatgrid_tui.ui.appearance import look_of


class Divider(Widget):
    """A vertical line, one column wide."""

    ALLOW_SELECT = False

    def render_line(self, y: int) -> Strip:
        """Return a row. Overrides `Widget.render_line`."""
        look = look_of(self)
        return Strip([Segment(look.signs.rule, look.style("line", "panel"))], 1)
