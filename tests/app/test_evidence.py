"""Saving the evidence of a reply: the dialog, the file, and what can go wrong."""

from __future__ import annotations

import asyncio
import zipfile
from pathlib import Path

import pytest

from app.scripted import held_bot, provider
from app.window import Window, opened
from chatgrid_tui.engine.recording_files import read_recording_file
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.session import evidence
from chatgrid_tui.ui.chat.dialogs.evidence_screen import EvidenceScreen
from planted import PLANTED


async def dialog_opens(window: Window) -> None:
    await window.until(lambda: isinstance(window.app.screen, EvidenceScreen), "the dialog")
    await window.pilot.pause()


async def test_the_evidence_of_the_newest_reply_is_saved(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME_KEY", PLANTED)
    async with held_bot() as bot:
        config = provider(bot.url, more='api_key_env = "ACME_KEY"')
        async with opened(tmp_path, config=config) as window:
            bot.says("One", " two")
            bot.ends()
            await window.says("Hello")
            await window.sees("One two")
            await window.press("ctrl+e")
            await dialog_opens(window)
            await window.sees("Save evidence", "evidence-support-bot-", "Optional")
            await window.press(*"It is slow", "ctrl+s")
            await window.sees("Saved evidence-support-bot-")
            (file,) = home.glob("evidence-support-bot-*.zip")
            with zipfile.ZipFile(file) as bundle:
                assert bundle.read("note.md") == b"It is slow\n"
                picture = bundle.read("screen.svg").decode()
                assert "One&#160;two" in picture
                assert "font-face" not in picture
                assert "Save&#160;evidence" not in picture
                assert PLANTED.encode() not in b"".join(map(bundle.read, bundle.namelist()))


async def test_a_file_that_cannot_be_written_is_named_and_the_note_is_kept(tmp_path: Path, home: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url)) as window:
        bot.says("One")
        bot.ends()
        await window.says("Hello")
        (home / "there.zip").write_text("mine")
        await window.press("f7")
        await dialog_opens(window)
        await window.press(*"Note", "shift+tab", "end", "ctrl+u", *"there.zip", "enter")
        await window.sees("there.zip already exists.")
        await window.press("end", "ctrl+u", *"no/there.zip", "enter")
        await window.sees("There is no folder")
        await window.press("escape")
        await window.sees("Close without saving?")
        await window.press("right", "enter")
        await window.press("end", "ctrl+u", *"new.zip", "enter")
        await window.sees("Saved new.zip")
        with zipfile.ZipFile(home / "new.zip") as bundle:
            assert bundle.read("note.md") == b"Note\n"


async def test_how_it_ends_is_told_also_if_the_form_was_closed(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = asyncio.Event()

    async def fail(*what: object) -> int:
        await go_on.wait()
        raise UsageProblem("The disk is full.")

    monkeypatch.setattr(evidence, "save_evidence", fail)
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url)) as window:
        bot.says("One")
        bot.ends()
        await window.says("Hello")
        await window.press("ctrl+e")
        await dialog_opens(window)
        await window.press("ctrl+s")
        await window.sees("Saving")
        await window.press("escape")
        await window.until(lambda: window.app.screen is window.app.chat, "the page")
        go_on.set()
        await window.sees("The disk is full.")


async def test_without_a_reply_there_is_no_evidence(tmp_path: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url)) as window:
        await window.press("ctrl+e")
        await window.sees("This conversation is empty.")


async def test_without_a_recording_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_KEY", "no key")
    async with opened(tmp_path, config=provider("https://127.0.0.1:9", more='api_key_env = "ACME_KEY"')) as window:
        await window.says("Hello")
        await window.press("ctrl+e")
        await window.sees("No request was made.")


async def test_the_evidence_of_a_live_reply(tmp_path: Path, home: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url)) as window:
        await window.sends("Hello")
        bot.says("Half")
        await window.sees("Half")
        await window.press("ctrl+e")
        await dialog_opens(window)
        await window.press("ctrl+s")
        await window.sees("Saved evidence-support-bot-")
        (file,) = home.glob("evidence-*.zip")
        (recording,) = read_recording_file(file.read_bytes()).recordings
        assert b"Half" in recording.body
        assert recording.end is None
        bot.ends()


async def test_a_current_folder_that_was_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (gone := tmp_path / "gone").mkdir()
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url)) as window:
        bot.says("One")
        bot.ends()
        await window.says("Hello")
        monkeypatch.chdir(gone)
        gone.rmdir()
        await window.press("ctrl+e")
        await dialog_opens(window)
        await window.press(*"Note", "ctrl+s")
        await window.sees("evidence-support-bot-", "No such file or directory")
        await window.press("end", "ctrl+u", *f"{tmp_path}/new.zip", "enter")
        await window.sees("Saved new.zip")
