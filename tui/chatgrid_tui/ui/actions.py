"""Everything that a key or a command does: one table for bindings, footer, palette and F1.

A key can be changed in `[keys]` of the configuration, by the id of its action.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from textual.binding import Binding

from chatgrid_tui.ui.appearance import Signs
from chatgrid_tui.ui.overlays.keys_screen import KeyGroup
from chatgrid_tui.ui.widgets.key_bar import KeyHint, key_name

GROUPS: Final = ("Conversation", "Reading", "Providers", "Everywhere")
_NO_KEY: Final = "no key"
"""The key of an action without one, as Textual needs a key. No keyboard has it."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something that a key does. `id` is its name in `[keys]`, `run` the action that Textual runs."""

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


COMMANDS: Final = Action(
    "app.commands", "command_palette", ("ctrl+p", "f8"), "Commands", "all commands, and the themes", "Everywhere"
)
KEYS: Final = Action("app.keys", "show_keys", ("f1",), "Keys", "this page", "Everywhere")
QUIT: Final = Action(
    "app.quit", "quit", ("ctrl+q", "f10"), "Quit", "quit; replies that are being written are kept", "Everywhere"
)
SWITCH: Final = Action(
    "app.switch", "switch", ("ctrl+k", "f4"), "Switch", "another provider, board or conversation", "Everywhere"
)
NEW: Final = Action("chat.new", "new", ("ctrl+n", "f5"), "New", "a new conversation on this board", "Conversation")
LIST: Final = Action("chat.list", "list", ("f6",), "List", "list of conversations; again, hide it", "Conversation")
STOP: Final = Action(
    "chat.stop", "escape", ("escape",), "Stop", "stop the reply, or go back to the message", "Conversation"
)
BACK: Final = Action("chat.stop", "escape", ("escape",), "Message", "", "")
"""What Esc does while nothing is being written."""
FIND: Final = Action(
    "chat.find", "find", ("ctrl+f", "f3"), "Find", "find in this conversation; again: the next one", "Reading"
)
FIND_NEXT: Final = Action(
    "chat.find_next", "find_step(-1)", ("ctrl+g",), "Find next", "the next one that was found, upwards", "Reading"
)
FIND_PREVIOUS: Final = Action(
    "chat.find_previous",
    "find_step(1)",
    ("shift+f3", "f15"),  # many terminals call Shift+F3 F15
    "Find previous",
    "the one before, downwards",
    "Reading",
)
CHOOSE: Final = Action(
    "chat.choose",
    "choose",
    ("tab", "shift+tab"),
    "Choose",
    "to suggestions and buttons, then the conversation",
    "Reading",
    priority=False,
)
COPY_CODE: Final = Action(
    "transcript.copy_code",
    "in_transcript('copy_code')",
    ("ctrl+y",),
    "Copy code",
    "copy the code in view; again, the next",
    "Reading",
    priority=False,
)
MENU: Final = Action(
    "chat.menu",
    "bubble('menu')",
    ("f9", "menu", "f16"),  # many terminals call the menu key F16
    "Menu",
    "the menu of the bubble; or right-click",
    "Reading",
    priority=False,
)
COPY_TEXT: Final = Action(
    "chat.copy_text",
    "bubble('copy_text')",
    ("ctrl+t",),
    "Copy as text",
    "copy the bubble without its Markdown",
    "Reading",
    priority=False,
)
QUOTE: Final = Action(
    "chat.quote",
    "bubble('quote')",
    ("ctrl+u",),
    "Quote",
    "quote the bubble or the selection",
    "Reading",
    priority=False,
)
DETAILS: Final = Action(
    "chat.details",
    "bubble('details')",
    ("ctrl+d",),
    "Details",
    "everything that is known of the reply",
    "Reading",
    priority=False,
)
NEWEST: Final = Action(
    "chat.newest",
    "in_transcript('newest')",
    ("end", "ctrl+end"),
    "Newest",
    "to the newest text",
    "Reading",
    priority=False,
)
OLDEST: Final = Action(
    "chat.oldest",
    "in_transcript('oldest')",
    ("home", "ctrl+home"),
    "Oldest",
    "to the beginning",
    "Reading",
    priority=False,
)
PAGE_UP: Final = Action(
    "chat.page_up",
    "in_transcript('page(-1)')",
    ("pageup",),
    "Page up",
    "a page up in the conversation",
    "Reading",
    priority=False,
)
PAGE_DOWN: Final = Action(
    "chat.page_down", "in_transcript('page(1)')", ("pagedown",), "Page down", "a page down", "Reading", priority=False
)
ALERTS: Final = Action(
    "chat.alerts", "alerts", ("f12", "ctrl+o"), "Read", "read the notices above the message in full", "Conversation"
)

