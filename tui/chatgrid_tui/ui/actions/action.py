"""An action: what keys, footer, palette and F1 have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from textual.binding import Binding

from chatgrid_tui.ui.actions.keys import KeyHint

GROUPS: Final = ("Message", "Conversation", "Reading", "Wire", "Replay", "Providers", "Everywhere")
"""The groups of the actions that work wherever the focus is, as the palette and F1 list them."""
_NO_KEY: Final = "no key"
"""The key of actions that have none, since Textual requires one. No keyboard has it."""


@dataclass(frozen=True, slots=True)
class Action:
    """An action. `id` is its name in `[keys]`, `run` the action that Textual runs."""

    id: str
    run: str
    keys: tuple[str, ...]
    label: str
    """One word or two, for the footer."""
    description: str
    """For the palette and F1, after the title."""
    group: str
    priority: bool = True
    """Whether it takes precedence over the bindings of the focused widget."""
    long_title: str = ""
    """The title, if it is not the label: that stands next to what it is about."""

    @property
    def title(self) -> str:
        """The name in the palette and F1."""
        return self.long_title or self.label

    @property
    def binding(self) -> Binding:
        """The binding for Textual."""
        keys = either_case(",".join(self.keys)) or _NO_KEY
        return Binding(keys, self.run, self.description, show=False, priority=self.priority, id=self.id)


def hints(actions: Iterable[Action], keymap: Mapping[str, str]) -> list[KeyHint]:
    """Return the footer's entries for actions, with their current keys."""
    return [KeyHint(action.run, keys_of(action, keymap), action.label) for action in actions]


def keys_of(action: Action, keymap: Mapping[str, str]) -> tuple[str, ...]:
    """Return the current keys of an action."""
    return tuple(keymap[action.id].split(",")) if action.id in keymap else action.keys


def either_case(keys: str) -> str:
    """Return Textual's list of keys with both cases of each letter that stands alone: `c` is `c,C`.

    Shift and Caps Lock make another key of a letter, and Textual knows it by the letter itself.
    """
    either: dict[str, None] = {}
    for key in keys.split(","):
        name = key.strip()
        either |= dict.fromkeys((name, name.swapcase()) if len(name) == 1 and name.isalpha() else (name,))
    return ",".join(either)
