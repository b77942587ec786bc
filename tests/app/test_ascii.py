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


OVERLAYS = {
    "Go to the message": ("ctrl+s", *"hello"),
    "Nothing matches": ("ctrl+s", *"w" * 50),
    "To the message": ("ctrl+r",),
    "Scroll": ("f1",),
    "Type what you want to do": ("ctrl+p",),
    "This conversation": ("alt+s",),
    "Save evidence": ("ctrl+e",),
    "Mark the reply": ("alt+m",),
    "1 Copy as": ("f9",),
    "Details of reply 2 of 2": ("ctrl+d",),
    "compared with 1": ("ctrl+p", *"compare", "enter"),
    "Go to": ("ctrl+k",),
    "Type a part of a name": ("ctrl+p", *"prompts", "enter"),
}
"""Words of each overlay, and the keys that open it."""


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
            for screen, keys in OVERLAYS.items():
                await look(screen, *keys)
            await look("Tab chooses", "/", close=("escape", "ctrl+u"))
            await look("+ms", "f2", close=("f2",))
            await look("Find One", "ctrl+f", *"One")
            await look("Said before", "up")
            await look("Pinned", "f6", "space", "p", close=())
            await look("Mark all", "f9")
            await look("Archived", "v", close=("v", "escape"))
            await look("New conversation", "ctrl+backslash", close=())
    assert problems == {}