WIRE: Final = Action("chat.wire", "wire", ("f2",), "Wire", "what went over the wire for a reply", "Everywhere")

APP_ACTIONS: Final = (COMMANDS, KEYS, QUIT)
COPY: Final = Action(
    "chat.copy", "copy_selection", ("ctrl+c", "super+c"), "Copy", "copy what is selected", "Reading", priority=False
)
ADD_PROVIDER: Final = Action(
    "provider.add", "provider('add')", (), "Add a provider", "a service of any kind, or a model", "Providers"
)
EDIT_PROVIDER: Final = Action(
    "provider.edit",
    "provider('edit')",
    (),
    "Edit this provider",
    "its address, key, boards and the rest",
    "Providers",
)
TEST_PROVIDER: Final = Action(
    "provider.test",
    "provider('test')",
    (),
    "Test this provider",
    "address, key and listing; sends no message",
    "Providers",
)
REMOVE_PROVIDER: Final = Action(
    "provider.remove",
    "provider('remove')",
    (),
    "Remove this provider",
    "and its key; conversations stay",
    "Providers",
)
RENAME: Final = Action(
    "chat.rename", "conversation('rename')", (), "Rename conversation", "another title for it", "Conversation"
)
DELETE: Final = Action(
    "chat.delete",
    "conversation('delete')",
    (),
    "Delete conversation",
    "after a question; at the service as well",
    "Conversation",
)
FETCH: Final = Action(
    "chat.fetch",
    "conversation('fetch')",
    (),
    "Fetch messages",
    "what was said elsewhere, from the service",
    "Conversation",
)
MEMORY: Final = Action(
    "chat.memory", "conversation('memory')", (), "Memory", "what the service remembers of this chat", "Conversation"
)
UPKEEP: Final = (RENAME, DELETE, FETCH, MEMORY)
FIND_ACTIONS: Final = (FIND, FIND_NEXT, FIND_PREVIOUS)
PROVIDERS: Final = Action(
    "provider.list", "offer('providers')", (), "Providers and keys", "status, key and credits", "Providers"
)
OPTIONS: Final = Action(
    "chat.options",
    "offer('options')",
    (),
    "Conversation options",
    "system prompt and parameters, for models",
    "Conversation",
)
PROVIDER_ACTIONS: Final = (PROVIDERS, ADD_PROVIDER, EDIT_PROVIDER, TEST_PROVIDER, REMOVE_PROVIDER)
CHAT_ACTIONS: Final = (
    SWITCH,
    NEW,
    LIST,
    WIRE,
    *PROVIDER_ACTIONS,
    STOP,
    ALERTS,
    CHOOSE,
    *FIND_ACTIONS,
    *UPKEEP,
    OPTIONS,
    COPY,
    COPY_CODE,
    MENU,
    COPY_TEXT,
    QUOTE,
    DETAILS,
    NEWEST,
    OLDEST,
    PAGE_UP,
    PAGE_DOWN,
)
ALWAYS_SHOWN: Final = (COMMANDS, KEYS)
IN_FOOTER: Final = (CHOOSE, SWITCH, NEW, WIRE, LIST, FIND)

IN_TRANSCRIPT: Final = (
    KeyHint("in_transcript('press')", ("enter",), "Press", "transcript.press"),
    KeyHint(MENU.run, MENU.keys[:1], MENU.label, MENU.id),
    KeyHint("", ("left right",), "Move"),
    KeyHint("in_transcript('copy')", ("ctrl+c",), "Copy", "transcript.copy"),
    KeyHint("in_transcript('copy_code')", ("ctrl+y",), "Copy code", "transcript.copy_code"),
)
"""What the footer adds while the conversation has the focus."""

