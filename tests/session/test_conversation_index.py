"""The list of conversations in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgrid_tui.model.events import BubbleText, TextDelta
from chatgrid_tui.model.saved_conversation import ConversationRow
from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.session.library.conversation_index import ConversationIndex
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.tasks import run_now
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
    return Conversation(
        MODEL, BOARD, 7, "A title", turns=[Turn(1, "Mine", "Mine", NOON, [] if reply is None else [reply])]
    )


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


def test_an_empty_bubble_is_not_the_last_text() -> None:
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
    run_now(index.put_older([row(3), row(2), row(1)]))
    assert ids(index) == [3, 2, 1]
    assert [one.unread for one in index] == [1, 0, 0]


def test_rows_are_inserted_by_time() -> None:
    index = ConversationIndex([row(9), replace(row(1), updated_at=NOON - timedelta(hours=9))])
    index.insert(replace(row(number), updated_at=NOON - timedelta(hours=number)) for number in (3, 2, 5))
    assert ids(index) == [9, 2, 3, 5, 1]
    assert [index.place_of(number) for number in (9, 2, 1, 77)] == [0, 1, 4, None]
    assert [index.at(place).id for place in range(5)] == [9, 2, 3, 5, 1]
    with pytest.raises(IndexError):
        index.at(5)
    with pytest.raises(IndexError):
        index.at(-1)
    index.insert([replace(row(5), title="Newer", updated_at=NOON)])
    assert ids(index) == [9, 5, 2, 3, 1]
    index.put(replace(row(2), title="Same place"))
    assert (ids(index), index.at(2).title) == ([9, 5, 2, 3, 1], "Same place")


def test_a_hidden_row_stays_hidden_and_returns_to_its_place() -> None:
    index = ConversationIndex([row(3), replace(row(2), pinned=True), row(1), replace(row(4), archived=True)])
    assert (ids(index), index.archived_count) == ([2, 3, 1, 4], 1)
    index.hide([3, 2])
    index.insert([replace(row(3), title="Listed again")])
    assert (ids(index), len(index), index.get(3), index.place_of(2)) == ([1, 4], 2, None, None)
    index.hide([3, 2], hidden=False)
    assert (ids(index), index.at(1).title) == ([2, 3, 1, 4], "Listed again")
    index.insert([replace(row(4), updated_at=NOON + timedelta(hours=1)), row(2)])
    assert ids(index) == [2, 3, 1, 4], "what is listed again stays pinned or archived"
    index.refresh(Conversation(MODEL, BOARD, 4), at=NOON + timedelta(hours=2))
    assert ids(index) == [2, 4, 3, 1], "a message brings it back"


def test_those_that_the_service_knows_too_are_counted() -> None:
    index = ConversationIndex([replace(row(2), remote_id="chat"), row(1)])
    assert (index.count_on("acme", "b"), index.count_on("acme", "c")) == (1, 0)


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 5), st.sampled_from(["put", "newest", "insert", "remove"])))
)
def test_positions_match_the_order(steps: list[tuple[int, int, str]]) -> None:
    index = ConversationIndex([])
    for number, hour, step in steps:
        one = replace(row(number), updated_at=NOON + timedelta(hours=hour))
        match step:
            case "remove":
                index.remove(number)
            case "insert":
                index.insert([one])
            case _:
                index.put(one, newest=step == "newest")
        rows = list(index)
        assert len(rows) == len(index) == len({each.id for each in rows})
        assert [index.place_of(each.id) for each in rows] == list(range(len(rows)))
        assert [index.at(place) for place in range(len(rows))] == rows
        if step == "newest":
            assert rows[0] == one
