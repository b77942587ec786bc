"""Match text in displayed rows: across line breaks, without bars, padding and buttons."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from chatgrid_tui.text import clean, mend_surrogates
from chatgrid_tui.ui.transcript.layout.document import Document, Placed
from chatgrid_tui.ui.transcript.render.rows import Outline, Row
from chatgrid_tui.ui.transcript.targets import MoreTarget

_LONGEST: Final = 500
"""The longest text that is searched for, in characters."""
_BLANKS: Final = re.compile(r"\s+")

Highlight: TypeAlias = tuple[int, int, bool]
"""Matching characters of a row, as (start, end), and whether this is the current match."""


class Needle:
    """The text to find: literally, ignoring case. Any run of whitespace matches any other."""

    def __init__(self, text: str) -> None:
        self.text = _BLANKS.sub(" ", clean(mend_surrogates(text[:_LONGEST])))
        words = self.text.split(" ")
        self._pattern = re.compile(" +".join(map(re.escape, words)), re.IGNORECASE)
        self._longest = max(words, key=len).lower() if self.text.isascii() else ""

    @classmethod
    def of(cls, text: str) -> Needle | None:
        """Return the needle for a text, or None if it is blank."""
        return cls(text) if text[:_LONGEST].strip() else None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Needle) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return the start and the end of each match in `text`."""
        return [match.span() for match in self._pattern.finditer(text)]

    def count(self, text: str) -> int:
        """Return how many matches there are in `text`."""
        return len(self._pattern.findall(text)) if self._may_be_in(text) else 0

    def is_in(self, text: str) -> bool:
        """Return whether there is a match in `text`."""
        return self._may_be_in(text) and self._pattern.search(text) is not None

    def _may_be_in(self, text: str) -> bool:
        """Return False for most texts without a match, several times as fast as the pattern. Only ASCII has the same
        case in both.
        """
        return not text.isascii() or self._longest in text.lower()


class Piece(NamedTuple):
    """A part of a line in one row: its offset in the line, the row, and its offset in the row."""

    at: int
    row: int
    start: int
    length: int


class Mark(NamedTuple):
    """The characters of a row from `start` to `end` (exclusive)."""

    row: int
    start: int
    end: int


@dataclass(slots=True)
class Line:
    """A line of text, which may be wrapped over several rows."""

    row: int
    """The number of its first row."""
    text: str = ""
    pieces: list[Piece] = field(default_factory=list)
    fold: MoreTarget | None = None
    """The target that shows the rest of a long text that is folded here."""

    def add(self, number: int, row: Row, start: int = 0, end: int = -1, joint: str | None = None) -> None:
        """Append a row, or part of its text."""
        text, at, end = row.text, start, len(row.text) if end < 0 else end
        for aside in (*row.asides, end):
            if at < aside <= end:
                self.pieces.append(Piece(len(self.text), number, row.left + at, aside - at))
                self.text += text[at:aside]
            at = max(at, aside + 1)
        self.text += joint or ""
        for spot in row.spots:
            if isinstance(spot.target, MoreTarget):
                self.fold = spot.target

    def marks(self, start: int, end: int) -> Iterator[Mark]:
        """Yield the marks of the characters from `start` to `end` (exclusive), from the top."""
        for piece in self.pieces:
            first, last = max(start, piece.at), min(end, piece.at + piece.length)
            if first < last:
                shift = piece.start - piece.at
                yield Mark(piece.row, first + shift, last + shift)


def is_message(row: Outline) -> bool:
    """Return whether a row belongs to a message, and not to a notice of the program."""
    return row.kind in ("text", "mine")


def lines_of(rows: Iterable[Row], first: int = 0) -> Iterator[Line]:
    """Yield the lines of rows with text, with row numbers from `first`; in tables, the lines of each cell."""
    cells = _Cells()
    line: Line | None = None
    for number, row in enumerate(rows, first):
        if not row.columns:
            yield from cells.end()
        if row.columns and is_message(row):
            yield from cells.add(number, row)
        elif is_message(row):
            line = line or Line(number)
            line.add(number, row, joint=row.joint)
            if row.joint is not None:
                continue
        if line is not None and (line.text or line.fold):
            yield line
        line = None
    yield from cells.end()
    if line is not None and (line.text or line.fold):
        yield line


class _Cells:
    """The lines in the cells of one table row, which may span several rows."""

    def __init__(self) -> None:
        self._open: dict[int, Line] = {}
        self._ended: list[tuple[int, Line]] = []

    def add(self, number: int, row: Row) -> Iterator[Line]:
        """Append a row. Yield the lines of all cells when none of them continues."""
        for column in row.columns:
            line = self._open.pop(column.number, None) or Line(number)
            line.add(number, row, column.start, column.end, column.joint)
            if column.joint is None:
                self._ended.append((column.number, line))
            else:
                self._open[column.number] = line
        if not self._open:
            yield from self.end()

    def end(self) -> Iterator[Line]:
        """Yield the lines so far, column by column."""
        lines = sorted([*self._ended, *self._open.items()], key=lambda item: (item[0], item[1].row))
        self._ended, self._open = [], {}
        yield from (line for _, line in lines if line.text)


def matches_in(rows: Iterable[Row], needle: Needle) -> Iterator[list[Mark]]:
    """Yield the marks of each match in rows."""
    for line in lines_of(rows):
        for start, end in needle.spans(line.text):
            yield list(line.marks(start, end))


class MatchPlace(NamedTuple):
    """Where a match starts: its turn, the row in the turn, and the character in the row."""

    turn: int
    offset: int
    start: int


class Highlights:
    """The matches in the rows of a window, cached until the window changes or `clear` is called."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._window: Sequence[Placed] | None = None
        self._highlights: dict[tuple[int, int], list[Highlight]] = {}

    def clear(self) -> None:
        """Search again the next time."""
        self._window = None

    def of(
        self, placed: Placed, window: Sequence[Placed], needle: Needle, current: MatchPlace | None
    ) -> Sequence[Highlight]:
        """Return the matches in a row of the window."""
        if window is not self._window:
            self._window = window
            self._highlights = {}
            self._find(window, needle, current)
        return self._highlights.get((placed.turn, placed.offset), ())

    def _find(self, window: Sequence[Placed], needle: Needle, current: MatchPlace | None) -> None:
        """Find the matches in the window, including those on lines that continue above or below it."""
        if not window or window[0].turn < 0:
            return
        rows = [*reversed(list(self._above(window[0]))), *window]
        if window[-1].row.goes_on:
            rows += self._below(window[-1])
        for marks in matches_in([placed.row for placed in rows], needle):
            first = rows[marks[0].row]
            is_current = current == (first.turn, first.offset, marks[0].start)
            for mark in marks:
                turn, offset, _ = rows[mark.row]
                self._highlights.setdefault((turn, offset), []).append((mark.start, mark.end, is_current))

    def _above(self, placed: Placed) -> Iterator[Placed]:
        """Yield the rows above that belong to the same line, the nearest first."""
        layout = self._document.turn_layout(placed.turn)
        for offset in range(placed.offset - 1, -1, -1):
            row = next(layout.rows(offset, offset + 1))
            if not row.goes_on or not is_message(row):
                return
            yield Placed(placed.turn, offset, row)

    def _below(self, placed: Placed) -> Iterator[Placed]:
        """Yield the rows below that belong to the same line."""
        layout = self._document.turn_layout(placed.turn)
        for offset, row in enumerate(layout.rows(placed.offset + 1, layout.height), placed.offset + 1):
            yield Placed(placed.turn, offset, row)
            if not row.goes_on:
                return
