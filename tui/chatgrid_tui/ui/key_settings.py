"""The keys of `[keys]`: which of them are used, and what is wrong with the others."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from textual.binding import Binding
from textual.keys import KEY_TO_UNICODE_NAME, REPLACED_KEYS

from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.actions.everywhere import APP_ACTIONS
from chatgrid_tui.ui.actions.parts import PART_ACTIONS
from chatgrid_tui.ui.actions.table import CHAT_ACTIONS
from chatgrid_tui.ui.conversation_list.conversation_list import ConversationList
from chatgrid_tui.ui.transcript.transcript import Transcript
from chatgrid_tui.ui.wire.wire_rows import WireRows

_FOR_TYPING: Final = frozenset(
    {"space", "enter", "backspace", "delete", "left", "right", "up", "down", "tab", "ctrl+i", "ctrl+m"}
)
"""The last two are Tab and Enter in a terminal."""
_NAMED: Final = frozenset(
    {
        *_FOR_TYPING, "escape", "home", "end", "pageup", "pagedown", "insert", "menu",
        *(f"f{number}" for number in range(1, 25)),
    }
)  # fmt: skip
"""Keys that are no characters, as Textual calls them."""
_MODIFIERS: Final = frozenset({"alt", "ctrl", "hyper", "meta", "shift", "super"})
_TAKE_ENTER: Final = frozenset({"composer.send", "composer.new_line", "find.next", "find.previous"})
"""Actions that may have Enter and the arrows, as they are about typing."""
_LONGEST: Final = 40
_MOVING: Final = (Transcript, ConversationList, WireRows)
"""What has a cursor with keys of its own."""
_IN_FORMS: Final = frozenset(action.id for action in APP_ACTIONS)
"""The actions that work over the page too."""


@dataclass(frozen=True, slots=True)
class KeySettings:
    """The keymap for Textual, and sentences about what is wrong with `[keys]`."""

    keymap: dict[str, str]
    complaints: tuple[str, ...] = ()


def read_keys(settings: Mapping[str, str]) -> KeySettings:
    """Return the keys that are used. An action keeps its own keys if it is given one that does not exist, or one that
    typing needs. If two actions have the same key, both keep it, and a complaint says so.
    """
    bindings = _bindings()
    unknown = [action for action in settings if action not in bindings]
    keymap: dict[str, str] = {}
    complaints: list[str] = []
    if unknown:
        listed = ", ".join(clean_line(action, _LONGEST) for action in unknown)
        complaints.append(f"`[keys]` names unknown actions: {listed}.")
    for action, keys in settings.items():
        if action in unknown:
            continue
        names = _names(keys)
        if missing := next((key for key in _split(keys) if not _exists(key)), ""):
            shown = clean_line(missing, _LONGEST)
            complaints.append(f"`[keys]` gives {shown} to {action}, but there is no such key. It keeps its own keys.")
        elif taken := [key for key in names if _is_for_typing(action, key, bindings[action].priority)]:
            shown = clean_line(taken[0], _LONGEST)
            complaints.append(f"`[keys]` gives {shown} to {action}, but typing needs it. It keeps its own keys.")
        else:
            keymap[action] = ",".join(names)
    return KeySettings(keymap, (*complaints, *_clashes(keymap, bindings)))


def _clashes(keymap: Mapping[str, str], bindings: Mapping[str, Binding]) -> list[str]:
    """Return sentences about keys that `keymap` gives to an action while another has them in the same place."""
    complaints: dict[str, None] = {}
    for action, keys in keymap.items():
        for key in _names(keys):
            for other, binding in bindings.items():
                if other == action or not _meet(action, other):
                    continue
                if key in _names(keymap.get(other, binding.key)):
                    both = " and ".join(sorted((action, other)))
                    shown = clean_line(key, _LONGEST)
                    complaints[f"With `[keys]`, {shown} is a key of {both}. Only one of them gets it."] = None
    return list(complaints)


def _bindings() -> dict[str, Binding]:
    """Return the binding of each action whose keys can be changed, by its id."""
    moves = [binding for widget in _MOVING for binding in widget.BINDINGS if isinstance(binding, Binding)]
    every = [action.binding for action in (*PART_ACTIONS, *CHAT_ACTIONS, *APP_ACTIONS)]
    return {binding.id: binding for binding in (*moves, *every) if binding.id}


def _names(keys: str) -> list[str]:
    """Return the keys of a list with their names in Textual: `Shift+Ctrl+X` is `ctrl+shift+x`."""
    return [_name(key) for key in _split(keys)]


def _split(keys: str) -> list[str]:
    return [key.strip() for key in keys.split(",") if key.strip()]


def _name(key: str) -> str:
    if len(key) == 1:
        return key
    *modifiers, last = key.lower().split("+")
    return "+".join((*sorted(modifiers), last))


def _exists(key: str) -> bool:
    """Return whether there is a key with this name, with or without modifiers."""
    if len(key) == 1:
        return True
    *modifiers, last = key.lower().split("+")
    return _MODIFIERS.issuperset(modifiers) and (last in _NAMED or _is_character(last))


def _is_for_typing(action: str, key: str, priority: bool) -> bool:
    """Return whether an action with priority would take a key away from typing. Those of a replay work only while
    nothing is written.
    """
    if not priority or action.startswith("replay.") or (action in _TAKE_ENTER and key in ("enter", "up", "down")):
        return False
    return key in _FOR_TYPING or _is_character(key)


def _is_character(key: str) -> bool:
    """Return whether a key is a character, given as itself or by its name in Textual."""
    if len(key) == 1:
        return True
    name = REPLACED_KEYS.get(key, key)
    try:
        return unicodedata.lookup(KEY_TO_UNICODE_NAME.get(name, name.replace("_", " "))).isprintable()
    except KeyError:
        return False


def _meet(one: str, other: str) -> bool:
    """Return whether there is a place where both actions work."""
    places = {action.split(".")[0] for action in (one, other)}
    if "form" in places:  # the page below it gets no keys
        return len(places) == 1 or not _IN_FORMS.isdisjoint((one, other))
    return len(places) == 1 or not places.isdisjoint(("app", "chat", "provider"))
