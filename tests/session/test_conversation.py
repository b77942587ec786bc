"""Turns and their replies: which one counts, and what is sent to a service that stores nothing."""

from __future__ import annotations

from datetime import UTC, datetime

from chatgrid_tui.model.events import BodyEnded, Finished, TextDelta
from chatgrid_tui.model.request import Said
from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.session.reply import Reply
from session.room import BOARD, MODEL

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def reply(text: str) -> Reply:
    ended = Reply(0, "model", NOON)
    for event in (TextDelta(0, text), Finished(), BodyEnded()):
        ended.apply(event)
    return ended


def turn(text: str, *replies: Reply) -> Turn:
    return Turn(0, text, text, NOON, list(replies))


def test_the_newest_reply_counts_unless_another_one_is_selected() -> None:
    first, second, third = reply("1"), reply("2"), reply("3")
    asked = turn("Hello", first, second, third)
    assert (asked.reply, list(asked.earlier)) == (third, [first, second])
    asked.selected = 1
    assert (asked.reply, list(asked.earlier)) == (second, [first])
    asked.selected = 0
    assert (asked.reply, list(asked.earlier)) == (first, [])


def test_a_new_reply_counts_whatever_was_selected() -> None:
    asked, new = turn("Hello", reply("1"), reply("2")), Reply(0, "model", NOON)
    asked.selected = 0
    asked.add_reply(new)
    assert (asked.reply, len(asked.earlier)) == (new, 2)


def test_a_turn_without_replies_has_none_that_counts() -> None:
    assert (turn("Hello").reply, list(turn("Hello").earlier)) == (None, [])


def test_the_selected_reply_is_sent_along() -> None:
    first, second = turn("One", reply("1"), reply("a")), turn("Two")
    conversation = Conversation(MODEL, BOARD, turns=[first, second])
    assert conversation.said_before(second) == (Said("user", "One"), Said("assistant", "a"))
    first.selected = 0
    assert conversation.said_before(second) == (Said("user", "One"), Said("assistant", "1"))


def test_a_live_reply_is_found_behind_queued_messages() -> None:
    writing = Reply(0, "model", NOON)
    conversation = Conversation(MODEL, BOARD, turns=[turn("One", writing), Turn(0, "Two", "Two", NOON, queued=True)])
    assert conversation.live is writing
    writing.apply(BodyEnded())
    assert conversation.live is None
