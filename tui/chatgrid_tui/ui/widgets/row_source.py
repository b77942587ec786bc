"""Where the list of conversations takes its rows from: a sequence that knows where each stands and how they group."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import overload

from chatgrid_tui.ui.widgets.list_row import ListRow, group_of


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under one heading, of which the first has the index `first`."""

    heading: str
    first: int


class RowSource(Sequence[ListRow]):
    """Rows in the order shown. One of tens of thousands of conversations makes a row when it is looked at."""

    @abstractmethod
    def place_of(self, conversation_id: int) -> int | None:
        """Return the index of a conversation's row; None where it has none."""

    @abstractmethod
    def groups(self, now: datetime) -> list[Group]:
        """Return the groups, from above. `now` is aware, in the zone that days are told in."""

    @abstractmethod
    def changed(self, index: int, row: ListRow) -> bool:
        """Take a row for another of its id; return whether it looks otherwise."""


class GivenRows(RowSource):
    """Rows that are there already."""

    def __init__(self, rows: Sequence[ListRow] = ()) -> None:
        self._rows = list(rows)
        self._places = {row.id: index for index, row in enumerate(self._rows)}

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> ListRow: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[ListRow]: ...
    def __getitem__(self, index: int | slice) -> ListRow | Sequence[ListRow]:
        return self._rows[index]

    def place_of(self, conversation_id: int) -> int | None:
        """Return the index of a conversation's row."""
        return self._places.get(conversation_id)

    def groups(self, now: datetime) -> list[Group]:
        """Return the groups of rows that follow each other."""
        found: list[Group] = []
        for index, row in enumerate(self._rows):
            heading = group_of(row, now)
            if not found or found[-1].heading != heading:
                found.append(Group(heading, index))
        return found

    def changed(self, index: int, row: ListRow) -> bool:
        """Put a row in the place of the one before."""
        before, self._rows[index] = self._rows[index], row
        return before != row
