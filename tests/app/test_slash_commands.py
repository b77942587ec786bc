"""Completion after a slash: only what was chosen acts, and everything else is a message."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.test_prompts import field, prompts
from app.window import Window, opened
from chatgrid_tui.ui.overlays.keys_screen import KeysScreen


def is_open(window: Window) -> bool:
    return window.app.chat.page.completions.is_open


async def types(window: Window, text: str) -> None:
    """Type into the empty composer, and wait for the completions."""
    await window.press(*text)
    await window.until(lambda: is_open(window), "the completions")


async def sent(window: Window) -> list[str]:
    await window.settled()
    return [turn.sent for turn in window.conversation.turns]


async def test_a_command_of_the_bot_is_sent_whatever_is_listed(tmp_path: Path) -> None:
    prompts(tmp_path, help="a prompt")
    async with opened(tmp_path, size=(80, 24)) as window:
        await types(window, "/help")
        await window.sees("a prompt", "Tab chooses · Enter takes it · Esc closes")
        await window.press("enter")
        assert await sent(window) == ["/help"]
        await types(window, "/help")
        await window.press("down", "x", "backspace", "enter")
        assert (await sent(window))[1:] == ["/help"], "typing on takes a choice back"
        await types(window, "/hel")
        await window.press("down", "escape")
        assert not is_open(window)
        assert window.typed == "/hel"
        await window.press("p", "down", "enter")
        assert (await sent(window))[2:] == ["/help"], "after Esc nothing is offered for this text"
        window.hits(*"/keys", "enter")
        await window.until(lambda: len(window.conversation.turns) == 4, "a command that was typed fast")
        assert (await sent(window))[3:] == ["/keys"]
        assert window.app.screen is window.app.chat


async def test_what_was_chosen_acts(tmp_path: Path) -> None:
    prompts(tmp_path, Review="Dear {{name}}", broken="\0")
    async with opened(tmp_path, size=(80, 24)) as window:
        window.hits(*"/rev", "tab", "enter")
        await window.until(lambda: field(window).selected_text == "{{name}}", "the prompt")
        assert window.typed == "Dear {{name}}"
        await window.press("ctrl+u")
        await types(window, "/brok")
        await window.sees("It is not a text.")
        await window.press("tab", "enter")
        assert window.typed == "/brok", "what cannot be used says why, and the text stays"
        await window.press("escape", "ctrl+u")
        await types(window, "/rename")
        await window.press("down", "enter")
        await window.sees("This conversation is empty.")
        assert window.typed == "/rename"
        await window.press("escape", "ctrl+u")
        await types(window, "/all keys")
        await window.press("down", "enter")
        await window.until(lambda: isinstance(window.app.screen, KeysScreen), "the keys")
        await window.press("escape")
        assert window.typed == ""
        assert not window.conversation.turns


async def test_the_mouse_takes_a_row(tmp_path: Path) -> None:
    prompts(tmp_path, Review="Dear Ann")
    async with opened(tmp_path, size=(120, 40)) as window:
        await types(window, "/")
        await window.clicks("Dear Ann")
        await window.until(lambda: window.typed == "Dear Ann", "the prompt")
        assert field(window).has_focus
        assert not is_open(window)
        await window.press("ctrl+u")
        await types(window, "/")
        await window.clicks("Welcome")
        await window.pilot.click(window.app.chat.transcript)
        await window.until(lambda: not is_open(window), "the end of the list with the focus")
        assert window.typed == "/"


async def test_commands_that_were_said_before_are_offered(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.says("/echo one")
        await window.says("/echo two")
        await window.says("hello")
        await types(window, "/")
        await window.sees("Said before")
        assert window.find("/echo two")[1] < window.find("/echo one")[1]
        await window.press("down", "enter")
        assert window.typed == "/echo two", "it can be changed before it is sent"
        assert not is_open(window)
        await window.press("enter")
        assert (await sent(window))[3:] == ["/echo two"]
        await window.press("up")
        assert window.typed == "/echo two"
        assert not is_open(window), "a recalled text has no completions"


@pytest.mark.parametrize("text", ["a/b", " /new", "/new\nline", "/" + "x" * 90])
async def test_other_texts_have_no_completions(tmp_path: Path, text: str) -> None:
    async with opened(tmp_path) as window:
        await window.press(*["ctrl+j" if letter == "\n" else letter for letter in text])
        await window.until(lambda: window.typed == text, "the text")
        assert not is_open(window)


async def test_a_draft_has_no_completions(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await types(window, "/ren")
    async with opened(tmp_path) as window:
        assert window.typed == "/ren"
        await window.press("a")
        assert window.typed == "/rena"
        assert not is_open(window)
