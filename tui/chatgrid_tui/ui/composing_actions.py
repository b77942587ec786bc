"""The actions on the message in the composer, a part of the table in `actions`."""

from __future__ import annotations

from typing import Final

from chatgrid_tui.ui.action import Action

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