_MORE_KEYS: Final = (
    KeyGroup(
        "Message",
        (
            KeyHint("", ("enter",), "send", "composer.send"),
            KeyHint("", ("ctrl+j", "shift+enter", "alt+enter"), "new line", "composer.new_line"),
            KeyHint("", ("up",), "in an empty message: take back what is queued"),
        ),
    ),
    KeyGroup(
        "In the conversation, after Tab",
        (
            KeyHint("", ("left right", "up down"), "among suggestions, buttons and bubbles"),
            KeyHint(
                "",
                ("enter",),
                "press; open a link, a file, the reasoning, or the menu",
                "transcript.press",
            ),
            KeyHint("", ("1 to 9",), "press the suggestion or button of that number"),
            KeyHint("", ("ctrl+c",), "copy the bubble as its source, an error, or the link", "transcript.copy"),
            KeyHint("", ("shift+up", "shift+down"), "select rows; left and right by characters"),
            KeyHint("", ("ctrl+a",), "select the bubble; once more, everything", "transcript.select_all"),
        ),
    ),
    KeyGroup(
        "In the list of conversations",
        (
            KeyHint("", ("enter",), "open", "list.open"),
            KeyHint("", ("/",), "filter by title, bot and provider", "list.filter"),
            KeyHint("", ("f9", "r"), "rename", "list.rename"),
            KeyHint("", ("delete",), "delete, after a question", "list.delete"),
            KeyHint("", ("m",), "what the service remembers of it", "list.memory"),
        ),
    ),
    KeyGroup(
        "In the wire pane",
        (
            KeyHint("", ("up", "down"), "from row to row; also Page up, Page down, Home, End"),
            KeyHint("", ("left", "right"), "another view: raw, decoded, effect, headers"),
            KeyHint("", ("enter",), "show in the reply; on a small screen, the details", "wire.show"),
            KeyHint("", ("v",), "the row in full", "wire.full"),
            KeyHint("", ("/",), "list only rows that match a regular expression", "wire.filter"),
            KeyHint("", ("t",), "list only rows of the next type", "wire.type"),
            KeyHint("", ("space",), "hold the view; the stream goes on", "wire.hold"),
            KeyHint("", ("]",), "the next stall, error or note", "wire.next_mark"),
            KeyHint("", ("[",), "the one before", "wire.previous_mark"),
            KeyHint("", ("ctrl+c",), "copy the bytes of the row as text", "wire.copy"),
        ),
    ),
    KeyGroup(
        "Where places are listed",
        (
            KeyHint("", ("enter",), "go there; on a board, to a new conversation"),
            KeyHint("", ("ctrl+k", "f4"), "the next row; Enter at once is the place before", SWITCH.id),
            KeyHint("", ("ctrl+n", "f5"), "a new conversation where the row is", NEW.id),
            KeyHint("", ("f9",), "edit the provider of the row", "switcher.edit"),
            KeyHint("", ("delete",), "remove the provider, after a question"),
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


def hints(actions: Iterable[Action], keymap: Mapping[str, str]) -> list[KeyHint]:
    """Return the footer's entries for actions, with the keys that they have now."""
    return [KeyHint(action.run, keys_of(action, keymap), action.label) for action in actions]


def key_groups(keymap: Mapping[str, str]) -> list[KeyGroup]:
    """Return all keys, for F1, and the commands that have none."""
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
    listed = (more[0], conversation, reading, *more[1:], *others)
    return [*(group for group in listed if group.hints), KeyGroup("Commands", commands=commands)]


def how_to_send(keymap: Mapping[str, str], signs: Signs) -> str:
    """Return the hint in the empty composer: how to send a message, and how to make a new line."""
    send, new_line = (hint.with_keys(keymap) for hint in _MORE_KEYS[0].hints[:2])
    return f"{key_name(send.keys[0], signs)} sends {signs.dot} {key_name(new_line.keys[0], signs)} new line"


def keys_of(action: Action, keymap: Mapping[str, str]) -> tuple[str, ...]:
    """Return the keys that an action has now."""
    return tuple(keymap[action.id].split(",")) if action.id in keymap else action.keys
