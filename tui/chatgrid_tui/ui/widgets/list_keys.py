"""The keys of the list of conversations, and what can be done with its rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from textual.binding import Binding

from chatgrid_tui.ui.letter_keys import either_case

RowTask: TypeAlias = Literal["rename", "pin", "archive", "export", "delete", "memory"]
"""What can be done with conversations of the list, besides opening them."""

LIST_KEYS: Final = (
    Binding("up", "move(-1)", "Up", show=False, id="list.up"),
    Binding("down", "move(1)", "Down", show=False, id="list.down"),
    Binding("pageup", "page(-1)", "Page up", show=False, id="list.page_up"),
    Binding("pagedown", "page(1)", "Page down", show=False, id="list.page_down"),
    Binding("home", "go(0)", "First", show=False, id="list.first"),
    Binding("end", "go(-1)", "Last", show=False, id="list.last"),
    Binding("enter", "open", "Open", show=False, id="list.open"),
    Binding("slash", "filter", "Filter", show=False, id="list.filter"),
    Binding("space", "mark", "Mark", show=False, id="list.mark"),
    Binding("shift+up", "mark_to(-1)", "Mark up", show=False),
    Binding("shift+down", "mark_to(1)", "Mark down", show=False),
    Binding("ctrl+a", "mark_all", "Mark all", show=False, id="list.mark_all"),
    Binding("f9,menu,f16", "menu", "Menu", show=False, id="list.menu"),
    Binding(either_case("r"), "ask('rename')", "Rename", show=False, id="list.rename"),
    Binding(either_case("p"), "ask('pin')", "Pin", show=False, id="list.pin"),
    Binding(either_case("a"), "ask('archive')", "Archive", show=False, id="list.archive"),
    Binding(either_case("e"), "ask('export')", "Export", show=False, id="list.export"),
    Binding("delete,backspace", "ask('delete')", "Delete", show=False, id="list.delete"),
    Binding(either_case("u"), "screen.conversation('undo')", "Undo", show=False, id="list.undo"),
    Binding(either_case("v"), "show_archive", "Archived", show=False, id="list.archived"),
    Binding(either_case("m"), "ask('memory')", "Memory", show=False, id="list.memory"),
)


def keys_in_list(action: str, keymap: Mapping[str, str]) -> tuple[str, ...]:
    """Return the keys of an action of the list, given by its id. `keymap` has the changed keys."""
    own = next(binding.key for binding in LIST_KEYS if binding.id == action)
    return tuple(keymap.get(action, own).split(","))
