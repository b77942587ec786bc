"""The keys of the list of conversations, and what can be done with its rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from textual.binding import Binding

from chatgrid_tui.ui.actions.action import keys_of
from chatgrid_tui.ui.actions.parts import LIST_ACTIONS

RowTask: TypeAlias = Literal["rename", "pin", "archive", "export", "delete", "memory"]
"""What can be done with conversations of the list, besides opening them."""

LIST_KEYS: Final = (
    Binding("up", "move(-1)", "Up", show=False, id="list.up"),
    Binding("down", "move(1)", "Down", show=False, id="list.down"),
    Binding("pageup", "page(-1)", "Page up", show=False, id="list.page_up"),
    Binding("pagedown", "page(1)", "Page down", show=False, id="list.page_down"),
    Binding("home", "go(0)", "First", show=False, id="list.first"),
    Binding("end", "go(-1)", "Last", show=False, id="list.last"),
    *(action.binding for action in LIST_ACTIONS),
)


def keys_in_list(action_id: str, keymap: Mapping[str, str]) -> tuple[str, ...]:
    """Return the keys of an action of the list, given by its id. `keymap` has the changed keys."""
    return next(keys_of(action, keymap) for action in LIST_ACTIONS if action.id == action_id)
