"""What a picker offers: groups of rows, and which of them match what was typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.fuzzy import Index, Query, fold
from chatgrid_tui.ui.widgets.tone import Tone

When: TypeAlias = Literal["matching", "resting", "typed", "offered", "always"]
"""When the rows of a group are shown.

`matching`: those that match, all while nothing is typed · `typed`: those that match, none while nothing is typed ·
`resting`: all, only while nothing is typed · `offered`: as `matching`, after all other groups · `always`: all, last
"""

DRAWN_AT_REST: Final = 100
DRAWN_AT_MOST: Final = 50
"""Rows of a group that are shown while nothing is typed, and of those that match: another letter finds the others."""
_INDEXED_AT_ONCE: Final = 1_500


@dataclass(frozen=True, slots=True)
class PickerRow:
    """One thing to pick."""

    id: str
    name: str
    detail: str = ""
    """An address or a description, shown after the place."""
    state: str = ""
    tone: Tone = "quiet"
    also: str = ""
    """More text that it is found by, which is not shown."""
    place: str = ""
    """The names of what it belongs to, such as its provider."""
    unavailable: bool = False
    """Whether it cannot be picked now. The detail says why."""
    _folded: tuple[str, str, str] | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def beside(self) -> str:
        """The text shown after the name."""
        return " · ".join(filter(None, (self.place, self.detail)))

    @property
    def folded(self) -> tuple[str, str, str]:
        """The texts that it is found by: name, place and the rest. They are cached, as rows are shown many times."""
        if self._folded is None:
            rest = f"{_cleaned(self.detail)} {_cleaned(self.also)}"
            texts = (fold(_cleaned(self.name)), fold(_cleaned(self.place)), fold(rest))
            object.__setattr__(self, "_folded", texts)
        assert self._folded is not None
        return self._folded


@dataclass(frozen=True, slots=True)
class PickerGroup:
    """Rows under a heading, the most recent ones first. Without a title there is no heading."""

    title: str
    rows: Sequence[PickerRow]
    when: When = "matching"


@dataclass(frozen=True, slots=True)
class Heading:
    """A line with the title of a group, or a blank line."""

    title: str = ""


@dataclass(frozen=True, slots=True)
class More:
    """A line that says how many rows of a group are not shown."""

    count: int


Line: TypeAlias = PickerRow | Heading | More


@dataclass(slots=True)
class _Shelf:
    """The rows of a group with their index, and which of them are shown."""

    title: str
    when: When
    rows: list[PickerRow] = field(default_factory=list)
    index: Index = field(default_factory=Index)
    shown: list[PickerRow] = field(default_factory=list)
    count: int = 0
    """The number of rows that match."""
    score: int = 0
    """The score of the best row that is available."""

    def put(self, rows: Sequence[PickerRow]) -> None:
        """Replace the rows. Rows at the beginning that are the same stay indexed."""
        pairs = enumerate(zip(self.rows, rows, strict=False))
        same = next((at for at, (old, new) in pairs if old is not new), min(len(self.rows), len(rows)))
        if same < len(self.index):
            self.index = Index()
        self.rows = list(rows)

    def make_ready(self, at_most: int | None = None) -> bool:
        """Index some rows. Return whether all are indexed then."""
        begin = len(self.index)
        end = len(self.rows) if at_most is None else min(len(self.rows), begin + at_most)
        for row in self.rows[begin:end]:
            self.index.add_folded(*row.folded)
        return end == len(self.rows)

    def find(self, query: Query) -> None:
        """Show the rows that match, the best ones first, and after them those that are unavailable."""
        self.score = 0
        if self.when == "always" or (not query and self.when != "typed"):
            self.shown, self.count = self.rows[:DRAWN_AT_REST], len(self.rows)
        elif not query or self.when == "resting":
            self.shown, self.count = [], 0
        else:
            self.make_ready()
            result = self.index.find(query, DRAWN_AT_MOST)
            found = [self.rows[at] for at in result.best]
            self.shown, self.count = sorted(found, key=lambda row: row.unavailable), result.count
            scores = zip(found, result.scores, strict=True)
            self.score = max((score for row, score in scores if not row.unavailable), default=0)

    @property
    def is_last(self) -> bool:
        """Whether it comes after all other groups, however well its rows match."""
        return self.when in ("offered", "always")


class Choices:
    """Groups of rows, and what is shown of them for what was typed."""

    def __init__(self, groups: Sequence[PickerGroup]) -> None:
        self.query = Query.of("")
        self._shelves: list[_Shelf] = []
        self._ordered: list[_Shelf] = []
        """The groups in the order in which they are shown."""
        self.put(groups)

    @property
    def rows(self) -> list[PickerRow]:
        """The rows that are shown, from top to bottom."""
        return [row for shelf in self._ordered for row in shelf.shown]

    @property
    def counts(self) -> tuple[int, int]:
        """The number of rows that match, and of all rows. Those that are always shown do not count."""
        counted = [shelf for shelf in self._shelves if shelf.when not in ("resting", "always")]
        total = sum(len(shelf.rows) for shelf in counted)
        return (sum(shelf.count for shelf in counted) if self.query else total), total

    def put(self, groups: Sequence[PickerGroup]) -> None:
        """Show other groups. Rows that are shown keep their order, and new ones follow them in their group."""
        shelves = {(shelf.title, shelf.when): shelf for shelf in self._shelves}
        places = {id(shelf): place for place, shelf in enumerate(self._ordered) if shelf.shown}
        row_places = {id(shelf): {row.id: at for at, row in enumerate(shelf.shown)} for shelf in self._shelves}
        self._shelves = [
            shelves.get((group.title, group.when)) or _Shelf(group.title, group.when) for group in groups
        ]
        for shelf, group in zip(self._shelves, groups, strict=True):
            shelf.put(group.rows)
        self._find()
        for shelf in self._shelves:
            of_rows = row_places.get(id(shelf), {})
            shelf.shown.sort(key=lambda row: of_rows.get(row.id, len(of_rows)))
        if self.query and places:
            self._ordered.sort(key=lambda shelf: (shelf.is_last, places.get(id(shelf), len(places))))

    def make_ready(self) -> bool:
        """Index a part of the rows. Return whether all are indexed."""
        return all(shelf.make_ready(_INDEXED_AT_ONCE) for shelf in self._shelves if shelf.when != "resting")

    def type(self, typed: str) -> None:
        """Show what matches: in each group the best rows first, and the group with the best one first."""
        self.query = Query.of(typed)
        self._find()

    def lines(self, *, spaced: bool) -> list[Line]:
        """Return what is shown, line by line. `spaced` puts a blank line between groups."""
        lines: list[Line] = []
        for shelf in self._ordered:
            if not shelf.shown:
                continue
            if shelf.title:
                lines += [Heading()] if lines and spaced else []
                lines.append(Heading(shelf.title))
            lines += shelf.shown
            if shelf.count > len(shelf.shown):
                lines.append(More(shelf.count - len(shelf.shown)))
        return lines

    def _find(self) -> None:
        for shelf in self._shelves:
            shelf.find(self.query)
        self._ordered = list(self._shelves)
        if self.query:
            self._ordered.sort(key=lambda shelf: (shelf.is_last, -shelf.score))


def _cleaned(text: str) -> str:
    """Return a text as it is shown, which is what it is found by."""
    return text if text.isascii() and text.isprintable() and len(text) <= 200 else clean_line(text)
