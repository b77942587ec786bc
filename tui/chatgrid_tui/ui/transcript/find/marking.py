"""Which characters of the rows in view are found, and which of them are the present ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

from chatgrid_tui.ui.transcript.find.matching import Needle, found_in, is_said
from chatgrid_tui.ui.transcript.layout.document import Document, Placed

Found: TypeAlias = tuple[int, int, bool]
"""Characters of a row that are found, from the first to before the last, and whether they are the present ones."""


class Spot(NamedTuple):
    """Where the present place begins: its turn, the row in it, and the character in that."""

    turn: int
    offset: int
    start: int


class Marking:
    """Finds in the rows of the window once, until the window is another or something else is looked for."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._window: Sequence[Placed] | None = None
        self._marks: dict[tuple[int, int], list[Found]] = {}

    def forget(self) -> None:
        """Look anew with the next row."""
        self._window = None

    def found(self, placed: Placed, window: Sequence[Placed], needle: Needle, spot: Spot | None) -> Sequence[Found]:
        """Return what is found in a row of the window."""
        if window is not self._window:
            self._window = window
            self._marks = self._find(window, needle, spot)
        return self._marks.get((placed.turn, placed.offset), ())

    def _find(
        self, window: Sequence[Placed], needle: Needle, spot: Spot | None
    ) -> dict[tuple[int, int], list[Found]]:
        """Find in the rows of the window, and as far above and below it as their lines reach."""
        found: dict[tuple[int, int], list[Found]] = {}
        if not window or window[0].turn < 0:
            return found
        rows = [*reversed(list(self._above(window[0]))), *window]
        if window[-1].row.goes_on:
            rows += self._below(window[-1])
        for marks in found_in([placed.row for placed in rows], needle):
            first = rows[marks[0].row]
            present = spot == (first.turn, first.offset, marks[0].start)
            for mark in marks:
                here = rows[mark.row]
                found.setdefault((here.turn, here.offset), []).append((mark.start, mark.end, present))
        return found

    def _above(self, placed: Placed) -> Iterator[Placed]:
        """Yield the rows above that belong to the same line, the nearest first."""
        layout = self._document.turn_layout(placed.turn)
        for offset in range(placed.offset - 1, -1, -1):
            row = next(layout.rows(offset, offset + 1))
            if not row.goes_on or not is_said(row):
                return
            yield Placed(placed.turn, offset, row)

    def _below(self, placed: Placed) -> Iterator[Placed]:
        """Yield the rows below that belong to the same line."""
        layout = self._document.turn_layout(placed.turn)
        for offset in range(placed.offset + 1, layout.height):
            row = next(layout.rows(offset, offset + 1))
            yield Placed(placed.turn, offset, row)
            if not row.goes_on:
                return
