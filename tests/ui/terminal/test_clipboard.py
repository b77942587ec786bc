"""Copying: cleaned, bounded, and reported truthfully."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from chatgrid_tui.ui.terminal import clipboard
from ui.widgets.frame_app import HOSTILE, FrameApp, controls_in


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], list[str]]:
    """Replace the system's clipboard with one that works or not; return the texts it received."""

    def replace(works: bool) -> list[str]:
        import pyperclip

        copied: list[str] = []

        def copy(text: str) -> None:
            if not works:
                raise pyperclip.PyperclipException("no clipboard here")
            copied.append(text)

        monkeypatch.setattr(pyperclip, "copy", copy)
        return copied

    for name in ("SSH_CONNECTION", "SSH_TTY", "TMUX", "STY"):
        monkeypatch.delenv(name, raising=False)
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
        assert await clipboard.copy(app, "some text") == "Asked the terminal to copy it."
        assert app.clipboard == "some text"


async def test_over_ssh_the_clipboard_of_the_remote_machine_is_not_used(
    system: Callable[[bool], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    copied, app = system(True), FrameApp()
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22")
    async with app.run_test():
        assert await clipboard.copy(app, "some text") == "Asked the terminal to copy it."
        assert not copied


async def test_shortening_is_reported(system: Callable[[bool], list[str]]) -> None:
    app = FrameApp()
    async with app.run_test():
        system(False)
        words = await clipboard.copy(app, "é" * 60_000, "the reply (60,000 characters)")
        assert words == "Asked the terminal to copy the first 50,000 of 60,000 characters."
        assert app.clipboard == "é" * 60_000, "pasted into this app, it is whole"
        copied = system(True)
        assert await clipboard.copy(app, "é" * 60_000) == "Copied."
        assert copied == ["é" * 60_000]


NOT_TAKEN = "Asked the terminal to copy the first 100,000 of 200,000 characters, but tmux may not pass that on."


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ('echo "$@" >args; cat >copied', "Copied to tmux."),
        (
            '[ "$2" = -w ] && exit 1; echo "$@" >args; cat >copied',
            "Copied to tmux only: this version cannot pass it on.",
        ),
        ("exit 1", NOT_TAKEN),
        ("exec sleep 60", NOT_TAKEN),
        ("", NOT_TAKEN),
    ],
    ids=["passed on", "kept", "refused", "hangs", "missing"],
)
async def test_tmux_is_given_the_text_and_told_of_as_it_answers(
    system: Callable[[bool], list[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str, words: str
) -> None:
    system(False)
    monkeypatch.setattr(clipboard, "TMUX_TIMEOUT", 5.0 if "sleep" not in script else 0.2)
    monkeypatch.setenv("TMUX", "/tmp/tmux-0/default,1,0")
    monkeypatch.chdir(tmp_path)
    if script:
        (tmp_path / "tmux").write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "tmux").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin" if script else str(tmp_path))
    text = "some text\n" * 20_000
    async with FrameApp().run_test() as pilot:
        assert await clipboard.copy(pilot.app, text) == words
    if "Copied" in words:
        assert (tmp_path / "copied").read_text() == text, "all of it: there is no limit as for the terminal"
        assert (tmp_path / "args").read_text().split()[0] == "load-buffer"


async def test_screen_may_keep_it_back(system: Callable[[bool], list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    system(False)
    monkeypatch.setenv("STY", "1.pts-0.here")
    async with FrameApp().run_test() as pilot:
        words = await clipboard.copy(pilot.app, "some text")
    assert words == "Asked the terminal to copy it, but GNU screen may not pass that on."


async def test_an_empty_text_is_not_copied(system: Callable[[bool], list[str]]) -> None:
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


async def test_what_was_copied_is_named(system: Callable[[bool], list[str]]) -> None:
    app = FrameApp()
    async with app.run_test():
        system(True)
        assert await clipboard.copy(app, "x = 1", "code block 2 of 3") == "Copied code block 2 of 3."
        system(False)
        assert await clipboard.copy(app, "x = 1", "the error") == "Asked the terminal to copy the error."
        told = await clipboard.copy(app, "x" * 150_000, "the reply")
        assert told == "Asked the terminal to copy the first 100,000 of 150,000 characters."
