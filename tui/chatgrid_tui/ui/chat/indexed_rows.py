"""The session's conversations as the list shows them: a row is made when it is drawn, not before.

The order is that of a moment, so that nothing is shifted under the list while it is drawn; what a row says is always
what the session says now. Ten thousand conversations cost no more than the few in view.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Protocol, overload

from chatgrid_tui.ui.chat.status import list_row
from chatgrid_tui.ui.widgets.list_row import ListRow, day_name
from chatgrid_tui.ui.widgets.row_source import Group, RowSource

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.library.conversation_index import ConversationIndex


class Waiting(Protocol):
    """Tells which conversations somebody should look at."""

    def __contains__(self, conversation_id: int, /) -> bool: ...


_GONE = datetime.fromtimestamp(0, UTC)


class IndexedRows(RowSource):
    """The rows of an index, newest first. `waiting` has the ids of those that somebody should look at."""

    def __init__(self, index: ConversationIndex, waiting: Waiting) -> None:
        self._index = index
        self._waiting = waiting
        self._order = index.order()

    def __len__(self) -> int:
        return len(self._order)

    @overload
    def __getitem__(self, index: int) -> ListRow: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[ListRow]: ...
    def __getitem__(self, index: int | slice) -> ListRow | Sequence[ListRow]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        conversation_id = self._order[-1 - index % len(self)][2]
        row = self._index.get(conversation_id)
        if row is None:  # deleted a moment ago: the list is about to be told
            return ListRow(conversation_id, "Deleted", "", mine=False, draft="", updated_at=_GONE)
        return list_row(row, waiting=conversation_id in self._waiting)

    def place_of(self, conversation_id: int) -> int | None:
        """Return the index of a conversation's row."""
        key = self._index.key_of(conversation_id)
        at = len(self._order) if key is None else bisect_left(self._order, key)
        if at < len(self._order) and self._order[at][2] == conversation_id:
            return len(self._order) - 1 - at
        # It has moved since: the list is about to be told.
        return next((len(self) - 1 - at for at, key in enumerate(self._order) if key[2] == conversation_id), None)

    def groups(self, now: datetime) -> list[Group]:
        """Return a group for each day on which something was said, found without looking at every row."""
        found: list[Group] = []
        behind = len(self._order)  # rows are counted from the newest, keys from the oldest
        while behind:
            day = datetime.fromtimestamp(self._order[behind - 1][0], now.tzinfo).date()
            begins = datetime.combine(day, time(), now.tzinfo).timestamp()
            heading = day_name(day, now.date())
            if not found or found[-1].heading != heading:
                found.append(Group(heading, len(self._order) - behind))
            behind = min(bisect_left(self._order, (begins, -1, -1)), behind - 1)
        return found

    def changed(self, index: int, row: ListRow) -> bool:
        """What a row says is looked up each time: there is nothing to take."""
        return True
