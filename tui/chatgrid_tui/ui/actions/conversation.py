"""The actions on conversations: to begin, split, stop and keep them."""

from __future__ import annotations

from typing import Final

from chatgrid_tui.ui.actions.action import Action

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
SEND_TO_BOTH: Final = Action(
    "chat.send_to_both",
    "split('send')",
    ("alt+a",),
    "Ask both",
    "the message to both sides",
    "Conversation",
    long_title="Send to both",
)
COMPARE_SIDES: Final = Action(
    "chat.compare_sides",
    "split('compare')",
    ("alt+c",),
    "Compare",
    "the newest replies, word by word",
    "Conversation",
    long_title="Compare both sides",
)
BOTH_SIDES: Final = (SEND_TO_BOTH, COMPARE_SIDES)
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
ALERTS: Final = Action(
    "chat.alerts", "alerts", ("f12", "ctrl+o"), "Read", "in full", "Conversation", long_title="Read notices"
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
OPTIONS: Final = Action(
    "chat.options",
    "offer('options')",
    (),
    "Conversation options",
    "system prompt and parameters, for models",
    "Conversation",
)
