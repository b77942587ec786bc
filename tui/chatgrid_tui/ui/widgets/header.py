"""The title of a pane."""

from __future__ import annotations

from rich.segment import Segment
from textual.strip import Strip

from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.appearance import Look, Part
from chatgrid_tui.ui.widgets.cells import both_ends, cut, own_words, side_margin, width_of
from chatgrid_tui.ui.widgets.one_line import OneLine
from chatgrid_tui.ui.widgets.tone import Tone, part_of, with_sign

_BETWEEN = 2
_ROOM_FOR_TITLE = 8
"""Cells the title keeps before the right side gives way."""


class Header(OneLine):
    """A title, bold, and at the right something to know: a count, `● 3 unread`, `3 of 17`."""

    def __init__(
        self,
        title: str = "",
        right: str = "",
        tone: Tone = "quiet",
        *,
        surface: Part = "panel",
        margins: tuple[int, int] | None = None,
        id: str | None = None,  # noqa: A002 (Textual's own name)
    ) -> None:
        """`margins` are the free cells at the left and right; those of the page if left out."""
        super().__init__(id=id)
        self.surface = surface
        self._margins = margins
        self._title = clean_line(title)
        self._right = clean_line(right)
        self._tone: Tone = tone

    def show(self, title: str, right: str = "", tone: Tone = "quiet") -> None:
        """Change the words. A state's sign is put before the right side."""
        news = (clean_line(title), clean_line(right), tone)
        if news != (self._title, self._right, self._tone):
            self._title, self._right, self._tone = news
            self.refresh()

    def drawn(self, look: Look, width: int) -> Strip:
        """Return the row."""
        fill = look.style("text", self.surface)
        before, after = self._margins or (side_margin(self),) * 2
        right: list[Segment] = []
        if self._right:
            words = with_sign(self._tone, own_words(self._right, look.signs), look.signs)
            right = [Segment(words, look.style(part_of(self._tone), self.surface)), Segment(" " * after, fill)]
        room = width - before - width_of(right) - _BETWEEN
        if room < _ROOM_FOR_TITLE:
            right, room = [], width - before
        title = Segment(cut(self._title, room, look.signs.more), look.style("text", self.surface, bold=True))
        return both_ends([Segment(" " * before, fill), title], right, width, fill)
