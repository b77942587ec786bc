"""Keys that come all at once, as over a slow line: each goes where the ones before it lead."""

from __future__ import annotations

from pathlib import Path

from textual import events

from app.test_layers import burst
from app.window import opened
from chatgrid_tui.ui.overlays.keys_screen import KeysScreen
from chatgrid_tui.ui.providers.form import ProviderForm


async def test_letters_behind_the_key_of_the_switcher_look_for_a_place(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        burst(window, "ctrl+k", *"echo widget", "enter")
        await window.until(lambda: window.conversation.provider.kind == "widget", "the other place")
        await window.until(lambda: window.app.screen is window.app.chat, "the page")
        assert window.typed == ""


async def test_a_number_behind_tab_chooses(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        before = window.conversation
        burst(window, "tab", "2")
        await window.until(lambda: window.conversation is not before, "the second bot")
        assert window.typed == ""


async def test_what_is_typed_behind_a_choice_goes_to_the_place_that_was_chosen(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        before = window.conversation
        burst(window, *"first", "enter", "ctrl+k", *"echo chatgrid", "enter", *"second", "enter", *"third")
        await window.until(lambda: window.typed == "third", "the last word")
        await window.settled()
        assert window.conversation is not before
        assert [turn.shown for turn in window.conversation.turns] == ["second"]
        assert [turn.shown for turn in before.turns] == ["first"]


async def test_what_is_pasted_keeps_its_place_among_keys(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        burst(window, *"abc", "backspace")
        window.app.post_message(events.Paste("pasted"))
        burst(window, *"de", "left", "backspace", "f1")
        await window.until(lambda: isinstance(window.app.screen, KeysScreen), "the keys")
        assert window.typed == "abpastede"


async def test_a_form_that_is_still_opening_takes_what_is_typed(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        burst(window, "ctrl+p", *"add a provider", "enter", "down", *"acme")
        await window.until(lambda: isinstance(window.app.screen, ProviderForm), "the form")
        form = window.app.screen
        assert isinstance(form, ProviderForm)
        await window.until(lambda: form.draft.shown == "acme", "the name")
        assert window.typed == ""
