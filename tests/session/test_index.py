"""The list of conversations in memory."""

from __future__ import annotations

from datetime import UTC, datetime

from chatgrid_tui.model.events import BubbleText, TextDelta
from chatgrid_tui.model.history import ConversationRow
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.session.index import ConversationIndex
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.turn import Turn
from session.room import BOARD, MODEL

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def row(number: int, unread: int = 0) -> ConversationRow:
    return ConversationRow(number, "acme", "b", "B", f"Title {number}", "", "", False, None, unread, "", NOON)


def ids(index: ConversationIndex) -> list[int]:
    return [one.id for one in index]


def test_the_order_is_that_of_the_newest_message() -> None:
    index = ConversationIndex([row(3), row(2), row(1)])
    assert (ids(index), len(index)) == ([3, 2, 1], 3)
    index.put(row(2))
    assert ids(index) == [3, 2, 1]
    index.put(row(1), newest=True)
    index.put(row(4))
    assert ids(index) == [4, 1, 3, 2]
    index.remove(3)
    index.remove(99)
    assert ids(index) == [4, 1, 2]
    assert index.get(3) is None


def test_what_is_unread_is_counted() -> None:
    index = ConversationIndex([row(1)])
    index.count_unread(1)
    index.count_unread(1)
    index.count_unread(99)
    assert [one.unread for one in index] == [2]
    assert index.mark_read(1)
    assert not index.mark_read(1)
    assert not index.mark_read(99)
    assert [one.unread for one in index] == [0]


def conversation_with(reply: Reply | None) -> Conversation:
    return Conversation(MODEL, BOARD, 7, "A title", turns=[Turn(1, "Mine", "Mine", NOON, reply)])


def test_a_row_says_what_the_conversation_says() -> None:
    index = ConversationIndex([row(1)])
    reply = Reply(1, "Model M", NOON)
    conversation = conversation_with(reply)
    index.refresh(conversation, at=NOON)
    assert ids(index) == [7, 1]
    fresh = index.get(7)
    assert fresh is not None
    assert (fresh.preview, fresh.preview_mine, fresh.state, fresh.title) == ("Mine", True, "waiting", "A title")
    reply.apply(TextDelta(0, "First"))
    reply.apply(BubbleText(1, "Second " * 100))
    index.refresh(conversation)
    fresh = index.get(7)
    assert fresh is not None
    assert (fresh.preview, fresh.preview_mine, fresh.state) == (("Second " * 100)[:200], False, "writing")
    assert fresh.updated_at == NOON


def test_a_bubble_of_nothing_is_not_what_was_said_last() -> None:
    reply = Reply(1, "Model M", NOON)
    for number, text in enumerate(("First", "", " \n")):
        reply.apply(BubbleText(number, text))
    index = ConversationIndex([])
    index.refresh(conversation_with(reply))
    (only,) = index
    assert (only.preview, only.preview_mine) == ("First", False)
    reply.apply(BubbleText(3, "\n" * 300 + "On  its\nway"))
    index.refresh(conversation_with(reply))
    (only,) = index
    assert only.preview == "On its way"
    index.refresh(conversation_with(None))
    (only,) = index
    assert (only.preview, only.preview_mine, only.state) == ("Mine", True, None)


def test_older_rows_go_behind_and_replace_nothing() -> None:
    index = ConversationIndex([row(3, unread=1), row(2)])
    index.put_older([row(3), row(2), row(1)])
    assert ids(index) == [3, 2, 1]
    assert [one.unread for one in index] == [1, 0, 0]
