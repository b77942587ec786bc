"""What lies over the page: a block without border, or one with hairlines where there are no surfaces."""

from __future__ import annotations

from typing import TypeVar

from rich.segment import Segment
from textual import events
from textual.containers import Vertical
from textual.strip import Strip

from chatgrid_tui.ui.appearance import look_of
from chatgrid_tui.ui.overlays.layer import Layer
from chatgrid_tui.ui.widgets.cells import TINY_BELOW, is_tall
from chatgrid_tui.ui.widgets.key_bar import KeyBar

Result = TypeVar("Result")

_TOP_WHERE_TALL = 3
_SHORT_BELOW = 16


class Overlay(Vertical):
    """The ground of switchers, help and dialogs. Its outermost cells are its own; children lie inside them."""

    DEFAULT_CSS = """
    Overlay {
        width: 1fr;
        max-width: 84;
        height: auto;
        background: $cg-overlay;

        & > Header {
            margin: 1 1 0 1;
        }
        & > KeyBar {
            margin: 1;
        }
        & > FilterField, & > LineView {
            margin: 1 2 0 2;
        }
        & > LineView {
            background: $cg-overlay;
            scrollbar-background: $cg-overlay;
            scrollbar-background-hover: $cg-overlay;
            scrollbar-background-active: $cg-overlay;
        }
        & > LineView.-scrolls {
            margin: 1 1 0 2;
        }
    }
    """
    ALLOW_SELECT = False

    def render_line(self, y: int) -> Strip:
        """Return a row of the ground (Textual asks for it)."""
        look, (width, height) = look_of(self), self.size
        fill = look.style("text", "overlay")
        if not look.theme.flat or width < 2:
            return Strip.blank(width, fill)
        if y in (0, height - 1):
            return Strip([Segment(look.signs.hairline * width, fill)], width)
        side = Segment(look.signs.rule, fill)
        return Strip([side, Segment(" " * (width - 2), fill), side], width)


class OverlayScreen(Layer[Result]):
    """A screen with one overlay on it and the page, darkened, behind. A click beside the overlay closes it.

    Subclasses compose into `overlay`, and say in `fit` and `action_close` how they use the room and close.
    """

    DEFAULT_CSS = """
    OverlayScreen {
        background: $cg-scrim;
        align-horizontal: center;
        overflow: hidden hidden;
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.overlay = Overlay()

    def fit(self, top: int, height: int) -> None:
        """Use the room: the overlay begins at row `top` of a screen of `height` rows."""

    def action_close(self) -> None:
        """Go back with nothing."""
        self.dismiss(None)

    def look_changed(self) -> None:
        """Draw anew with other colours or signs."""
        self.overlay.refresh()

    def on_mount(self) -> None:
        """Stand in place from the first frame on, and draw what lies behind once more when this stands: a page that
        was just being laid out came out empty.
        """
        self._put_in_place()
        self.call_after_refresh(self.refresh)

    def on_resize(self) -> None:
        """Put the overlay in its place again."""
        self._put_in_place()

    def _put_in_place(self) -> None:
        """Begin high where the screen is low, and go from edge to edge where it is narrow."""
        width, height = self.app.size
        top = _TOP_WHERE_TALL if is_tall(self) else int(height >= _SHORT_BELOW)
        self.overlay.styles.margin = (top, 2 if width >= TINY_BELOW else 0)
        self.fit(top, height)

    async def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        """Do what the entry that was clicked says."""
        event.stop()
        if event.action:
            await self.run_action(event.action)

    def on_click(self, event: events.Click) -> None:
        """Close, where the click was beside the overlay."""
        if event.widget is self:
            event.stop()
            self.action_close()
