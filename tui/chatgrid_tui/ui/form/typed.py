"""What is typed, in a form: a field with its bar at the left."""

from __future__ import annotations

from rich.segment import Segment
from textual.app import ComposeResult
from textual.strip import Strip
from textual.widget import Widget

from chatgrid_tui.ui.appearance import Part, look_of
from chatgrid_tui.ui.form.field import FormField
from chatgrid_tui.ui.widgets.cells import filled


class TypedField(FormField):
    """The ground and the bar of a field; what is typed into lies in it."""

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
        """`target` is what is typed into; it gets the focus."""
        super().__init__()
        self._target = target

    def compose(self) -> ComposeResult:
        """Put what is typed into behind the bar."""
        yield self._target

    @property
    def target(self) -> Widget:
        """What gets the focus."""
        return self._target

    def render_line(self, y: int) -> Strip:
        """Return the field's ground and bar (Textual asks for it)."""
        look = look_of(self)
        part: Part = "error" if self.wrong else "accent" if self._target.has_focus else "edge"
        bar = Segment(look.signs.here, look.style(part, "field"))
        return filled([bar], self.size.width, look.style("text", "field"))

    def on_descendant_focus(self) -> None:
        """Show where one is."""
        self.refresh()

    def on_descendant_blur(self) -> None:
        """Show that one is elsewhere."""
        self.refresh()
