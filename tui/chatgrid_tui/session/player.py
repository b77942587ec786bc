"""Plays the recordings of a reply into a `Reply`, at the recorded or another speed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from chatgrid_tui.dialects.dialect import Dialect
from chatgrid_tui.engine.clock import SYSTEM_CLOCK, Clock
from chatgrid_tui.engine.recording import End, Recording
from chatgrid_tui.engine.stream_report import STALL
from chatgrid_tui.engine.trace import RecordingTrace, TracedRecord
from chatgrid_tui.model.events import BodyEnded, Event, Skipped, StreamFailed
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.tasks import Steps
from chatgrid_tui.units import seconds

SPEEDS: Final = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""The speeds that the keys for slower and faster select."""


class Reached(NamedTuple):
    """How far the recordings were played: the number of the exchange, from 0, and the number of its parts, which are
    the head of the answer and the traced records.
    """

    exchange: int
    parts: int


class _Part(NamedTuple):
    """A part of an exchange, `t` seconds after the first request was sent."""

    t: float
    reached: Reached
    events: Sequence[Event] = ()
    is_row: bool = True
    """Whether it is more than a blank line."""
    is_marked: bool = False
    """Whether the file has a note about it, or some of it could not be read."""
    end: End | None = None
    """How the reply ended, if no event does so."""


