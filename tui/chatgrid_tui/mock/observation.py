"""What a server can observe about one request."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal, TypeAlias, assert_never

from chatgrid_tui.engine.recording import Recording

Ending: TypeAlias = Literal["whole", "cut", "reset", "silence"]
"""How an answer ends: `whole`, in order · `cut`, closed before its end · `reset`, by a reset of the connection ·
`silence`, not until the client leaves.
"""

Source: TypeAlias = Literal["recording", "needed", "no message", "not recorded"]
"""What answers a request: a recording · the mock itself, with something that clients need before a message · an
error, since the request has no message · an error, since the request was not recorded.
"""


@dataclass(slots=True)
class Observation:
    """One request, and the course of its answer. Times are seconds since the mock started."""

    number: int
    """The number of the request, from 1."""
    asked_at: float
    method: str
    path: str
    """As sent by the client, without the query."""
    identity: Hashable
    """Equal for requests that ask for the same thing."""
    source: Source = "recording"
    recording: int | None = None
    """The number of the recording that answers, from 1, or None."""
    repeated: bool = False
    """Whether that recording has answered before."""
    differences: tuple[str, ...] | None = None
    """How the request differs from the recorded one; None if it cannot be compared."""
    status: int = 0
    """The status of the answer; 0 if there was none."""
    retry_after: float | None = None
    """The seconds to wait that the answer asks for."""
    ending: Ending = "whole"
    reads: int = 0
    """The number of reads in the answer."""
    sent: int = 0
    """The number of reads that were sent."""
    answered_at: float | None = None
    """When the head was sent."""
    end_mark_at: float | None = None
    """When the end mark was sent."""
    after_end_mark: int = 0
    """The number of reads sent after the end mark."""
    unreadable: int | None = None
    """The first read that was sent with an unreadable record, from 0; None if there was none."""
    longest_wait: float = 0.0
    """The longest time that sending waited for the client to read."""
    ended_at: float | None = None
    """When the answer ended as recorded, or became silent."""
    left_at: float | None = None
    """When the client closed the connection before that, or during the silence."""


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
