"""The state of a reply, and how its stream ended, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.saved_conversation import ReplyState
from chatgrid_tui.text import clean_line

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.engine.recording import End, EndReason

STATE_NAMES: Final[dict[ReplyState, str]] = {
    "waiting": "Waiting",
    "writing": "Writing",
    "finished": "Finished",
    "truncated": "Truncated",
    "failed": "Failed",
    "stopped": "Stopped",
    "interrupted": "Interrupted",
}
"""The states as the screen shows them: the words of `list --json` and of exports."""

_LONGEST: Final = 120
_ENDINGS: Final[dict[EndReason, tuple[str, str]]] = {
    "end_mark": ("after end mark", "Closed after the end mark."),
    "eof": ("body complete", "The service ended the body normally."),
    "stopped": ("stopped", "Stopped on the client's side."),
    "reset": ("connection lost", "The connection was lost."),
    "timeout": ("silence", "Nothing more arrived in time."),
    "limit": ("rest not read", "The rest of the body was not needed."),
    "unknown": ("not recorded", "The recording does not say how it ended."),
}


def end_in_brief(end: End | None) -> str:
    """Return how a stream ended in a few words; None is the end of a truncated recording."""
    return _ENDINGS[_reason(end)][0]


def end_sentence(end: End | None) -> str:
    """Return how a stream ended, and what the service or the system said about it, as sentences."""
    said = "" if end is None or end.failure is None else said_of(end.failure)
    return " ".join(filter(None, (_ENDINGS[_reason(end)][1], said)))


def said_of(failure: Failure) -> str:
    """Return status, code and message of a failure; its cause if it has none of them."""
    parts = (str(failure.status or ""), failure.code, failure.message)
    return clean_line(": ".join(filter(None, parts)), _LONGEST) or failure.cause


def _reason(end: End | None) -> EndReason:
    return "unknown" if end is None else end.reason
