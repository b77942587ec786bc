"""What one conversation sends differently from its provider: shown, changed, saved, and reset."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual import events

from app.scripted import HeldBot, held_bot, provider
from app.window import Window, opened
from chatgrid_tui.ui.chat.dialogs.options_screen import OptionsScreen
from engine.raw import raw_server

OWN = 'system = "You are terse."\nparameters = { temperature = 0.2 }'


@asynccontextmanager
async def asked_bot() -> AsyncIterator[tuple[HeldBot, list[bytes]]]:
    """Serve a bot whose replies the test writes, and give the requests it received."""
    bot = HeldBot()
    async with raw_server(bot.serve) as server:
        bot.url = f"{server.url}/v1"
        yield bot, server.heard


async def options(window: Window) -> None:
    """Open the options of the conversation on the screen."""
    await window.app.chat.run_action("offer('options')")
    await window.until(lambda: isinstance(window.app.screen, OptionsScreen), "the options")


async def replace(window: Window, text: str) -> None:
    """Put other text into the field that has the focus."""
    await window.press("f7")
    assert window.app.focused is not None
    window.app.focused.post_message(events.Paste(text))
    await window.pilot.pause()


async def test_the_options_go_along_and_survive_a_restart(tmp_path: Path) -> None:
    async with asked_bot() as (bot, heard):
        async with opened(tmp_path, config=provider(bot.url, more=OWN)) as window:
            await options(window)
            await window.sees("You are terse.", "temperature = 0.2", "Same as the provider.")
            await replace(window, "You are a pirate.\nYou rhyme.")
            await window.press("tab")
            await replace(window, 'max_tokens = 50\nstop = ["a", "b"]')
            await window.press("ctrl+s")
            await window.sees("The options apply from the next message on.", "own options")
            await window.sends("hello")
            bot.says("Arr")
            bot.ends()
            await window.settled()
            body = json.loads(heard[0].split(b"\r\n\r\n", 1)[1])
            assert body["messages"][0] == {"role": "system", "content": "You are a pirate.\nYou rhyme."}
            assert (body["max_tokens"], body["stop"]) == (50, ["a", "b"])
            assert "temperature" not in body
        async with opened(tmp_path) as window:
            assert window.conversation.system == "You are a pirate.\nYou rhyme."
            await options(window)
            await window.sees("You rhyme.", "max_tokens = 50", "Only for this conversation")
            await window.clicks("Use the provider's")
            await window.sees("You are terse.")
            await window.press("ctrl+s")
            await window.sees_no("own options")
            assert not window.conversation.has_options


async def test_invalid_options_are_reported_at_their_field_and_not_lost(tmp_path: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, size=(80, 24), config=provider(bot.url)) as window:
        await options(window)
        await window.press("tab")
        await replace(window, "temperature 0.2")
        await window.press("ctrl+s")
        await window.sees("Line 1 must look like top_p = 0.9.", "temperature 0.2")
        await window.press("escape")
        await window.sees("Close without saving?")
        await window.press("escape")
        await window.sees("temperature 0.2")
        await window.press("escape", "left", "enter")
        await window.until(lambda: window.app.screen is window.app.chat, "the page")
        assert window.conversation.parameters is None


async def test_an_empty_prompt_sends_no_prompt(tmp_path: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url, more=OWN)) as window:
        await options(window)
        await window.press("f7", "backspace", "ctrl+s")
        await window.sees("own options")
        assert (window.conversation.system, window.conversation.parameters) == ("", None)


@pytest.mark.parametrize("width", [60, 120])
async def test_other_services_have_no_options(tmp_path: Path, width: int) -> None:
    async with opened(tmp_path, size=(width, 24)) as window:
        await window.app.chat.run_action("offer('options')")
        await window.sees("has no options.")
