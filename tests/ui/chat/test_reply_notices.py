"""The notice under a reply that a service postponed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.key_status import KeyStatus
from chatgrid_tui.model.provider import Board, Provider
from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.ui.chat.reply_notices import ReplyNotices
from chatgrid_tui.ui.transcript.reply_parts import Notice

NOON = datetime(2026, 3, 4, 12, 0).astimezone(UTC)


def notice_of(seconds: float, *, tried_in: float | None = None) -> Notice:
    """Return the notice under a reply that failed at noon."""
    conversation = Conversation(Provider("p", "openai", "http://127.0.0.1:1"), Board("m", "m"))
    reply = Reply(1, "m", NOON - timedelta(seconds=2), "failed")
    turn = Turn(1, "Hello", "Hello", NOON, [reply])
    reply.duration, reply.failure = 2.0, Failure("http", status=429, retry_after=seconds)
    conversation.turns.append(turn)
    conversation.retry_at = tried_in
    notice = ReplyNotices(lambda: conversation, lambda _: (KeyStatus(), "safe"), lambda: 0.0)(turn, reply)
    assert notice is not None
    return notice


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (301, "It asks to wait 6 minutes. {} It accepts messages again from 12:05 on."),
        (7_200, "It asks to wait 120 minutes. {} It accepts messages again from 14:00 on."),
        (80_000, "It asks to wait 23 hours. {} It accepts messages again from Thursday 10:13 on."),
        (999_999_999, "It asks to wait for more than a day. {}"),
    ],
)
def test_a_long_limit_is_no_countdown(seconds: float, words: str) -> None:
    notice = notice_of(seconds)
    kept = "Your message is kept; it was not accepted, so trying again cannot store it twice."
    assert notice.text == words.format(kept)
    assert [button.label for button in notice.buttons] == ["Try now", "Details"]


def test_a_short_limit_counts_down() -> None:
    notice = notice_of(20, tried_in=18.5)
    assert notice.countdown == "Next try in 19 s."
    assert [button.label for button in notice.buttons] == ["Try now", "Leave it", "Details"]
