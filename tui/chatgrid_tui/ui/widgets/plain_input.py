"""Textual's input without a border, with a cursor that moves and deletes by whole grapheme clusters.

Textual moves by code points, and will not change that (https://github.com/Textualize/textual/issues/4694).
"""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.geometry import Size
from textual.reactive import Reactive
from textual.widgets import Input
from textual.widgets.input import Selection

from chatgrid_tui.text import clean
from chatgrid_tui.ui.widgets.clusters import ClusterText, cluster_end, cluster_start, clusters

_MOST_PASTED = 2_000


class PlainInput(Input, inherit_css=False):
    """A line of input. Forms, pickers and the find bar style it as a field."""

    DEFAULT_CSS = """
    PlainInput {
        width: 1fr;
        height: 1;
        border: none;
        padding: 0;
        overflow: hidden hidden;
        scrollbar-size: 0 0;
        background: $cg-field;
        color: $cg-text;

        & > .input--cursor {
            background: $cg-accent;
            color: $cg-on-accent;
        }
        & > .input--selection {
            background: $cg-select;
        }
        & > .input--placeholder {
            color: $cg-muted;
        }
        &:ansi > .input--cursor, &:ansi > .input--selection {
            text-style: reverse;
        }
    }
    """
    virtual_size = Reactive(Size(0, 0))
    """How far its text scrolls, which nothing else depends on. Textual lays out the screen again at each letter."""
    # Lost with the inherited style sheet.
    COMPONENT_CLASSES: ClassVar[set[str]] = Input.COMPONENT_CLASSES

    def __init__(self, *, placeholder: str = "", password: bool = False, max_length: int = 0) -> None:
        """`placeholder` is shown while nothing is typed; `password` shows dots; a `max_length` of 0 is unlimited."""
        super().__init__(placeholder=placeholder, password=password, max_length=max_length, select_on_focus=False)
        self.cursor_blink = False

    def paste(self, pasted: str) -> None:
        """Insert the first line of a text, cleaned, up to the maximum length."""
        line = next(iter(clean(pasted[:_MOST_PASTED]).splitlines()), "")
        self.replace(line, *self.selection)

    def on_paste(self, event: events.Paste) -> None:
        """Insert what the terminal pasted."""
        event.stop()
        event.prevent_default()
        self.paste(event.text)

    def action_paste(self) -> None:
        """Insert what this app copied last. Overrides `Input.action_paste`."""
        self.paste(self.app.clipboard)

    def validate_selection(self, selection: Selection) -> Selection:
        """Return a selection of whole clusters. Overrides `Input.validate_selection`."""
        start, end = super().validate_selection(selection)
        return Selection(cluster_start(self.value, start), cluster_start(self.value, end))

    def action_cursor_right(self, select: bool = False) -> None:
        """Move past the cluster at the right of the cursor, or past the selection."""
        start, end = self.selection
        after = cluster_end(self.value, min(end + 1, len(self.value)))
        if select:
            self.selection = Selection(start, after)
        else:
            self.cursor_position = after if self.selection.is_empty else max(start, end)

    def action_cursor_right_word(self, select: bool = False) -> None:
        """Move to the next word. Textual would also find words within a cluster."""
        before = self.cursor_position
        super().action_cursor_right_word(select)
        if self.cursor_position == before:
            self.action_cursor_right(select)

    def delete(self, start: int, end: int) -> None:
        """Delete every cluster that is at least partly between two positions."""
        first, last = sorted((max(0, start), end))
        super().delete(cluster_start(self.value, first), cluster_end(self.value, last))

    def _cell_offset_to_index(self, offset: int) -> int:
        """Return the position at a cell, for the mouse. Overrides `Input._cell_offset_to_index`."""
        left, index = offset + self.scroll_offset.x, 0
        for cluster in clusters(self.value):
            left -= len(cluster) if self.password else cell_len(cluster)
            if left < 0:
                break
            index += len(cluster)
        return index

    @property
    def _value(self) -> Text:
        """The value as drawn. Overrides `Input._value`."""
        drawn = super()._value
        return ClusterText(drawn.plain, no_wrap=True, overflow="ignore", end="")
