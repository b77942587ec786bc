"""Which rows of the list have the mark of a stalled reply."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from chatgrid_tui.model.events import TextDelta
from chatgrid_tui.model.provider import Board, Provider
from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.ui.chat.attention import Attention

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def conversation(number: int, reply: Reply | None) -> Conversation:
    provider = Provider("acme", "openai", "https://api.acme.example/v1")
    held = Conversation(provider, Board("bot", "bot"), number)
    held.turns.append(Turn(1, "Hello", "Hello", NOON, [] if reply is None else [reply]))
    return held


def test_a_reply_that_stalls_and_goes_on() -> None:
    attention, reply = Attention(), Reply(1, "bot", NOON)
    attention.follow(conversation(7, reply))
    assert attention.look(NOON + timedelta(seconds=9)) == set()
    assert attention.look(NOON + timedelta(seconds=10)) == {7}
    assert 7 in attention
    assert attention.look(NOON + timedelta(seconds=11)) == set(), "told once"
    reply.apply(TextDelta(0, "x"), 11.5)
    assert attention.look(NOON + timedelta(seconds=12)) == {7}
    assert 7 not in attention


def test_ended_replies_are_not_waiting() -> None:
    attention, reply = Attention(), Reply(1, "bot", NOON)
    attention.follow(conversation(7, reply))
    attention.look(NOON + timedelta(seconds=30))
    reply.stop(30)
    assert attention.look(NOON + timedelta(seconds=31)) == {7}
    assert 7 not in attention


def test_another_try_is_waited_for() -> None:
    attention, held = Attention(), conversation(7, Reply(1, "bot", NOON, state="failed"))
    held.retry_at = 20.0
    attention.follow(held)
    assert attention.look(NOON) == {7}
    held.retry_at = None
    assert attention.look(NOON) == {7}
    assert 7 not in attention


def test_unsaved_conversations_have_no_row() -> None:
    attention = Attention()
    attention.follow(conversation(0, Reply(1, "bot", NOON)))
    assert attention.look(NOON + timedelta(seconds=30)) == set()
