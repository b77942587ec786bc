"""The rows of the list of conversations: a sequence that knows the index of each, and the groups."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, overload

from chatgrid_tui.ui.conversation_list.list_row import ListRow, group_of

ARCHIVED: Final = "is:archived"
"""The word of a filter that shows the archived conversations instead of the others."""


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under one heading; `first` is the index of the first one."""

    heading: str
    first: int


class RowSource(Sequence[ListRow]):
    """Rows in display order. With tens of thousands of conversations, a row is created when it is drawn."""

    @abstractmethod
    def ids(self, first: int, end: int) -> Sequence[int]:
        """Return the ids of the rows from the index `first` until before `end`."""

    @abstractmethod
    def place_of(self, conversation_id: int) -> int | None:
        """Return the index of a conversation's row; None if it has none."""

    @abstractmethod
    def groups(self, now: datetime) -> list[Group]:
        """Return the groups, topmost first. `now` is aware, in the local time zone."""


class GivenRows(RowSource):
    """Rows in memory."""

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

    def ids(self, first: int, end: int) -> Sequence[int]:
        """Return the ids of some of the rows."""
        return [row.id for row in self._rows[first:end]]

    def place_of(self, conversation_id: int) -> int | None:
        """Return the index of a conversation's row."""
        return self._places.get(conversation_id)

    def groups(self, now: datetime) -> list[Group]:
        """Return the groups of adjacent rows."""
        groups: list[Group] = []
        for index, row in enumerate(self._rows):
            heading = group_of(row, now)
            if not groups or groups[-1].heading != heading:
                groups.append(Group(heading, index))
        return groups

    def replace(self, row: ListRow) -> None:
        """Replace the row with the same id."""
        self._rows[self._places[row.id]] = row
