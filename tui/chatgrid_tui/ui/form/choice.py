"""A choice among a few options in a form, all of them visible."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.strip import Strip

from chatgrid_tui.ui.appearance import Look, look_of
from chatgrid_tui.ui.form.field import FormField
from chatgrid_tui.ui.widgets.cells import filled, width_of

_BETWEEN = 2


class FormChoice(FormField, can_focus=True):
    """Shows the options in a row, wrapped if needed. The arrow keys and the mouse choose."""

    DEFAULT_CSS = """
    FormChoice {
        width: 1fr;
        height: auto;
        background: $cg-overlay;
    }
    """
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", "Left", show=False),
        Binding("right,space", "move(1)", "Right", show=False),
        Binding("home", "move(-99)", "First", show=False),
        Binding("end", "move(99)", "Last", show=False),
    ]

    def __init__(self, options: Sequence[tuple[str, str]], value: str = "") -> None:
        """`options` are values with their labels."""
        super().__init__()
        self._options = tuple(options)
        self._value = value
        self._places: list[tuple[int, range, str]] = []

    @property
    def value(self) -> str:
        """The chosen value."""
        return self._value

    def put(self, value: str) -> None:
        """Choose a value without posting `Changed`."""
        self._value = value
        self.refresh()

    def offer(self, options: Sequence[tuple[str, str]]) -> None:
        """Offer other options."""
        if tuple(options) != self._options:
            self._options = tuple(options)
            self.refresh(layout=True)

    def action_move(self, by: int) -> None:
        """Choose the option `by` places further on, without wrapping around."""
        values = [value for value, _ in self._options]
        at = values.index(self._value) + by if self._value in values else 0
        self._choose(values[max(0, min(at, len(values) - 1))])

    def on_click(self, event: events.Click) -> None:
        """Choose the clicked option."""
        for row, cells, value in self._places:
            if event.y == row and event.x in cells:
                event.stop()
                self._choose(value)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Overrides `Widget.get_content_height`."""
        return len(self._rows(look_of(self), width))

    def render_line(self, y: int) -> Strip:
        """Overrides `Widget.render_line`."""
        look, width = look_of(self), self.size.width
        rows = self._rows(look, width)
        fill = look.style("text", "overlay")
        return filled(rows[y], width, fill) if y < len(rows) else Strip.blank(width, fill)

    def on_focus(self) -> None:
        """Draw the focus."""
        self.refresh()

    def _choose(self, value: str) -> None:
        if value != self._value:
            self._value = value
            self.refresh()
            self.post_message(self.Changed(self))

    def _rows(self, look: Look, width: int) -> list[list[Segment]]:
        fill = look.style("text", "overlay")
        rows: list[list[Segment]] = [[]]
        self._places = []
        for value, words in self._options:
            option = self._option(look, value, words)
            used = width_of(rows[-1])
            if used and used + _BETWEEN + width_of(option) > width:
                rows.append([])
                used = 0
            if used:
                rows[-1].append(Segment(" " * _BETWEEN, fill))
                used += _BETWEEN
            self._places.append((len(rows) - 1, range(used, used + width_of(option)), value))
            rows[-1] += option
        return rows

    def _option(self, look: Look, value: str, words: str) -> list[Segment]:
        chosen = value == self._value
        here = chosen and self.has_focus
        mark = f"({look.signs.chosen})" if chosen else "( )"
        reverse = here and look.theme.flat
        marked = look.style("accent" if chosen else "muted", "overlay", bold=chosen, reverse=reverse)
        named = look.style("text" if chosen else "muted", "overlay", bold=chosen, underline=here, reverse=reverse)
        return [Segment(f"{mark} ", marked), Segment(words, named)]
