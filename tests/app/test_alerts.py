"""Alerts never take the keys: they are shown above the composer until they are over or read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from app.window import Window, opened
from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.errors import StorageProblem, UsageProblem
from chatgrid_tui.session.alerts import Condition
from chatgrid_tui.ui.background_work import Work
from chatgrid_tui.ui.overlays.text_screen import TextScreen

FULL = "The disk is full, so this is not saved."
HURRIED = Clock(sleep=lambda seconds: asyncio.sleep(seconds / 40))
LONG = "This sentence is long. " * 30


async def fails() -> None:
    raise UsageProblem("It cannot be done.")


WAYS: dict[str, tuple[Callable[[Window], object], str]] = {
    "a write fails": (lambda window: window.session.storage_failed(StorageProblem(FULL)), FULL),
    "a condition begins": (
        lambda window: window.session.alerts.begin(Condition("settings read only", "They cannot be read.")),
        "They cannot be read.",
    ),
    "work fails": (lambda window: Work(window.app.chat).do(fails, "test"), "It cannot be done."),
    "a message comes": (lambda window: window.session.alerts.add("Something happened."), "Something happened."),
    "a long message comes": (lambda window: window.session.alerts.add(LONG), "This sentence is long."),
}


async def test_alerts_while_typing_take_no_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    tries = [(size, way) for size in ((120, 40), (80, 24), (60, 12)) for way in WAYS.values()]
    async with opened(tmp_path) as window:
        for number, (size, (arise, text)) in enumerate(tries, 1):
            await window.resizes(*size)
            await window.press("a")
            arise(window)
            await window.sees(text)
            assert window.app.screen is window.app.chat
            await window.press("b")
            assert window.typed == "ab" * number
            await window.press("escape")  # conditions stay, messages go
            for kind in ("not saved", "settings read only"):
                window.session.alerts.end(kind)
            await window.sees_no(text)
        await window.press("enter")
        await window.until(lambda: bool(window.conversation.turns), "the message that was typed")
        assert window.conversation.turns[0].shown == "ab" * len(tries)


async def test_a_condition_is_shown_while_it_lasts_and_when_it_returns(tmp_path: Path) -> None:
    async with opened(tmp_path, size=(80, 24)) as window:
        for _ in range(2):
            window.session.alerts.begin(Condition("not saved", FULL))
            await window.sees("! Not saved", FULL, "F12 Read")
            await window.press("f12")
            await window.until(lambda: isinstance(window.app.screen, TextScreen), "the text in full")
            await window.press("escape")
            await window.sees("! Not saved", FULL)
            window.session.alerts.end("not saved")
            await window.sees_no("Not saved")
            await window.sees_no(FULL)


async def test_a_long_message_opens_by_key_or_click_and_is_then_dismissed(tmp_path: Path) -> None:
    async with opened(tmp_path, size=(80, 24)) as window:
        window.session.alerts.add(f"{LONG} The end.")
        await window.sees("This sentence is long.", "…")
        assert "The end." not in window.words
        await window.press("ctrl+o")
        await window.until(lambda: isinstance(window.app.screen, TextScreen), "the text in full")
        await window.press("end", "escape")
        await window.sees_no("This sentence is long.")
        window.session.alerts.add("Once more.")
        await window.clicks("Once more.")
        await window.until(lambda: isinstance(window.app.screen, TextScreen), "the text in full")


async def test_messages_leave_room_for_a_condition(tmp_path: Path) -> None:
    async with opened(tmp_path, size=(80, 24)) as window:
        window.session.alerts.begin(Condition("not saved", FULL))
        window.session.alerts.add(LONG)
        await window.sees("The disk is full", "This sentence is long.")
        for number in range(5):
            window.session.alerts.add(f"Message {number}.")
        await window.sees("The disk is full", "Message 4.")
        await window.resizes(60, 12)
        await window.sees("The disk is full", "Message 4. …")


async def test_escape_to_the_composer_dismisses_no_message(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        for leave in ("tab", "ctrl+f"):
            await window.press(leave)
            await window.until(lambda: window.app.focused is not window.app.chat.composer.field, "the other place")
            window.session.alerts.add("Something happened.")
            await window.sees("Something happened.")
            await window.press("escape")
            await window.until(lambda: window.app.focused is window.app.chat.composer.field, "the message")
            assert window.session.alerts.messages
            await window.press("escape")
            await window.sees_no("Something happened.")


async def test_alerts_at_the_start_take_no_keys(tmp_path: Path) -> None:
    config = '[keys]\n"chat.dance" = "f12"\n'
    async with opened(tmp_path / "first", config="") as first, opened(tmp_path / "first", config=config) as window:
        await window.sees("Another window has this history")
        await window.press("h", "i")
        assert (first.typed, window.typed) == ("", "hi")
        assert window.app.screen is window.app.chat
    (tmp_path / "second").mkdir()
    async with opened(tmp_path / "second", config=config) as window:
        await window.sees("names unknown actions: chat.dance")
        await window.press("h", "i")
        assert window.typed == "hi"


async def test_a_second_window_takes_over_when_the_first_has_ended(tmp_path: Path) -> None:
    async with opened(tmp_path) as first:
        await first.meets(4)
        await first.says("Hello")
        async with opened(tmp_path, clock=HURRIED) as second:
            await second.sees("Another window has this history", "Read only", "Hello")
            await second.press("m", "i", "n", "e", "enter")
            await second.sees("Another window has this history; it is read-only here.")
            assert second.typed == "mine"
            await first.app.end(0)
            await second.sees_no("Another window has this history")
            assert second.typed == "mine"
            await second.press("enter")
            await second.until(lambda: len(second.conversation.turns) == 2, "the message")
            await second.settled()
            assert [turn.shown for turn in second.conversation.turns] == ["Hello", "mine"]
