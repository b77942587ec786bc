"""How a reply streamed: its figures and anomalies.

Times are seconds since sending, by a monotonic clock. The names are those of benchmarks for language models: TTFB,
TTFT, TTFO, ICL, TPOT and E2EL. `StreamReport` defines them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, TypeAlias, assert_never

from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.text import clean_line
from chatgrid_tui.units import counted, per_second, seconds, size

STALL: Final = 1.0
"""Seconds without text that cause a notice."""
FEWEST_FOR_P95: Final = 20
"""The number of gaps from which a 95th percentile says more than the longest gap."""
PULSE: Final = 20
"""Shares of the time in `StreamReport.pulse`."""
CELLS: Final = 24
"""The number of values in a sparkline."""
_LONGEST_QUOTE: Final = 40

NoticeKind: TypeAlias = Literal[
    "stall",  # no text for more than a second, within the text; `text` is what came before
    "late_end",  # the text was complete more than a second before the end
    "burst",  # all of the output came at once, or nearly; `number` events in `seconds`, which are 0 for one read
    "no_end_mark",  # `text` is what came last
    "text_after_end",  # the end mark came before the last text
    "content_type",  # `text` is what was declared, `other` what it is
    "error_in_stream",  # an error within a successful answer; `text` is what it says
    "empty",  # nothing came that a user could see
    "split_surrogates",  # `number` records hold one half of a surrogate pair
    "split_utf8",  # `number` reads end within a character
    "slices",  # all of `number` pieces have the same length
    "finish_reason",  # the model stopped for another reason than being done; `text` names it
    "not_read",  # `number` things could not be used; `text` says why not the first
    "refused",  # an earlier request of the reply was refused with status `number`
    "not_recorded",  # `number` bytes came that are not recorded, so that the figures do not cover them
]


class Notice(NamedTuple):
    """Something odd about a stream, and where it occurs."""

    kind: NoticeKind
    t: float = 0.0
    record: int = -1
    """The number of the traced record where it occurs; -1 if it concerns the whole reply."""
    seconds: float = 0.0
    number: int = 0
    text: str = ""
    other: str = ""

    @property
    def sentence(self) -> str:
        """A sentence for display, cleaned."""
        return re.sub(r"([.!?]”)\.\Z", r"\1", _sentence(self))

    @property
    def short(self) -> str:
        """What is odd, in at most four words, cleaned."""
        return _short(self)


class Icl(NamedTuple):
    """Inter-chunk latency: the gaps between consecutive reads with output, in seconds."""

    p50: float
    p95: float | None
    """None if there are too few gaps."""
    longest: float


@dataclass(frozen=True, slots=True)
class StreamReport:
    """The figures of one request and its answer. A figure is None if it is not known."""

    ttfb: float | None = None
    """Time to first byte: until the head of the answer."""
    ttft: float | None = None
    """Time to first token: until the first read with text or reasoning. Heartbeats and roles do not count."""
    ttfo: float | None = None
    """Time to first output: until the first text, if reasoning came before it."""
    icl: Icl | None = None
    tpot: float | None = None
    """Time per output token: from the first text to the last, divided by the number of tokens after the first. Only
    if the service reports the number of tokens, and the reply was not a burst.
    """
    chunks_per_second: float | None = None
    """Reads with output per second, if there is no `tpot`."""
    e2el: float | None = None
    """End-to-end latency: until the end of the body."""
    tokens: int | None = None
    reads: int | None = None
    """Reads from the connection; None for a file."""
    events: int = 0
    """Records of the stream: SSE events, or lines of NDJSON."""
    size: int = 0
    """Bytes of the body."""
    status: int = 0
    form: Literal["A", "B"] | None = None
    """Where events have their name: in the JSON (A) or in a field of SSE (B); None if they have none."""
    finish_reason: str = ""
    burst: bool = False
    pulse: tuple[float, ...] = ()
    """Shares of the characters in equal parts of the time from sending to the end; the largest is 1."""
    gaps: tuple[float, ...] = ()
    """The gaps in chronological order, in seconds; if there are many, the longest of each of `CELLS` groups."""
    notices: tuple[Notice, ...] = ()

    @property
    def tokens_per_second(self) -> float | None:
        """The inverse of `tpot`."""
        return 1 / self.tpot if self.tpot else None

    def as_object(self) -> JsonObject:
        """Return the report as JSON, with times in seconds."""
        icl: Json = None
        if self.icl is not None:
            icl = {
                "p50": _rounded(self.icl.p50),
                "p95": _rounded(self.icl.p95),
                "max": _rounded(self.icl.longest),
            }
        return {
            "ttfb": _rounded(self.ttfb),
            "ttft": _rounded(self.ttft),
            "ttfo": _rounded(self.ttfo),
            "icl": icl,
            "tpot": _rounded(self.tpot),
            "tokens_per_second": _rounded(self.tokens_per_second),
            "chunks_per_second": _rounded(self.chunks_per_second),
            "e2el": _rounded(self.e2el),
            "reads": self.reads,
            "events": self.events,
            "bytes": self.size,
            "burst": self.burst,
            "gaps": [_rounded(gap) for gap in self.gaps],
            "form": self.form,
            "notices": [
                {
                    "kind": notice.kind,
                    "t": _rounded(notice.t) if self.ttfb is not None else None,
                    "record": notice.record if notice.record >= 0 else None,
                    "text": notice.sentence,
                }
                for notice in self.notices
            ],
        }


def percentile(values: Sequence[float], share: float) -> float:
    """Return a percentile of sorted values, interpolated linearly, as numpy does."""
    place = share * (len(values) - 1)
    below = math.floor(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (values[above] - values[below]) * (place - below)


def longest_of_groups(values: Sequence[float], groups: int = CELLS) -> tuple[float, ...]:
    """Return the largest value of each of several equal groups, or all values if there are no more than groups."""
    if len(values) <= groups:
        return tuple(values)
    edges = [number * len(values) // groups for number in range(groups + 1)]
    return tuple(max(values[edges[number] : edges[number + 1]]) for number in range(groups))


def figures(report: StreamReport) -> list[str]:
    """Return the figures with their standard names, the most important first."""
    texts = [
        f"{name} {seconds(value)}"
        for name, value in (("TTFB", report.ttfb), ("TTFT", report.ttft), ("TTFO", report.ttfo))
        if value is not None
    ]
    if report.icl is not None:
        gaps = (report.icl.p50, report.icl.p95, report.icl.longest)
        texts.append(f"ICL {'/'.join('-' if gap is None else f'{gap * 1000:,.0f}' for gap in gaps)} ms")
    if report.burst:
        texts.append("burst")
    elif report.tokens_per_second is not None:
        texts.append(per_second(report.tokens_per_second, "token"))
    elif report.chunks_per_second is not None:
        texts.append(per_second(report.chunks_per_second, "chunk"))
    if report.e2el is not None:
        texts.append(f"E2EL {seconds(report.e2el)}")
    reads = "" if report.reads is None else f"{counted(report.reads, 'read')} "
    texts.append(f"{reads}{counted(report.events, 'event')} {size(report.size)}")
    return texts


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def _sentence(notice: Notice) -> str:
    """Return the sentence of a notice."""
    count, quote = f"{notice.number:,}", _quote(notice.text)
    after = f" after {quote}" if quote else ""
    match notice.kind:
        case "stall":
            return f"Stall: {seconds(notice.seconds)} without text{after}."
        case "late_end":
            return f"The end came {seconds(notice.seconds)} after the last text."
        case "burst":
            how = f"within {seconds(notice.seconds)}" if notice.seconds else "in one read"
            return f"All {count} events came {how}: something is buffering."
        case "no_end_mark":
            return f"No end mark{after}."
        case "text_after_end":
            return "Text came after the end mark. It is ignored."
        case "content_type":
            declared = clean_line(notice.text, 60)
            return f"Declared as {declared}, but it is {notice.other}." if declared else "No content type."
        case "error_in_stream":
            return f"Error inside a {count}: {clean_line(notice.text, 200) or 'without a message'}"
        case "empty":
            return "The reply is empty."
        case "split_surrogates":
            return f"{_records(notice.number)} half of a character; the other half is in the next."
        case "split_utf8":
            return f"{count} {'read ends' if notice.number == 1 else 'reads end'} within a character."
        case "slices":
            return f"All {count} pieces have {notice.text} characters: a finished answer, cut into slices."
        case "finish_reason":
            return f"finish_reason is {clean_line(notice.text, 60)}."
        case "not_read":
            verb = "piece" if notice.number == 1 else "pieces"
            return f"{count} {verb} could not be read ({notice.text})."
        case "refused":
            return f"The request before was refused with {notice.number}." if notice.number else "No answer before."
        case "not_recorded":
            return f"{size(notice.number)} more came and are not recorded."
        case _:
            assert_never(notice.kind)


def _short(notice: Notice) -> str:
    """Return the short form of a notice."""
    match notice.kind:
        case "stall":
            return f"stall {seconds(notice.seconds)}"
        case "late_end":
            return f"end {seconds(notice.seconds)} late"
        case "burst":
            return "burst"
        case "no_end_mark":
            return "no end mark"
        case "text_after_end":
            return "text after the end"
        case "content_type":
            return "wrong content type"
        case "error_in_stream":
            return f"error inside a {notice.number}"
        case "empty":
            return "empty reply"
        case "split_surrogates" | "split_utf8":
            return "split characters"
        case "slices":
            return "equal slices"
        case "finish_reason":
            return f"finish_reason {clean_line(notice.text, 12)}"
        case "not_read":
            return f"{notice.number:,} not readable"
        case "refused":
            return f"refused with {notice.number}" if notice.number else "no answer before"
        case "not_recorded":
            return f"{size(notice.number)} not recorded"
        case _:
            assert_never(notice.kind)


def _records(count: int) -> str:
    return "1 record holds" if count == 1 else f"{count:,} records hold"


def _quote(text: str) -> str:
    """Return the end of a text in quotation marks, or an empty string."""
    line = clean_line(text, 4 * _LONGEST_QUOTE).strip()
    if not line:
        return ""
    if len(line) <= _LONGEST_QUOTE:
        return f"“{line}”"
    tail = line[-_LONGEST_QUOTE:]
    return f"“…{tail.partition(' ')[2] or tail}”"
