"""The keys in the lowest row."""

from __future__ import annotations

import pytest

from chatgrid_tui.ui.actions.keys import KeyHint, key_name, prefers_function_keys
from chatgrid_tui.ui.appearance import ASCII_SIGNS, UNICODE_SIGNS
from chatgrid_tui.ui.widgets.key_bar import KeyBar
from ui.widgets.frame_app import FrameApp

HINTS = (
    KeyHint("stop", ("escape",), "Stop"),
    KeyHint("choose", ("tab",), "Choose"),
    KeyHint("switch", ("ctrl+k", "f4"), "Switch"),
    KeyHint("move", ("left right",), "Move"),
)
ALWAYS = (KeyHint("palette", ("ctrl+p", "f8"), "Commands"), KeyHint("keys", ("f1",), "Keys"))


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TMUX", "STY", "ZELLIJ", "INSIDE_EMACS", "NVIM", "VIM_TERMINAL", "TERM_PROGRAM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("TERMINAL_EMULATOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (80, "  Esc Stop   Tab Choose   Ctrl+K Switch   ← → Move   Ctrl+P Commands   F1 Keys"),
        (70, "  Esc Stop   Tab Choose   Ctrl+K Switch    Ctrl+P Commands   F1 Keys"),
        (46, " Esc Stop           Ctrl+P Commands   F1 Keys"),
        (34, " Esc Stop                 F1 Keys"),
        (14, " Esc Stop"),
        (3, " E"),
    ],
)
async def test_what_gives_way(width: int, line: str) -> None:
    bar = KeyBar()
    app = FrameApp(bar)
    async with app.run_test(size=(width, 2)) as pilot:
        bar.show(HINTS, ALWAYS)
        await pilot.pause()
        assert app.lines()[0] == line


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (52, "  Esc Stop   Tab Choose   Ctrl+K Switch   ← → Move"),
        (51, "  Esc Stop   Tab Choose   Ctrl+K Switch"),
    ],
)
async def test_without_entries_at_the_right_the_row_is_full(width: int, line: str) -> None:
    bar = KeyBar(margin=2)
    app = FrameApp(bar)
    async with app.run_test(size=(width, 2)) as pilot:
        bar.show(HINTS)
        await pilot.pause()
        assert app.lines()[0] == line


async def test_in_a_multiplexer_it_names_the_function_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMUX", "/tmp/tmux")
    bar = KeyBar()
    app = FrameApp(bar)
    async with app.run_test(size=(80, 2)) as pilot:
        bar.show(HINTS, ALWAYS)
        await pilot.pause()
        assert "F4 Switch" in app.lines()[0]
        assert app.lines()[0].endswith("F8 Commands   F1 Keys")


async def test_a_click_does_what_the_entry_says() -> None:
    bar = KeyBar()
    app = FrameApp(bar)
    async with app.run_test(size=(80, 2), message_hook=app.hear) as pilot:
        bar.show(HINTS, ALWAYS)
        await pilot.pause()
        for words in ("Switch", "Commands", "Esc"):
            await pilot.click(KeyBar, offset=(app.lines()[0].index(words), 0))
        await pilot.click(KeyBar, offset=(0, 0))
        assert [told.action for told in app.heard_of(KeyBar.Pressed)] == ["switch", "palette", "stop"]


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("ctrl+k", "Ctrl+K"),
        ("f12", "F12"),
        ("escape", "Esc"),
        ("shift+tab", "Shift+Tab"),
        ("c", "C"),
        ("slash", "/"),
        ("pageup", "PageUp"),
        ("up down", "↑ ↓"),
        ("alt+enter", "Alt+Enter"),
    ],
)
def test_names_of_keys(key: str, name: str) -> None:
    assert key_name(key, UNICODE_SIGNS) == name


def test_names_of_keys_without_unicode() -> None:
    assert key_name("left right", ASCII_SIGNS) == "< >"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, False),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, False),
        ({"TMUX": "x"}, True),
        ({"STY": "1.tty"}, True),
        ({"ZELLIJ": "0"}, True),
        ({"TERM": "screen-256color"}, True),
        ({"TERM": "tmux-256color"}, True),
        ({"TERM_PROGRAM": "vscode"}, True),
        ({"TERMINAL_EMULATOR": "JetBrains-JediTerm"}, True),
    ],
)
def test_terminals_that_take_ctrl_keys(environment: dict[str, str], expected: bool) -> None:
    assert prefers_function_keys(environment) is expected
