"""Findings about a client from its requests: how it handled errors, cuts and silence. Only what a server can observe
is claimed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, assert_never

from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.units import counted, seconds

FindingKind: TypeAlias = Literal[
    "retry_after_respected",
    "retry_after_ignored",
    "retry_after_pending",
    "asked_again_after_cut",
    "not_asked_again_after_cut",
    "gave_up_in_silence",
    "waited_in_silence",
    "closed_early",
    "read_past_end_mark",
    "read_past_unreadable",
    "left_at_unreadable",
    "slow_reader",
    "retry_storm",
]
_TOLERANCE: Final = 0.05
"""Seconds by which a request may come too early: clocks differ."""
_STORM: Final = 3
"""The number of equal requests within `_STORM_SECONDS` that count as a storm."""
_STORM_SECONDS: Final = 1.0
_SLOW: Final = 1.0
"""Seconds of waiting for the client to read that are reported."""
_LONG_AFTER_END_MARK: Final = 0.5
"""Seconds between the end mark and the end of the body in which a client could have disconnected."""
Ending: TypeAlias = Literal["whole", "cut", "reset", "silence"]
"""How an answer ends: `whole`, in order · `cut`, closed before its end · `reset`, by a reset of the connection ·
`silence`, not until the client leaves.
"""

Source: TypeAlias = Literal["recording", "needed", "no message", "not recorded"]
"""What answers a request: a recording · the mock itself, with something that clients need before a message · an
error, since the request has no message · an error, since the request was not recorded.
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding, observed one or more times."""

    kind: FindingKind
    text: str
    """A sentence about the first time."""
    requests: tuple[int, ...]
    """The numbers of the requests for which it was observed."""

    @property
    def sentence(self) -> str:
        """The finding in one line, with the number of times it was observed."""
        numbers = ", ".join(f"{number:,}" for number in self.requests[:10])
        more = "" if len(self.requests) <= 10 else f" and {len(self.requests) - 10:,} more"
        if len(self.requests) == 1:
            return f"{self.text} (Request {numbers}.)"
        return f"{self.text} ({len(self.requests):,} times: requests {numbers}{more}.)"


def verdict(observations: Sequence[Observation], ended_at: float) -> list[Finding]:
    """Return the findings about the client, given its requests in order, and the time at which the mock ended."""
    first: dict[FindingKind, str] = {}
    numbers: defaultdict[FindingKind, list[int]] = defaultdict(list)
    same: defaultdict[Hashable, list[Observation]] = defaultdict(list)
    for request in observations:
        same[request.identity].append(request)
    for requests in same.values():
        for place, request in enumerate(requests):
            for kind, text in _seen_of(request, requests[place + 1 :], ended_at):
                first.setdefault(kind, text)
                numbers[kind].append(request.number)
        for kind, text, number in _storms([request for request in requests if request.source != "needed"]):
            first.setdefault(kind, text)
            numbers[kind].append(number)
    return [Finding(kind, text, tuple(sorted(numbers[kind]))) for kind, text in first.items()]


def _seen_of(
    request: Observation, later: Sequence[Observation], ended_at: float
) -> Iterator[tuple[FindingKind, str]]:
    """Yield the findings of one request. `later` are the following requests for the same thing."""
    if request.retry_after is not None and request.answered_at is not None:
        yield _of_wait(request.retry_after, request.answered_at, later, ended_at)
    if request.ending in ("cut", "reset") and request.ended_at is not None:
        yield _of_cut(request, request.ended_at, later, ended_at)
    if request.ending == "silence" and request.ended_at is not None:
        yield _of_silence(request.ended_at, request.left_at, ended_at)
    yield from _of_reading(request)


def _of_wait(
    wait: float, answered_at: float, later: Iterable[Observation], ended_at: float
) -> tuple[FindingKind, str]:
    again = next((request.asked_at - answered_at for request in later if request.asked_at >= answered_at), None)
    how = f"Asked to retry after {_span(wait)}"
    if again is None:
        return (
            "retry_after_pending",
            f"{how}; no new request in the {_span(ended_at - answered_at)} until the end.",
        )
    if again < wait - _TOLERANCE:
        return "retry_after_ignored", f"{how}; new request after {_span(again)}: ignored."
    return "retry_after_respected", f"{how}; new request after {_span(again)}: respected."


def _of_cut(
    request: Observation, cut_at: float, later: Iterable[Observation], ended_at: float
) -> tuple[FindingKind, str]:
    where = _progress(request) if request.status else "without an answer"
    how = f"The connection was {'reset' if request.ending == 'reset' else 'cut'} {where}"
    again = next((other.asked_at - cut_at for other in later if other.asked_at >= cut_at), None)
    if again is not None:
        return "asked_again_after_cut", f"{how}: new request {_span(again)} later."
    return (
        "not_asked_again_after_cut",
        f"{how}: no new request in the {_span(ended_at - cut_at)} until the end. "
        "Whether the client noticed cannot be seen from here.",
    )


def _of_silence(silent_at: float, left_at: float | None, ended_at: float) -> tuple[FindingKind, str]:
    if left_at is not None:
        return "gave_up_in_silence", f"The answer fell silent: the client gave up after {_span(left_at - silent_at)}."
    return (
        "waited_in_silence",
        f"The answer fell silent: the client still waited {_span(ended_at - silent_at)} later.",
    )


def _of_reading(request: Observation) -> Iterator[tuple[FindingKind, str]]:
    """Yield the findings from when the client left, or that it stayed."""
    left_early = request.left_at is not None and request.ending != "silence" and request.end_mark_at is None
    where = _progress(request) if request.status else "before an answer came"
    if left_early and request.unreadable is not None:
        yield "left_at_unreadable", f"A record that cannot be read was sent: the client left {where}."
    elif left_early:
        yield "closed_early", f"The client closed the connection {where}."
    elif request.unreadable is not None and request.sent > request.unreadable + 1:
        yield "read_past_unreadable", "A record that cannot be read was sent: the client stayed connected."
    if request.end_mark_at is not None and request.ended_at is not None and request.ending == "whole":
        longer = request.ended_at - request.end_mark_at
        if request.after_end_mark or longer >= _LONG_AFTER_END_MARK:
            more = f" and {counted(request.after_end_mark, 'more read')}" if request.after_end_mark else ""
            yield "read_past_end_mark", f"After the end mark, the client stayed connected for {_span(longer)}{more}."
    if request.longest_wait >= _SLOW:
        yield "slow_reader", f"The client did not read for {_span(request.longest_wait)}."


def _progress(request: Observation) -> str:
    if request.sent == request.reads:
        return "after the last read"
    return f"after {request.sent:,} of {counted(request.reads, 'read')}"


def _storms(requests: Sequence[Observation]) -> Iterator[tuple[FindingKind, str, int]]:
    """Yield the storms of requests for the same thing, each with the number of its first request."""
    start = 0
    while start < len(requests):
        end = start
        while end < len(requests) and requests[end].asked_at - requests[start].asked_at <= _STORM_SECONDS:
            end += 1
        if end - start >= _STORM:
            span = requests[end - 1].asked_at - requests[start].asked_at
            yield (
                "retry_storm",
                f"The same request came {end - start:,} times within {_span(span)}.",
                requests[start].number,
            )
            start = end
        else:
            start += 1


def _span(value: float) -> str:
    """Return a duration in seconds, so that several can be compared: `0.3 s`."""
    if value < 0.1:
        return seconds(value)
    return f"{value:,.2g} s" if value < 1 else f"{value:,.1f} s".replace(".0 s", " s")


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
