"""What goes over the wire for one request, with times, and the transport that records it.

The key of a provider is not a part of a request, headers that may hold a secret are recorded by name only, and a key
that a service sends back is masked below this transport. A body that came compressed is recorded decompressed.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Literal, NamedTuple, TypeAlias

from chatgrid_tui.engine.clock import SYSTEM_CLOCK, Clock
from chatgrid_tui.engine.key_mask import KeyMask
from chatgrid_tui.engine.transport import ANSWER_TIMEOUT, Answer, Credential, Transport
from chatgrid_tui.errors import ConnectionProblem
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.json import JsonObject
from chatgrid_tui.model.recording_limits import LARGEST_RECORDING, PER_REPLY
from chatgrid_tui.model.request import Request

READS_LIMIT: Final = 250_000
"""Reads that one recording keeps."""

EndReason: TypeAlias = Literal["end_mark", "eof", "stopped", "reset", "timeout", "limit", "unknown"]
"""`end_mark`: the service said that the reply is over · `eof`: the body ended in order · `stopped`: by the person ·
`reset`: the connection failed · `timeout`: there was no answer, or nothing more of the reply · `limit`: the rest of
the body was not needed · `unknown`: the recording does not say.
"""


class Read(NamedTuple):
    """Bytes of a body that came at once, `t` seconds after the request was sent."""

    t: float
    data: bytes


class Head(NamedTuple):
    """The head of an answer. Header names are lower case."""

    t: float
    status: int
    headers: Mapping[str, str]


class End(NamedTuple):
    """How a request ended."""

    t: float
    reason: EndReason
    failure: Failure | None = None


class Line(NamedTuple):
    """Any other line of a recording file: a fault, a note, or a line of a type that this version does not know."""

    after: int
    """How many reads come before it."""
    content: JsonObject


@dataclass(slots=True)
class Recording:
    """One request and what came back. All times are seconds after sending."""

    request: Request
    kind: str = ""
    """The kind of the provider; empty if the recording does not say."""
    started_at: datetime | None = None
    redacted: tuple[str, ...] = ()
    """The names of the request's headers that are not recorded."""
    head: Head | None = None
    """The head of the answer; None if there was none."""
    end: End | None = None
    """How it ended. None while it goes on, and for a recording that was cut."""
    size: int = 0
    """The bytes of the body that came, recorded or not."""
    dropped: int = 0
    """The bytes of the body that came and are not recorded."""
    timed: bool = True
    """Whether the times are known. If not, as in a captured body, they are all 0."""
    limit: int = field(default=LARGEST_RECORDING, repr=False, compare=False)
    """The bytes of the body that are recorded; those after them are only counted."""
    mask: KeyMask | None = field(default=None, repr=False, compare=False)
    """Masks the keys of the request."""
    spelt: int = 0
    """How many keys the events of the reply spelt that its bytes do not show as they are."""
    lines: list[Line] = field(default_factory=list)
    unknown: dict[str | int, JsonObject] = field(default_factory=dict, repr=False, compare=False)
    """Members that this version does not know, by the type of their line, or by the number of the read."""
    _why_left: tuple[EndReason, Failure | None] = ("stopped", None)
    # The bytes of all reads in a row, with the time and the end of each: a reply may come in a million reads.
    _body: bytearray = field(default_factory=bytearray, repr=False)
    _times: array[float] = field(default_factory=lambda: array("d"), repr=False)
    _ends: array[int] = field(default_factory=lambda: array("Q"), repr=False)

    @property
    def url(self) -> str:
        """The URL of the request, without its keys."""
        return self.request.url if self.mask is None else self.mask.text(self.request.url)

    @property
    def has_request(self) -> bool:
        """Whether the request is known. A captured body has none, and often no head either."""
        return bool(self.request.url)

    @property
    def has_head(self) -> bool:
        """Whether the head of the answer is known."""
        return self.head is not None and (self.has_request or bool(self.head.headers))

    @property
    def status(self) -> int:
        """The status of the answer; 0 if there was none."""
        return 0 if self.head is None else self.head.status

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of the answer."""
        return {} if self.head is None else self.head.headers

    @property
    def body(self) -> bytes:
        """The body, as far as it is recorded."""
        return bytes(self._body)

    @property
    def latest(self) -> float:
        """The latest time of the head and the reads."""
        head = 0.0 if self.head is None else self.head.t
        return self._times[-1] if self._times else head

    @property
    def read_count(self) -> int:
        """How many reads are recorded."""
        return len(self._ends)

    @property
    def reads(self) -> list[Read]:
        """The reads that are recorded, as a new list."""
        return list(self.iter_reads())

    def iter_reads(self, first: int = 0) -> Iterator[Read]:
        """Yield the reads that are recorded, from the number `first` on."""
        start = self._ends[first - 1] if first else 0
        for number in range(first, len(self._ends)):
            end = self._ends[number]
            yield Read(self._times[number], bytes(self._body[start:end]))
            start = end

    def read_of(self, offset: int) -> int:
        """Return the number of the read that contained the byte at an offset; the last one for later bytes."""
        return min(bisect_right(self._ends, offset), max(0, len(self._ends) - 1))

    def read_span(self, number: int) -> tuple[float, int, int]:
        """Return when a read came, and where its bytes begin and end."""
        return self._times[number], self._ends[number - 1] if number else 0, self._ends[number]

    def part(self, start: int, end: int) -> bytes:
        """Return a part of the body, as far as it is recorded."""
        return bytes(self._body[start:end])

    def add_read(self, t: float, data: bytes) -> None:
        """Record a part of the body. After the first for which there is no room, none is recorded."""
        self.size += len(data)
        if self.dropped or len(self._body) + len(data) > self.limit or len(self._ends) >= READS_LIMIT:
            self.dropped += len(data)
            return
        self._body += data
        self._times.append(t)
        self._ends.append(len(self._body))

    def snapshot(self) -> Recording:
        """Return a copy that does not grow with this one."""
        # In this order, the copy is right even while another thread adds reads.
        return replace(self, _ends=self._ends[:], _times=self._times[:], _body=self._body[:], lines=self.lines[:])

    def with_reads(self, reads: Iterable[Read]) -> Recording:
        """Return a copy that has other reads."""
        copy = replace(self, dropped=0, _body=bytearray(), _times=array("d"), _ends=array("Q"), lines=self.lines[:])
        for read in reads:
            copy.add_read(*read)
        copy.size, copy.dropped = self.size, self.dropped
        return copy

    def add_line(self, content: JsonObject) -> None:
        """Add a line of another type, such as a note, after the newest read."""
        self.lines.append(Line(len(self._ends), content))

    def leave(self, reason: EndReason, failure: Failure | None = None) -> None:
        """Say why the reader no longer needs the answer, whether or not its body has ended."""
        self._why_left = reason, failure

    def end_body(self, t: float) -> None:
        """Record that the body ended in order, perhaps after an end mark."""
        self.finish(t, "end_mark" if self._why_left[0] == "end_mark" else "eof")

    def close(self, t: float) -> None:
        """Record that the answer was closed, unless it had ended before."""
        self.finish(t, *self._why_left)

    def finish(self, t: float, reason: EndReason, failure: Failure | None = None) -> None:
        """Record how it ended. Only the first call counts."""
        if self.end is None:
            self.end = End(t, reason, failure)


class RecordingTransport:
    """A transport that adds a recording to a list for each request, before it is sent."""

    def __init__(
        self,
        transport: Transport,
        recordings: list[Recording],
        kind: str = "",
        limit: int = PER_REPLY,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        """Record at most `limit` bytes of the bodies of all requests."""
        self._transport = transport
        self._recordings = recordings
        self._kind = kind
        self._limit = limit
        self._clock = clock

    @asynccontextmanager
    async def open(
        self, request: Request, key: Credential | None = None, answer_timeout: float = ANSWER_TIMEOUT
    ) -> AsyncIterator[Answer]:
        """Send a request, and record what comes back."""
        left = max(0, self._limit - sum(each.size - each.dropped for each in self._recordings))
        mask = KeyMask.of(request, key)
        recording = Recording(request, self._kind, self._clock.utc_now(), limit=left, mask=mask)
        if key is not None:
            recording.redacted = (key.header.lower(),)
        self._recordings.append(recording)
        started = self._clock.monotonic()

        def elapsed() -> float:
            # As precise as in a file, so that figures of a saved recording are the same.
            return round(self._clock.monotonic() - started, 6)

        try:
            async with self._transport.open(request, key, answer_timeout) as answer:
                recording.head = Head(elapsed(), answer.status, answer.headers)
                yield _RecordedAnswer(answer, recording, elapsed)
        except ConnectionProblem as problem:
            if recording.head is None:
                recording.finish(elapsed(), _reason_of(problem.failure), problem.failure)
            raise
        finally:
            recording.close(elapsed())

    async def close(self) -> None:
        """Close the transport below."""
        await self._transport.close()


class _RecordedAnswer:
    """An answer whose body is recorded as it is read."""

    def __init__(self, answer: Answer, recording: Recording, elapsed: Callable[[], float]) -> None:
        self._answer = answer
        self._recording = recording
        self._elapsed = elapsed
        self.status = answer.status
        self.headers = answer.headers

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """Give the body as it comes."""
        try:
            async with aclosing(self._answer.pieces()) as pieces:
                async for piece in pieces:
                    self._recording.add_read(self._elapsed(), piece)
                    yield piece
        except ConnectionProblem as problem:
            self._recording.finish(self._elapsed(), _reason_of(problem.failure), problem.failure)
            raise
        self._recording.end_body(self._elapsed())


def _reason_of(failure: Failure) -> EndReason:
    match failure.kind:
        case "timeout":
            return "timeout"
        case "protocol":
            return "limit"
        case "network" | "http" | "stream":
            return "reset"
