"""A long text in the message: shown in full on request."""

from __future__ import annotations

from pathlib import Path

from app.window import Window, opened
from chatgrid_tui.ui.overlays.text_screen import TextScreen

LONG = "a line of a log\n" * 60_000


async def test_a_long_paste_is_shown_in_full_by_key_and_by_click(tmp_path: Path, clipboard: list[str]) -> None:
    async with opened(tmp_path, size=(80, 24)) as window:
        await window.press("alt+l")
        await window.sees("The message has no long text.")
        await window.writes(LONG)
        await window.sees("[Long text 1: 60,001 lines, 960 kB]")
        await window.press("alt+l")
        await is_shown(window)
        await window.press("ctrl+c", "escape")
        await window.until(lambda: clipboard == [LONG], "all of it")
        await window.clicks("[Long text 1")
        await is_shown(window)
        await window.press("escape")
        assert window.typed == LONG


async def is_shown(window: Window) -> None:
    await window.until(lambda: isinstance(window.app.screen, TextScreen), "the text")
    await window.sees("a line of a log")
