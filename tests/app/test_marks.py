"""Marking a reply in the app: with keys alone, with the mouse alone, and what is told when it is not possible."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.scripted import held_bot, provider
from app.window import Window, opened
from chatgrid_tui.cli.app import OpeningOptions
from chatgrid_tui.model.reply_mark import LONGEST_NOTE
from chatgrid_tui.ui.chat.dialogs.mark_screen import MarkScreen


async def form_opens(window: Window) -> None:
    await window.until(lambda: isinstance(window.app.screen, MarkScreen), "the form")
    await window.pilot.pause()


async def form_closes(window: Window) -> None:
    await window.until(lambda: window.app.screen is window.app.chat, "the page")


def marks(window: Window) -> list[tuple[str | None, str]]:
    replies = [turn.reply for turn in window.conversation.turns]
    return [(reply.verdict, reply.note) for reply in replies if reply is not None]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_reply_is_marked_with_keys_alone(tmp_path: Path, size: tuple[int, int]) -> None:
    async with held_bot() as bot:
        config = provider(bot.url)
        async with opened(tmp_path, config=config, size=size) as window:
            for text in ("One", "Two"):
                bot.says(text)
                bot.ends()
                await window.says(f"Say {text}")
            await window.press("alt+m")
            await form_opens(window)
            await window.sees("Mark the reply", "1 Right", "5 Format")
            await window.press("2", "5", "space")
            window.pastes("is missing")
            await window.press("enter")
            await window.sees("The mark is saved.", "✗ Wrong 5 is missing")
            await window.press("tab", "up", "up", "alt+m")
            await form_opens(window)
            await window.press("right", *"as asked", "enter")
            await form_closes(window)
            await window.sees("✓ Right as asked")
            assert marks(window) == [("right", "as asked"), ("wrong", "5 is missing")]
        async with opened(tmp_path, size=size) as window:
            await window.sees("✗ Wrong 5 is missing", "✓ Right")
            await window.press("f6")
            await window.until(
                lambda: any("✗" in line and ":" in line for line in window.lines), "the mark in the list"
            )
            await window.press("escape", "alt+m")
            await form_opens(window)
            await window.press("3", "escape")
            await window.sees("Close without saving?")
            await window.press("right", "enter")
            window.pastes("! Told the key")
            await window.press("enter")
            await form_closes(window)
            assert marks(window)[1] == ("unsafe", "5 is missing! Told the key")
            await window.press("ctrl+d")
            await window.sees("Your mark", "unsafe")
            await window.press("escape", "alt+m")
            await form_opens(window)
            await window.press("tab", "tab", "right", "enter")
            await form_closes(window)
            await window.sees("The mark was removed.")
            assert marks(window) == [("right", "as asked"), (None, "")]


async def test_a_reply_is_marked_with_the_mouse_alone(tmp_path: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url), size=(80, 24)) as window:
        bot.says("One")
        bot.ends()
        await window.says("Say it")
        await window.sees("One")
        await window.pilot.click(offset=window.find("One"), button=3)
        await window.clicks("Mark ")
        await form_opens(window)
        await window.clicks("Save")
        await window.sees("Choose what it is")
        await window.clicks("4 Slow")
        await window.press(*"so slow")
        await window.clicks("Save")
        await form_closes(window)
        assert marks(window) == [("slow", "so slow")]
        await window.clicks("Slow")
        await form_opens(window)
        await window.clicks("Remove")
        await form_closes(window)
        await window.sees_no("Slow")
        assert marks(window) == [(None, "")]


async def test_a_note_of_a_megabyte_is_cut_and_that_is_told(tmp_path: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url), size=(80, 24)) as window:
        bot.says("One")
        bot.ends()
        await window.says("Say it")
        await window.press("alt+m")
        await form_opens(window)
        await window.press("1")
        window.pastes("curl \x1b[31m\n" + "long " * 200_000)
        await window.sees(f"A note has at most {LONGEST_NOTE} characters")
        await window.press("enter")
        await form_closes(window)
        ((verdict, note),) = marks(window)
        assert verdict == "right"
        assert note.startswith("curl \N{REPLACEMENT CHARACTER}[31m long long")
        assert len(note) in range(LONGEST_NOTE - 5, LONGEST_NOTE + 1)


async def test_what_cannot_be_marked_is_told(tmp_path: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url), size=(80, 24)) as window:
        await window.press("alt+m")
        await window.sees("This conversation is empty.")
        bot.says("Half")
        await window.sends("Hello")
        await window.sees("Half")
        await window.press("alt+m")
        await window.sees("The reply is still being written.")
        bot.ends()
        await window.settled()
        assert marks(window) == [(None, "")]


async def test_a_mark_that_can_no_longer_be_saved_stays_in_the_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url), size=(80, 24)) as window:
        bot.says("One")
        bot.ends()
        await window.says("Say it")
        await window.press("alt+m")
        await form_opens(window)
        await window.press("2", *"Typed")
        monkeypatch.setattr(window.session._history_monitor, "read_only", "another window")
        await window.press("enter")
        await window.sees("Another window has this history", "Typed")
        monkeypatch.setattr(window.session._history_monitor, "read_only", None)
        await window.press("enter")
        await form_closes(window)
        assert marks(window) == [("wrong", "Typed")]
    async with opened(tmp_path) as second, opened(tmp_path) as reader:
        assert second.session.read_only is None
        await reader.press("alt+m")
        await reader.sees("nothing can be changed here")


async def test_a_recording_cannot_be_marked(tmp_path: Path, home: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url)) as window:
        bot.says("One")
        bot.ends()
        await window.says("Say it")
        await window.app.chat.run_action("bubble('save_recording')")
        await window.sees("Save recording")
        window.pastes("r.jsonl")
        await window.press("enter")
        await window.until(lambda: (home / "r.jsonl").exists(), "the file")
    async with opened(tmp_path / "other", wanted=OpeningOptions(file=str(home / "r.jsonl")), size=(80, 24)) as window:
        await window.sees("One")
        await window.press("alt+m")
        await window.sees("This is a recording; nothing can be changed here.")
