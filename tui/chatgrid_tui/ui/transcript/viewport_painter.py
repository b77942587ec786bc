"""Paint a viewport on a widget: decide when the next frame is due, and which lines of the screen to refresh."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Final

from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from chatgrid_tui.model.hue import Hue
from chatgrid_tui.ui.appearance import look_of
from chatgrid_tui.ui.transcript.layout.document import Placed
from chatgrid_tui.ui.transcript.render.frame import Frame
from chatgrid_tui.ui.transcript.render.page_grid import grid_for
from chatgrid_tui.ui.transcript.render.paint import Overlay, paint
from chatgrid_tui.ui.transcript.viewport import Viewport
from chatgrid_tui.ui.widgets.scroll_bar import move_scroll_bar, use_plain_scroll_bar

_NEXT_FRAME: Final = 1 / 30
"""Seconds until the rest of a long text is drawn."""
_REDUCED_FRAME: Final = 1 / 2
"""Seconds between two frames with reduced motion."""


class ViewportPainter:
    """Paints a viewport. Nothing is laid out while a reply streams: only changed lines are refreshed, and the virtual
    size is set without Textual's layout.
    """

    def __init__(self, widget: ScrollView, viewport: Viewport, overlay: Callable[[Placed], Overlay]) -> None:
        """`overlay` returns what is painted over a row."""
        self._widget = widget
        self._viewport = viewport
        self._overlay = overlay
        self.hue: Hue | None = None
        """The hue of the bot."""
        self._timer: Timer | None = None
        self._drawn_at = 0.0

    def frame(self) -> Frame:
        """Return a frame for the widget's current size and look."""
        look, size = look_of(self._widget), self._widget.app.size
        grid = grid_for(self._widget.region.width, size.width, size.height)
        return Frame(grid, look, look.speaker(self.hue))

    def set_colours(self) -> None:
        """Give the widget and its scrollbar the colours of the look."""
        look, styles = look_of(self._widget), self._widget.styles
        use_plain_scroll_bar(self._widget)
        ground, line = look.colour("ground"), look.colour("scroll")
        if look.theme.flat:
            ground, line = "ansi_default", "ansi_white"  # only the terminal's own colours
        styles.background = ground
        for name in ("", "_hover", "_active"):
            setattr(styles, f"scrollbar_background{name}", ground)
            setattr(styles, f"scrollbar_color{name}", line)

    def lines(self, crop: Region) -> list[Strip]:
        """Return the lines of a part of the view. They bypass Textual's own cache."""
        widget, frame = self._widget, self._viewport.frame
        if frame is not None and frame.grid != self.frame().grid:
            self._send_resize()
        filters, background = widget.get_line_filters(), widget.background_colors[1]
        strips = [self.line(y) for y in crop.line_range]
        for line_filter in filters:
            strips = [strip.apply_filter(line_filter, background) for strip in strips]
        if crop.column_span != (0, widget.region.width):
            strips = [strip.crop(crop.x, crop.right) for strip in strips]
        return strips

    def _send_resize(self) -> None:
        """Send the events that Textual omits if new widgets, such as the wire pane, are drawn before the layout."""
        for each in (self._widget, self._widget.parent):
            if isinstance(each, Widget):
                each.post_message(events.Resize(each.size, each.virtual_size))

    def line(self, y: int) -> Strip:
        """Return a line of the view."""
        self._viewport.height = self._widget.size.height  # the first frame comes before a resize is handled
        placed, frame = self._viewport.row(y), self._viewport.frame
        if frame is None:
            return Strip.blank(self._widget.region.width, Style.null())  # filters need a style
        return frame.blank.strip if placed is None else paint(placed.row, self._overlay(placed), frame)

    def plan(self, *, later: bool = False) -> None:
        """Draw the changed turns: now, or in the next frame if `later` or if motion is reduced."""
        if self._timer is not None or self._viewport.frame is None:
            return
        wait = _NEXT_FRAME if later else 0.0
        if look_of(self._widget).reduced_motion:
            wait = max(wait, self._drawn_at + _REDUCED_FRAME - monotonic())
        if wait > 0:
            self._timer = self._widget.set_timer(wait, self._draw)
        else:
            self._draw()

    def _draw(self) -> None:
        self._timer = None
        self._viewport.draw_changes()
        self._drawn_at = monotonic()

    def update(self, first_line: int | None) -> None:
        """Apply the position and the extent of the viewport, and refresh what looks different from a line on."""
        widget, viewport = self._widget, self._viewport
        width, height = widget.size
        if viewport.top != widget.scroll_y:
            widget.set_reactive(Widget.scroll_y, float(viewport.top))
            widget.set_reactive(Widget.scroll_target_y, float(viewport.top))
            first_line = 0
        extent = Size(max(0, widget.region.width - 1), viewport.total)
        if extent != widget.virtual_size:
            widget.set_reactive(Widget.virtual_size, extent)
        move_scroll_bar(widget, lines=viewport.total, position=widget.scroll_y)
        if first_line is not None and first_line < height:
            widget.refresh(Region(0, first_line, width, height - first_line))
        if viewport.dirty:
            self.plan(later=True)
