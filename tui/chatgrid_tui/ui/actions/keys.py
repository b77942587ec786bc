"""Keys as the screen shows them: their names, and what they do."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from chatgrid_tui.ui.appearance import Signs

_FUNCTION_KEY: Final = re.compile(r"f\d{1,2}")
_NAMES: Final = {
    "escape": "Esc",
    "ctrl": "Ctrl",
    "alt": "Alt",
    "shift": "Shift",
    "super": "Super",
    "enter": "Enter",
    "tab": "Tab",
    "space": "Space",
    "home": "Home",
    "end": "End",
    "pageup": "PageUp",
    "pagedown": "PageDown",
    "backspace": "Backspace",
    "delete": "Delete",
    "menu": "Menu",
    "slash": "/",
    "backslash": "\\",
    "question_mark": "?",
}


@dataclass(frozen=True, slots=True)
class KeyHint:
    """A key and what it does. `keys` are alternatives, in Textual's names, the usual one first.

    An alternative with spaces is several keys that belong together: `"left right"` is shown as `← →`.
    """

    action: str
    keys: tuple[str, ...]
    label: str
    id: str = ""
    """The id of the action in `[keys]`, if its keys can be changed."""

    def with_keys(self, keymap: Mapping[str, str]) -> KeyHint:
        """Return the hint with its keys from `[keys]`."""
        keys = keymap.get(self.id)
        return self if keys is None else replace(self, keys=tuple(keys.split(",")))


def key_name(key: str, signs: Signs) -> str:
    """Return the displayed name of a key: `Ctrl+K` for `ctrl+k`."""
    arrows = {"up": signs.above, "down": signs.below, "left": signs.left, "right": signs.right}
    return " ".join("+".join(_part_name(part, arrows) for part in one.split("+")) for one in key.split())


def _part_name(part: str, arrows: Mapping[str, str]) -> str:
    if part in arrows:
        return arrows[part]
    return _NAMES.get(part) or (part.upper() if len(part) == 1 or _FUNCTION_KEY.fullmatch(part) else part)


def prefers_function_keys(environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether the terminal uses Ctrl keys itself, as multiplexers and terminals in editors do."""
    if any(environment.get(name) for name in ("TMUX", "STY", "ZELLIJ", "INSIDE_EMACS", "NVIM", "VIM_TERMINAL")):
        return True
    return (
        environment.get("TERM_PROGRAM", "") in ("vscode", "zed")
        or "JetBrains" in environment.get("TERMINAL_EMULATOR", "")
        or environment.get("TERM", "").startswith(("screen", "tmux"))
    )


def usual_key(keys: Sequence[str], signs: Signs, *, function_key: bool) -> str:
    """Return the name of the first key, or of the first function key if that is preferred and there is one."""
    function_keys = [key for key in keys if function_key and _FUNCTION_KEY.fullmatch(key)]
    return key_name((function_keys or keys)[0], signs) if keys else ""
