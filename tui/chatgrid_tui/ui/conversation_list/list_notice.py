"""The text below the rows of the list of conversations, such as loading, offline, nothing matches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rich.segment import Segment
from textual.strip import Strip

from chatgrid_tui.ui.appearance import Look
from chatgrid_tui.ui.widgets.cells import filled, wrapped
from chatgrid_tui.ui.widgets.tone import Tone, part_of, with_sign

_MARGIN: Final = 2


@dataclass(frozen=True, slots=True)
class ListNotice:
    """A blank line and the text, which may be empty. Each sentence starts a line: the first is the news, the second
    the advice.
    """

    text: str = ""
    tone: Tone = "quiet"

    def height(self, look: Look, width: int) -> int:
        """Return how many lines it takes."""
        return 1 + len(self._lines(look, width)) if self.text else 0

    def line(self, number: int, look: Look, width: int) -> Strip:
        """Return one of its lines, or a blank one below it."""
        lines = self._lines(look, width)
        fill = look.style("text", "panel")
        if not 1 <= number <= len(lines):
            return Strip.blank(width, fill)
        style = look.style(part_of(self.tone), "panel")
        return filled([Segment(" " * _MARGIN, fill), Segment(lines[number - 1], style)], width, fill)

    def _lines(self, look: Look, width: int) -> list[str]:
        sentences = with_sign(self.tone, self.text, look.signs).replace(". ", ".\n")
        return wrapped(sentences, width - 2 * _MARGIN)
