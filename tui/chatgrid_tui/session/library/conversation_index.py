"""The conversations in memory, in the order of the list: pinned ones, then the newest, with archived ones behind."""

from __future__ import annotations

import itertools
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final, NamedTuple

from chatgrid_tui.model.saved_conversation import ConversationRow
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.session.tasks import Steps
from chatgrid_tui.store.conversion import one_line

_PREVIEW = 200
_FIRST_RANK: Final = 1 << 62
"""Above the ids of all rows."""

_HIDDEN: Final = 0
_ARCHIVED: Final = 1
_LISTED: Final = 2
_PINNED: Final = 3


class RowKey(NamedTuple):
    """The place of a row. Keys are sorted with the first row last."""

    part: int
    """The part of the list: hidden, archived, listed or pinned rows, in this order."""
    time: float
    rank: int
    """The order of rows of the same time."""
    id: int
    """The id of the row."""

    @property
    def is_pinned(self) -> bool:
        """Whether the row is among the pinned ones."""
        return self.part == _PINNED


class ConversationIndex:
    """Rows by id: pinned ones, then the others of the list, then archived ones, each with the newest message first.

    A hidden row is as if it was deleted, until it is shown again. Adding, moving and finding a row does not go
    through the others: there may be tens of thousands.
    """

    def __init__(self, rows: list[ConversationRow]) -> None:
        """`rows` are newest first, but for their parts of the list."""
        self._rows: dict[int, ConversationRow] = {}
        self._keys: dict[int, RowKey] = {}
        self._order: list[RowKey] = []
        """The keys of all rows, the first of the list last."""
        self._hidden: set[int] = set()
        self._ranks = itertools.count(_FIRST_RANK)
        for row in reversed(rows):
            self._put_at(row, self._top_key(row))

    def __len__(self) -> int:
        return len(self._order) - self._begin_of(_ARCHIVED)

    def __iter__(self) -> Iterator[ConversationRow]:
        return (self._rows[key.id] for key in itertools.islice(reversed(self._order), len(self)))

    def at(self, place: int) -> ConversationRow:
        """Return the row at a place; 0 is the first.

        Raises:
            IndexError: there is no such place.
        """
        if not 0 <= place < len(self):
            raise IndexError(place)
        return self._rows[self._order[-1 - place].id]

    def place_of(self, conversation_id: int) -> int | None:
        """Return the place of a row, None if there is no such row."""
        key = self.key_of(conversation_id)
        return None if key is None else len(self._order) - 1 - bisect_left(self._order, key)

    def order(self, *, archived: bool = False) -> list[RowKey]:
        """Return the current keys of the rows in the list, or of the archived ones, the first row last."""
        listed = self._begin_of(_LISTED)
        return self._order[self._begin_of(_ARCHIVED) : listed] if archived else self._order[listed:]

    @property
    def archived_count(self) -> int:
        """How many rows are archived."""
        return self._begin_of(_LISTED) - self._begin_of(_ARCHIVED)

    def key_of(self, conversation_id: int) -> RowKey | None:
        """Return the key of a row, None if there is no such row."""
        return None if conversation_id in self._hidden else self._keys.get(conversation_id)

    def get(self, conversation_id: int) -> ConversationRow | None:
        """Return the row of a conversation, if it has one."""
        return None if conversation_id in self._hidden else self._rows.get(conversation_id)

    def is_hidden(self, conversation_id: int) -> bool:
        """Return whether the row of a conversation is hidden."""
        return conversation_id in self._hidden

    def hide(self, conversation_ids: Iterable[int], *, hidden: bool = True) -> None:
        """Hide rows, or show them again where they were. Hidden ones are kept up to date."""
        for conversation_id in conversation_ids:
            if conversation_id in self._rows:
                (self._hidden.add if hidden else self._hidden.discard)(conversation_id)
                self._replace(self._rows[conversation_id])

    def count_on(self, provider: str, board: str) -> int:
        """Return how many conversations of a board its service has too."""
        rows = self._rows.values()
        return sum(row.provider == provider and row.board == board and bool(row.remote_id) for row in rows)

    def put(self, row: ConversationRow, *, newest: bool = False) -> None:
        """Add or replace a row. A new one, or one that is `newest`, goes to the top of its part of the list."""
        if newest or row.id not in self._rows:
            self._put_at(row, self._top_key(row))
        else:
            self._replace(row)

    def put_older(self, rows: list[ConversationRow]) -> Steps[None]:
        """Add the rows that are not in the list yet, by their times, in short steps: all in the last one."""
        keys: list[RowKey] = []
        for row in reversed(rows):
            keys.append(self._time_key(row))
            yield
        new = [key for key in keys if key.id not in self._rows]
        self._keys |= {key.id: key for key in new}
        for row in rows:
            self._rows.setdefault(row.id, row)
        self._order = sorted((*self._order, *new))  # at once: one by one, a hundred thousand take most of a second

    def insert(self, rows: Iterable[ConversationRow]) -> None:
        """Add or replace rows. A row moves up if its time is later than before. One that exists stays pinned or
        archived: `rows` may have been read before that was changed.
        """
        for row in rows:
            if (known := self._rows.get(row.id)) is not None:
                row = replace(row, pinned=known.pinned, archived=known.archived)
            key = self._keys.get(row.id)
            if key is not None and key.time >= row.updated_at.timestamp():
                self._rows[row.id] = row
            else:
                self._put_at(row, self._time_key(row))

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
        self._hidden.discard(conversation_id)
        if (key := self._keys.pop(conversation_id, None)) is not None:
            del self._order[bisect_left(self._order, key)]

    def refresh(self, conversation: Conversation, *, at: datetime | None = None) -> None:
        """Update the row of a conversation. `at` is the time of a new message in it, with which it returns from the
        archive.
        """
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
            archived=row.archived and at is None,
        )
        self.put(row, newest=at is not None)

    def _replace(self, row: ConversationRow) -> None:
        """Replace a row; it moves only if it belongs to another part of the list."""
        key = self._keys[row.id]
        if key.part == (part := self._part_of(row)):
            self._rows[row.id] = row
        else:
            self._put_at(row, key._replace(part=part))

    def _put_at(self, row: ConversationRow, key: RowKey) -> None:
        if (before := self._keys.get(row.id)) is not None:
            del self._order[bisect_left(self._order, before)]
        self._rows[row.id] = row
        self._keys[row.id] = key
        insort(self._order, key)

    def _time_key(self, row: ConversationRow) -> RowKey:
        return RowKey(self._part_of(row), row.updated_at.timestamp(), row.id, row.id)

    def _top_key(self, row: ConversationRow) -> RowKey:
        part = self._part_of(row)
        end = self._begin_of(part + 1)
        newest = self._order[end - 1].time if end > self._begin_of(part) else 0.0
        return RowKey(part, max(newest, row.updated_at.timestamp()), next(self._ranks), row.id)

    def _part_of(self, row: ConversationRow) -> int:
        if row.id in self._hidden:
            return _HIDDEN
        return _ARCHIVED if row.archived else _PINNED if row.pinned else _LISTED

    def _begin_of(self, part: int) -> int:
        """Return where the keys of a part begin."""
        return bisect_left(self._order, (part,))


def preview_of(conversation: Conversation) -> tuple[str, bool]:
    """Return a line of the newest message, and whether it is the user's."""
    if not conversation.turns:
        return "", False
    turn = conversation.turns[-1]
    bubbles = turn.reply.bubbles if turn.reply is not None else []
    answer = next((line for bubble in reversed(bubbles) if (line := one_line(bubble.text, _PREVIEW))), "")
    return (answer, False) if answer else (one_line(turn.shown, _PREVIEW), True)
