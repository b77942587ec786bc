"""A field to type into, on an overlay."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from chatgrid_tui.ui.look import look_of
from chatgrid_tui.ui.widgets.cells import filled


class _Line(Input, inherit_css=False):
    """Textual's input, without its border. Keys that mean nothing in an empty field are the list's."""

    DEFAULT_CSS = """
    _Line {
        width: 1fr;
        height: 1;
        margin: 0 1 0 2;
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
    # Lost with the inherited style sheet.
    COMPONENT_CLASSES: ClassVar[set[str]] = Input.COMPONENT_CLASSES

    def action_home(self, select: bool = False) -> None:
        """Go to the beginning."""
        if not self.value:
            raise SkipAction
        super().action_home(select)

    def action_end(self, select: bool = False) -> None:
        """Go to the end."""
        if not self.value:
            raise SkipAction
        super().action_end(select)

    def action_delete_right(self) -> None:
        """Delete the letter under the cursor."""
        if not self.value:
            raise SkipAction
        super().action_delete_right()


class FilterField(Widget):
    """One line to type, with the bar of a field at its left."""

    DEFAULT_CSS = """
    FilterField {
        layout: vertical;
        width: 1fr;
        height: 1;
        background: $cg-field;
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.input = _Line(select_on_focus=False)
        self.input.cursor_blink = False

    def compose(self) -> ComposeResult:
        """Put the input behind the bar."""
        yield self.input

    def render_line(self, y: int) -> Strip:
        """Return the field's ground and bar (Textual asks for it)."""
        look = look_of(self)
        bar = Segment(look.signs.here, look.style("accent" if self.input.has_focus else "edge", "field"))
        return filled([bar], self.size.width, look.style("text", "field"))

    def on_descendant_focus(self) -> None:
        """Show where one is."""
        self.refresh()

    def on_descendant_blur(self) -> None:
        """Show that one is elsewhere."""
        self.refresh()
