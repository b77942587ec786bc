"""A widget that lies over others for a while."""

from __future__ import annotations

from textual.widget import Widget


class Covering(Widget):
    """Leaves nothing on the screen when it is hidden.

    Textual compares the layouts before and after to see what to draw. If a position was asked for in between, it has
    replaced the first with the second, and what was covered is not drawn.
    """

    def on_hide(self) -> None:
        """Draw what was covered."""
        self.screen.refresh()
