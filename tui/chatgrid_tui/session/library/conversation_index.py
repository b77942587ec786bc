"""The list of conversations, newest first, as it is in memory."""

from __future__ import annotations

import itertools
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final, TypeAlias

from chatgrid_tui.model.history import ConversationRow
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.store.rows import one_line

_PREVIEW = 200
_TO_THE_TOP: Final = 1 << 62
"""Where ranks begin that stand above the ids of all rows."""

_Key: TypeAlias = tuple[float, int, int]
"""A time, a rank among rows of the same time, and the id of the row."""


class ConversationIndex:
    """Rows by id, kept in the order of their newest message.

    A row is put in, moved or found again without going through the others: there may be tens of thousands.
    """

    def __init__(self, rows: list[ConversationRow]) -> None:
        """`rows` come newest first."""
        self._rows: dict[int, ConversationRow] = {}
        self._keys: dict[int, _Key] = {}
        self._order: list[_Key] = []
        """The keys of all rows, the newest last."""
        self._ranks = itertools.count(_TO_THE_TOP)
        for row in reversed(rows):
            self._put_at(row, self._top_key(row))

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[ConversationRow]:
        return (self._rows[key[2]] for key in reversed(self._order))

    def at(self, place: int) -> ConversationRow:
        """Return the row at a place, counted from 0, the newest.

        Raises:
            IndexError: there is no such place.
        """
        if not 0 <= place < len(self._order):
            raise IndexError(place)
        return self._rows[self._order[-1 - place][2]]

    def place_of(self, conversation_id: int) -> int | None:
        """Return the place of a row, None where there is none of that id."""
        key = self._keys.get(conversation_id)
        return None if key is None else len(self._order) - 1 - bisect_left(self._order, key)

    def order(self) -> list[tuple[float, int, int]]:
        """Return the keys of all rows as they stand now, the newest last: a time, a rank, and the row's id."""
        return list(self._order)

    def key_of(self, conversation_id: int) -> tuple[float, int, int] | None:
        """Return the key of a row; None where there is none of that id."""
        return self._keys.get(conversation_id)

    def get(self, conversation_id: int) -> ConversationRow | None:
        """Return the row of a conversation; None where it has none."""
        return self._rows.get(conversation_id)

    def count_on(self, provider: str, board: str) -> int:
        """Return how many conversations of a board the service knows too."""
        rows = self._rows.values()
        return sum(row.provider == provider and row.board == board and bool(row.remote_id) for row in rows)

    def put(self, row: ConversationRow, *, newest: bool = False) -> None:
        """Put a row in, or in its former one's place; one that is new, or `newest`, goes to the top."""
        if newest or row.id not in self._rows:
            self._put_at(row, self._top_key(row))
        else:
            self._rows[row.id] = row

    def put_older(self, rows: list[ConversationRow]) -> None:
        """Put in what is not there yet of `rows`, each where its time says."""
        new = [row for row in rows if row.id not in self._rows]
        keys: list[_Key] = [(row.updated_at.timestamp(), row.id, row.id) for row in new]
        self._rows |= {row.id: row for row in new}
        self._keys |= {key[2]: key for key in keys}
        self._order = sorted((*self._order, *keys))  # at once: one by one, a hundred thousand take most of a second

    def insert(self, rows: Iterable[ConversationRow]) -> None:
        """Put rows in where their time says, or in their former ones' places where that is the same."""
        for row in rows:
            key = self._keys.get(row.id)
            if key is not None and key[0] >= row.updated_at.timestamp():
                self._rows[row.id] = row
            else:
                self._put_at(row, (row.updated_at.timestamp(), row.id, row.id))

    def mark_read(self, conversation_id: int) -> bool:
        """Say that a conversation has been read; whether there was anything new in it."""
        row = self._rows.get(conversation_id)
        if row is None or not row.unread:
            return False
        self._rows[conversation_id] = replace(row, unread=0)
        return True

    def count_unread(self, conversation_id: int) -> None:
        """Say that one more reply has not been read."""
        if (row := self._rows.get(conversation_id)) is not None:
            self._rows[conversation_id] = replace(row, unread=row.unread + 1)

    def remove(self, conversation_id: int) -> None:
        """Take a row out."""
        self._rows.pop(conversation_id, None)
        if (key := self._keys.pop(conversation_id, None)) is not None:
            del self._order[bisect_left(self._order, key)]

    def refresh(self, conversation: Conversation, *, at: datetime | None = None) -> None:
        """Make a conversation's row say what the conversation says. `at` is the time of a new message in it."""
        known = self._rows.get(conversation.id)
        row = known or ConversationRow(
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
        newest = conversation.newest
        row = replace(
            row,
            title=conversation.title,
            remote_id=conversation.remote_id,
            preview=preview,
            preview_mine=mine,
            state=newest.reply.state if newest is not None and newest.reply is not None else None,
            draft=conversation.draft,
            updated_at=at or row.updated_at,
            gone=conversation.gone,
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
    """Return what was said last, and whether the person said it."""
    if not conversation.turns:
        return "", False
    turn = conversation.turns[-1]
    bubbles = turn.reply.bubbles if turn.reply is not None else []
    said = next((line for bubble in reversed(bubbles) if (line := one_line(bubble.text, _PREVIEW))), "")
    return (said, False) if said else (one_line(turn.shown, _PREVIEW), True)
