"""An action: what keys, footer, palette and F1 have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from textual.binding import Binding

from chatgrid_tui.ui.widgets.key_bar import KeyHint

GROUPS: Final = ("Conversation", "Reading", "Replay", "Providers", "Everywhere")
_NO_KEY: Final = "no key"
"""The key of actions that have none, since Textual requires one. No keyboard has it."""


@dataclass(frozen=True, slots=True)
class Action:
    """An action. `id` is its name in `[keys]`, `run` the action that Textual runs."""

    id: str
    run: str
    keys: tuple[str, ...]
    label: str
    """One word or two, for the footer and the palette."""
    description: str
    """For the palette and F1."""
    group: str
    priority: bool = True
    """Whether it takes precedence over the bindings of the focused widget."""

    @property
    def binding(self) -> Binding:
        """The binding for Textual."""
        return Binding(
            ",".join(self.keys) or _NO_KEY, self.run, self.description, show=False, priority=self.priority, id=self.id
        )


def hints(actions: Iterable[Action], keymap: Mapping[str, str]) -> list[KeyHint]:
    """Return the footer's entries for actions, with their current keys."""
    return [KeyHint(action.run, keys_of(action, keymap), action.label) for action in actions]


def keys_of(action: Action, keymap: Mapping[str, str]) -> tuple[str, ...]:
    """Return the current keys of an action."""
    return tuple(keymap[action.id].split(",")) if action.id in keymap else action.keys
