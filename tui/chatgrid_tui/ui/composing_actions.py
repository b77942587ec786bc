"""The actions on the message in the composer, a part of the table in `actions`."""

from __future__ import annotations

from typing import Final

from chatgrid_tui.ui.action import Action

PROMPTS: Final = Action(
    "compose.prompts", "compose('prompts')", (), "Prompts", "put one into the message", "Conversation"
)
SAVE_PROMPT: Final = Action(
    "compose.save_prompt",
    "compose('save_prompt')",
    (),
    "Save message as a prompt",
    "as a new file in the folder of prompts",
    "Conversation",
)
EDIT: Final = Action(
    "compose.edit", "compose('edit')", ("alt+v",), "Edit in $EDITOR", "write the message in an editor", "Conversation"
)
LONG_TEXT: Final = Action(
    "compose.long_text",
    "compose('long_text')",
    ("alt+l",),
    "Show long text",
    "a long text in the message, in full",
    "Conversation",
)
COMPOSING: Final = (PROMPTS, SAVE_PROMPT, EDIT, LONG_TEXT)
