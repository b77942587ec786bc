"""All keys for F1: those of the actions, and those that only work in one part of the screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chatgrid_tui.ui.action import GROUPS, keys_of
from chatgrid_tui.ui.actions import APP_ACTIONS, CHAT_ACTIONS, NEW, SEARCH, SWITCH
from chatgrid_tui.ui.appearance import Signs
from chatgrid_tui.ui.overlays.keys_screen import KeyGroup
from chatgrid_tui.ui.widgets.key_bar import KeyHint, key_name

IN_CONVERSATION: Final = "In the conversation, after Tab"
IN_LIST: Final = "In the list of conversations"
IN_WIRE: Final = "In the wire pane"

_MORE_KEYS: Final = (
    KeyGroup(
        "Message",
        (
            KeyHint("", ("enter",), "send", "composer.send"),
            KeyHint("", ("ctrl+j", "shift+enter", "alt+enter"), "new line", "composer.new_line"),
            KeyHint("", ("/",), "in an empty message: complete prompts, commands, and what was said before"),
            KeyHint("", ("up",), "in an empty message: take back what is queued, then what was said before"),
            KeyHint("", ("down",), "from there to what was said later, and to what was typed"),
        ),
    ),
    KeyGroup(
        IN_CONVERSATION,
        (
            KeyHint("", ("left right", "up down"), "among suggestions, buttons and bubbles"),
            KeyHint(
                "",
                ("enter",),
                "press; open a link, a file, the reasoning, or the menu",
                "transcript.press",
            ),
            KeyHint("", ("1 to 9",), "press the suggestion or button with that number"),
            KeyHint("", ("ctrl+c",), "copy the bubble as its source, an error, or the link", "transcript.copy"),
            KeyHint("", ("shift+up", "shift+down"), "select rows; left and right by characters"),
            KeyHint("", ("ctrl+a",), "select the bubble; once more, everything", "transcript.select_all"),
        ),
    ),
    KeyGroup(
        IN_LIST,
        (
            KeyHint("", ("enter",), "open", "list.open"),
            KeyHint("", ("/",), "filter by title, bot and provider; is:archived", "list.filter"),
            KeyHint("", ("f9",), "the menu of the row; or right-click", "list.menu"),
            KeyHint("", ("space",), "mark, to do something with several; or Ctrl+click", "list.mark"),
            KeyHint("", ("shift+up", "shift+down"), "mark from row to row; or Shift+click"),
            KeyHint("", ("ctrl+a",), "mark all; again, none", "list.mark_all"),
            KeyHint("", ("p",), "pin to the top; again, no longer", "list.pin"),
            KeyHint("", ("a",), "archive; in the archive, back to the list", "list.archive"),
            KeyHint("", ("v",), "view the archive, or the list again", "list.archived"),
            KeyHint("", ("r",), "rename", "list.rename"),
            KeyHint("", ("e",), "export to a file", "list.export"),
            KeyHint("", ("delete",), "delete", "list.delete"),
            KeyHint("", ("u",), "undo a deletion, within ten seconds", "list.undo"),
            KeyHint("", ("m",), "what the service remembers of it", "list.memory"),
        ),
    ),
    KeyGroup(
        IN_WIRE,
        (
            KeyHint("", ("up", "down"), "from row to row; also Page up, Page down, Home, End"),
            KeyHint("", ("left", "right"), "another view: raw, decoded, effect, headers"),
            KeyHint("", ("enter",), "show in the reply; on a small screen, the details", "wire.show"),
            KeyHint("", ("v",), "the row in full", "wire.full"),
            KeyHint("", ("/",), "list only rows that match a regular expression", "wire.filter"),
            KeyHint("", ("t",), "list only rows of the next type", "wire.type"),
            KeyHint("", ("space",), "hold the view; the stream goes on", "wire.hold"),
            KeyHint("", ("e",), "the try before this one, if the message was sent again", "wire.try"),
            KeyHint("", ("]",), "the next stall, error or note", "wire.next_mark"),
            KeyHint("", ("[",), "the one before", "wire.previous_mark"),
            KeyHint("", ("ctrl+c",), "copy the bytes of the row as text", "wire.copy"),
            KeyHint("", ("u",), "copy the request as a cURL command", "wire.curl"),
            KeyHint("", ("h",), "copy the request as Python with httpx", "wire.httpx"),
            KeyHint("", ("r",), "resend the request exactly as it was", "wire.resend"),
            KeyHint("", ("s",), "save the recording in a file", "wire.save"),
            KeyHint("", ("k",), "keep the recording when old ones are deleted; again: do not", "wire.keep"),
        ),
    ),
    KeyGroup(
        "Where places are listed",
        (
            KeyHint("", ("enter",), "go there; on a board, to a new conversation"),
            KeyHint("", ("ctrl+k", "f4"), "the next row; Enter at once is the place before", SWITCH.id),
            KeyHint("", ("ctrl+n", "f5"), "a new conversation where the row is", NEW.id),
            KeyHint("", ("f9",), "edit the provider of the row", "switcher.edit"),
            KeyHint("", ("delete",), "remove the provider, after confirmation"),
        ),
    ),
    KeyGroup(
        "In the search",
        (
            KeyHint("", ("enter",), "go to the message in its conversation"),
            KeyHint("", ("ctrl+s", "f11"), "the next hit; also up and down", SEARCH.id),
        ),
    ),
    KeyGroup(
        "In the form of a provider",
        (
            KeyHint("", ("tab", "up down"), "from field to field; left and right choose in a row"),
            KeyHint("", ("ctrl+s",), "save"),
            KeyHint("", ("ctrl+t",), "test, without sending a message"),
        ),
    ),
)


def key_groups(keymap: Mapping[str, str], first: str = "") -> list[KeyGroup]:
    """Return all keys, and the commands without one, for F1. The group with the title `first` comes first."""
    every = (*CHAT_ACTIONS, *APP_ACTIONS)
    groups = {
        title: KeyGroup(
            title,
            tuple(
                KeyHint("", keys, action.description)
                for action in every
                if action.group == title and (keys := keys_of(action, keymap))
            ),
        )
        for title in GROUPS
    }
    more = [KeyGroup(group.title, tuple(hint.with_keys(keymap) for hint in group.hints)) for group in _MORE_KEYS]
    commands = tuple((action.label, action.description) for action in every if not keys_of(action, keymap))
    conversation, reading, *others = (groups[title] for title in GROUPS)
    listed = [more[0], conversation, reading, *more[1:], *others]
    listed.sort(key=lambda group: group.title != first)
    return [*(group for group in listed if group.hints), KeyGroup("Commands", commands=commands)]


def how_to_send(keymap: Mapping[str, str], signs: Signs) -> str:
    """Return the hint in the empty composer: how to send a message, and how to insert a newline."""
    send, new_line = (hint.with_keys(keymap) for hint in _MORE_KEYS[0].hints[:2])
    return f"{key_name(send.keys[0], signs)} sends {signs.dot} {key_name(new_line.keys[0], signs)} new line"
