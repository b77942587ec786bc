"""A box to check in a form, with a sentence about what that means."""

from __future__ import annotations

from typing import ClassVar, Final

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.strip import Strip

from chatgrid_tui.ui.appearance import Part, look_of
from chatgrid_tui.ui.form.field import FormField
from chatgrid_tui.ui.widgets.cells import filled, wrapped

_WORDS_AT: Final = 4
"""The cell where the sentence begins, behind the box."""


class FormFlag(FormField, can_focus=True):
    """A box with a sentence, wrapped if needed."""

    DEFAULT_CSS = """
    FormFlag {
        width: 1fr;
        height: auto;
        background: $cg-overlay;
    }
    """
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("space,enter", "turn", "Yes or no", show=False)]

    def __init__(self, words: str, *, loud: bool = False) -> None:
        """`loud` draws a checked box as a warning."""
        super().__init__()
        self._words = words
        self._loud = loud
        self._value = False

    @property
    def value(self) -> bool:
        """Whether the box is checked."""
        return self._value

    def put(self, value: bool) -> None:
        """Check or clear the box without posting `Changed`."""
        self._value = value
        self.refresh()

    def action_turn(self) -> None:
        """Check the box, or clear it."""
        self.put(not self._value)
        self.post_message(self.Changed(self))

    def on_click(self, event: events.Click) -> None:
        """Check the box, or clear it."""
        event.stop()
        self.action_turn()

    def on_focus(self) -> None:
        """Draw the focus."""
        self.refresh()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Overrides `Widget.get_content_height`."""
        return max(1, len(self._lines(width)))

    def render_line(self, y: int) -> Strip:
        """Overrides `Widget.render_line`."""
        look, width = look_of(self), self.size.width
        here = self.has_focus
        reverse = here and look.theme.flat
        fill = look.style("text", "overlay")
        part: Part = "error" if self.wrong else "muted" if not self._value else "warn" if self._loud else "accent"
        box = Segment(
            "[x] " if self._value else "[ ] ", look.style(part, "overlay", bold=self._value, reverse=reverse)
        )
        words = look.style("text" if self._value or here else "muted", "overlay", underline=here, reverse=reverse)
        lines = self._lines(width)
        said = Segment(lines[y] if y < len(lines) else "", words)
        return filled([Segment(" " * _WORDS_AT, fill) if y else box, said], width, fill)

    def _lines(self, width: int) -> list[str]:
        return wrapped(self._words, width - _WORDS_AT)
