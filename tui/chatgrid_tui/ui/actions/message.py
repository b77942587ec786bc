"""The actions on the message in the composer, and on what was said before."""

from __future__ import annotations

from typing import Final

from chatgrid_tui.ui.actions.action import Action

RECALL: Final = Action("chat.recall", "recall", ("ctrl+r",), "Said before", "find it, to say it again", "Message")
LEAVE_RECALLED: Final = Action("chat.stop", "escape", ("escape",), "Leave", "", "")
"""What Esc does while a text that was said before is in the message."""
EDIT_MESSAGE: Final = Action(
    "chat.edit", "bubble('edit')", ("alt+up",), "Edit and resend", "the message, for another reply", "Message"
)
REGENERATE: Final = Action(
    "chat.regenerate",
    "bubble('regenerate')",
    ("alt+g",),
    "Regenerate",
    "another reply; the earlier ones stay",
    "Message",
)
RESEND_MESSAGE: Final = Action(
    "chat.resend_message",
    "bubble('resend_message')",
    (),
    "Resend message",
    "once more, as a new one",
    "Message",
)
SAY_AGAIN: Final = (RECALL, EDIT_MESSAGE, REGENERATE, RESEND_MESSAGE)
SEND_NOW: Final = Action(
    "chat.send_now", "bubble('send_now')", (), "Send now", "a queued message; the reply is stopped", "Message"
)
MOVE_UP: Final = Action(
    "chat.move_up", "bubble('move_up')", (), "Move up", "a queued message, to go out earlier", "Message"
)
MOVE_DOWN: Final = Action(
    "chat.move_down", "bubble('move_down')", (), "Move down", "a queued message, to go out later", "Message"
)
QUEUE: Final = (SEND_NOW, MOVE_UP, MOVE_DOWN)
PROMPTS: Final = Action(
    "compose.prompts", "compose('prompts')", (), "Prompts", "one from a file, into the message", "Message"
)
SAVE_PROMPT: Final = Action(
    "compose.save_prompt",
    "compose('save_prompt')",
    (),
    "Save message as a prompt",
    "as a new file in the folder of prompts",
    "Message",
)
INSERT_FILE: Final = Action(
    "compose.insert_file", "compose('insert_file')", (), "Insert text file", "its text, into the message", "Message"
)
EDIT: Final = Action(
    "compose.edit", "compose('edit')", ("alt+v",), "Edit in $EDITOR", "the message, in your editor", "Message"
)
LONG_TEXT: Final = Action(
    "compose.long_text",
    "compose('long_text')",
    ("alt+l",),
    "Show long text",
    "of the message, in full",
    "Message",
)
COMPOSING: Final = (PROMPTS, SAVE_PROMPT, INSERT_FILE, EDIT, LONG_TEXT)
