"""All actions of keys and commands: one table for bindings, footer, palette and F1.

A key can be changed in `[keys]` of the configuration, by the id of its action.
"""

from __future__ import annotations

from typing import Final

from chatgrid_tui.ui.action import Action
from chatgrid_tui.ui.again_actions import REPLAY_IN_RECORDING, SAY_AGAIN, VARIANTS
from chatgrid_tui.ui.attachment_actions import ATTACHMENTS
from chatgrid_tui.ui.composing_actions import COMPOSING
from chatgrid_tui.ui.configuration_actions import OPEN_CONFIGURATION
from chatgrid_tui.ui.widgets.key_bar import KeyHint

COMMANDS: Final = Action(
    "app.commands", "command_palette", ("ctrl+p", "f8"), "Commands", "all commands, and the themes", "Everywhere"
)
KEYS: Final = Action("app.keys", "show_keys", ("f1",), "Keys", "all keys", "Everywhere")
QUIT: Final = Action(
    "app.quit", "quit", ("ctrl+q", "f10"), "Quit", "quit; replies that are being written are kept", "Everywhere"
)
REDRAW: Final = Action(
    "app.redraw", "redraw", ("ctrl+l",), "Redraw", "draw the screen again, if something wrote over it", "Everywhere"
)
SWITCH: Final = Action(
    "app.switch", "switch", ("ctrl+k", "f4"), "Switch", "another provider, board or conversation", "Everywhere"
)
SEARCH: Final = Action(
    "app.search", "search", ("ctrl+s", "f11"), "Search", "in all conversations, with filters", "Everywhere"
)
NEW: Final = Action("chat.new", "new", ("ctrl+n", "f5"), "New", "a new conversation on this board", "Conversation")
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
    "a copy of the conversation up to this message",
    "Conversation",
)
RUN_AGAIN: Final = Action(
    "chat.run_again",
    "begin('run again')",
    (),
    "Run again",
    "send my messages again, on this or another board",
    "Conversation",
)
SPLIT: Final = Action(
    "chat.split",
    "split('other')",
    ("ctrl+backslash",),
    "Split",
    "two conversations; again: the other",
    "Conversation",
)
UNSPLIT: Final = Action(
    "chat.unsplit", "split('close')", ("alt+w",), "One conversation", "close the other of two", "Conversation"
)
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
    "chat.find_next", "find_step(-1)", ("ctrl+g",), "Find next", "the next match, upwards", "Reading"
)
FIND_PREVIOUS: Final = Action(
    "chat.find_previous",
    "find_step(1)",
    ("shift+f3", "f15"),  # many terminals call Shift+F3 F15
    "Find previous",
    "the previous match, downwards",
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
    "everything known about the reply",
    "Reading",
    priority=False,
)
MARK: Final = Action(
    "chat.mark", "bubble('mark')", ("alt+m",), "Mark", "right, wrong, unsafe, slow or format", "Reading"
)
COPY_CURL: Final = Action(
    "chat.copy_curl", "bubble('curl')", (), "Copy as cURL", "the request of the reply, as a command", "Reading"
)
COPY_HTTPX: Final = Action(
    "chat.copy_httpx", "bubble('httpx')", (), "Copy as httpx", "the request of the reply, in Python", "Reading"
)
RESEND: Final = Action(
    "chat.resend", "bubble('resend')", (), "Resend this request", "exactly as it was, for another reply", "Reading"
)
EVIDENCE: Final = Action(
    "chat.evidence",
    "bubble('evidence')",
    ("ctrl+e", "f7"),
    "Evidence",
    "save everything about the reply in a zip",
    "Reading",
)
SAVE_RECORDING: Final = Action(
    "chat.save_recording",
    "bubble('save_recording')",
    (),
    "Save recording",
    "what went over the wire, in a file",
    "Reading",
)
KEEP_RECORDING: Final = Action(
    "chat.keep_recording",
    "bubble('keep_recording')",
    (),
    "Keep recording",
    "keep it when old ones are deleted; again: do not",
    "Reading",
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

REPLAY: Final = Action(
    "chat.replay", "replay('start')", ("alt+r",), "Replay", "play a reply again at its pace; sends nothing", "Replay"
)
REPLAY_PAUSE: Final = Action(
    "replay.pause", "replay('pause')", ("space",), "Pause", "pause the replay, or go on", "Replay"
)
REPLAY_STEP: Final = Action(
    "replay.step", "replay('step')", (".",), "Step", "play the next event, and pause", "Replay"
)
REPLAY_MARK: Final = Action(
    "replay.mark", "replay('mark')", ("]",), "Next mark", "to the next stall, error or note, and pause", "Replay"
)
REPLAY_SLOWER: Final = Action("replay.slower", "replay('slower')", ("<", "-"), "Slower", "half as fast", "Replay")
REPLAY_FASTER: Final = Action("replay.faster", "replay('faster')", (">", "+"), "Faster", "twice as fast", "Replay")
IN_REPLAY: Final = (REPLAY_PAUSE, REPLAY_STEP, REPLAY_MARK, REPLAY_SLOWER, REPLAY_FASTER)

APP_ACTIONS: Final = (COMMANDS, KEYS, REDRAW, QUIT)
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
)
COPY_TRANSCRIPT: Final = Action(
    "chat.copy_transcript",
    "file('copy')",
    (),
    "Copy transcript",
    "this conversation as text, with names and times",
    "Conversation",
)
IMPORT: Final = Action(
    "chat.import", "file('import')", (), "Import conversations", "from a file, also of other programs", "Conversation"
)
UPKEEP: Final = (RENAME, PIN, ARCHIVE, DELETE, UNDO_DELETE, FETCH, MEMORY, EXPORT, COPY_TRANSCRIPT, IMPORT)
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
    WIRE,
    *PROVIDER_ACTIONS,
    OPEN_CONFIGURATION,
    STOP,
    ALERTS,
    *SAY_AGAIN,
    CHOOSE,
    *FIND_ACTIONS,
    *UPKEEP,
    OPTIONS,
    *COMPOSING,
    COPY,
    COPY_CODE,
    MENU,
    COPY_TEXT,
    QUOTE,
    DETAILS,
    MARK,
    *VARIANTS,
    *ATTACHMENTS,
    COPY_CURL,
    COPY_HTTPX,
    RESEND,
    EVIDENCE,
    SAVE_RECORDING,
    KEEP_RECORDING,
    NEWEST,
    OLDEST,
    PAGE_UP,
    PAGE_DOWN,
    REPLAY,
    *IN_REPLAY,
)
ALWAYS_SHOWN: Final = (COMMANDS, KEYS)
IN_FOOTER: Final = (CHOOSE, SWITCH, NEW, WIRE, LIST, FIND)
IN_RECORDING: Final = (CHOOSE, REPLAY_IN_RECORDING, WIRE, FIND, LIST)
"""What the footer shows instead if a file of recordings is open."""

IN_TRANSCRIPT: Final = (
    KeyHint("in_transcript('press')", ("enter",), "Press", "transcript.press"),
    KeyHint(MENU.run, MENU.keys[:1], MENU.label, MENU.id),
    KeyHint("", ("left right",), "Move"),
    KeyHint("in_transcript('copy')", ("ctrl+c",), "Copy", "transcript.copy"),
    KeyHint("in_transcript('copy_code')", ("ctrl+y",), "Copy code", "transcript.copy_code"),
)
"""What the footer adds while the transcript has the focus."""
