"""Notifications of the terminal: OSC 9 or OSC 777 where they are known to be shown, else the bell.

Multiplexers drop these sequences unless they are set up to pass them on, but they do pass on the bell.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from chatgrid_tui.text import clean_line

Sequence: TypeAlias = Literal["OSC 9", "OSC 777", "bell"]
"""What shows a notification."""

BELL: Final = "\a"
TITLE: Final = "chatgrid-tui"
LONGEST: Final = 160
"""The most characters of a notification."""
_MULTIPLEXERS: Final = ("TMUX", "STY", "ZELLIJ")
_BY_PROGRAM: Final[dict[str, Sequence]] = {
    "iTerm.app": "OSC 9",
    "WarpTerminal": "OSC 9",
    "ghostty": "OSC 777",
    "WezTerm": "OSC 777",
}
_BY_TERM: Final[dict[str, Sequence]] = {
    "xterm-kitty": "OSC 9",
    "xterm-ghostty": "OSC 777",
    "wezterm": "OSC 777",
    "foot": "OSC 777",
    "foot-extra": "OSC 777",
    "foot-direct": "OSC 777",
    "rxvt-unicode": "OSC 777",
    "rxvt-unicode-256color": "OSC 777",
}


def sequence_of(environ: Mapping[str, str]) -> Sequence:
    """Return what shows a notification in the terminal with these environment variables."""
    if in_multiplexer(environ):
        return "bell"
    if environ.get("LC_TERMINAL") == "iTerm2":  # which ssh passes on
        return "OSC 9"
    return _BY_PROGRAM.get(environ.get("TERM_PROGRAM", "")) or _BY_TERM.get(environ.get("TERM", ""), "bell")


def in_multiplexer(environ: Mapping[str, str]) -> bool:
    """Return whether a multiplexer is between the program and the terminal."""
    return any(map(environ.get, _MULTIPLEXERS)) or environ.get("TERM", "").startswith(("tmux", "screen"))


def notification(words: str, sequence: Sequence) -> str:
    """Return what to write to the terminal to show `words`, which are cleaned and cut. They end at no separator of
    the sequence, and are not taken for one of its commands, such as `4;1;50`.
    """
    text = clean_line(words.replace(";", ","), LONGEST)
    match sequence:
        case "OSC 9":
            return f"\x1b]9;{TITLE}: {text}{BELL}"
        case "OSC 777":
            return f"\x1b]777;notify;{TITLE};{text}{BELL}"
        case "bell":
            return BELL
