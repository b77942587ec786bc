"""What can be seen of one request at the server."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal, TypeAlias, assert_never

from chatgrid_tui.engine.recording import Recording

Ending: TypeAlias = Literal["whole", "cut", "reset", "silence"]
"""How an answer ends: `whole`, in order · `cut`, closed without its end · `reset`, by a reset of the connection ·
`silence`, not at all, until the client leaves.
"""

Source: TypeAlias = Literal["recording", "needed", "no message", "not recorded"]
"""What answers a request: a recording · the mock itself, as clients need it before a message · an error, since there
is no message in it · an error, since it was not recorded.
"""


@dataclass(slots=True)
class Observation:
    """One request, and how its answer went. Times are seconds since the mock began."""

    number: int
    """Counts the requests from 1."""
    asked_at: float
    method: str
    path: str
    """As the client sent it, without the query."""
    identity: Hashable
    """Equal for requests that ask for the same."""
    source: Source = "recording"
    recording: int | None = None
    """The number of the recording that answers, from 1; None if none does."""
    repeated: bool = False
    """Whether that recording answered before."""
    differences: tuple[str, ...] | None = None
    """How it differs from the recorded request; None if there is none to compare it with."""
    status: int = 0
    """The status of the answer; 0 if there was none."""
    retry_after: float | None = None
    """The seconds that the answer asks to wait for."""
    ending: Ending = "whole"
    reads: int = 0
    """How many reads the answer has."""
    sent: int = 0
    """How many of them were sent."""
    answered_at: float | None = None
    """When the head was sent."""
    end_mark_at: float | None = None
    """When the end mark was sent."""
    after_end_mark: int = 0
    """How many reads were sent after the end mark."""
    unreadable: int | None = None
    """The first read with a record that cannot be read, from 0; None if none was sent."""
    longest_wait: float = 0.0
    """The longest time that sending waited for the client to read."""
    ended_at: float | None = None
    """When the answer ended as it had to, or when it fell silent."""
    left_at: float | None = None
    """When the client closed the connection before that, or in the silence."""


def ending_of(recording: Recording) -> Ending:
    """Return how to end the answer of a recording, so that a client sees what the recorded one saw."""
    end = recording.end
    if end is None or recording.dropped:
        return "cut"
    match end.reason:
        case "timeout":
            return "silence"
        case "reset":
            return "reset"
        case "unknown":
            return "cut"
        case "limit" if end.failure is not None:
            return "cut"
        case "end_mark" | "eof" | "stopped" | "limit":
            return "cut" if recording.head is None else "whole"
    assert_never(end.reason)
