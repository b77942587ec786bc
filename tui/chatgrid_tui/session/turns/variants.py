"""Compare two replies to the same message, word by word."""

from __future__ import annotations

from typing import Final

from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.truth.word_diff import word_diff

_MOST_CHANGES: Final = 1_000
_LONGEST: Final = 2_000
"""Characters that are shown of a removed or added piece."""
_SAME: Final = "Both are the same."


def compare_replies(turn: Turn, first: int, second: int) -> str:
    """Return the changes from one reply of a turn to another, given by their indexes, and those of an edited message.

    It takes up to a second for long replies.
    """
    before, after = turn.replies[first], turn.replies[second]
    parts = [f"[-only in reply {first + 1}-] {{+only in reply {second + 1}+}}"]
    if changes := _changes(turn.shown_for(before), turn.shown_for(after)):
        parts.append(f"Your message:\n{changes}")
    parts.append(f"The reply:\n{_changes(_text(before), _text(after)) or _SAME}")
    return "\n\n".join(parts)


def _changes(before: str, after: str) -> str:
    return word_diff(before, after, most_changes=_MOST_CHANGES, longest=_LONGEST)


def _text(reply: Reply) -> str:
    return "\n\n".join(bubble.text for bubble in reply.bubbles if bubble.size)
