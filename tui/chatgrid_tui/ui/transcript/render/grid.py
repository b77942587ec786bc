"""The measures of the page, in cells, for one width of the pane."""

from __future__ import annotations

from dataclasses import dataclass

TINY, NORMAL, WIDE, VERY_WIDE = 60, 100, 144, 180
"""Columns of the terminal from which the next set of measures holds."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Where things stand. `width` is the pane's, the column of its scroll bar included."""

    width: int
    margin: int
    """Columns left free at both sides; the mark column is the first after the left ones."""
    bot: int
    """Outer width of a bot's bubble, the rule included."""
    mine: int
    """Outer width that my bubble takes at most."""
    page: int
    """Column behind the right end of my bubble."""

    @property
    def text(self) -> int:
        """Width of the text in a bot's bubble."""
        return max(2, self.bot - 4)

    @property
    def text_left(self) -> int:
        """First column of a bot's text."""
        return self.margin + 2

    @property
    def mine_text(self) -> int:
        """Width of the text in my bubble, at most."""
        return max(2, self.mine - 4)


def grid_for(pane: int, terminal: int) -> Grid:
    """Return the measures for a pane of `pane` columns (its scroll bar included) in a terminal of `terminal`."""
    pane = max(8, pane)
    margin = 1 if terminal < TINY else 2
    if terminal < TINY:
        bot, mine = pane - 2, pane - 6
    elif terminal < NORMAL:
        bot, mine = pane - 4, pane * 66 // 100
    else:
        bot, mine = pane - 10, min(60, pane * 66 // 100)
    if terminal >= WIDE:
        bot = min(bot, 84)
    right = pane - 1 if terminal <= VERY_WIDE else min(pane, 120) - 1
    return Grid(pane, margin, max(6, min(bot, pane - 1 - margin)), max(6, mine), max(6, right - margin))
