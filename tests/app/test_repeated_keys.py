"""Screens over the page, if the key that opens or closes them is pressed again before they are there."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual import events

from app.forms import form_is_open, form_of
from app.scripted import provider
from app.test_options import options, replace
from app.test_providers_page import open_page
from app.test_switching import switch
from app.window import Window, opened
from chatgrid_tui.ui.overlays.confirm import ConfirmScreen
from chatgrid_tui.ui.overlays.keys_screen import KeysScreen
from chatgrid_tui.ui.overlays.name_screen import NameScreen
from chatgrid_tui.ui.overlays.text_screen import TextScreen, show_text
from chatgrid_tui.ui.providers.form import ProviderForm

NOWHERE = "http://127.0.0.1:9/v1"


def burst(window: Window, *keys: str) -> None:
    """Press keys all at once, as they come over a slow line."""
    for key in keys:
        window.app.post_message(events.Key(key, key if len(key) == 1 else None))


def layers(window: Window, kind: type[object]) -> int:
    """Return how many screens of a kind are open."""
    return sum(isinstance(screen, kind) for screen in window.app.screen_stack)


async def settles(window: Window) -> None:
    """Wait until what was pressed has been done, and what that began."""
    await window.pilot.pause()
    await window.until(lambda: all(worker.group != "conversation" for worker in window.app.workers), "the work")
    await window.pilot.pause()


@pytest.mark.parametrize("key", ["enter", "escape"])
async def test_a_key_that_closes_closes_once(tmp_path: Path, key: str) -> None:
    async with opened(tmp_path) as window:
        await switch(window)
        burst(window, key, key, key)
        await window.until(lambda: window.app.screen is window.app.chat, "the page")
        await window.press("f1")
        await window.until(lambda: layers(window, KeysScreen) == 1, "the keys")
        burst(window, key, key, key)
        await settles(window)
        assert window.app.screen is window.app.chat


async def test_a_form_is_opened_once(tmp_path: Path) -> None:
    async with opened(tmp_path, config=provider(NOWHERE)) as window:
        await switch(window)
        burst(window, "f9", "f9", "f9")
        await window.until(lambda: form_is_open(window), "the form")
        await window.until(lambda: all(worker.group != "configure" for worker in window.app.workers))
        assert layers(window, ProviderForm) == 1


async def test_removing_a_provider_is_asked_once(tmp_path: Path) -> None:
    config = provider(NOWHERE, name="acme") + provider(NOWHERE, name="shop")
    async with opened(tmp_path, config=config) as window:
        page = await open_page(window)
        await window.press("home")
        burst(window, "delete", "delete")
        await window.sees("Remove acme?")
        await window.until(lambda: all(worker.group != "configure" for worker in window.app.workers))
        assert layers(window, ConfirmScreen) == 1
        await window.press("left", "enter")
        await window.until(
            lambda: window.app.screen is page and "acme" not in window.session.clients.settings.providers
        )


async def test_renaming_a_conversation_is_asked_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.says("one")
        await window.press("f6")
        burst(window, "r", "r", "r")
        await window.until(lambda: layers(window, NameScreen) == 1, "the question")
        await settles(window)
        assert len(window.app.screen_stack) == 2


async def test_a_row_is_deleted_with_the_key_right_after_f6(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.says("one")
        await window.press("ctrl+n")
        await window.until(lambda: not window.conversation.id, "a new one")
        await window.writes("two")
        window.hits("enter")
        while not window.conversation.turns:  # noqa: ASYNC110 (not until it is saved)
            await asyncio.sleep(0)
        burst(window, "f6", "delete")
        await window.sees("Deleted.")
        assert [row.title for row in window.session.index] == ["one"]
        burst(window, "delete", "delete")
        await window.until(lambda: len(window.session.index) == 0)
        burst(window, "u", "u")
        await window.until(lambda: len(window.session.index) == 2)


async def test_the_same_text_is_not_opened_twice(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        for words in ("Once.", "Once.", "Twice."):
            show_text(window.app.chat.app, "News", words)
        await window.pilot.pause()
        assert layers(window, TextScreen) == 2


async def test_a_form_that_ends_below_another_screen_closes_with_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        form = await form_of(window)
        await form.chooses("kind", "openai")
        await form.chooses("server", "ollama")
        burst(window, "ctrl+s", "f1")
        await window.until(lambda: isinstance(window.app.screen, KeysScreen), "the keys over the form")
        await window.until(lambda: "ollama" in window.session.clients.settings.providers, "what was saved")
        await window.press("escape")
        await window.until(lambda: window.app.screen is window.app.chat, "the page")


async def test_quitting_asks_for_what_is_typed_below_another_screen(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        form = await form_of(window)
        await form.types("title", "Acme")
        await window.press("f1", "ctrl+q", "ctrl+q")
        await window.sees("Quit without saving?")
        assert layers(window, ConfirmScreen) == 1
        await window.press("enter", "escape")
        assert window.app.screen is form.screen
        form.screen.forget()


async def test_quitting_asks_for_options_that_are_not_saved(tmp_path: Path) -> None:
    async with opened(tmp_path, config=provider(NOWHERE)) as window:
        await options(window)
        await replace(window, "You are a pirate.")
        await window.press("ctrl+q")
        await window.sees("Quit without saving?")
        await window.press("enter", "escape")
        await window.sees("Close without saving?")
        await window.press("left", "enter")
        await window.until(lambda: window.app.screen is window.app.chat, "the page")
