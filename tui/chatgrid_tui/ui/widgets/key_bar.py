"""The footer: the keys that work now, in the lowest row of the screen."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from textual import events
from textual.content import Content
from textual.message import Message
from textual.style import Style

from chatgrid_tui.ui.appearance import Look, Part, Signs
from chatgrid_tui.ui.widgets.one_line import OneLine, styled

_BETWEEN = 3
_FUNCTION_KEY = re.compile(r"f\d{1,2}")
_NAMES = {
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


class KeyBar(OneLine):
    """Shows `KeyHint`s. Those that do not fit are left out from the right, but never the first one."""

    @dataclass
    class Pressed(Message):
        """An entry was clicked."""

        action: str

    def __init__(
        self,
        *,
        surface: Part = "panel",
        margin: int | None = None,
        id: str | None = None,  # noqa: A002 (Textual's own name)
    ) -> None:
        """`margin` is the number of free cells at both sides, by default that of the page."""
        super().__init__(id=id)
        self.set_class(surface == "overlay", "-on-overlay")
        if margin is not None:
            self.styles.padding = (0, margin)
        self._always: tuple[KeyHint, ...] = ()
        self._hints: tuple[KeyHint, ...] = ()
        self._functions = prefers_function_keys()

    def show(self, hints: Sequence[KeyHint], always: Sequence[KeyHint] = ()) -> None:
        """Show the keys of the focused widget, the way out first, and `always` at the right end."""
        if (entries := (tuple(hints), tuple(always))) != (self._hints, self._always):
            self._hints, self._always = entries
            self.refresh()

    def ends(self, look: Look, room: int) -> tuple[Content, Content]:
        """Overrides `OneLine.ends`."""
        left, right = ([self._entry(look, hint) for hint in hints] for hints in (self._hints, self._always))
        while len(left) > 1 and _width([*left, *right]) > room:
            left.pop()
        while right and _width([*left, *right]) > room:  # the last one is the help key
            right.pop(0)
        gap = Content(" " * _BETWEEN)
        return gap.join(left), gap.join(right)

    def on_click(self, event: events.Click) -> None:
        """Run the action of the entry under the mouse."""
        if action := event.style.meta.get("key"):
            event.stop()
            self.post_message(self.Pressed(action))

    def _entry(self, look: Look, hint: KeyHint) -> Content:
        name = usual_key(hint.with_keys(self.app._keymap).keys, look.signs, function_key=self._functions)
        strong = "bold" if look.theme.flat else ""  # without colours, nothing else tells a key from its label
        entry = Content.assemble(styled(name, "text", strong), styled(f" {hint.label}", "muted"))
        return entry.stylize(Style.from_meta({"key": hint.action}))


def _width(entries: Sequence[Content]) -> int:
    return sum(entry.cell_length + _BETWEEN for entry in entries) - _BETWEEN
