"""The keys of `[keys]`: keys needed for typing cannot be taken, and conflicts are reported."""

from __future__ import annotations

from collections import Counter

import pytest

from chatgrid_tui.ui.actions.everywhere import APP_ACTIONS
from chatgrid_tui.ui.actions.table import CHAT_ACTIONS
from chatgrid_tui.ui.key_settings import read_keys


@pytest.mark.parametrize(
    ("settings", "used", "words"),
    [
        ({}, True, ""),
        ({"app.quit": "ctrl+x"}, True, ""),
        ({"app.quit": "enter"}, False, "gives enter to app.quit, but typing needs it"),
        ({"app.quit": "x"}, False, "gives x to app.quit"),
        ({"app.quit": "ctrl+x, full_stop"}, False, "gives full_stop to app.quit"),
        ({"app.quit": "slash"}, False, "gives slash to app.quit"),
        ({"chat.new": "ctrl+1x"}, False, "gives ctrl+1x to chat.new, but there is no such key"),
        ({"chat.new": "ctlr+x"}, False, "gives ctlr+x to chat.new"),
        ({"chat.new": "f7, f25"}, False, "gives f25 to chat.new"),
        ({"chat.new": "ctrl++"}, False, "gives ctrl++ to chat.new"),
        ({"list.rename": "\u202enope"}, False, "to list.rename, but there is no such key"),
        ({"chat.new": "ctrl+shift+pageup"}, True, ""),
        ({"chat.new": "ctrl+underscore"}, True, ""),
        ({"chat.new": "alt+ü"}, True, ""),
        ({"chat.new": "backspace"}, False, "gives backspace to chat.new"),
        ({"chat.new": "Ctrl+M"}, False, "gives ctrl+m to chat.new"),
        ({"chat.stop": "space"}, False, "gives space to chat.stop"),
        ({"chat.stop": "escape"}, True, ""),
        ({"composer.send": "s"}, False, "gives s to composer.send"),
        ({"find.next": "n"}, False, "gives n to find.next"),
        ({"composer.send": "ctrl+j", "composer.new_line": "enter"}, True, ""),
        ({"list.rename": "x"}, True, ""),
        ({"list.mark_up": "f17", "switcher.remove": "f18", "wire.hold": "f19"}, True, ""),
        ({"app.search": "ctrl+s", "form.test": "ctrl+n"}, True, ""),
        ({"form.save": "ctrl+q"}, True, "ctrl+q is a key of app.quit and form.save"),
        ({"form.save": "ctrl+t"}, True, "ctrl+t is a key of form.save and form.test"),
        ({"chat.find": "ctrl+q"}, True, "ctrl+q is a key of app.quit and chat.find"),
        ({"app.quit": "ctrl+k", "app.switch": "ctrl+q"}, True, ""),
        ({"chat.find": "ctrl+b", "chat.new": "ctrl+b"}, True, "ctrl+b is a key of chat.find and chat.new"),
        ({"app.commands": "escape"}, True, "escape is a key of app.commands and chat.stop"),
        ({"list.rename": "ctrl+f"}, True, "ctrl+f is a key of chat.find and list.rename"),
        ({"chat.dance\x1b": "f9"}, False, "names unknown actions: chat.dance"),
    ],
)
def test_keys_of_the_configuration(settings: dict[str, str], used: bool, words: str) -> None:
    read = read_keys(settings)
    assert read.keymap == (settings if used else {})
    assert len(read.complaints) == bool(words)
    assert words in " ".join(read.complaints)
    assert " ".join(read.complaints).isprintable()


def test_a_key_may_be_written_as_the_screen_shows_it() -> None:
    assert read_keys({"chat.new": "Shift+Ctrl+X, F7"}).keymap == {"chat.new": "ctrl+shift+x,f7"}


def test_no_two_actions_have_the_same_key() -> None:
    keys = Counter(key for action in (*APP_ACTIONS, *CHAT_ACTIONS) for key in action.keys)
    assert [key for key, count in keys.items() if count > 1] == []
