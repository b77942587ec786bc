"""The actions that say something again, and choose among the replies to a message."""

from __future__ import annotations

from typing import Final

from chatgrid_tui.ui.action import Action

RECALL: Final = Action("chat.recall", "recall", ("ctrl+r",), "Said before", "find it, to say it again", "Message")
REPLAY_IN_RECORDING: Final = Action("chat.recall", "recall", ("ctrl+r",), "Replay", "", "")
"""What Ctrl+R does in a recording, in which nothing can be said."""
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
PREVIOUS_VARIANT: Final = Action(
    "chat.previous_variant",
    "bubble('previous_variant')",
    ("alt+left",),
    "Previous reply",
    "to the same message",
    "Reading",
)
NEXT_VARIANT: Final = Action(
    "chat.next_variant",
    "bubble('next_variant')",
    ("alt+right",),
    "Next reply",
    "to the same message",
    "Reading",
)
COMPARE_VARIANTS: Final = Action(
    "chat.compare_variants",
    "bubble('compare_variants')",
    (),
    "Compare replies",
    "to the same message, word by word",
    "Reading",
)
SAY_AGAIN: Final = (RECALL, EDIT_MESSAGE, REGENERATE, RESEND_MESSAGE)
VARIANTS: Final = (PREVIOUS_VARIANT, NEXT_VARIANT, COMPARE_VARIANTS)
