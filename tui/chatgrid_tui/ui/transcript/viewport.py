"""What the pane shows through its window: rows of the conversation, or of the first screen where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.ui.transcript.layout.document import Document, Placed
from chatgrid_tui.ui.transcript.layout.turn_layout import EntryPlace
from chatgrid_tui.ui.transcript.notices import Explain
from chatgrid_tui.ui.transcript.render.rows import Frame, Outline, Row
from chatgrid_tui.ui.transcript.render.welcome import Welcome, welcome_rows

FIRST_SCREEN = -1
"""The turn that rows of the first screen say they belong to."""

Reading: TypeAlias = tuple[int, EntryPlace]
"""A turn, and the place in it of the line being read: the same at every width."""
_AT_ONCE = 8
"""Steps of a long text that are drawn at once to come to the line that is read; others come with the next frames."""


class Viewport:
    """The column, the first screen, and the rows in the window, which are looked up once until something changes."""

    def __init__(self, explain: Explain) -> None:
        self.document = Document(explain)
        self.welcome: Welcome | None = None
        self._first_screen: list[Row] = []
        self._window: list[Placed] = []
        self._window_key: tuple[int, int] | None = None

    @property
    def frame(self) -> Frame | None:
        """What rows are drawn in; None before the pane's size is known."""
        return self.document.frame

    @property
    def total(self) -> int:
        """Rows there are to scroll through; the blank row behind the last turn is none."""
        if self.document.turns:
            return max(0, self.document.heights.total - 1)
        return len(self._first_screen)

    @property
    def offering(self) -> int:
        """The turn whose buttons are live, or the first screen."""
        return self.document.newest if self.document.turns else FIRST_SCREEN

    def draw_first_screen(self) -> None:
        """Draw the first screen anew, if it is to be seen."""
        self._first_screen = []
        if self.welcome is not None and self.frame is not None and not self.document.turns:
            self._first_screen = welcome_rows(self.welcome, self.frame, pressable=self.document.focused)
        self.changed()

    def changed(self) -> None:
        """Forget which rows are in the window."""
        self._window_key = None

    def placed(self, y: int, top: int, height: int) -> Placed | None:
        """Return the row at line `y` of a window of `height` rows that begins at row `top`."""
        window = self.window(top, height)
        return window[y] if 0 <= y < len(window) else None

    def window(self, top: int, height: int) -> Sequence[Placed]:
        """Return the rows of a window: the same sequence until something changes."""
        if self._window_key != (top, height):
            self._window_key = (top, height)
            self._window = self._between(top, top + height)
        return self._window

    def rows_of(self, turn: int) -> Sequence[Outline]:
        """Return the outlines of all rows of a turn, or of the first screen."""
        if turn == FIRST_SCREEN or not self.document.turns:
            return self._first_screen
        if self.frame is None or turn >= self.document.count:
            return ()
        return list(self.document.turn_layout(turn).outline())

    def reading(self, top: int, height: int) -> Reading | None:
        """Return what is being read: the line at the top of the window."""
        placed = self.placed(0, top, height)
        if placed is None or placed.turn < 0:
            return None
        return placed.turn, self.document.turn_layout(placed.turn).place_of(placed.offset)

    def row_of(self, reading: Reading, *, at_most: int = _AT_ONCE) -> tuple[int, bool]:
        """Return the row where now stands what was being read, and whether the text has been drawn so far.

        At most so many steps are drawn to come there.
        """
        turn, place = reading
        turn = min(turn, len(self.document.heights) - 1)
        self.document.draw(turn)
        row, known = self.document.turn_layout(turn).row_at(place)
        while not known and at_most > 0:
            at_most -= 1
            self.document.draw(turn)
            row, known = self.document.turn_layout(turn).row_at(place)
        return self.document.heights.before(turn) + row, known

    def merged(self, turns: Sequence[Turn], reading: Reading | None) -> tuple[Reading | None, int]:
        """Take the turns that there are now, the former ones among them. Return what is being read by its new turn,
        None if that is gone, and how many rows came behind the last turn. Nothing is drawn for it.
        """
        old, document = self.document.turns, self.document
        document.show(turns, self.frame)
        self.draw_first_screen()
        behind = 0
        if old and old[-1] in turns:
            behind = document.heights.total - document.heights.before(turns.index(old[-1]) + 1)
        if reading is None or reading[0] >= len(old) or old[reading[0]] not in turns:
            return None, behind
        return (turns.index(old[reading[0]]), reading[1]), behind

    def _between(self, start: int, stop: int) -> list[Placed]:
        if self.frame is None:
            return []
        if self.document.turns:
            return list(self.document.rows(start, stop))
        return [Placed(FIRST_SCREEN, number, row) for number, row in enumerate(self._first_screen)][start:stop]
