"""What the scrolling lists have in common: drawn line by line, one column of scroll bar, nothing to select."""

from __future__ import annotations

from collections.abc import Callable

from rich.segment import Segment
from textual.geometry import Region
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from chatgrid_tui.ui.appearance import Look, Part
from chatgrid_tui.ui.widgets.cells import cut, filled, width_of
from chatgrid_tui.ui.widgets.scroll_bar import use_plain_scroll_bar


class LineView(ScrollView):
    """A list on the line API, on the frame or on an overlay."""

    DEFAULT_CSS = """
    LineView {
        width: 1fr;
        height: 1fr;
        overflow-x: hidden;
        overflow-y: auto;
        background: $cg-panel;
        scrollbar-size-vertical: 1;
        scrollbar-color: $cg-line;
        scrollbar-background: $cg-panel;
        scrollbar-background-hover: $cg-panel;
        scrollbar-background-active: $cg-panel;
    }
    """
    ALLOW_SELECT = False

    @property
    def line_width(self) -> int:
        """The cells of a line, without those of the scroll bar where there is one."""
        return self.scrollable_content_region.width

    def on_mount(self) -> None:
        """Take the plain scroll bar; it cannot be made before there is an app."""
        use_plain_scroll_bar(self)

    def watch_show_vertical_scrollbar(self, shown: bool) -> None:
        """Let the style sheet tell lists that scroll from those that do not."""
        self.set_class(shown, "-scrolls")

    def look_changed(self) -> None:
        """Draw anew with other colours or signs."""
        self.refresh()


def direct_lines(widget: Widget, crop: Region, line: Callable[[int], Strip]) -> list[Strip]:
    """Return the lines of a part of a widget past Textual's cache, for `Widget.render_lines` of what changes often.

    `line` returns a line of the whole width.
    """
    background = widget.background_colors[1]
    strips = [line(y) for y in crop.line_range]
    for line_filter in widget.get_line_filters():
        strips = [strip.apply_filter(line_filter, background) for strip in strips]
    if crop.column_span != (0, widget.region.width):
        strips = [strip.crop(crop.x, crop.right) for strip in strips]
    return strips


def draw_heading(words: str, look: Look, width: int, *, surface: Part, start: int, end: int = 1) -> Strip:
    """Return the heading of a group: its words from cell `start` on, and a hairline that leaves `end` cells free."""
    fill = look.style("text", surface)
    label = cut(words, max(0, width - start - 1), look.signs.more)
    segments = [Segment(" " * start, fill), Segment(f"{label} ", look.style("muted", surface))]
    hairline = look.signs.hairline * max(0, width - end - width_of(segments))
    return filled([*segments, Segment(hairline, look.style("line", surface))], width, fill)
