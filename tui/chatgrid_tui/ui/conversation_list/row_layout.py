"""The lines of the list of conversations: which of them belong to which row or heading."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

from chatgrid_tui.ui.conversation_list.row_source import Group

DRAWN_LINES: Final = 2
"""The lines of a row that have text."""


class RowLayout:
    """Places rows of two lines one below the other. A group starts with a blank line and its heading. With `spaced`,
    a blank line follows each row, and also serves as the blank line of the next group.
    """

    def __init__(self, groups: Sequence[Group] = (), count: int = 0, *, spaced: bool = False) -> None:
        """`count` is the number of rows in all groups."""
        self.row_lines = DRAWN_LINES + int(spaced)
        """The lines from one row of a group to the next."""
        self._count = count
        self._groups = groups
        self._firsts = [group.first for group in groups]
        self._heading_lines = [
            self._first_line(group.first, number) - 1 for number, group in enumerate(groups, start=1)
        ]

    @property
    def end(self) -> int:
        """The line after the last row."""
        end = self._first_line(self._count, len(self._groups))
        return end - (self.row_lines - DRAWN_LINES) if self._groups else 0

    def heading_at(self, line: int) -> str:
        """Return the heading on a line; empty if there is none."""
        number = bisect_right(self._heading_lines, line) - 1
        return self._groups[number].heading if number >= 0 and self._heading_lines[number] == line else ""

    def row_at(self, line: int) -> tuple[int, int] | None:
        """Return the index of the row at a line, and which of its lines it is; None at a heading, and at the blank
        lines of groups.
        """
        number = bisect_right(self._heading_lines, line) - 1
        if number < 0 or line >= self.end:
            return None
        place, part = divmod(line - self._heading_lines[number] - 1, self.row_lines)
        index = self._firsts[number] + place
        following = self._firsts[number + 1] if number + 1 < len(self._groups) else self._count
        return (index, part) if place >= 0 and index < following else None

    def line_of(self, index: int) -> int:
        """Return the first line of a row."""
        return self._first_line(index, bisect_right(self._firsts, index))

    def top_of(self, index: int) -> int:
        """Return the first line of a row; with its blank line and heading, if it is the first one of a group."""
        return self.line_of(index) - (2 if index in self._firsts else 0)

    def _first_line(self, index: int, headings: int) -> int:
        """Return the line of a row with this many headings before it."""
        blank_lines = headings if self.row_lines == DRAWN_LINES else 1
        return index * self.row_lines + headings + blank_lines
