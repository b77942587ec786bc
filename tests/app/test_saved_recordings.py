"""The recording of a reply: saved to a file from the wire pane and the palette, and kept in the history."""

from __future__ import annotations

import errno
import json
import stat
from pathlib import Path

import pytest

from app.scripted import held_bot, provider
from app.window import Window, opened
from chatgrid_tui.engine.recording_files import read_recording_file
from chatgrid_tui.session import user_files
from chatgrid_tui.ui.overlays.name_screen import NameScreen
from fakes import DONE, delta


async def types_name(window: Window, name: str) -> None:
    """Put a name in the place of the one that is there, which is selected."""
    await window.until(lambda: isinstance(window.app.screen, NameScreen), "the dialog")
    window.pastes(name)
    await window.press("enter")


async def test_it_overwrites_no_file_without_asking(tmp_path: Path, home: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url)) as window:
        bot.says("One \x1b[31m")
        bot.ends()
        await window.says("Hello")
        await window.press("f2")
        await window.sees("closed")
        await window.press("s")
        await window.sees("Save recording", "chatgrid-recording-20", f"In {home}.")
        await window.press("enter")
        await window.sees("Saved", "B in", "chatgrid-recording-20")
        (file,) = home.glob("chatgrid-recording-*.jsonl")
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        (recording,) = read_recording_file(file.read_bytes()).recordings
        assert recording.body == delta("One \x1b[31m") + DONE

        (home / "mine.har").write_text("mine")
        await window.press("s")
        await types_name(window, "mine.har")
        await window.sees("mine.har already exists. Press Enter again to replace it.")
        assert (home / "mine.har").read_text() == "mine"
        await window.press("enter")
        await window.until(lambda: not isinstance(window.app.screen, NameScreen), "the file")
        assert json.loads((home / "mine.har").read_text())["log"]["version"] == "1.2"

        for name, problem in (("no/such.jsonl", "There is no folder"), (".", "folder.")):
            await window.press("s")
            await types_name(window, name)
            await window.sees(problem)
            await window.press("escape")


async def test_a_full_disk_is_reported_in_the_dialog(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url)) as window:
        bot.says("One")
        bot.ends()
        await window.says("Hello")
        await window.press("ctrl+p")
        window.pastes("save recording")
        await window.press("enter")
        await window.until(lambda: isinstance(window.app.screen, NameScreen), "the dialog")
        monkeypatch.setattr(user_files, "write_new_file", full)
        await window.press("enter")
        await window.sees("cannot be written: No space left on device.")
        assert list(home.glob("*.jsonl")) == []


async def test_it_can_be_kept_and_released(tmp_path: Path) -> None:
    small = (80, 24)  # the wire pane is in place of the page, and messages are above it
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url), size=small) as window:
        bot.says("One")
        bot.ends()
        await window.says("Hello")
        await window.press("f2")
        await window.sees("closed")
        await window.press("k")
        await window.sees("This recording is kept.", "kept")
        await window.press("k")
        await window.sees("This recording is no longer kept.")
        await window.press("k")
        await window.until(lambda: window.conversation.turns[0].replies[0].recording_kept, "what is kept")
    async with opened(tmp_path, config="") as window:
        await window.until(lambda: bool(window.conversation.turns), "the conversation")
        assert window.conversation.turns[0].replies[0].recording_kept
