"""What goes wrong only if things happen at once: two Enters, a screen that shrinks, a list requested twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events

from app.window import opened
from chatgrid_tui.cli.app import OpeningOptions, make_app
from chatgrid_tui.config.paths import Paths
from chatgrid_tui.ui.overlays.picker import PickerScreen


async def test_two_enters_of_one_moment_send_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.meets(4)
        await window.press(*"once")
        for _ in range(2):
            window.app.post_message(events.Key("enter", "\r"))
        await window.until(lambda: bool(window.conversation.turns), "the message")
        await window.settled()
        assert [turn.sent for turn in window.conversation.turns] == ["once"]
        assert window.typed == ""


async def test_a_list_that_is_hidden_gives_the_keys_back(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.press("f6")
        await window.sees("Enter Open")
        await window.pilot.resize_terminal(60, 20)
        await window.pilot.pause()
        await window.press(*"still here")
        await window.until(lambda: window.typed == "still here", "what was typed")


async def test_the_smallest_screens(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.meets(2)
        await window.says("one")
        for size in ((1, 1), (2, 3), (8, 5), (20, 2), (120, 1), (1, 40), (120, 40)):
            await window.pilot.resize_terminal(*size)
            for key in ("f1", "f8", "f4"):
                window.hits(key)
                await window.until(lambda: len(window.app.screen_stack) == 2, "something over the page")
                window.hits("escape")
                await window.until(lambda: len(window.app.screen_stack) == 1, "the page")
            await window.press("f6", "escape")
            await window.pilot.pause()
        await window.sees("Message Showcase")


async def test_asking_twice_for_places_shows_one_list(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        for _ in range(2):
            window.app.post_message(events.Key("f4", None))
        await window.until(lambda: isinstance(window.app.screen, PickerScreen), "the list")
        await window.pilot.pause()
        assert sum(isinstance(screen, PickerScreen) for screen in window.app.screen_stack) == 1


async def test_a_list_over_the_page_shows_what_is_new(tmp_path: Path) -> None:
    async with opened(tmp_path, size=(80, 24)) as window:
        await window.meets(4)
        await window.says("one")
        await window.press("f6")
        await window.sees("Conversations", "one")
        window.conversation.title = "Another title"
        window.session.row_changed(window.conversation)
        await window.sees("Another title")


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "linux")])
async def test_where_colours_are_few_nothing_is_drawn_in_black(
    name: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLORTERM", raising=False)
    monkeypatch.setenv(name, value)
    async with opened(tmp_path) as window:
        for key in ("f1", "f8"):
            strips = window.app.screen._compositor.render_strips()
            styles = [segment.style for strip in strips for segment in strip if segment.style is not None]
            colours = {colour for style in styles for colour in (style.color, style.bgcolor) if colour is not None}
            assert all(colour.is_default for colour in colours), colours
            await window.press("escape", key)


@pytest.mark.parametrize(
    ("term", "colorterm", "flat"),
    [
        ("xterm", "", True),
        ("linux", "", True),
        ("screen", "", True),
        ("vt220", "", True),
        ("rxvt-16color", "", True),
        ("dumb", "", True),
        ("", "", True),
        ("xterm", "truecolor", False),
        ("linux", "24bit", False),
        ("xterm-256color", "", False),
        ("screen-256color", "", False),
        ("tmux-256color", "", False),
        ("xterm-kitty", "", False),
    ],
)
def test_a_terminal_with_few_colours_gets_signs(
    term: str, colorterm: str, flat: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", term)
    monkeypatch.setenv("COLORTERM", colorterm)
    app = make_app(Paths.usual(tmp_path / "config.toml", tmp_path / "data"), OpeningOptions())
    assert app.look.theme.flat is flat
