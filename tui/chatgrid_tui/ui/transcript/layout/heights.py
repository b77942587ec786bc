"""The heights and positions of turns: prefix sums with cheap updates.

A conversation of thousands of turns is never drawn as a whole, so most heights are estimates, which are corrected
when a turn comes near the view. A Fenwick tree finds the turn at a row, and takes such a correction, in O(log n).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator


class Heights:
    """The heights of all turns in rows, which are not negative."""

    def __init__(self, values: Iterable[int] = ()) -> None:
        self._values = array("i", values)
        self._tree = self._build()
        self._total = sum(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, index: int) -> int:
        return self._values[index]

    def __iter__(self) -> Iterator[int]:
        return iter(self._values)

    @property
    def total(self) -> int:
        """The total number of rows."""
        return self._total

    def append(self, height: int) -> None:
        """Append a turn."""
        self._values.append(height)
        place = len(self._values)
        node = height
        step = 1
        while step < place & -place:
            node += self._tree[place - step]
            step <<= 1
        self._tree.append(node)
        self._total += height

    def pop(self) -> None:
        """Remove the last turn."""
        self._total -= self._values.pop()
        self._tree.pop()

    def change(self, index: int, height: int) -> int:
        """Set the height of a turn, and return by how much it grew."""
        grown = height - self._values[index]
        if grown:
            self._values[index] = height
            self._total += grown
            place = index + 1
            while place < len(self._tree):
                self._tree[place] += grown
                place += place & -place
        return grown

    def before(self, index: int) -> int:
        """Return the first row of a turn: the sum of the heights before it."""
        total = 0
        while index > 0:
            total += self._tree[index]
            index &= index - 1
        return total

    def at(self, row: int) -> tuple[int, int]:
        """Return the turn at `row`, and the row within it; the last turn if `row` is after the end.

        Raises:
            IndexError: there are no turns.
        """
        if not self._values:
            raise IndexError("no turns")
        index = 0
        left = max(0, row)
        step = 1 << len(self._values).bit_length()
        while step:
            place = index + step
            if place < len(self._tree) and self._tree[place] <= left:
                index = place
                left -= self._tree[place]
            step >>= 1
        if index >= len(self._values):
            index = len(self._values) - 1
            left = row - self.before(index)
        return index, left

    def _build(self) -> array[int]:
        tree = array("q", [0, *self._values])
        for place in range(1, len(tree)):
            parent = place + (place & -place)
            if parent < len(tree):
                tree[parent] += tree[place]
        return tree
