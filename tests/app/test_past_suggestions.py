"""The suggestions of earlier replies can be read, reached and sent, by keys alone and by the mouse alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.window import Window, opened

AGAIN = "Sent as a new message: Opening hours"


def said(window: Window) -> list[str]:
    return [turn.shown for turn in window.conversation.turns]


async def menu_was_chosen(window: Window) -> None:
    """Greet the restaurant, and press the first of its suggestions."""
    await window.meets(1)
    await window.says("Hello")
    await window.press("tab")
    await window.sees("Enter Send")
    await window.press("1")
    await window.until(lambda: said(window) == ["Hello", "See the menu"], "the second message")
    await window.settled()


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_one_is_sent_as_new_with_keys_alone(tmp_path: Path, size: tuple[int, int]) -> None:
    async with opened(tmp_path, size=size) as window:
        await menu_was_chosen(window)
        transcript = window.app.chat.transcript
        transcript.focus()
        await window.until(lambda: transcript.has_focus, "the focus")
        while transcript.cursor.turn != 0:
            await window.press("up")
        await window.sees("See the menu · sent", "Book a table", "Enter Open")
        while transcript.presses.word != "Send as new":
            await window.press("tab")
        await window.sees("Enter Send as new")
        await window.press("right", "right", "right", "enter")
        await window.sees(AGAIN)
        await window.settled()
        assert said(window) == ["Hello", "See the menu", "Opening hours"]
        transcript.focus()
        await window.press(*"2 of us", "enter")
        await window.until(lambda: said(window)[-1] == "2 of us", "what was typed over the suggestions")
        await window.settled()
        await window.press("home")
        await window.sees("See the menu · sent", "Opening hours · sent")


async def test_one_is_sent_as_new_with_the_mouse_alone(tmp_path: Path) -> None:
    async with opened(tmp_path, size=(80, 24)) as window:
        await menu_was_chosen(window)
        await window.clicks("Opening hours")
        await window.sees(AGAIN)
        await window.settled()
        assert said(window) == ["Hello", "See the menu", "Opening hours"]
        reply = window.conversation.turns[0].reply
        assert reply is not None
        assert reply.chosen == (0, 3)
