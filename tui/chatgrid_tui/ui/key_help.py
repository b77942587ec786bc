"""All keys for F1: those of the actions, and those that only work in one part of the screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chatgrid_tui.ui.actions import parts
from chatgrid_tui.ui.actions.action import GROUPS, Action, keys_of
from chatgrid_tui.ui.actions.conversation import ALERTS, NEW
from chatgrid_tui.ui.actions.everywhere import APP_ACTIONS, SEARCH, SWITCH
from chatgrid_tui.ui.actions.keys import KeyHint, key_name
from chatgrid_tui.ui.actions.table import CHAT_ACTIONS
from chatgrid_tui.ui.appearance import Signs
from chatgrid_tui.ui.overlays.keys_screen import KeyGroup

_OF_PARTS: Final[Mapping[str, tuple[Action | KeyHint, ...]]] = {
    parts.IN_MESSAGE: (
        *parts.MESSAGE_ACTIONS,
        KeyHint("", ("/",), "in an empty message: complete prompts, commands, and what was said before"),
        KeyHint("", ("up",), "in an empty message: take back what is queued, then what was said before"),
        KeyHint("", ("down",), "from there to what was said later, and to what was typed"),
    ),
    parts.IN_CONVERSATION: (
        KeyHint("", ("left right", "up down"), "among suggestions, buttons and bubbles"),
        *parts.CURSOR_ACTIONS,
        KeyHint("", ("1 to 9",), "press the suggestion or button with that number"),
        KeyHint("", ("shift+up", "shift+down"), "select rows; left and right by characters"),
    ),
    parts.IN_LIST: parts.LIST_ACTIONS,
    parts.IN_WIRE: (
        KeyHint("", ("up", "down"), "from row to row; also Page up, Page down, Home, End"),
        KeyHint("", ("left", "right"), "another view: raw, decoded, effect, headers"),
        *parts.WIRE_ACTIONS,
    ),
    parts.IN_SWITCHER: (
        KeyHint("", ("enter",), "go there; on a board, to a new conversation"),
        KeyHint("", ("ctrl+k", "f4"), "the next row; Enter at once is the place before", SWITCH.id),
        KeyHint("", ("ctrl+n", "f5"), "a new conversation where the row is", NEW.id),
        *parts.SWITCHER_ACTIONS,
    ),
    parts.IN_PROVIDERS: parts.PROVIDERS_ACTIONS,
    "In the search": (
        KeyHint("", ("enter",), "go to the message in its conversation"),
        KeyHint("", ("ctrl+s", "f11"), "the next hit; also up and down", SEARCH.id),
    ),
    parts.IN_FIND: parts.FIND_ACTIONS,
    parts.IN_FORM: (
        KeyHint("", ("tab", "up down"), "from field to field; left and right choose in a row"),
        *parts.FORM_ACTIONS,
    ),
}


def key_groups(keymap: Mapping[str, str], first: str = "") -> list[KeyGroup]:
    """Return all keys, and the commands without one, for F1. The group with the title `first` comes first."""
    every = (*CHAT_ACTIONS, *APP_ACTIONS)
    entries: dict[str, list[Action | KeyHint]] = {title: [] for title in (*GROUPS, *_OF_PARTS)}
    for title, of_part in _OF_PARTS.items():
        entries[title] += of_part
    for action in every:
        entries[action.group].append(action)
    groups = [KeyGroup(title, _shown(listed, keymap)) for title, listed in entries.items()]
    groups.sort(key=lambda group: group.title != first)
    commands = tuple((action.title, action.description) for action in every if not keys_of(action, keymap))
    return [*(group for group in groups if group.hints), KeyGroup("Commands", commands=commands)]


def _shown(entries: list[Action | KeyHint], keymap: Mapping[str, str]) -> tuple[KeyHint, ...]:
    hints = (
        KeyHint("", keys_of(entry, keymap), f"{entry.title}: {entry.description}", entry.id)
        if isinstance(entry, Action)
        else entry.with_keys(keymap)
        for entry in entries
    )
    return tuple(hint for hint in hints if hint.keys)


def how_to_send(keymap: Mapping[str, str], signs: Signs) -> str:
    """Return the hint in the empty composer: how to send a message, and how to insert a newline."""
    send, new_line = (keys_of(action, keymap)[0] for action in parts.MESSAGE_ACTIONS)
    return f"{key_name(send, signs)} sends {signs.dot} {key_name(new_line, signs)} new line"


def how_to_read(keymap: Mapping[str, str], signs: Signs) -> str:
    """Return the hint after notices that are cut: the key that shows them in full."""
    return f"{key_name(keys_of(ALERTS, keymap)[0], signs)} {ALERTS.label}"
