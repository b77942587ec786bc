"""All actions of keys and commands: one table for bindings, footer, palette and F1.

A key can be changed in `[keys]` of the configuration, by the id of its action.
"""

from __future__ import annotations

from typing import Final

from chatgrid_tui.ui.action import Action
from chatgrid_tui.ui.again_actions import REPLAY_IN_RECORDING, SAY_AGAIN, VARIANTS
from chatgrid_tui.ui.attachment_actions import ATTACHMENTS
from chatgrid_tui.ui.composing_actions import COMPOSING
from chatgrid_tui.ui.outside_actions import OPEN_CONFIGURATION, VIEW
from chatgrid_tui.ui.part_actions import COPY_AT_CURSOR, PRESS
from chatgrid_tui.ui.widgets.key_bar import KeyHint
from chatgrid_tui.ui.wire_actions import ON_WIRE, WIRE

COMMANDS: Final = Action(
    "app.commands", "command_palette", ("ctrl+p", "f8"), "Commands", "all of them, and the themes", "Everywhere"
)
KEYS: Final = Action("app.keys", "show_keys", ("f1",), "Keys", "all of them", "Everywhere")
QUIT: Final = Action("app.quit", "quit", ("ctrl+q", "f10"), "Quit", "replies being written are kept", "Everywhere")
REDRAW: Final = Action(
    "app.redraw", "redraw", ("ctrl+l",), "Redraw", "if something wrote on the screen", "Everywhere"
)
SWITCH: Final = Action(
    "app.switch", "switch", ("ctrl+k", "f4"), "Switch", "provider, board or conversation", "Everywhere"
)
SEARCH: Final = Action(
    "app.search",
    "search",
    ("ctrl+s", "f11"),
    "Search",
    "with filters",
    "Everywhere",
    long_title="Search all conversations",
)
NEW: Final = Action(
    "chat.new", "new", ("ctrl+n", "f5"), "New", "on this board", "Conversation", long_title="New conversation"
)
NEW_USER: Final = Action(
    "chat.new_user",
    "begin('new user')",
    ("alt+n",),
    "New user",
    "this board with a fresh session",
    "Conversation",
)
FORK: Final = Action(
    "chat.fork",
    "bubble('fork')",
    ("alt+shift+f", "alt+f"),  # many terminals send Ctrl+Right for Alt+F
    "Fork",
    "a new one up to this message",
    "Conversation",
)
RUN_AGAIN: Final = Action(
    "chat.run_again",
    "begin('run again')",
    (),
    "Run again",
    "my messages, on this or another board",
    "Conversation",
)
SPLIT: Final = Action(
    "chat.split",
    "split('other')",
    ("ctrl+backslash",),
    "Split",
    "into two; again: go to the other",
    "Conversation",
    long_title="Split the page",
)
UNSPLIT: Final = Action(
    "chat.unsplit", "split('close')", ("alt+w",), "One conversation", "close the other side", "Conversation"
)
LIST: Final = Action(
    "chat.list",
    "list",
    ("f6",),
    "List",
    "show it, go to it, hide it",
    "Conversation",
    long_title="List of conversations",
)
STOP: Final = Action(
    "chat.stop",
    "escape",
    ("escape",),
    "Stop",
    "or go back to the message",
    "Conversation",
    long_title="Stop the reply",
)
BACK: Final = Action("chat.stop", "escape", ("escape",), "Message", "", "")
"""What Esc does while nothing is being written."""
FIND: Final = Action("chat.find", "find", ("ctrl+f", "f3"), "Find", "again: the next match", "Reading")
FIND_NEXT: Final = Action("chat.find_next", "find_step(-1)", ("ctrl+g",), "Find next", "upwards", "Reading")
FIND_PREVIOUS: Final = Action(
    "chat.find_previous",
    "find_step(1)",
    ("shift+f3", "f15"),  # many terminals call Shift+F3 F15
    "Find previous",
    "downwards",
    "Reading",
)
CHOOSE: Final = Action(
    "chat.choose",
    "choose",
    ("tab", "shift+tab"),
    "Choose",
    "a suggestion or button, then a bubble",
    "Reading",
    priority=False,
)
COPY_CODE: Final = Action(
    "transcript.copy_code",
    "in_transcript('copy_code')",
    ("ctrl+y",),
    "Copy code",
    "in view; again: the next block",
    "Reading",
    priority=False,
)
MENU: Final = Action(
    "chat.menu",
    "bubble('menu')",
    ("f9", "menu", "f16"),  # many terminals call the menu key F16
    "Menu",
    "like a right-click",
    "Reading",
    priority=False,
    long_title="Menu of the bubble",
)
COPY_MARKDOWN: Final = Action(
    "chat.copy_markdown", "bubble('copy')", (), "Copy as Markdown", "the bubble as its source", "Reading"
)
COPY_TEXT: Final = Action(
    "chat.copy_text",
    "bubble('copy_text')",
    ("ctrl+t",),
    "Copy as text",
    "the bubble without its Markdown",
    "Reading",
    priority=False,
)
QUOTE: Final = Action(
    "chat.quote",
    "bubble('quote')",
    ("ctrl+u",),
    "Quote",
    "the bubble or the selection",
    "Reading",
    priority=False,
)
DETAILS: Final = Action(
    "chat.details",
    "bubble('details')",
    ("ctrl+d",),
    "Details",
    "everything known about the reply",
    "Reading",
    priority=False,
)
MARK: Final = Action(
    "chat.mark", "bubble('mark')", ("alt+m",), "Mark reply", "right, wrong, unsafe, slow or format", "Reading"
)
NEWEST: Final = Action(
    "chat.newest",
    "in_transcript('newest')",
    ("end", "ctrl+end"),
    "Newest",
    "the end of the conversation",
    "Reading",
    priority=False,
    long_title="Go to the newest text",
)
OLDEST: Final = Action(
    "chat.oldest",
    "in_transcript('oldest')",
    ("home", "ctrl+home"),
    "Oldest",
    "of the conversation",
    "Reading",
    priority=False,
    long_title="Go to the beginning",
)
PAGE_UP: Final = Action(
    "chat.page_up",
    "in_transcript('page(-1)')",
    ("pageup",),
    "Page up",
    "in the conversation",
    "Reading",
    priority=False,
)
PAGE_DOWN: Final = Action(
    "chat.page_down",
    "in_transcript('page(1)')",
    ("pagedown",),
    "Page down",
    "in the conversation",
    "Reading",
    priority=False,
)
ALERTS: Final = Action(
    "chat.alerts", "alerts", ("f12", "ctrl+o"), "Read", "in full", "Conversation", long_title="Read notices"
)

