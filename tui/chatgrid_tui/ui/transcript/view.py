"""What the pane shows through its window: rows of the conversation, or of the first screen where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from chatgrid_tui.ui.transcript.column import Column, Placed
from chatgrid_tui.ui.transcript.notices import Explain
from chatgrid_tui.ui.transcript.rows import Frame, Row
from chatgrid_tui.ui.transcript.welcome import Welcome, welcome_rows

FIRST_SCREEN = -1
"""The turn that rows of the first screen say they belong to."""

Reading: TypeAlias = tuple[int, int, int]
"""A turn, a bubble, and the characters of it that stand before the line being read, blanks not counted."""


class View:
    """The column, the first screen, and the rows in the window, which are looked up once until something changes."""

    def __init__(self, explain: Explain) -> None:
        self.column = Column(explain)
        self.welcome: Welcome | None = None
        self._first_screen: list[Row] = []
        self._window: list[Placed] = []
        self._window_key: tuple[int, int] | None = None

    @property
    def frame(self) -> Frame | None:
        """What rows are drawn in; None before the pane's size is known."""
        return self.column.frame

    @property
    def total(self) -> int:
        """Rows there are to scroll through; the blank row behind the last turn is none."""
        if self.column.turns:
            return max(0, self.column.heights.total - 1)
        return len(self._first_screen)

    @property
    def offering(self) -> int:
        """The turn whose buttons are live, or the first screen."""
        return self.column.newest if self.column.turns else FIRST_SCREEN

    def draw_first_screen(self) -> None:
        """Draw the first screen anew, if it is to be seen."""
        self._first_screen = []
        if self.welcome is not None and self.frame is not None and not self.column.turns:
            self._first_screen = welcome_rows(self.welcome, self.frame, pressable=self.column.focused)
        self.changed()

    def changed(self) -> None:
        """Forget which rows are in the window."""
        self._window_key = None

    def placed(self, y: int, top: int, height: int) -> Placed | None:
        """Return the row at line `y` of a window of `height` rows that begins at row `top`."""
        if self._window_key != (top, height):
            self._window_key = (top, height)
            self._window = self._between(top, top + height)
        return self._window[y] if 0 <= y < len(self._window) else None

    def rows_of(self, turn: int) -> Sequence[Row]:
        """Return all rows of a turn, or of the first screen."""
        if turn == FIRST_SCREEN or not self.column.turns:
            return self._first_screen
        if self.frame is None or turn >= len(self.column.heights):
            return ()
        entry = self.column.entry(turn)
        return list(entry.rows(0, entry.height))

    def reading(self, top: int, height: int) -> Reading | None:
        """Return what is being read: the line at the top of the window."""
        placed = self.placed(0, top, height)
        if placed is None or placed.turn < 0:
            return None
        rows = self.rows_of(placed.turn)[: placed.offset]
        bubble = placed.row.bubble
        return placed.turn, bubble, sum(_letters(row) for row in rows if row.bubble == bubble)

    def row_of(self, reading: Reading) -> int:
        """Return the row where now stands what was being read."""
        turn, bubble, wanted = reading
        self.column.draw(turn)
        start = self.column.heights.before(turn)
        found = seen = 0
        for number, row in enumerate(self.rows_of(turn)):
            if row.bubble == bubble:
                if seen > wanted:
                    break
                found = number
                seen += _letters(row)
        return start + found

    def _between(self, start: int, stop: int) -> list[Placed]:
        if self.frame is None:
            return []
        if self.column.turns:
            return list(self.column.rows(start, stop))
        return [Placed(FIRST_SCREEN, number, row) for number, row in enumerate(self._first_screen)][start:stop]


def _letters(row: Row) -> int:
    """Count what stays the same however a text is wrapped."""
    return len("".join(row.text.split()))
