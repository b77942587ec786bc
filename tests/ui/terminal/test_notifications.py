"""Notifications: which terminals get which sequence, and that no text breaks out of it."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatgrid_tui.ui.terminal.notifications import LONGEST, Sequence, notification, sequence_of


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"TERM": "xterm-256color"}, "bell"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, "OSC 9"),
        ({"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2"}, "OSC 9"),
        ({"TERM": "xterm-kitty"}, "OSC 9"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, "OSC 777"),
        ({"TERM": "foot"}, "OSC 777"),
        ({"TERM": "xterm-kitty", "TMUX": "/tmp/tmux"}, "bell"),
        ({"TERM": "screen", "LC_TERMINAL": "iTerm2"}, "bell"),
        ({}, "bell"),
    ],
)
def test_the_environment_tells_what_the_terminal_shows(environ: Mapping[str, str], expected: Sequence) -> None:
    assert sequence_of(environ) == expected


@given(st.text())
@example("4;1;50")
@example("\x1b]52;c;cm0=\x07\x9c\x1b\\\x9d0;title\x07")
@example("notify;" * 100)
@example("\r\n\u2028\u202egnirts")
def test_no_text_breaks_out_of_the_sequence(text: str) -> None:
    nine, seven = notification(text, "OSC 9"), notification(text, "OSC 777")
    shown = re.fullmatch(r"\x1b\]9;chatgrid-tui: ([^\x00-\x1f\x7f-\x9f;]*)\x07", nine)
    assert shown is not None
    assert seven == f"\x1b]777;notify;chatgrid-tui;{shown[1]}\x07"
    assert len(shown[1]) <= LONGEST
    assert notification(text, "bell") == "\x07"
