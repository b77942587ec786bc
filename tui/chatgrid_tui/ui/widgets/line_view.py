"""The base of lists that are drawn line by line."""

from __future__ import annotations

from typing import Self

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


class KeptLines(Widget):
    """Keeps the lines that it has drawn until it is refreshed: whenever anything changes on the screen, Textual asks
    for the lines of all that is within the rectangle around the changes.

    As a second base it leaves the styles to the first.
    """

    _kept: tuple[Region, list[Strip]] | None = None

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Overrides `Widget.refresh`."""
        self._kept = None
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Overrides `Widget.render_lines`."""
        if self._kept is None or self._kept[0] != crop:
            self._kept = crop, self.draw_lines(crop)
        return self._kept[1]

    def draw_lines(self, crop: Region) -> list[Strip]:
        """Return the lines of a part of the widget, through Textual's cache of lines."""
        return super().render_lines(crop)


class DirectLines(KeptLines):
    """Draws what `render_line` returns, of the full width. Textual's cache costs more for lines that often change."""

    def draw_lines(self, crop: Region) -> list[Strip]:
        """Overrides `KeptLines.draw_lines`."""
        background = self.background_colors[1]
        strips = [self.render_line(y) for y in crop.line_range]
        for line_filter in self.get_line_filters():
            strips = [strip.apply_filter(line_filter, background) for strip in strips]
        if crop.column_span != (0, self.region.width):
            strips = [strip.crop(crop.x, crop.right) for strip in strips]
        return strips
