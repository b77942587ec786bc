"""The keys that work here and now: the lowest row of the screen."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip

from chatgrid_tui.ui.appearance import Look, Part, Signs
from chatgrid_tui.ui.widgets.cells import both_ends, side_margin, width_of
from chatgrid_tui.ui.widgets.one_line import OneLine

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
    "slash": "/",
    "question_mark": "?",
}


@dataclass(frozen=True, slots=True)
class KeyHint:
    """A key and what it does. `keys` are ways to do it, in Textual's names, the usual one first.

    A way with blanks in it is several keys that belong together: `"left right"` is shown as `← →`.
    """

    action: str
    keys: tuple[str, ...]
    label: str
    id: str = ""
    """What the keys are called in `[keys]`, where they can be others."""

    def with_keys(self, keymap: Mapping[str, str]) -> KeyHint:
        """Return the hint with the keys that `[keys]` gives it."""
        keys = keymap.get(self.id)
        return self if keys is None else replace(self, keys=tuple(keys.split(",")))


def key_name(key: str, signs: Signs) -> str:
    """Return how a key is called on the screen: `ctrl+k` is `Ctrl+K`."""
    arrows = {"up": signs.above, "down": signs.below, "left": signs.left, "right": signs.right}
    return " ".join("+".join(_part_name(part, arrows) for part in one.split("+")) for one in key.split())


def _part_name(part: str, arrows: Mapping[str, str]) -> str:
    if part in arrows:
        return arrows[part]
    return _NAMES.get(part) or (part.upper() if len(part) == 1 or _FUNCTION_KEY.fullmatch(part) else part)


def prefers_function_keys(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the terminal around takes Ctrl keys for itself: multiplexers, and terminals inside editors."""
    if any(environment.get(name) for name in ("TMUX", "STY", "ZELLIJ", "INSIDE_EMACS", "NVIM", "VIM_TERMINAL")):
        return True
    return (
        environment.get("TERM_PROGRAM", "") in ("vscode", "zed")
        or "JetBrains" in environment.get("TERMINAL_EMULATOR", "")
        or environment.get("TERM", "").startswith(("screen", "tmux"))
    )


class KeyBar(OneLine):
    """Shows `KeyHint`s; those that do not fit give way from the right, but never the first."""

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
        """`margin`: that of the page if left out."""
        super().__init__(id=id)
        self.surface = surface
        self._margin = margin
        self._always: tuple[KeyHint, ...] = ()
        self._hints: tuple[KeyHint, ...] = ()
        self._functions = prefers_function_keys()
        self._places: list[tuple[int, int, str]] = []

    def show(self, hints: Sequence[KeyHint], always: Sequence[KeyHint] = ()) -> None:
        """Show the keys of what has the focus, the way out first; `always` stands at the right end."""
        news = (tuple(hints), tuple(always))
        if news != (self._hints, self._always):
            self._hints, self._always = news
            self.refresh()

    def drawn(self, look: Look, width: int) -> Strip:
        """Return the row."""
        margin = side_margin(self) if self._margin is None else self._margin
        room = width - 2 * margin
        always, shown = list(self._always), list(self._hints)
        while len(shown) > 1 and self._together(look, shown, always) > room:
            shown.pop()
        # On the narrowest screens the help key is what stays beside the first entry.
        while len(always) > 1 and self._together(look, shown, always) > room:
            always.pop(0)
        if self._together(look, shown, always) > room:
            always = []
        fill = look.style("text", self.surface)
        edge = Segment(" " * margin, fill)
        self._places = [
            *self._placed(look, shown, margin),
            *self._placed(look, always, width - margin - self._width(look, always)),
        ]
        return both_ends([edge, *self._segments(look, shown)], [*self._segments(look, always), edge], width, fill)

    def on_click(self, event: events.Click) -> None:
        """Do what the entry under the mouse says."""
        for start, end, action in self._places:
            if start <= event.x < end:
                event.stop()
                self.post_message(self.Pressed(action))
                return

    def _key(self, hint: KeyHint, look: Look) -> str:
        function_keys = [key for key in hint.keys if _FUNCTION_KEY.fullmatch(key)]
        chosen = function_keys if self._functions and function_keys else hint.keys
        return key_name(chosen[0], look.signs) if chosen else ""

    def _entry(self, look: Look, hint: KeyHint) -> list[Segment]:
        return [
            Segment(self._key(hint, look), look.style("text", self.surface)),
            Segment(f" {hint.label}", look.style("muted", self.surface)),
        ]

    def _segments(self, look: Look, hints: Sequence[KeyHint]) -> list[Segment]:
        gap = Segment(" " * _BETWEEN, look.style("text", self.surface))
        return [segment for hint in hints for segment in (gap, *self._entry(look, hint))][1:]

    def _width(self, look: Look, hints: Sequence[KeyHint]) -> int:
        return width_of(self._segments(look, hints))

    def _together(self, look: Look, shown: Sequence[KeyHint], always: Sequence[KeyHint]) -> int:
        between = _BETWEEN if shown and always else 0
        return self._width(look, shown) + between + self._width(look, always)

    def _placed(self, look: Look, hints: Sequence[KeyHint], start: int) -> list[tuple[int, int, str]]:
        places = []
        for hint in hints:
            end = start + width_of(self._entry(look, hint))
            places.append((start, end, hint.action))
            start = end + _BETWEEN
        return places
