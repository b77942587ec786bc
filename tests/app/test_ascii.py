"""`glyphs = "ascii"`: no part of the screen has a sign outside ASCII, and nothing is told by colour alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.scripted import held_bot, provider
from app.window import Window, opened


def strange(window: Window) -> set[str]:
    """Return the signs on the screen that are not ASCII."""
    return {sign for sign in window.text if not sign.isascii()}


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_every_screen_is_ascii(tmp_path: Path, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    problems: dict[str, set[str]] = {}
    async with held_bot() as bot:
        config = 'glyphs = "ascii"\nreduced_motion = true\n' + provider(bot.url)
        async with opened(tmp_path, size=size, config=config) as window:

            async def look(name: str, *keys: str, close: tuple[str, ...] = ("escape",)) -> None:
                await window.press(*keys)
                await window.pilot.pause()
                if found := strange(window):
                    problems[name] = found
                await window.press(*close)
                await window.pilot.pause()

            for text in ("One", "Two"):
                bot.says(text)
                bot.ends()
                await window.says("Hello") if text == "One" else await window.press("alt+g")
                await window.settled()
            await look("page", close=())
            await look("search", "ctrl+s", *"hello")
            await look("recall", "ctrl+r")
            await look("keys", "f1")
            await look("palette", "ctrl+p")
            await look("completions", "/", close=("escape", "ctrl+u"))
            await look("export", "alt+s")
            await look("evidence", "ctrl+e")
            await look("mark", "alt+m")
            await look("menu", "f9")
            await look("details", "ctrl+d")
            await look("switcher", "ctrl+k")
            await look("wire", "f2", close=("f2",))
            await look("find", "ctrl+f", *"One")
            await look("recalled", "up")
            await look("list", "f6", "space", "p", close=())
            await look("row menu", "f9")
            await look("archive", "v", close=("v", "escape"))
            await look("split", "ctrl+backslash", close=())
            await window.app.chat.run_action("bubble('compare_variants')")
            await look("variants")
            await look("prompts", "ctrl+p", *"prompts", "enter")
    assert problems == {}
