"""Keys that arrive in a burst, as over a slow connection: each goes where the keys before it lead."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual import events

from app.test_repeated_keys import burst
from app.window import Window, opened
from chatgrid_tui.cli.app import OpeningOptions, make_app
from chatgrid_tui.config.paths import Paths
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.ui.background_work import leading
from chatgrid_tui.ui.overlays.keys_screen import KeysScreen
from chatgrid_tui.ui.providers.form import ProviderForm


def clicks(window: Window, x: int, y: int) -> None:
    """Click as fast as keys come."""
    for kind in (events.MouseDown, events.MouseUp):
        window.app.post_message(kind(None, x, y, 0, 0, 1, False, False, False, x, y))


async def test_letters_after_the_switcher_key_filter_the_switcher(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        burst(window, "ctrl+k", *"echo widget", "enter")
        await window.until(lambda: window.conversation.provider.kind == "widget", "the other place")
        await window.until(lambda: window.app.screen is window.app.chat, "the page")
        assert window.typed == ""


async def test_a_digit_after_tab_chooses(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        before = window.conversation
        burst(window, "tab", "2")
        await window.until(lambda: window.conversation is not before, "the second bot")
        assert window.typed == ""


async def test_typing_over_the_conversation_is_a_message_unless_it_is_a_key(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.meets(1)
        await window.says("menu")
        burst(window, "tab", *"/echo x 1", "enter")
        await window.until(lambda: len(window.conversation.turns) == 2, "the message")
        assert window.conversation.turns[-1].shown == "/echo x 1"
        await window.settled()


async def test_a_digit_typed_at_the_first_frame_chooses(tmp_path: Path) -> None:
    app = make_app(Paths.usual(tmp_path / "config.toml", tmp_path / "data"), OpeningOptions())
    async with app.run_test(size=(120, 40)) as pilot:
        window = Window(app, pilot)
        await window.sees("Ready")
        burst(window, "tab", "3")
        await window.until(lambda: app.chat.session is not None and window.conversation.board.id != "", "a board")
        await window.sees("Message Long writer")
        assert window.typed == ""
        await app.end(0)


async def test_text_after_a_choice_goes_to_the_chosen_conversation(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        before = window.conversation
        burst(window, *"first", "enter", "ctrl+k", *"echo chatgrid", "enter", *"second", "enter", *"third")
        await window.until(lambda: window.typed == "third", "the last word")
        await window.settled()
        assert window.conversation is not before
        assert [turn.shown for turn in window.conversation.turns] == ["second"]
        assert [turn.shown for turn in before.turns] == ["first"]


async def test_a_paste_keeps_its_place_among_keys(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        burst(window, *"abc", "backspace")
        window.app.post_message(events.Paste("pasted"))
        burst(window, *"de", "left", "backspace", "f1")
        await window.until(lambda: isinstance(window.app.screen, KeysScreen), "the keys")
        assert window.typed == "abpastede"


async def test_a_form_that_is_still_opening_takes_what_is_typed(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        burst(window, "ctrl+p", *"add a provider", "enter", *"acme")
        await window.until(lambda: isinstance(window.app.screen, ProviderForm), "the form")
        form = window.app.screen
        assert isinstance(form, ProviderForm)
        await window.until(lambda: form.filled.title == "acme", "the name")
        assert window.typed == ""


async def test_a_click_waits_for_the_keys_before_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.says("/two")
        await window.begins_new()
        await window.says("hello")
        await window.until(lambda: any("hello" in line[:32] for line in window.lines), "it in the list")
        here = window.conversation
        window.app.chat.composer.load("")
        burst(window, "ctrl+k", "escape", *"typed here first")
        clicks(window, *window.find("/two"))
        await window.until(lambda: window.conversation is not here, "the one that was clicked")
        await window.until(lambda: here.draft == "typed here first", "what was typed before")
        assert window.typed == ""


async def test_text_typed_before_the_first_screen_is_not_lost(tmp_path: Path) -> None:
    app = make_app(Paths.usual(tmp_path / "config.toml", tmp_path / "data"), OpeningOptions())
    for key in ("e", "a", "r", "l", "y"):
        app.post_message(events.Key(key, key))
    async with app.run_test(size=(120, 40)) as pilot:
        window = Window(app, pilot)
        await window.until(lambda: window.typed == "early", "what was typed")
        await window.until(lambda: app.chat.session is not None, "the history")
        await app.end(0)


async def test_work_that_opens_nothing_does_not_hold_keys_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path) as window:
        await window.says("hello")
        held = asyncio.Event()

        async def fetches(conversation: Conversation) -> int:
            await held.wait()
            return 0

        monkeypatch.setattr(window.session.remote, "fetch_now", fetches)
        window.app.chat.controller.conversation_actions.do("fetch")
        burst(window, "tab", "escape", *"meanwhile")
        await window.until(lambda: window.typed == "meanwhile", "what was typed while it is being fetched")
        held.set()


async def test_work_that_takes_long_is_waited_for_once_and_other_work_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path) as window:
        await window.says("conversation is empty")
        here = window.conversation
        await window.press("ctrl+n")
        await window.until(lambda: window.conversation is not here)
        there, reads = window.conversation, window.session.open
        slow, quick = asyncio.Event(), asyncio.Event()

        async def opens(conversation_id: int) -> Conversation:
            await (slow if conversation_id < 0 else quick).wait()
            return await reads(conversation_id) if conversation_id > 0 else there

        monkeypatch.setattr(window.session, "open", opens)
        window.app.type_ahead.patience = 0.1
        window.app.chat.controller.navigation.open(-1)
        burst(window, "f1", "escape", *"not held for ever")
        await window.until(lambda: window.typed == "not held for ever", "what was typed")
        slow.set()
        await window.until(lambda: not list(leading(window.app)), "the end of what took long")
        window.app.type_ahead.patience = 20
        window.app.chat.controller.navigation.open(here.id)
        burst(window, "end", *"held")
        await window.until(lambda: window.app.type_ahead.waiting >= 4, "letters that wait")
        assert window.typed == "not held for ever"
        quick.set()
        await window.until(lambda: window.typed == "held", "what belongs to the other conversation")
        assert there.draft == "not held for ever"
        assert window.conversation is here


async def test_an_unacknowledged_key_does_not_hold_others_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path) as window:
        lost: list[object] = []
        monkeypatch.setattr(window.app.type_ahead, "handled", lost.append)
        burst(window, "f6", "escape", *"here all the same")
        await window.until(lambda: window.typed == "here all the same", "what was typed")
        assert lost
