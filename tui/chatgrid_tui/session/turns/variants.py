"""Compare two replies, to the same message or in two conversations, word by word."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.truth.word_diff import word_diff
from chatgrid_tui.session.wording.measures import pace, usage_of
from chatgrid_tui.units import counted, seconds

_MOST_CHANGES: Final = 1_000
_LONGEST: Final = 2_000
"""Characters that are shown of a removed or added piece."""
_SAME: Final = "Both are the same."
_COLUMN: Final = 20


def compare_replies(turn: Turn, first: int, second: int) -> str:
    """Return the changes from one reply of a turn to another, given by their indexes, and those of an edited message.

    It takes up to a second for long replies.
    """
    before, after = turn.replies[first], turn.replies[second]
    legend = f"[-only in reply {first + 1}-] {{+only in reply {second + 1}+}}"
    return "\n\n".join([legend, *_compared(turn, before, turn, after)])


def compare_sides(left: Turn, right: Turn) -> str:
    """Return the figures of the replies to two turns side by side, and the changes from one to the other.

    Both turns have a reply. It takes up to a second for long replies.
    """
    before, after = left.reply, right.reply
    assert before is not None and after is not None, "there is something to compare"
    legend = "[-only at the left-] {+only at the right+}"
    return "\n\n".join([_figures(before, after), legend, *_compared(left, before, right, after)])


def _compared(left: Turn, before: Reply, right: Turn, after: Reply) -> list[str]:
    changes = _changes(left.shown_for(before), right.shown_for(after))
    message = [f"Your message:\n{changes}"] if changes else []
    return [*message, f"The reply:\n{_changes(_text(before), _text(after)) or _SAME}"]


def _figures(left: Reply, right: Reply) -> str:
    """Return a table of figures. What only one of them has is `-` for the other."""
    rows = [("", "Left", "Right")]
    rows += [(label, one or "-", other or "-") for label, one, other in _measured(left, right) if one or other]
    return "\n".join("".join(cell.ljust(_COLUMN) for cell in row).rstrip() for row in rows)


def _measured(left: Reply, right: Reply) -> Iterator[tuple[str, str, str]]:
    yield "First text", _time(left.first_token), _time(right.first_token)
    yield "End", _time(left.duration), _time(right.duration)
    yield "Speed", _speed(left), _speed(right)
    yield "Tokens", _tokens(left), _tokens(right)
    yield "Text", counted(left.characters, "character"), counted(right.characters, "character")


def _time(passed: float | None) -> str:
    return "" if passed is None else seconds(passed)


def _tokens(reply: Reply) -> str:
    written = usage_of(reply).written
    return "" if written is None else f"{written:,}"


def _speed(reply: Reply) -> str:
    """Return how fast a reply came: in tokens if the service counts them."""
    written = usage_of(reply).written
    return pace(reply, reply.deltas, "chunk") if written is None else pace(reply, written)


def _changes(before: str, after: str) -> str:
    return word_diff(before, after, most_changes=_MOST_CHANGES, longest=_LONGEST)


def _text(reply: Reply) -> str:
    return "\n\n".join(bubble.text for bubble in reply.bubbles if bubble.size)
