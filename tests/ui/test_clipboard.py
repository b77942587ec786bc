"""Copying: cleaned, bounded, and told as it was."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chatgrid_tui.ui import clipboard
from ui.widgets.frame_app import HOSTILE, FrameApp, controls_in


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], list[str]]:
    """Replace the system's clipboard; whether it works is told, what it got is given back."""

    def replace(works: bool) -> list[str]:
        import pyperclip

        copied: list[str] = []

        def copy(text: str) -> None:
            if not works:
                raise pyperclip.PyperclipException("no clipboard here")
            copied.append(text)

        monkeypatch.setattr(pyperclip, "copy", copy)
        return copied

    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    monkeypatch.delenv("SSH_TTY", raising=False)
    return replace


async def test_both_clipboards_get_it(system: Callable[[bool], list[str]]) -> None:
    copied, app = system(True), FrameApp()
    async with app.run_test():
        assert await clipboard.copy(app, "some text") == "Copied."
        assert copied == ["some text"]
        assert app.clipboard == "some text"


async def test_the_terminals_clipboard_gives_no_answer(system: Callable[[bool], list[str]]) -> None:
    system(False)
    app = FrameApp()
    async with app.run_test():
        assert await clipboard.copy(app, "some text") == "Sent to the terminal's clipboard."
        assert app.clipboard == "some text"


async def test_over_ssh_this_machines_clipboard_is_nobodys(
    system: Callable[[bool], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    copied, app = system(True), FrameApp()
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22")
    async with app.run_test():
        assert await clipboard.copy(app, "some text") == "Sent to the terminal's clipboard."
        assert not copied


async def test_a_cut_is_told(system: Callable[[bool], list[str]]) -> None:
    app = FrameApp()
    async with app.run_test():
        system(False)
        words = await clipboard.copy(app, "é" * 60_000)
        assert words == "Sent the first 50,000 of 60,000 characters to the terminal's clipboard."
        assert app.clipboard == "é" * 50_000
        copied = system(True)
        assert await clipboard.copy(app, "é" * 60_000) == "Copied."
        assert copied == ["é" * 60_000]


async def test_nothing_is_not_copied(system: Callable[[bool], list[str]]) -> None:
    copied, app = system(True), FrameApp()
    async with app.run_test():
        assert await clipboard.copy(app, "") == "There is nothing to copy."
        assert not copied


async def test_hostile_texts_are_cleaned(system: Callable[[bool], list[str]]) -> None:
    copied, app = system(True), FrameApp()
    async with app.run_test():
        for text in HOSTILE.values():
            assert await clipboard.copy(app, text) == "Copied."
            assert not controls_in(copied[-1].replace("\n", "").replace("\t", ""))
            copied[-1].encode("utf-8")


@pytest.mark.parametrize(
    ("text", "limit", "kept"), [("abc", 3, "abc"), ("abc", 2, "ab"), ("aé", 2, "a"), ("😀", 3, "")]
)
def test_shortened_to_whole_characters(text: str, limit: int, kept: str) -> None:
    assert clipboard.shortened(text, limit) == kept
