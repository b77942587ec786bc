"""Looking for words in rows as they are read: over line breaks, without bars, padding and what can be pressed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from chatgrid_tui.text import clean, mend_surrogates
from chatgrid_tui.ui.transcript.press_targets import MoreTarget
from chatgrid_tui.ui.transcript.render.rows import Outline, Row

LONGEST = 500
"""Characters that are looked for at most."""
_BLANKS = re.compile(r"\s+")


class Needle:
    """What is looked for: literal words, in whatever case. Any number of blanks counts as one."""

    def __init__(self, words: str) -> None:
        """`words` are as they were typed, and hold more than blanks."""
        self.words = _BLANKS.sub(" ", clean(mend_surrogates(words[:LONGEST])))
        self._pattern = re.compile(" +".join(re.escape(word) for word in self.words.split(" ")), re.IGNORECASE)

    @classmethod
    def of(cls, words: str) -> Needle | None:
        """Return what to look for, None where nothing was typed."""
        return cls(words) if words[:LONGEST].strip() else None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Needle) and other.words == self.words

    def __hash__(self) -> int:
        return hash(self.words)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return where it stands in `text`, as (start, end), from left to right."""
        return [found.span() for found in self._pattern.finditer(text)]

    def count(self, text: str) -> int:
        """Return how many times it stands in `text`."""
        return len(self._pattern.findall(text))

    def is_in(self, text: str) -> bool:
        """Whether it stands in `text`."""
        return self._pattern.search(text) is not None


class Stretch(NamedTuple):
    """Where a part of a line stands: its first character in the line, its row, and its first character there."""

    at: int
    row: int
    start: int
    length: int


class Mark(NamedTuple):
    """Characters of a row, from `start` to before `end`, that are found."""

    row: int
    start: int
    end: int


@dataclass(slots=True)
class Said:
    """A line as it is read, however many rows it wraps over."""

    row: int
    """The number of its first row."""
    text: str = ""
    stretches: list[Stretch] = field(default_factory=list)
    fold: MoreTarget | None = None
    """The rest of something long stands here, and is not shown."""

    def add(self, number: int, row: Row, start: int = 0, end: int = -1, joint: str | None = None) -> None:
        """Go on with a row, or with a part of its text."""
        text, asides = row.text, row.asides
        at, end = start, len(text) if end < 0 else end
        for aside in (*asides, end):
            if at < aside <= end:
                self.stretches.append(Stretch(len(self.text), number, row.left + at, aside - at))
                self.text += text[at:aside]
            at = max(at, aside + 1)
        self.text += joint or ""
        for spot in row.spots:
            if isinstance(spot.target, MoreTarget):
                self.fold = spot.target

    def marks(self, start: int, end: int) -> Iterator[Mark]:
        """Yield where the characters from `start` to before `end` stand, from above."""
        for stretch in self.stretches:
            first, last = max(start, stretch.at), min(end, stretch.at + stretch.length)
            if first < last:
                shift = stretch.start - stretch.at
                yield Mark(stretch.row, first + shift, last + shift)


def is_said(row: Outline) -> bool:
    """Whether a row belongs to a message, rather than to what the program says about it."""
    return row.kind in ("text", "mine")


def spell(rows: Iterable[Row], first: int = 0) -> Iterator[Said]:
    """Yield the lines of rows, which are numbered from `first` on; in tables those of each cell.

    Empty lines are left out.
    """
    table = _Cells()
    said: Said | None = None
    for number, row in enumerate(rows, first):
        if not row.columns:
            yield from table.end()
        if row.columns and is_said(row):
            yield from table.lines(number, row)
        elif is_said(row):
            if said is None:
                said = Said(number)
            said.add(number, row, joint=row.joint)
            if row.joint is not None:
                continue
        if said is not None and (said.text or said.fold):
            yield said
        said = None
    yield from table.end()
    if said is not None and (said.text or said.fold):
        yield said


class _Cells:
    """The lines in the cells of a row of a table, which wraps over several rows."""

    def __init__(self) -> None:
        self._open: dict[int, Said] = {}
        self._ended: list[tuple[int, Said]] = []

    def lines(self, number: int, row: Row) -> Iterator[Said]:
        """Go on with a row; yield the lines of all cells once none of them goes on."""
        for column in row.columns:
            said = self._open.pop(column.number, None) or Said(number)
            said.add(number, row, column.start, column.end, column.joint)
            if column.joint is None:
                self._ended.append((column.number, said))
            else:
                self._open[column.number] = said
        if not self._open:
            yield from self.end()

    def end(self) -> Iterator[Said]:
        """Yield what there is, column by column."""
        lines = [*self._ended, *self._open.items()]
        self._ended, self._open = [], {}
        for _, said in sorted(lines, key=lambda line: (line[0], line[1].row)):
            if said.text:
                yield said


def found_in(rows: Iterable[Row], needle: Needle) -> Iterator[list[Mark]]:
    """Yield each place where the needle stands in rows, as the marks that it takes there."""
    for said in spell(rows):
        for start, end in needle.spans(said.text):
            yield list(said.marks(start, end))
