"""The rows above the composer with what must not be missed. They take no keys and no focus."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget

from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.appearance import look_of
from chatgrid_tui.ui.widgets.cells import cut, is_tall, wrapped
from chatgrid_tui.ui.widgets.one_line import styled
from chatgrid_tui.ui.widgets.tone import Tone, part_of, sign_of

_MOST_ROWS: Final = 4
_MOST_ROWS_LOW: Final = 2
"""On screens with few rows."""
_SIGN: Final = 2
"""Cells of an alert's sign and the blank after it."""
_BETWEEN: Final = 2


@dataclass(frozen=True, slots=True)
class AlertLine:
    """A sentence or two, and its tone."""

    text: str
    tone: Tone = "waiting"


class AlertLines(Widget):
    """Shows as much of the alerts as there is room for, and the key that shows all of them in full."""

    ALLOW_SELECT = False

    @dataclass
    class Pressed(Message):
        """A row was clicked."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's own name)
        super().__init__(id=id)
        self._lines: tuple[AlertLine, ...] = ()
        self._hint = ""
        self.display = False

    def show(self, lines: tuple[AlertLine, ...], hint: str) -> None:
        """Show other alerts, the most important first. `hint` names the key that shows them in full."""
        if (lines, hint) != (self._lines, self._hint):
            self._lines, self._hint = lines, hint
            self.display = bool(lines)
            self.refresh(layout=True)

    def look_changed(self) -> None:
        """Draw the rows with other colours or signs."""
        self.refresh()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Overrides `Widget.get_content_height`."""
        return len(self._rows(width))

    def render(self) -> Content:
        """Overrides `Widget.render`."""
        width = self.content_size.width
        rows = self._rows(width)
        gap = width - rows[-1].cell_length - len(self._hint) if rows else 0
        hint = styled(" " * max(0, gap) + self._hint, "muted")
        return Content("\n").join([*rows[:-1], Content.assemble(*rows[-1:], hint)])

    def _rows(self, width: int) -> list[Content]:
        """Return the rows to draw: one of each alert, and more of the first ones if there is room."""
        room = width - _SIGN - len(self._hint) - _BETWEEN
        most = _MOST_ROWS if is_tall(self) else _MOST_ROWS_LOW
        signs = look_of(self).signs
        lines = self._lines[:most]
        spare = most - len(lines)
        rows: list[Content] = []
        for number, line in enumerate(lines, 1):
            texts = wrapped(clean_line(line.text), room) or [""]
            shown = texts[: 1 + spare]
            spare -= len(shown) - 1
            if len(shown) < len(texts) or number == most < len(self._lines):
                shown[-1] = _continued(shown[-1], room, signs.more)
            sign = styled(f"{sign_of(line.tone, signs):<{_SIGN}}", part_of(line.tone), "bold")
            rows += [Content.assemble(" " * _SIGN if at else sign, text) for at, text in enumerate(shown)]
        return rows

    def on_click(self, event: events.Click) -> None:
        """Ask for the alerts in full."""
        event.stop()
        self.post_message(self.Pressed())


def _continued(text: str, width: int, more: str) -> str:
    """Return `text` with a sign for more, which is separated from the end of a sentence."""
    shown = cut(text, width - len(more), "")
    if not shown.endswith("."):
        return shown + more
    return cut(text, width - len(more) - 1, "") + f" {more}"
