"""What a picker offers: groups of rows, and which of them are shown for what was typed. Nothing here draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.fuzzy import Index, Query, fold
from chatgrid_tui.ui.widgets.tone import Tone

When: TypeAlias = Literal["matching", "resting", "typed", "offered"]
"""When the rows of a group are shown.

`matching`: those that match what was typed, all while nothing is · `typed`: those that match, none while nothing is
typed · `resting`: all, only while nothing is typed · `offered`: those that match, always behind the others, and not
counted: they lead nowhere yet.
"""

DRAWN_AT_REST: Final = 100
DRAWN_AT_MOST: Final = 50
"""Rows of a group that are shown while nothing is typed, and of those that match: a letter more finds the others."""
_INDEXED_AT_ONCE: Final = 1_500


@dataclass(frozen=True, slots=True)
class PickerRow:
    """One thing to pick."""

    id: str
    name: str
    detail: str = ""
    """An address or a description, shown behind the place."""
    state: str = ""
    tone: Tone = "quiet"
    also: str = ""
    """Further text it is found by, not shown."""
    place: str = ""
    """Names of what it belongs to, such as its provider."""
    unavailable: bool = False
    """Whether it cannot be picked now. The detail says why."""
    _folded: tuple[str, str, str] | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def beside(self) -> str:
        """The text shown beside the name."""
        return " · ".join(filter(None, (self.place, self.detail)))

    @property
    def folded(self) -> tuple[str, str, str]:
        """The texts it is found by: name, place and the rest. Made once, since the same rows are offered often."""
        if self._folded is None:
            rest = f"{_cleaned(self.detail)} {_cleaned(self.also)}"
            texts = (fold(_cleaned(self.name)), fold(_cleaned(self.place)), fold(rest))
            object.__setattr__(self, "_folded", texts)
        assert self._folded is not None
        return self._folded


@dataclass(frozen=True, slots=True)
class PickerGroup:
    """Rows under a heading, the most recent ones first. A group without a title that is not merely `offered` is
    always there, whatever was typed.
    """

    title: str
    rows: Sequence[PickerRow]
    when: When = "matching"


@dataclass(frozen=True, slots=True)
class Heading:
    """A line with the title of a group; an empty one is a blank line."""

    words: str = ""


@dataclass(frozen=True, slots=True)
class More:
    """A line that says how many rows of a group are not shown."""

    count: int


Line: TypeAlias = PickerRow | Heading | More


@dataclass(slots=True)
class _Shelf:
    """The rows of a group, made ready for finding."""

    title: str
    when: When
    rows: list[PickerRow]
    index: Index = field(default_factory=Index)

    @property
    def always(self) -> bool:
        return not self.title and self.when == "matching"

    @property
    def counts(self) -> bool:
        """Whether its rows are counted."""
        return bool(self.title) and self.when in ("matching", "typed")

    def make_ready(self, at_most: int | None = None) -> bool:
        """Index rows that are not yet; whether all are then."""
        begin = len(self.index)
        end = len(self.rows) if at_most is None else min(len(self.rows), begin + at_most)
        for row in self.rows[begin:end]:
            self.index.add_folded(*row.folded)
        return end == len(self.rows)

    def takes(self, rows: Sequence[PickerRow]) -> None:
        """Hold other rows; what was there already at the same place is not made ready anew."""
        kept = next(
            (at for at, (old, new) in enumerate(zip(self.rows, rows, strict=False)) if old is not new),
            min(len(self.rows), len(rows)),
        )
        if kept < len(self.index):
            self.index = Index()
        self.rows = list(rows)


@dataclass(slots=True)
class _Shown:
    """What is shown of a group."""

    shelf: _Shelf
    rows: list[PickerRow]
    count: int
    score: int


class Choices:
    """Groups of rows, and what is shown of them for what was typed."""

    def __init__(self, groups: Sequence[PickerGroup]) -> None:
        self.query = Query.of("")
        self._shelves: list[_Shelf] = []
        self._shown: list[_Shown] = []
        self.put(groups)

    @property
    def rows(self) -> list[PickerRow]:
        """The rows that are shown, from the top down."""
        return [row for shown in self._shown for row in shown.rows]

    @property
    def counts(self) -> tuple[int, int]:
        """How many rows match what was typed, and how many there are; what is merely offered does not count."""
        total = sum(len(shelf.rows) for shelf in self._shelves if shelf.counts)
        if not self.query:
            return total, total
        return sum(shown.count for shown in self._shown if shown.shelf.counts), total

    def put(self, groups: Sequence[PickerGroup]) -> None:
        """Take other groups. What is shown stays in its order, and what is new comes behind it in its group."""
        known = {(shelf.title, shelf.when): shelf for shelf in self._shelves}
        self._shelves = []
        for group in groups:
            shelf = known.get((group.title, group.when)) or _Shelf(group.title, group.when, [])
            shelf.takes(group.rows)
            self._shelves.append(shelf)
        before = self._shown
        self._find()
        self._keep_order(before)

    def make_ready(self) -> bool:
        """Make a part of the rows ready for finding; whether all are now."""
        return all(shelf.make_ready(_INDEXED_AT_ONCE) for shelf in self._shelves if shelf.when != "resting")

    def type(self, words: str) -> None:
        """Show what matches `words`: in each group the best ones first, and the group with the best one first."""
        self.query = Query.of(words)
        self._find()

    def lines(self, *, spaced: bool) -> list[Line]:
        """Return what is shown, line by line; `spaced` puts a blank line between groups."""
        lines: list[Line] = []
        for shown in self._shown:
            if not shown.rows:
                continue
            if shown.shelf.title:
                lines += [Heading()] if lines and spaced else []
                lines.append(Heading(shown.shelf.title))
            lines += shown.rows
            if shown.count > len(shown.rows):
                lines.append(More(shown.count - len(shown.rows)))
        return lines

    def _find(self) -> None:
        shown = [self._in(shelf) for shelf in self._shelves]
        if self.query:  # among equals the order of the groups holds; what is always there stays at the end
            shown.sort(key=lambda each: (not each.shelf.counts, -each.score))
        self._shown = shown

    def _in(self, shelf: _Shelf) -> _Shown:
        resting = not self.query
        if shelf.always or (resting and shelf.when != "typed"):
            most = len(shelf.rows) if shelf.always else DRAWN_AT_REST
            return _Shown(shelf, shelf.rows[:most], len(shelf.rows), 0)
        if resting or shelf.when == "resting":
            return _Shown(shelf, [], 0, 0)
        shelf.make_ready()
        found = shelf.index.find(self.query, DRAWN_AT_MOST)
        rows = [shelf.rows[at] for at in found.best]
        return _Shown(shelf, rows, found.count, max(found.scores, default=0))

    def _keep_order(self, before: Sequence[_Shown]) -> None:
        places = {id(shown.shelf): at for at, shown in enumerate(before) if shown.rows}
        if not places:
            return
        rows_before = {id(shown.shelf): {row.id: at for at, row in enumerate(shown.rows)} for shown in before}
        for shown in self._shown:
            known = rows_before.get(id(shown.shelf), {})
            shown.rows.sort(key=lambda row: known.get(row.id, len(known)))
        counted = [shown for shown in self._shown if shown.shelf.counts or shown.shelf.when == "resting"]
        others = [shown for shown in self._shown if shown not in counted]
        if self.query:
            counted.sort(key=lambda shown: places.get(id(shown.shelf), len(places)))
        self._shown = [*counted, *others]


def _cleaned(text: str) -> str:
    """Return a text as it is shown, which is what it is found by."""
    return text if text.isascii() and text.isprintable() and len(text) <= 200 else clean_line(text)
