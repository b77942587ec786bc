"""What a conversation shows before anything was said in it."""

from __future__ import annotations

import pytest

from chatgrid_tui.demo.catalogue import Kind
from chatgrid_tui.model.provider import Board, Provider
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.ui.chat.first_screen import new_conversation


@pytest.mark.parametrize(("kind", "what"), [("openai", "model"), ("chatgrid", "board")])
def test_a_conversation_without_a_board_says_that_none_is_known(kind: Kind, what: str) -> None:
    provider = Provider("local", kind, "http://127.0.0.1:9")
    (words,) = new_conversation(Conversation(provider, Board("", "local"))).paragraphs
    assert words.startswith(f"A new conversation on local. No {what} is known yet")
    (words,) = new_conversation(Conversation(provider, Board("tiny", "tiny"))).paragraphs
    assert words.startswith("A new conversation with tiny on local.")
