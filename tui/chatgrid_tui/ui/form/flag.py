"""Yes or no, in a form: a box, and the words for what yes means."""

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
"""The cell where the words begin, behind the box."""


class FormFlag(FormField, can_focus=True):
    """Yes or no, with words for what yes means, wrapped where there is no room."""

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
        """`loud` marks a yes as something to watch out for."""
        super().__init__()
        self._words = words
        self._loud = loud
        self._value = False

    @property
    def value(self) -> bool:
        """Whether it is yes."""
        return self._value

    def put(self, value: bool) -> None:
        """Make it yes or no, without telling."""
        self._value = value
        self.refresh()

    def action_turn(self) -> None:
        """Make a no of the yes, or the other way round."""
        self.put(not self._value)
        self.post_message(self.Changed(self))

    def on_click(self, event: events.Click) -> None:
        """Make a no of the yes, or the other way round."""
        event.stop()
        self.action_turn()

    def on_focus(self) -> None:
        """Show where one is."""
        self.refresh()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the rows that the words take (Textual asks for it)."""
        return max(1, len(self._lines(width)))

    def render_line(self, y: int) -> Strip:
        """Return a row: the box is in the first one, the words hang beside it (Textual asks for it)."""
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
