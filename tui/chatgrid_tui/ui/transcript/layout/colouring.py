"""Colour a long code block step by step, so that it can be read before it is coloured."""

from __future__ import annotations

from itertools import islice

from chatgrid_tui.ui.transcript.layout.long_blocks import LongCode
from chatgrid_tui.ui.transcript.markdown.fences import AT_ONCE, COLOURED, Piece, colouring_of

_STEP = 1_500
"""How many characters are coloured in one step."""


class Colouring:
    """Colours a complete code block."""

    def __init__(self, long: LongCode, text: str) -> None:
        self.long = long
        self._parts: list[list[str]] = []
        size = (long.end or 0) - long.body
        if 0 < size <= COLOURED:
            self._parts = [long.part_lines(text, part) for part in long.parts]
        rows = [row for part in self._parts for row in part]
        self._lines = colouring_of(rows, long.info) if rows else None
        self._found: list[list[Piece]] = []
        self.small = self._lines is not None and size <= AT_ONCE
        """Whether it is coloured in one step."""
        self.wanted = self._lines is not None
        self.done = not self.wanted

    def go_on(self) -> list[int]:
        """Do one step, and return the parts that have been coloured."""
        if self._lines is None:
            return []
        room = _STEP
        changed: list[int] = []
        while room > 0 and not self.done:
            rows = self._parts[len(self.long.colours)]
            for line in islice(self._lines, 1):
                self._found.append(line)
            room -= len(rows[len(self._found) - 1]) + 1
            if len(self._found) == len(rows):
                changed.append(len(self.long.colours))
                self.long.colours.append(self._found)
                self._found = []
                self._skip_empty()
        return changed

    def _skip_empty(self) -> None:
        while len(self.long.colours) < len(self._parts) and not self._parts[len(self.long.colours)]:
            self.long.colours.append([])
        self.done = len(self.long.colours) >= len(self._parts)
