"""The marked rows of the list of conversations, with which something is done together."""

from __future__ import annotations

from collections.abc import Sequence

from chatgrid_tui.ui.conversation_list.row_source import RowSource


class RowMarks:
    """The ids of the marked rows, and the range of rows that was marked last."""

    def __init__(self) -> None:
        self.ids: frozenset[int] = frozenset()
        self._before_range: frozenset[int] = frozenset()
        self._range: tuple[int, int] | None = None
        """The ids of the rows where the range begins and ends."""

    def toggle(self, row_id: int) -> None:
        """Mark a row, or take its mark away. A range can begin there."""
        self.ids ^= {row_id}
        self._before_range, self._range = self.ids, (row_id, row_id)

    def extend(self, rows: RowSource, cursor: int, to: int) -> None:
        """Mark the rows from the cursor to another index. If the range that was marked last ends at the cursor, it
        then ends at that index instead.
        """
        at_cursor, target = rows.ids(cursor, cursor + 1)[0], rows.ids(to, to + 1)[0]
        if self._range is None or self._range[1] != at_cursor or rows.place_of(self._range[0]) is None:
            self._before_range, self._range = self.ids, (at_cursor, at_cursor)
        begin = rows.place_of(self._range[0]) or 0
        self._range = self._range[0], target
        self.ids = self._before_range.union(rows.ids(min(begin, to), max(begin, to) + 1))

    def mark_all(self, rows: RowSource) -> None:
        """Mark all rows; if they are, take all marks away."""
        every = frozenset(rows.ids(0, len(rows)))
        self.ids = frozenset() if self.ids == every else every
        self._range = None

    def keep(self, rows: RowSource) -> None:
        """Keep only marks of rows that are shown."""
        self.ids = frozenset(row_id for row_id in self.ids if rows.place_of(row_id) is not None)

    def in_order(self, rows: RowSource) -> Sequence[int]:
        """Return the marked rows in the order of the list."""
        return sorted(self.ids, key=lambda row_id: rows.place_of(row_id) or 0)

    def clear(self) -> bool:
        """Take all marks away, and return whether there were any."""
        had_marks, self.ids, self._range = bool(self.ids), frozenset(), None
        return had_marks
