"""Keep the rows that were drawn last, up to a limit. Older ones are dropped and drawn again when needed."""

from __future__ import annotations

from collections import OrderedDict
from typing import Protocol

from chatgrid_tui.ui.transcript.render.rows import Row

KEPT = 100
"""How many rows to keep in addition to those in view: about 1 MiB, enough for a few pages back and forth. A row
takes memory for its segments and for what Textual caches with its strip."""


class Holder(Protocol):
    """Something that holds rows and can draw them again."""

    rows: list[Row] | None


class RowCache:
    """The holders of rows, by their last use."""

    def __init__(self, kept: int = KEPT) -> None:
        self.kept = kept
        self.size = 0
        """The number of rows that are held."""
        self._holders: OrderedDict[int, tuple[Holder, int]] = OrderedDict()

    def use(self, holder: Holder) -> None:
        """Record that a holder's rows are in use."""
        key = id(holder)
        if key in self._holders:
            self._holders.move_to_end(key)
            return
        count = len(holder.rows or ())
        self._holders[key] = (holder, count)
        self.size += count

    def forget(self, holder: Holder) -> None:
        """Record that a holder no longer exists."""
        _, count = self._holders.pop(id(holder), (holder, 0))
        self.size -= count

    def trim(self, needed: int) -> None:
        """Drop the least recently used rows down to the limit, but keep at least the `needed` newest."""
        while self.size > self.kept + needed and len(self._holders) > 1:
            _, (holder, count) = self._holders.popitem(last=False)
            holder.rows = None
            self.size -= count

    def clear(self) -> None:
        """Forget all holders."""
        self._holders.clear()
        self.size = 0
