"""`glyphs = "ascii"`: no part of the screen has a sign outside ASCII, and nothing is told by colour alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.scripted import held_bot, provider
from app.test_prompts import prompts
from app.window import Window, opened


def strange(window: Window) -> set[str]:
    """Return the signs on the screen that are not ASCII."""
    return {sign for sign in window.text if not sign.isascii()}


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_every_screen_is_ascii(tmp_path: Path, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    problems: dict[str, set[str]] = {}
    prompts(tmp_path, review="Review it")
    async with held_bot() as bot:
        config = 'glyphs = "ascii"\nreduced_motion = true\n' + provider(bot.url)
        async with opened(tmp_path, size=size, config=config) as window:

            async def look(opened: str, *keys: str, close: tuple[str, ...] = ("escape",)) -> None:
                """Press keys, wait for what they open, and look at it."""
                await window.press(*keys)
                await window.sees(opened)
                if found := strange(window):
                    problems[opened] = found
                await window.press(*close)
                await window.pilot.pause()

            for text in ("One", "Two"):
                bot.says(text)
                bot.ends()
                await window.says("Hello") if text == "One" else await window.press("alt+g")
                await window.settled()
            await look("2 of 2", close=())
            await look("Go to the message", "ctrl+s", *"hello")
            await look("Nothing matches", "ctrl+s", *"w" * 50)
            await look("To the message", "ctrl+r")
            await look("Scroll", "f1")
            await look("Commands ", "ctrl+p")
            await look("Tab chooses", "/", close=("escape", "ctrl+u"))
            await look("Esc Cancel", "alt+s")
            await look("Esc Cancel", "ctrl+e")
            await look("Mark the reply", "alt+m")
            await look("Quote", "f9")
            await look("Details of reply 2 of 2", "ctrl+d")
            await look("compared with 1", "ctrl+p", *"compare", "enter")
            await look("Go to", "ctrl+k")
            await look("+ms", "f2", close=("f2",))
            await look("Find", "ctrl+f", *"One")
            await look("Said before", "up")
            await look("Pinned", "f6", "space", "p", close=())
            await look("Mark all", "f9")
            await look("Archive", "v", close=("v", "escape"))
            await look("New conversation", "ctrl+backslash", close=())
            await look("Type a part of a name", "ctrl+p", *"prompts", "enter")
    assert problems == {}
