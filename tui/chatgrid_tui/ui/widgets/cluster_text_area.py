"""Textual's text area with a cursor that moves and deletes by whole grapheme clusters.

Textual moves by code points, and will not change that (https://github.com/Textualize/textual/issues/4694).
"""

from __future__ import annotations

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.document._document import EditResult, Location
from textual.geometry import Offset
from textual.widgets import TextArea

from chatgrid_tui.ui.widgets.clusters import ClusterText, cluster_end, cluster_start, clusters


class ClusterTextArea(TextArea):
    """A text area whose cursor is never inside a character of several code points."""

    def start_of(self, row: int, column: int) -> int:
        """Return where the cluster around `column` of a row starts; `column` itself if it is between two."""
        return cluster_start(self.document.get_line(row), column)

    def end_of(self, row: int, column: int) -> int:
        """Return where the cluster around `column` of a row ends; `column` itself if it is between two."""
        return cluster_end(self.document.get_line(row), column)

    def clamp_visitable(self, location: Location) -> Location:
        """Return the nearest location for the cursor. Overrides `TextArea.clamp_visitable`."""
        row, column = super().clamp_visitable(location)
        return row, self.start_of(row, column)

    def get_cursor_left_location(self) -> Location:
        """Return the location before the cluster at the left of the cursor."""
        return self.clamp_visitable(super().get_cursor_left_location())

    def get_cursor_right_location(self) -> Location:
        """Return the location after the cluster at the right of the cursor."""
        row, column = super().get_cursor_right_location()
        return row, self.end_of(row, column)

    def get_cursor_word_right_location(self) -> Location:
        """Return the location after the word."""
        row, column = super().get_cursor_word_right_location()
        return row, self.end_of(row, column)

    def delete(self, start: Location, end: Location, *, maintain_selection_offset: bool = True) -> EditResult:
        """Delete every cluster that is at least partly between two locations."""
        first, last = sorted((start, end))
        row, column = min(
            last, self.document.end
        )  # Textual deletes a line up to the next one, which may not be there
        last = (row, self.end_of(row, column))
        return super().delete(self.clamp_visitable(first), last, maintain_selection_offset=maintain_selection_offset)

    def get_target_document_location(self, event: events.MouseEvent) -> Location:
        """Return the location under the mouse."""
        x = event.x - self.gutter_width + self.scroll_offset.x - self.gutter.left
        y = event.y + self.scroll_offset.y - self.gutter.top
        row, column = self.wrapped_document.offset_to_location(Offset(0, y))
        _, last = self.wrapped_document.offset_to_location(Offset(self.size.width * 2, y))
        for cluster in clusters(self.document.get_line(row)[column:last]):
            x -= cell_len(cluster) if cluster != "\t" else self.indent_width
            if x < 0:
                break
            column += len(cluster)
        return self.clamp_visitable((row, column))

    def get_line(self, line_index: int) -> Text:
        """Return a line to draw."""
        return ClusterText(self.document.get_line(line_index), end="", no_wrap=True)
