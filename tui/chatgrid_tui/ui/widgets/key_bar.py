"""The footer: the keys that work now, in the lowest row of the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.message import Message
from textual.style import Style

from chatgrid_tui.ui.actions.keys import KeyHint, prefers_function_keys, usual_key
from chatgrid_tui.ui.appearance import Look, Part
from chatgrid_tui.ui.widgets.one_line import OneLine, styled

_BETWEEN = 3


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
