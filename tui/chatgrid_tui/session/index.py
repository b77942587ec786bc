"""The list of conversations, newest first, as it is in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from chatgrid_tui.model.history import ConversationRow
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.store.rows import one_line

_PREVIEW = 200


class ConversationIndex:
    """Rows by id, kept in the order of their newest message."""

    def __init__(self, rows: list[ConversationRow]) -> None:
        """`rows` come newest first."""
        self._rows = {row.id: row for row in reversed(rows)}

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[ConversationRow]:
        return reversed(self._rows.values())

    def get(self, conversation_id: int) -> ConversationRow | None:
        """Return the row of a conversation; None where it has none."""
        return self._rows.get(conversation_id)

    def put(self, row: ConversationRow, *, newest: bool = False) -> None:
        """Put a row in, or in its former one's place; `newest` takes it to the top."""
        if newest:
            self._rows.pop(row.id, None)
        self._rows[row.id] = row

    def put_older(self, rows: list[ConversationRow]) -> None:
        """Put in what is not there yet of `rows`, which come newest first and go behind those that are there."""
        self._rows = {row.id: row for row in reversed(rows) if row.id not in self._rows} | self._rows

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
        preview, mine = _said_last(conversation)
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
        )
        self.put(row, newest=at is not None)


def _said_last(conversation: Conversation) -> tuple[str, bool]:
    """Return what was said last, and whether the person said it."""
    if not conversation.turns:
        return "", False
    turn = conversation.turns[-1]
    bubbles = turn.reply.bubbles if turn.reply is not None else []
    said = next((line for bubble in reversed(bubbles) if (line := one_line(bubble.text, _PREVIEW))), "")
    return (said, False) if said else (one_line(turn.shown, _PREVIEW), True)
