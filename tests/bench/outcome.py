"""The results of a scenario, and the table of them."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    what: str
    values: Sequence[float]
    """One for each round: a ratio, or what `unit` says."""
    ruler: str
    medians: str
    """What was measured, in words, for orientation: the ratio counts, as these are this machine's."""
    most: float | None = None
    """What the median of the values may be at most; None where nothing is asked."""
    unit: str = ""
    or_else: str = ""
    """The second half of the goal, where it has one."""
    excused: bool = False
    """Whether it is good enough by that second half."""

    @property
    def goal(self) -> str:
        """The goal, as text."""
        return "" if self.most is None else f"{self.most:g}{self.unit}{self.or_else}"

    @property
    def median(self) -> float:
        """The value that counts."""
        return statistics.median(self.values)

    @property
    def met(self) -> bool:
        """Whether the goal is reached."""
        return self.most is None or self.excused or self.median <= self.most


def compared(
    what: str,
    ours: Sequence[float],
    floor: Sequence[float],
    ruler: str,
    most: float | None = None,
    *,
    show: Callable[[float], str] | None = None,
) -> Row:
    """Return the line for the measurements of each round, ours and the ruler's. `show` formats a median; the default
    is seconds.
    """
    quotients = [mine / theirs for mine, theirs in zip(ours, floor, strict=True)]
    words = show or milliseconds
    return Row(what, quotients, ruler, " / ".join(words(statistics.median(side)) for side in (ours, floor)), most)


def milliseconds(seconds: float) -> str:
    """Return seconds as a text in milliseconds."""
    return f"{seconds * 1000:.3g} ms" if seconds < 1 else f"{seconds:.2f} s"


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which this share of the values is."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


HEAD: Final = """\
| what | goal | measured (min..max) | met | ruler | medians |
|---|---|---|---|---|---|"""
"""The head of the table."""


def line(row: Row) -> str:
    """Return the row as a line of the table."""
    spread = f"{min(row.values):.2f}..{max(row.values):.2f}"
    measured = f"**{row.median:.2f}**{row.unit} ({spread})"
    met = "" if row.most is None else "yes" if row.met else "**no**"
    return f"| {row.what} | {row.goal} | {measured} | {met} | {row.ruler} | {row.medians} |"
