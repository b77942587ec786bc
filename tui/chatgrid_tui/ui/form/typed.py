"""The base of the text fields of a form."""

from __future__ import annotations

from rich.segment import Segment
from textual.app import ComposeResult
from textual.strip import Strip
from textual.widget import Widget

from chatgrid_tui.ui.appearance import Part, look_of
from chatgrid_tui.ui.form.field import FormField
from chatgrid_tui.ui.widgets.cells import filled


class TypedField(FormField):
    """Draws the background and the bar of a field around the widget that is typed into."""

    DEFAULT_CSS = """
    TypedField {
        layout: vertical;
        width: 1fr;
        max-width: 46;
        background: $cg-field;
    }
    """
    ALLOW_SELECT = False

    def __init__(self, target: Widget) -> None:
        """`target` is the widget that is typed into."""
        super().__init__()
        self._target = target

    def compose(self) -> ComposeResult:
        """Overrides `Widget.compose`."""
        yield self._target

    @property
    def target(self) -> Widget:
        """The widget that gets the focus."""
        return self._target

    def render_line(self, y: int) -> Strip:
        """Overrides `Widget.render_line`."""
        look = look_of(self)
        part: Part = "error" if self.wrong else "accent" if self._target.has_focus else "edge"
        bar = Segment(look.signs.here, look.style(part, "field"))
        return filled([bar], self.size.width, look.style("text", "field"))

    def on_descendant_focus(self) -> None:
        """Draw the focus."""
        self.refresh()

    def on_descendant_blur(self) -> None:
        """Draw the lost focus."""
        self.refresh()