class Player:
    """Applies recorded events to a reply when they are due. The caller waits `due_in` seconds, then calls `advance`.

    All times but `due_in` are recorded times: seconds after the first request was sent.
    """

    def __init__(
        self,
        recordings: Sequence[Recording],
        dialect: Dialect,
        reply: Reply,
        *,
        speed: float = 1.0,
        idle_time_limit: float = math.inf,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        """Play the recordings of one reply, in the order of its requests, into `reply`, which must be empty.

        `speed` is how many times as fast as recorded; `math.inf` skips all waiting. Gaps longer than
        `idle_time_limit` seconds are shortened to it.
        """
        self.reply = reply
        self.recordings = tuple(recordings)
        self.duration = sum(map(_duration, self.recordings))
        self.paused = False
        self.speed = speed
        self.idle_time_limit = idle_time_limit
        self.reached = Reached(0, 0)
        """How far the recordings were played."""
        self.timed = any(recording.timed for recording in recordings)
        """Whether the recordings have times."""
        self._dialect = dialect
        self._clock = clock
        self._parts = self._all_parts()
        self._next = next(self._parts, None)
        self._t = 0.0
        """The time of the newest part."""
        self._since = clock.monotonic()
        """When the newest part would have been due, by the clock, at the current speed."""
        self._waited = 0.0
        """The seconds of the current gap that were played before a pause."""

    @property
    def ended(self) -> bool:
        """Whether everything was played."""
        return self._next is None

    @property
    def position(self) -> float:
        """The current playback time."""
        if self._next is None:
            return self.duration
        share = self._played / length if (length := self._length) > 0 else 0.0
        return self._t + share * self._gap

    @property
    def due_in(self) -> float:
        """Seconds, by the clock, until the next part is due: 0 if it is due, infinite if paused or ended."""
        if self._next is None or self.paused:
            return math.inf
        return max(0.0, self._since + self._length / self.speed - self._clock.monotonic())

    @property
    def shortened_gap(self) -> float:
        """The recorded length of the current gap if it is visibly shortened, else 0."""
        is_shorter = self._gap > self._length and seconds(self._gap) != seconds(self._length)
        return self._gap if is_shorter and not math.isinf(self.speed) else 0.0

    def advance(self) -> Steps[None]:
        """Play what is due, one step for each event."""
        while self.due_in <= 0.0:
            # Counted from the time it was due, so that one delay does not delay everything after it.
            self._since += 0.0 if math.isinf(self.speed) else self._length / self.speed
            yield from self._play_next()

    def step(self) -> Steps[None]:
        """Pause, and play the next part that is more than a blank line."""
        self.pause()
        is_row = False
        while self._next is not None and not is_row:
            is_row = self._next.is_row
            yield from self._play_next()

    def go_to_marker(self) -> Steps[None]:
        """Pause, and play up to the next stall, error or note; without one, to the end."""
        self.pause()
        is_marker = False
        while self._next is not None and not is_marker:
            is_marker = self._next.is_marked or self._gap > STALL
            yield from self._play_next()

    def pause(self) -> None:
        """Stop the time."""
        if not self.paused:
            self._waited, self.paused = self._played, True

    def resume(self) -> None:
        """Continue after a pause."""
        if self.paused:
            self.paused = False
            self._since = self._clock.monotonic() - self._waited / self.speed

    def set_speed(self, speed: float) -> None:
        """Continue at another speed."""
        played = self._played
        self.speed = speed
        self._since = self._clock.monotonic() - played / speed

    @property
    def _gap(self) -> float:
        """The recorded seconds between the newest part and the next one."""
        return 0.0 if self._next is None else max(0.0, self._next.t - self._t)

    @property
    def _length(self) -> float:
        """The length of the gap as it is played at speed 1."""
        return min(self._gap, self.idle_time_limit)

    @property
    def _played(self) -> float:
        """The seconds of the gap that have been played."""
        if self.paused:
            return self._waited
        if math.isinf(self.speed):
            return 0.0
        return min(self._length, max(0.0, (self._clock.monotonic() - self._since) * self.speed))

    def _play_next(self) -> Steps[None]:
        part = self._next
        assert part is not None, "there is a part left"
        self._t, self.reached, self._waited = max(self._t, part.t), part.reached, 0.0
        self._next = next(self._parts, None)
        self.reply.bytes_came(part.t)
        for event in part.events:
            self.reply.apply(event, part.t)
            yield
        if part.end is not None:
            _end(self.reply, part.end, part.t)
        if not self.timed:
            self.reply.first_token = self.reply.duration = None
        yield

    def _all_parts(self) -> Iterator[_Part]:
        """Yield the parts of all exchanges. Only the last one is the reply: the earlier ones were refused."""
        start = 0.0
        for number, recording in enumerate(self.recordings):
            is_last = number == len(self.recordings) - 1
            yield from self._parts_of(number, recording, start, is_last=is_last)
            start += _duration(recording)

    def _parts_of(self, number: int, recording: Recording, start: float, *, is_last: bool) -> Iterator[_Part]:
        count = 0
        if recording.head is not None:
            count = 1
            yield _Part(start + recording.head.t, Reached(number, count))
        trace, noted, ended = RecordingTrace(recording, self._dialect), 0, False
        for traced in _traced(trace):
            count += 1
            is_marked = any(isinstance(event, StreamFailed | Skipped) for event in traced.events)
            while noted < len(recording.lines) and recording.lines[noted].after <= traced.read:
                noted, is_marked = noted + 1, True
            ended = any(isinstance(event, BodyEnded) for event in traced.events)
            is_row = traced.record is not None or is_marked or not _is_blank(recording, traced)
            events = traced.events if is_last else ()
            yield _Part(start + traced.t, Reached(number, count), events, is_row, is_marked)
        end = None if ended or not is_last else recording.end or End(_duration(recording), "unknown")
        is_marked = noted < len(recording.lines) or (end is not None and end.failure is not None)
        yield _Part(start + _duration(recording), Reached(number, count), (), is_last, is_marked, end)


def gap_shortened(player: Player) -> str:
    """Return the sentence about a shortened gap."""
    gap, limit = (seconds(span).replace(".0 s", " s") for span in (player.shortened_gap, player.idle_time_limit))
    return f"Gap of {gap} shortened to {limit}."


def _traced(trace: RecordingTrace) -> Iterator[TracedRecord]:
    yield from trace.advance()
    yield from trace.cut()


def _is_blank(recording: Recording, traced: TracedRecord) -> bool:
    return not recording.part(*traced.byte_span).strip()


def _duration(recording: Recording) -> float:
    """Return when an exchange ended, or the latest known time of a truncated one."""
    if recording.end is not None:
        return recording.end.t
    if recording.read_count:
        return recording.read_span(recording.read_count - 1)[0]
    return 0.0 if recording.head is None else recording.head.t


def _end(reply: Reply, end: End, t: float) -> None:
    """End a reply whose body did not end: it was stopped, not answered, or its recording is truncated."""
    if end.reason == "stopped":
        reply.stop(t)
    elif end.failure is not None:
        reply.apply(BodyEnded(end.failure), t)
    else:
        reply.interrupt(t)