APP_ACTIONS: Final = (COMMANDS, KEYS, REDRAW, QUIT)
COPY: Final = Action(
    "chat.copy",
    "copy_selection",
    ("ctrl+c", "super+c"),
    "Copy",
    "as its source",
    "Reading",
    priority=False,
    long_title="Copy the selection",
)
ADD_PROVIDER: Final = Action(
    "provider.add", "provider('add')", (), "Add a provider", "a service of any kind, or a model", "Providers"
)
EDIT_PROVIDER: Final = Action(
    "provider.edit",
    "provider('edit')",
    (),
    "Edit this provider",
    "its address, key, boards and more",
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
PIN: Final = Action(
    "chat.pin",
    "conversation('pin')",
    (),
    "Pin conversation",
    "to the top of the list; again: no longer",
    "Conversation",
)
ARCHIVE: Final = Action(
    "chat.archive",
    "conversation('archive')",
    (),
    "Archive conversation",
    "out of the list; again: back into it",
    "Conversation",
)
DELETE: Final = Action(
    "chat.delete",
    "conversation('delete')",
    (),
    "Delete conversation",
    "can be undone for ten seconds",
    "Conversation",
)
UNDO_DELETE: Final = Action(
    "chat.undo_delete",
    "conversation('undo')",
    ("ctrl+z",),
    "Undo delete",
    "within ten seconds",
    "Conversation",
    priority=False,
)
FETCH: Final = Action(
    "chat.fetch",
    "conversation('fetch')",
    (),
    "Fetch messages",
    "messages written elsewhere, from the service",
    "Conversation",
)
MEMORY: Final = Action(
    "chat.memory", "conversation('memory')", (), "Memory", "what the service remembers of this chat", "Conversation"
)
EXPORT: Final = Action(
    "chat.export",
    "file('export')",
    ("alt+s",),
    "Export",
    "as Markdown, HTML, text or JSON",
    "Conversation",
    long_title="Export conversation",
)
COPY_TRANSCRIPT: Final = Action(
    "chat.copy_transcript",
    "file('copy')",
    (),
    "Copy transcript",
    "as text, with names and times",
    "Conversation",
)
IMPORT: Final = Action(
    "chat.import", "file('import')", (), "Import conversations", "from a file, also of other programs", "Conversation"
)
UPKEEP: Final = (RENAME, PIN, ARCHIVE, DELETE, UNDO_DELETE, EXPORT, COPY_TRANSCRIPT, IMPORT, FETCH, MEMORY)
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
    SEARCH,
    NEW,
    NEW_USER,
    FORK,
    RUN_AGAIN,
    LIST,
    SPLIT,
    UNSPLIT,
    STOP,
    ALERTS,
    *UPKEEP,
    OPTIONS,
    *SAY_AGAIN,
    *COMPOSING,
    CHOOSE,
    *FIND_ACTIONS,
    MENU,
    COPY_MARKDOWN,
    COPY_TEXT,
    COPY_CODE,
    COPY,
    VIEW,
    QUOTE,
    DETAILS,
    MARK,
    *VARIANTS,
    *ATTACHMENTS,
    NEWEST,
    OLDEST,
    PAGE_UP,
    PAGE_DOWN,
    *ON_WIRE,
    *PROVIDER_ACTIONS,
    OPEN_CONFIGURATION,
)
ALWAYS_SHOWN: Final = (COMMANDS, KEYS)
IN_FOOTER: Final = (CHOOSE, SWITCH, NEW, WIRE, LIST, FIND)
IN_RECORDING: Final = (CHOOSE, REPLAY_IN_RECORDING, WIRE, FIND, LIST)
"""What the footer shows instead if a file of recordings is open."""

IN_TRANSCRIPT: Final = (
    KeyHint("in_transcript('press')", PRESS.keys, PRESS.label, PRESS.id),
    KeyHint(MENU.run, MENU.keys[:1], MENU.label, MENU.id),
    KeyHint("", ("left right",), "Move"),
    KeyHint("in_transcript('copy')", COPY_AT_CURSOR.keys[:1], COPY_AT_CURSOR.label, COPY_AT_CURSOR.id),
    KeyHint("in_transcript('copy_code')", COPY_CODE.keys, COPY_CODE.label, COPY_CODE.id),
)
"""What the footer adds while the transcript has the focus."""
