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
    """A button, pressed with Enter, Space or a click."""

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
        """The button was pressed."""

        def __init__(self, button: str) -> None:
            super().__init__()
            self.button = button

    def __init__(self, button: str, label: str, key: str = "") -> None:
        """`button` identifies it in `Pressed`; `key` is a key that does the same, and is shown on it."""
        super().__init__()
        self.button = button
        self._label = label
        self._key = key
        self._possible = True

    def show(self, label: str, *, possible: bool = True) -> None:
        """Change its label, and whether it looks enabled. It can be pressed in either case."""
        if (label, possible) != (self._label, self._possible):
            self._label, self._possible = label, possible
            self.refresh(layout=True)

    def action_press(self) -> None:
        """Post `Pressed`."""
        self.post_message(self.Pressed(self.button))

    def on_click(self, event: events.Click) -> None:
        """Post `Pressed`."""
        event.stop()
        self.action_press()

    def on_focus(self) -> None:
        """Draw the focus."""
        self.refresh()

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """Overrides `Widget.get_content_width`."""
        return width_of(self._segments(look_of(self)))

    def render_line(self, y: int) -> Strip:
        """Overrides `Widget.render_line`."""
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
