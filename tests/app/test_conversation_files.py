"""Export, import and the transcript in the clipboard, by keys and by mouse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.scripted import held_bot, provider
from app.window import Window, opened
from chatgrid_tui.ui.chat.dialogs.export_screen import ExportScreen
from chatgrid_tui.ui.overlays.name_screen import NameScreen
from session.foreign_exports import claude


async def dialog_opens(window: Window, screen: type[ExportScreen | NameScreen]) -> None:
    await window.until(lambda: isinstance(window.app.screen, screen), "the dialog")
    await window.pilot.pause()


async def run_command(window: Window, words: str) -> None:
    await window.press("ctrl+p")
    await window.until(lambda: window.app.screen is not window.app.chat, "the palette")
    await window.press(*words, "enter")


async def test_export_by_keys_and_by_mouse_and_copy(tmp_path: Path, home: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, size=(80, 24), config=provider(bot.url)) as window:
        bot.says("**One**", " two")
        bot.ends()
        await window.says("Hello there")
        await window.press("alt+s")
        await dialog_opens(window, ExportScreen)
        await window.sees("(•) This conversation", "(•) Markdown", "Hello-there-")
        await window.press("right", "right")
        await window.sees("(•) Text", ".txt")
        await window.press("ctrl+s")
        await window.sees("Exported 1 conversation to Hello-there-")
        (file,) = home.glob("Hello-there-*.txt")
        assert "\nOne two\n" in file.read_text()
        await window.press("alt+s")
        await dialog_opens(window, ExportScreen)
        await window.clicks("( ) All conversations")
        await window.clicks("( ) JSON")
        await window.sees("conversations-", ".json")
        await window.clicks("Ctrl+S Save")
        await window.sees("Exported 1 conversation to conversations-")
        (file,) = home.glob("conversations-*.json")
        assert json.loads(file.read_text())["conversations"][0]["title"] == "Hello there"
        await run_command(window, "copy transcript")
        await window.until(lambda: "\nOne two\n" in window.app.clipboard, "the transcript")


async def test_a_file_that_exists_keeps_the_form_open(tmp_path: Path, home: Path) -> None:
    (home / "there.md").write_text("mine")
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url)) as window:
        bot.says("One")
        bot.ends()
        await window.says("Hello")
        await window.press("alt+s")
        await dialog_opens(window, ExportScreen)
        await window.press("tab", "end", "ctrl+u", *"there.md", "enter")
        await window.sees("there.md already exists.")
        await window.press("shift+tab", "right")
        await window.sees("there.html")
        await window.press("ctrl+s")
        await window.sees("Exported 1 conversation to there.html")
        assert (home / "there.md").read_text() == "mine"


async def test_an_import_is_in_the_list_and_can_be_read_but_not_continued(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "half.json").write_text('[{"chat_messages": [')
    (home / "conversations.json").write_text(json.dumps(claude()))
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url)) as window:
        await run_command(window, "import conv")
        await dialog_opens(window, NameScreen)
        await window.press(*"half.json", "enter")
        await window.sees("It was cut: the JSON does not end")
        await window.press("ctrl+u", *"conversations.json", "enter")
        await window.sees("Imported 1 conversation with 4 messages from Claude.")
        await window.press("f6")
        await window.sees("Notes", "Claude")
        await window.press("home", "enter")
        await window.sees("Read this", "Attached: notes.txt", "Done")
        await window.sends_nothing("More", "What was imported from Claude can be read")


async def test_several_conversations_of_the_list(tmp_path: Path, home: Path) -> None:
    (home / "all.json").write_text(json.dumps([*claude(), {**claude()[0], "uuid": "c-9", "name": "More"}]))
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url)) as window:
        await run_command(window, "import conv")
        await dialog_opens(window, NameScreen)
        await window.press(*"all.json", "enter")
        await window.sees("Imported 2 conversations")
        await window.press("f6")
        await window.sees("Notes", "More")
        await window.press("ctrl+a", "e")
        await dialog_opens(window, ExportScreen)
        await window.sees("(•) These 2 conversations")
        await window.press("ctrl+s")
        await window.sees("Exported 2 conversations to conversations-")
        (file,) = home.glob("conversations-*.md")
        assert {"# Notes", "# More"} <= set(file.read_text().splitlines())
