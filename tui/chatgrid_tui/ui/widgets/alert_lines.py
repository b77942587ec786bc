"""The rows above the composer that say what must not be missed. They take no key and no focus."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rich.segment import Segment
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.appearance import look_of
from chatgrid_tui.ui.widgets.cells import both_ends, cut, is_tall, side_margin, wrapped
from chatgrid_tui.ui.widgets.tone import Tone, part_of, sign_of

_MOST_ROWS: Final = 4
_MOST_ROWS_LOW: Final = 2
"""On screens without rows to spare."""
_SIGN: Final = 2
"""Cells of an alert's sign and the blank behind it."""


@dataclass(frozen=True, slots=True)
class AlertLine:
    """A sentence or two, and how serious that is."""

    text: str
    tone: Tone = "waiting"


class AlertLines(Widget):
    """Shows as much of the alerts as there is room for, and the key that shows all of them in full."""

    DEFAULT_CSS = """
    AlertLines {
        width: 1fr;
        height: auto;
    }
    """
    ALLOW_SELECT = False

    @dataclass
    class Pressed(Message):
        """A row was clicked."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's own name)
        super().__init__(id=id)
        self._lines: tuple[AlertLine, ...] = ()
        self._hint = ""
        self._rows: list[tuple[Tone | None, str]] = []
        """What is drawn: a tone where an alert begins, and a row of its text."""
        self._stale = False
        """Whether the rows are those of earlier alerts: Textual may draw before it asks for the height."""
        self.display = False

    def show(self, lines: tuple[AlertLine, ...], hint: str) -> None:
        """Show other alerts, the first ones first. `hint` names the key that shows them in full."""
        if (lines, hint) != (self._lines, self._hint):
            self._lines, self._hint, self._stale = lines, hint, True
            self.display = bool(lines)
            self.refresh(layout=True)

    def look_changed(self) -> None:
        """Draw again with other colours or signs."""
        self.refresh()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Wrap the alerts, and return how many rows are drawn. Overrides `Widget.get_content_height`."""
        self._wrap(width)
        return len(self._rows)

    def _wrap(self, width: int) -> None:
        """Find the rows to draw: one of each alert, and more of the first ones if there is room."""
        room = width - 2 * side_margin(self) - _SIGN - self._hint_width
        most = _MOST_ROWS if is_tall(self) else _MOST_ROWS_LOW
        more = look_of(self).signs.more
        lines = self._lines[:most]
        spare = most - len(lines)
        self._rows, self._stale = [], False
        for number, line in enumerate(lines, 1):
            texts = wrapped(clean_line(line.text), room) or [""]
            shown = texts[: 1 + spare]
            spare -= len(shown) - 1
            if len(shown) < len(texts) or number == most < len(self._lines):
                shown[-1] = _continued(shown[-1], room, more)
            self._rows += zip((line.tone, *(None for _ in shown[1:])), shown, strict=True)

    def render_line(self, y: int) -> Strip:
        """Overrides `Widget.render_line`."""
        look, width = look_of(self), self.size.width
        if self._stale:
            self._wrap(width)
        fill = look.style("text", "ground")
        if y >= len(self._rows):
            return Strip.blank(width, fill)
        tone, text = self._rows[y]
        edge = Segment(" " * side_margin(self), fill)
        sign = Segment(" " * _SIGN, fill)
        if tone is not None:
            sign = Segment(f"{sign_of(tone, look.signs)} ", look.style(part_of(tone), "ground", bold=True))
        hint = f"  {self._hint}" if y == len(self._rows) - 1 else ""
        right = [Segment(hint, look.style("muted", "ground")), edge]
        return both_ends([edge, sign, Segment(text, fill)], right, width, fill)

    def on_click(self, event: events.Click) -> None:
        """Show the alerts in full."""
        event.stop()
        self.post_message(self.Pressed())

    @property
    def _hint_width(self) -> int:
        return len(self._hint) + 2


def _continued(text: str, width: int, more: str) -> str:
    """Return `text` with a sign that more follows, which stands apart from the end of a sentence."""
    shown = cut(text, width - len(more), "")
    if not shown.endswith("."):
        return shown + more
    return cut(text, width - len(more) - 1, "") + f" {more}"
