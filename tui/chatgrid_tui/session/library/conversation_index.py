"""The list of conversations in memory, newest first."""

from __future__ import annotations

import itertools
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final, TypeAlias

from chatgrid_tui.model.saved_conversation import ConversationRow
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.store.conversion import one_line

_PREVIEW = 200
_FIRST_RANK: Final = 1 << 62
"""Above the ids of all rows."""

_Key: TypeAlias = tuple[float, int, int]
"""A time, a rank among rows of the same time, and the id of the row."""


class ConversationIndex:
    """Rows by id, in the order of their newest messages.

    Adding, moving and finding a row does not go through the others: there may be tens of thousands.
    """

    def __init__(self, rows: list[ConversationRow]) -> None:
        """`rows` are newest first."""
        self._rows: dict[int, ConversationRow] = {}
        self._keys: dict[int, _Key] = {}
        self._order: list[_Key] = []
        """The keys of all rows, newest last."""
        self._ranks = itertools.count(_FIRST_RANK)
        for row in reversed(rows):
            self._put_at(row, self._top_key(row))

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[ConversationRow]:
        return (self._rows[key[2]] for key in reversed(self._order))

    def at(self, place: int) -> ConversationRow:
        """Return the row at a place; 0 is the newest.

        Raises:
            IndexError: there is no such place.
        """
        if not 0 <= place < len(self._order):
            raise IndexError(place)
        return self._rows[self._order[-1 - place][2]]

    def place_of(self, conversation_id: int) -> int | None:
        """Return the place of a row, None if there is no such row."""
        key = self._keys.get(conversation_id)
        return None if key is None else len(self._order) - 1 - bisect_left(self._order, key)

    def order(self) -> list[tuple[float, int, int]]:
        """Return the current keys of all rows, newest last: a time, a rank, and the id of the row."""
        return list(self._order)

    def key_of(self, conversation_id: int) -> tuple[float, int, int] | None:
        """Return the key of a row, None if there is no such row."""
        return self._keys.get(conversation_id)

    def get(self, conversation_id: int) -> ConversationRow | None:
        """Return the row of a conversation, if it has one."""
        return self._rows.get(conversation_id)

    def count_on(self, provider: str, board: str) -> int:
        """Return how many conversations of a board its service has too."""
        rows = self._rows.values()
        return sum(row.provider == provider and row.board == board and bool(row.remote_id) for row in rows)

    def put(self, row: ConversationRow, *, newest: bool = False) -> None:
        """Add or replace a row. A new one, or one that is `newest`, goes to the top."""
        if newest or row.id not in self._rows:
            self._put_at(row, self._top_key(row))
        else:
            self._rows[row.id] = row

    def put_older(self, rows: list[ConversationRow]) -> None:
        """Add the rows that are not in the list yet, by their times."""
        new = [row for row in rows if row.id not in self._rows]
        keys: list[_Key] = [(row.updated_at.timestamp(), row.id, row.id) for row in new]
        self._rows |= {row.id: row for row in new}
        self._keys |= {key[2]: key for key in keys}
        self._order = sorted((*self._order, *keys))  # at once: one by one, a hundred thousand take most of a second

    def insert(self, rows: Iterable[ConversationRow]) -> None:
        """Add or replace rows. A row moves up if its time is later than before."""
        for row in rows:
            key = self._keys.get(row.id)
            if key is not None and key[0] >= row.updated_at.timestamp():
                self._rows[row.id] = row
            else:
                self._put_at(row, (row.updated_at.timestamp(), row.id, row.id))

    def mark_read(self, conversation_id: int) -> bool:
        """Mark a conversation as read, and return whether it was unread."""
        row = self._rows.get(conversation_id)
        if row is None or not row.unread:
            return False
        self._rows[conversation_id] = replace(row, unread=0)
        return True

    def count_unread(self, conversation_id: int) -> None:
        """Count one more reply as unread."""
        if (row := self._rows.get(conversation_id)) is not None:
            self._rows[conversation_id] = replace(row, unread=row.unread + 1)

    def remove(self, conversation_id: int) -> None:
        """Remove a row."""
        self._rows.pop(conversation_id, None)
        if (key := self._keys.pop(conversation_id, None)) is not None:
            del self._order[bisect_left(self._order, key)]

    def refresh(self, conversation: Conversation, *, at: datetime | None = None) -> None:
        """Update the row of a conversation. `at` is the time of a new message in it."""
        row = self._rows.get(conversation.id) or ConversationRow(
            conversation.id,
            conversation.provider.name,
            conversation.board.id,
            conversation.board.name,
            conversation.title,
            conversation.remote_id,
            "",
            False,
            None,
            0,
            "",
            at or datetime.now(UTC),
        )
        preview, mine = preview_of(conversation)
        newest = conversation.newest.reply if conversation.newest is not None else None
        row = replace(
            row,
            title=conversation.title,
            remote_id=conversation.remote_id,
            preview=preview,
            preview_mine=mine,
            state=None if newest is None else newest.state,
            failure=None if newest is None else newest.failure,
            draft=conversation.draft,
            updated_at=at or row.updated_at,
            gone=conversation.gone,
            verdict=conversation.verdict,
        )
        self.put(row, newest=at is not None)

    def _put_at(self, row: ConversationRow, key: _Key) -> None:
        self.remove(row.id)
        self._rows[row.id] = row
        self._keys[row.id] = key
        insort(self._order, key)

    def _top_key(self, row: ConversationRow) -> _Key:
        newest = self._order[-1][0] if self._order else 0.0
        return max(newest, row.updated_at.timestamp()), next(self._ranks), row.id


def preview_of(conversation: Conversation) -> tuple[str, bool]:
    """Return a line of the newest message, and whether it is the user's."""
    if not conversation.turns:
        return "", False
    turn = conversation.turns[-1]
    bubbles = turn.reply.bubbles if turn.reply is not None else []
    answer = next((line for bubble in reversed(bubbles) if (line := one_line(bubble.text, _PREVIEW))), "")
    return (answer, False) if answer else (one_line(turn.shown, _PREVIEW), True)
