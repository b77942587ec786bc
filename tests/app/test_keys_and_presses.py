"""Each key and each press has an effect or a message: nothing is ignored silently."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.scripted import provider
from app.window import opened
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.ui.conversation_list.conversation_list import ConversationList
from chatgrid_tui.ui.overlays.name_screen import NameScreen

DEAD = "http://127.0.0.1:9/v1"


@pytest.mark.parametrize("keys", [("tab", "enter", "4"), ("tab", "tab", "enter")])
async def test_reasoning_is_read_by_key(tmp_path: Path, demo: DemoServer, keys: tuple[str, ...]) -> None:
    config = provider(demo.base_url("openai"), board="echo")
    async with opened(tmp_path, config=config) as window:
        await window.says("/think")
        await window.sees("Reasoning, ")
        await window.press(*keys)
        await window.until(lambda: len(window.app.screen_stack) == 2, "the reasoning over the page")
        await window.sees("Reasoning", "Esc Close")


@pytest.mark.parametrize("mouse", [False, True])
async def test_a_suggestion_that_cannot_be_sent_says_why(tmp_path: Path, mouse: bool) -> None:
    async with opened(tmp_path) as window:
        await window.meets(1)
        await window.says("Hello")
        await window.sees("2 Book a table")
        kept = window.conversation.id
    async with opened(tmp_path, config=provider(DEAD)) as window:
        await window.until(lambda: len(window.session.index) == 1)
        window.app.chat.controller.navigation.open(kept)
        await window.sees("2 Book a table")
        for _ in range(2):
            if mouse:
                await window.clicks("Book a table")
            else:
                await window.press("escape", "tab", "2")
            await window.sees("Their conversations can be read; nothing was sent.")
            await window.press("escape", "escape")  # back to the message, then the alert
            await window.sees_no("nothing was sent")
        assert len(window.conversation.turns) == 1


async def test_the_mouse_sends_what_was_typed(tmp_path: Path) -> None:
    async with opened(tmp_path, size=(80, 24)) as window:
        await window.meets(4)
        assert "Send" not in window.lines[-1], "there is nothing to send"
        await window.press(*"one")
        await window.clicks("Enter Send")
        await window.until(lambda: [turn.sent for turn in window.conversation.turns] == ["one"], "the message")


async def test_an_empty_suggestion_and_a_past_button_say_why(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.meets(1)
        await window.says("Hello")
        turn = window.conversation.turns[0]
        assert turn.reply is not None
        turn.reply.suggestions = [{"id": 1}, *turn.reply.suggestions[1:]]
        window.app.chat.controller.messages.press_suggestion(turn, 0)
        await window.sees("Nothing was sent.")
        await window.says("Once more")
        window.app.chat.controller.press_button(turn, "again")
        await window.sees("The conversation has moved on.")


async def test_typing_replaces_the_old_title_and_the_focus_returns_to_the_list(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.meets(4)
        await window.says("one")
        for size, title in (((120, 40), "two"), ((80, 24), "three")):
            await window.resizes(*size)
            await window.press("f6")
            await window.sees("F9 Menu")
            await window.press("R")
            await window.until(lambda: isinstance(window.app.screen, NameScreen), "the old title")
            await window.press(*title, "enter")
            await window.until_titled(title)
            assert isinstance(window.app.focused, ConversationList)
            await window.press("m", "r", "enter")
            await window.until(lambda: isinstance(window.app.focused, ConversationList), "the list")
            assert (window.typed, window.conversation.title) == ("", title)
            await window.press("escape")


async def test_after_renaming_from_the_palette_typing_starts_a_message(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.meets(4)
        await window.says("one")
        await window.press("ctrl+p", *"rename", "enter")
        await window.until(lambda: isinstance(window.app.screen, NameScreen), "the old title")
        await window.press("end", "2", "enter")
        await window.until(lambda: window.conversation.title == "one2", "the new title")
        await window.press(*"more")
        await window.until(lambda: window.typed == "more", "what was typed")


async def test_cancelling_a_rename_leaves_the_list_where_it_was(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.meets(4)
        await window.says("one")
        await window.press("f6", "r")
        await window.until(lambda: isinstance(window.app.screen, NameScreen), "the old title")
        await window.press("escape")
        await window.until(lambda: window.app.screen is window.app.chat, "the page")
        assert window.app.focused is window.app.chat.list.list


async def test_a_configured_letter_also_works_as_a_capital(tmp_path: Path) -> None:
    config = '[keys]\n"list.rename" = "x"\n' + provider(DEAD)
    async with opened(tmp_path, config=config) as window:
        await window.until(lambda: window.app.chat.session is not None)
        bindings = window.app.chat.list.list
        for key in ("x", "X"):
            await window.sends(f"Message {key}")
            await window.press("f6")
            await window.sees("X Rename")
            assert bindings.has_focus
            await window.press("R", "r")
            assert window.app.screen is window.app.chat
            await window.press(key)
            await window.until(lambda: isinstance(window.app.screen, NameScreen), "the old title")
            await window.press("enter")
            await window.until(lambda: window.app.screen is window.app.chat, "the page")
            await window.press("escape")


async def test_a_provider_is_tested_by_a_capital(tmp_path: Path) -> None:
    async with opened(tmp_path, config=provider(DEAD)) as window:
        window.app.chat.controller.offer("providers")
        await window.sees("T Test")
        await window.press("T")
        await window.sees("Nothing answers")
