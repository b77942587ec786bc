"""A message in the user's editor, as far as no terminal is needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from app.window import opened
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.ui.terminal import editor


async def test_the_text_of_the_editor_replaces_the_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", "cat")
    async with opened(tmp_path) as window:
        composer, began = window.app.chat.composer, window.conversation

        async def edits(text: str, command: Sequence[str], suspended: Callable[[], object]) -> str:
            assert (text, command) == ("one", ["cat"])
            composer.paste(" and more")  # typed before the editor was open
            return "two\r\nlines"

        async def goes_elsewhere(text: str, command: Sequence[str], suspended: Callable[[], object]) -> str:
            window.app.chat.controller.navigation.new()
            await window.until(lambda: window.conversation is not began, "another conversation")
            return "three"

        async def fails(text: str, command: Sequence[str], suspended: Callable[[], object]) -> str:
            raise UsageProblem("It failed.")

        await window.says("hello")
        await window.writes("one")
        await window.press("alt+v")
        await window.sees("An editor needs a terminal, which this is not.")
        assert window.typed == "one"
        monkeypatch.setattr(editor, "edit", edits)
        await window.press("alt+v")
        await window.until(lambda: window.typed == "two\nlines and more", "both")
        monkeypatch.setattr(editor, "edit", fails)
        await window.press("alt+v")
        await window.sees("It failed.")
        assert window.typed == "two\nlines and more"
        monkeypatch.setattr(editor, "edit", goes_elsewhere)
        await window.press("alt+v")
        await window.until(lambda: began.draft == "three", "the text, where it belongs")
        assert window.typed == ""
