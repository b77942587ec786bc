"""The base of lists that are drawn line by line."""

from __future__ import annotations

from collections.abc import Callable

from textual.geometry import Region
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from chatgrid_tui.ui.widgets.scroll_bar import use_plain_scroll_bar


class LineView(ScrollView):
    """A scrolling list on the line API, with one column of scroll bar and nothing to select."""

    DEFAULT_CSS = """
    LineView {
        width: 1fr;
        height: 1fr;
        overflow-x: hidden;
        overflow-y: auto;
        background: $cg-panel;
        scrollbar-size-vertical: 1;
        scrollbar-color: $cg-scroll;
        scrollbar-background: $cg-panel;
        scrollbar-background-hover: $cg-panel;
        scrollbar-background-active: $cg-panel;
    }
    """
    ALLOW_SELECT = False

    def on_mount(self) -> None:
        """Use the plain scroll bar."""
        use_plain_scroll_bar(self)

    def look_changed(self) -> None:
        """Draw the list with other colours or signs."""
        self.refresh()


def direct_lines(widget: Widget, crop: Region, line: Callable[[int], Strip]) -> list[Strip]:
    """Return the lines of a part of a widget without Textual's cache, for `Widget.render_lines` of what changes
    often.

    `line` returns a line of the full width.
    """
    background = widget.background_colors[1]
    strips = [line(y) for y in crop.line_range]
    for line_filter in widget.get_line_filters():
        strips = [strip.apply_filter(line_filter, background) for strip in strips]
    if crop.column_span != (0, widget.region.width):
        strips = [strip.crop(crop.x, crop.right) for strip in strips]
    return strips
