"""The buttons of a form."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from chatgrid_tui.ui.appearance import Look, look_of
from chatgrid_tui.ui.form.field import FormField
from chatgrid_tui.ui.widgets.cells import filled, width_of


class FormButton(FormField, can_focus=True):
    """Does something when it is pressed: Enter, the blank, or a click."""

    DEFAULT_CSS = """
    FormButton {
        width: auto;
        height: 1;
        margin: 0 2 0 0;
        background: $cg-overlay;
    }
    """
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "press", "Press", show=False),
        Binding("left", "app.focus_previous", "Left", show=False),
        Binding("right", "app.focus_next", "Right", show=False),
    ]

    class Pressed(Message):
        """It was pressed."""

        def __init__(self, button: str) -> None:
            super().__init__()
            self.button = button

    def __init__(self, button: str, label: str, key: str = "") -> None:
        """`button` is what it is called in `Pressed`; `key` is one that does the same, and stands on it."""
        super().__init__()
        self.button = button
        self._label = label
        self._key = key
        self._possible = True

    def show(self, label: str, *, possible: bool = True) -> None:
        """Change its words, and whether it looks as if it could be pressed. It can be all the same."""
        if (label, possible) != (self._label, self._possible):
            self._label, self._possible = label, possible
            self.refresh(layout=True)

    def action_press(self) -> None:
        """Tell that it was pressed."""
        self.post_message(self.Pressed(self.button))

    def on_click(self, event: events.Click) -> None:
        """Tell that it was pressed."""
        event.stop()
        self.action_press()

    def on_focus(self) -> None:
        """Show where one is, also where the form has to be scrolled for that."""
        self.refresh()

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """Return its width (Textual asks for it)."""
        return width_of(self._segments(look_of(self)))

    def render_line(self, y: int) -> Strip:
        """Return it as it is drawn (Textual asks for it)."""
        look = look_of(self)
        return filled(self._segments(look), self.size.width, look.style("text", "overlay"))

    def _segments(self, look: Look) -> list[Segment]:
        here, flat = self.has_focus, look.theme.flat
        if here:
            label = key = look.style("on_accent", "accent", bold=True, reverse=flat)
        else:
            label = look.style("text" if self._possible else "muted", "select")
            key = look.style("muted", "select")
        before, after = ("[", "]") if flat else (" ", " ")
        named = [Segment(f"{self._key} ", key)] if self._key else []
        return [Segment(before, label), *named, Segment(self._label, label), Segment(after, label)]
