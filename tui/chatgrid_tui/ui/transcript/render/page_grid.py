"""The measures of the page in cells, for one size of the pane."""

from __future__ import annotations

from dataclasses import dataclass

TINY, WIDE = 60, 144
"""Columns of the terminal below which the margins are narrow, and from which lines are kept short."""
_EDGED = 30
"""Rows of the terminal from which bubbles have edges."""
_NOTED = 116
"""The width of a pane from which margin notes are next to the text."""
_NOTE_GAP, _NOTES = 3, 30
_LONGEST = 100
_STEP = 4


@dataclass(frozen=True, slots=True)
class Grid:
    """Positions and widths. `width` is the pane's, including the column of its scroll bar."""

    width: int
    left: int
    """The first column of the text column, which is also the mark column."""
    reading: int
    """The width of the text column."""
    edged: bool = False
    """Whether there are enough rows for edges above and below bubbles."""
    noted: bool = False
    """Whether margin notes are at the right of the text column."""

    @property
    def right(self) -> int:
        """The column after the text column."""
        return self.left + self.reading

    @property
    def bubble(self) -> int:
        """The largest width of a bot's bubble."""
        room = self.reading - _STEP if self.reading >= 72 else self.reading
        return max(6, room - room % _STEP)

    @property
    def text(self) -> int:
        """The largest width of the text in a bot's bubble."""
        return max(2, self.bubble - 4)

    @property
    def mine_text(self) -> int:
        """The largest width of the text in the user's bubble."""
        return max(2, min(60, self.reading * 70 // 100) - 4)

    @property
    def notes(self) -> int:
        """The first column of the margin notes."""
        return self.right + _NOTE_GAP

    def hug(self, text: int) -> int:
        """Return the width of a bubble for text of this width. It grows in steps, so that few edges differ."""
        return min(self.bubble, max(2 * _STEP, -(-(text + 4) // _STEP) * _STEP))


def grid_for(pane: int, columns: int, rows: int = 0) -> Grid:
    """Return the measures for a pane of `pane` columns (including its scroll bar) in a terminal of this size."""
    pane = max(8, pane)
    left = 1 if columns < TINY else 2
    reading = pane - 2 * left
    noted = columns >= WIDE and pane >= _NOTED
    if columns >= WIDE:
        beside = _NOTE_GAP + _NOTES if noted else 0
        reading = min(_LONGEST, reading - beside)
        left = max(left, (pane - reading - beside) // 2)
    return Grid(pane, left, reading, rows >= _EDGED, noted)
