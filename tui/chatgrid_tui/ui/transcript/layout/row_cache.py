"""Keeps the rows that were drawn last, up to a number of rows; older ones are dropped and drawn again if needed."""

from __future__ import annotations

from collections import OrderedDict
from typing import Protocol

from chatgrid_tui.ui.transcript.render.rows import Row

KEPT = 100
"""Rows kept in addition to those in view: about 1 MiB, and what a few pages back and forth need. A row costs memory
for its segments and for what Textual remembers of its strip."""


class Holder(Protocol):
    """Something that holds rows it can draw again."""

    rows: list[Row] | None


class RowCache:
    """The holders of rows in the order of their last use."""

    def __init__(self, kept: int = KEPT) -> None:
        self.kept = kept
        self.size = 0
        """Rows held."""
        self._holders: OrderedDict[int, tuple[Holder, int]] = OrderedDict()

    def use(self, holder: Holder) -> None:
        """Say that a holder's rows are needed now."""
        key = id(holder)
        if key in self._holders:
            self._holders.move_to_end(key)
            return
        count = len(holder.rows or ())
        self._holders[key] = (holder, count)
        self.size += count

    def forget(self, holder: Holder) -> None:
        """Say that a holder is no more."""
        _, count = self._holders.pop(id(holder), (holder, 0))
        self.size -= count

    def trim(self, needed: int) -> None:
        """Drop the rows used longest ago, down to what is kept; the `needed` newest rows stay in any case."""
        while self.size > self.kept + needed and len(self._holders) > 1:
            _, (holder, count) = self._holders.popitem(last=False)
            holder.rows = None
            self.size -= count

    def clear(self) -> None:
        """Forget all holders."""
        self._holders.clear()
        self.size = 0
