"""Everything that can be done in the app by a key: one table for bindings, for the footer and for F1.

A key can be changed in `[keys]` of the configuration, by the id of its action.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from textual.binding import Binding

from chatgrid_tui.ui.transcript.pane import Transcript
from chatgrid_tui.ui.widgets.conversation_list import ConversationList
from chatgrid_tui.ui.widgets.help_screen import KeyGroup
from chatgrid_tui.ui.widgets.key_bar import KeyHint
from chatgrid_tui.ui.widgets.message_field import MessageField


@dataclass(frozen=True, slots=True)
class Action:
    """Something that a key does. `id` is its name in `[keys]`; `run` is Textual's name for it."""

    id: str
    run: str
    keys: tuple[str, ...]
    label: str
    """One word or two, for the footer."""
    description: str
    """For F1."""
    group: str
    priority: bool = True
    """Whether it goes before what the focused widget would do with the key."""

    @property
    def binding(self) -> Binding:
        """The binding for Textual."""
        return Binding(
            ",".join(self.keys), self.run, self.description, show=False, priority=self.priority, id=self.id
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
NEW: Final = Action("chat.new", "new", ("ctrl+n", "f5"), "New", "a new conversation on this board", "Everywhere")
LIST: Final = Action("chat.list", "list", ("f6",), "List", "the list of conversations", "Everywhere")
STOP: Final = Action(
    "chat.stop",
    "escape",
    ("escape",),
    "Stop",
    "stop the reply, its text stays; else to the message",
    "Conversation",
)
BACK: Final = Action("chat.stop", "escape", ("escape",), "Message", "", "")
"""What Esc does while nothing is being written."""
CHOOSE: Final = Action(
    "chat.choose",
    "choose",
    ("tab", "shift+tab"),
    "Choose",
    "to suggestions and buttons, then the conversation",
    "Conversation",
    priority=False,
)
NEWEST: Final = Action(
    "chat.newest", "in_transcript('newest')", ("end",), "Newest", "to the newest text", "Conversation", priority=False
)
OLDEST: Final = Action(
    "chat.oldest", "in_transcript('oldest')", ("home",), "Oldest", "to the beginning", "Conversation", priority=False
)
PAGE_UP: Final = Action(
    "chat.page_up",
    "in_transcript('page(-1)')",
    ("pageup",),
    "Page up",
    "a page up in the conversation",
    "Conversation",
    priority=False,
)
PAGE_DOWN: Final = Action(
    "chat.page_down",
    "in_transcript('page(1)')",
    ("pagedown",),
    "Page down",
    "a page down",
    "Conversation",
    priority=False,
)

APP_ACTIONS: Final = (COMMANDS, KEYS, QUIT)
COPY: Final = Action(
    "chat.copy",
    "copy_selection",
    ("ctrl+c", "super+c"),
    "Copy",
    "copy what is selected",
    "Conversation",
    priority=False,
)
CHAT_ACTIONS: Final = (SWITCH, NEW, LIST, STOP, CHOOSE, COPY, NEWEST, OLDEST, PAGE_UP, PAGE_DOWN)
ALWAYS_SHOWN: Final = (COMMANDS, KEYS)

_BY_ID: Final[Mapping[str, Action]] = {action.id: action for action in (*APP_ACTIONS, *CHAT_ACTIONS)}

IN_TRANSCRIPT: Final = (
    KeyHint("in_transcript('press')", ("enter",), "Press"),
    KeyHint("", ("left right",), "Move"),
    KeyHint("in_transcript('copy')", ("c",), "Copy"),
)
"""What the footer shows besides while the conversation has the focus."""

IN_LIST: Final = (KeyHint("in_list('open')", ("enter",), "Open"), KeyHint("", ("up down",), "Move"))
"""What the footer shows besides while the list of conversations has the focus."""

IN_COMMANDS: Final = (KeyHint("pick", ("enter",), "Do it"), KeyHint("close", ("escape",), "Close"))
"""What the list of commands shows below it."""

_MORE_KEYS: Final = (
    KeyGroup(
        "Message",
        (
            KeyHint("", ("enter",), "send"),
            KeyHint("", ("ctrl+j", "shift+enter", "alt+enter"), "new line"),
            KeyHint("", ("up",), "in an empty message: take back what is queued"),
        ),
    ),
    KeyGroup(
        "In the conversation, after Tab",
        (
            KeyHint("", ("left right", "up down"), "among suggestions, buttons and bubbles"),
            KeyHint("", ("enter",), "press; open a link or an attachment"),
            KeyHint("", ("1 to 9",), "press the suggestion or button of that number"),
            KeyHint("", ("c",), "copy the bubble as its source, or the link"),
            KeyHint("", ("y",), "copy the block of code"),
        ),
    ),
)


def with_keys(settings: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return Textual's keymap for `[keys]`, and the ids in it that no action has."""
    widgets = (Transcript, ConversationList, MessageField)
    bindings = [binding for widget in widgets for binding in widget.BINDINGS]
    ids = {*_BY_ID, *(binding.id for binding in bindings if isinstance(binding, Binding))}
    known = {action: keys for action, keys in settings.items() if action in ids}
    return known, [action for action in settings if action not in ids]


def hints(actions: Iterable[Action], keymap: Mapping[str, str]) -> list[KeyHint]:
    """Return the footer's entries for actions, with the keys that they have now."""
    return [KeyHint(action.run, _keys_of(action, keymap), action.label) for action in actions]


def key_groups(keymap: Mapping[str, str]) -> list[KeyGroup]:
    """Return all keys, for F1."""
    actions = (*CHAT_ACTIONS, *APP_ACTIONS)
    groups = [
        KeyGroup(
            title,
            tuple(
                KeyHint("", _keys_of(action, keymap), action.description)
                for action in actions
                if action.group == title
            ),
        )
        for title in ("Conversation", "Everywhere")
    ]
    return [_MORE_KEYS[0], groups[0], _MORE_KEYS[1], groups[1]]


def _keys_of(action: Action, keymap: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(keymap[action.id].split(",")) if action.id in keymap else action.keys
