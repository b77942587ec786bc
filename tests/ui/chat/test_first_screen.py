"""What a conversation shows before its first message."""

from __future__ import annotations

import pytest

from chatgrid_tui.demo.catalogue import Kind
from chatgrid_tui.model.provider import Board, Provider
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.ui.chat.first_screen import new_conversation, welcome_to
from chatgrid_tui.ui.startup import LocalBot

IQ = Provider("demo-chatiq", "chatiq", "http://127.0.0.1:9", "Local bots, ChatIQ")
GRID = Provider("demo-chatgrid", "chatgrid", "http://127.0.0.1:9", "Local bots, ChatGrid")


@pytest.mark.parametrize(("kind", "what"), [("openai", "model"), ("chatgrid", "board")])
def test_a_conversation_without_a_board_says_that_none_is_known(kind: Kind, what: str) -> None:
    provider = Provider("local", kind, "http://127.0.0.1:9")
    (words,) = new_conversation(Conversation(provider, Board("", "local"))).paragraphs
    assert words.startswith(f"A new conversation on local. No {what} is known yet")
    (words,) = new_conversation(Conversation(provider, Board("tiny", "tiny"))).paragraphs
    assert words.startswith("A new conversation with tiny on local.")


@pytest.mark.parametrize(
    ("provider", "board", "chosen", "kind"),
    [
        (IQ, Board("restaurant", "Restaurant"), 0, "ChatIQ"),
        (GRID, Board("b1", "Restaurant"), 0, "ChatGrid"),
        (IQ, Board("long-writer", "long-writer"), 1, "ChatIQ"),
        (IQ, Board("other", "Other"), None, ""),
    ],
)
def test_the_open_bot_is_marked_however_it_was_chosen(
    provider: Provider, board: Board, chosen: int | None, kind: str
) -> None:
    bots = [LocalBot(IQ, Board("restaurant", "Restaurant"), ""), LocalBot(GRID, Board("b3", "Long writer"), "")]
    welcome = welcome_to(Conversation(provider, board), bots, lambda *_: "plum")
    assert welcome.chosen == chosen
    assert chosen is None or welcome.choices[chosen].kind == kind
