"""Describe how a reply went, as text for users who want to find out why.

The reply itself is in memory; its recordings, which show what went over the wire, take longer to read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.model.events import SkippedWhy
from chatgrid_tui.model.failure import Failure, FailureKind
from chatgrid_tui.model.json import Json
from chatgrid_tui.model.key_status import KeyStatus
from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.truth.checker import TextDiff
from chatgrid_tui.session.wire_facts import WireFacts
from chatgrid_tui.session.wording.endings import STATE_NAMES, end_sentence
from chatgrid_tui.session.wording.failures import explain, explain_end, unreadable
from chatgrid_tui.session.wording.measures import pace, spread_of_times, usage_of
from chatgrid_tui.session.wording.truth import asked, counts, why_never
from chatgrid_tui.text import clean_line
from chatgrid_tui.units import counted, seconds, size

_LABEL_WIDTH: Final = 16
_LONGEST_VALUE: Final = 2_000
_MOST_USAGE: Final = 30
_MOST_LINES: Final = 60
"""Lines of a difference between two texts."""
_DEEPEST_USAGE: Final = 3
_HEADERS: Final = re.compile(
    r"content-(type|encoding|length)|retry-after(-ms)?|server|via|date|location|www-authenticate|allow"
    r"|(x-)?ratelimit.*|x-rate-limit.*|.*(request|correlation|trace|transaction)-?id|traceparent|cf-ray"
    r"|x-(served-by|cache|powered-by|should-retry)|openai-(processing-ms|version|model|organization)|server-timing"
)
"""Response headers that say something about how a request went."""
_SECRET_PARAMETER: Final = re.compile(r"(?i)([?&][^=&]*(?:key|token|secret|sig|password|code)[^=&]*=)[^&#]*")

_KINDS: Final[dict[FailureKind, str]] = {
    "stream": "an error that the service reported in the reply",
    "http": "an HTTP error",
    "network": "the connection",
    "timeout": "silence",
    "protocol": "not a reply of this kind",
}
_WHY: Final[dict[SkippedWhy, str]] = {
    "not JSON": "It is not JSON.",
    "not an object": "It is JSON, but not an object.",
    "wrong type": "A field in it has an unexpected type.",
    "unfinished": "It was not complete when the body ended.",
}


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the details: pairs of a label and a value. Either may be empty."""

    title: str
    rows: tuple[tuple[str, str], ...]


def details(
    conversation: Conversation,
    turn: Turn,
    reply: Reply,
    key: KeyStatus,
    facts: WireFacts | None,
    diffs: Sequence[TextDiff] = (),
) -> list[Section]:
    """Return the details of a reply. `facts` are None while they are being read; `diffs` are between texts that ought
    to be the same.
    """
    sections = [
        Section("", ((outcome(conversation, reply, key), ""),)),
        Section("Your mark", tuple(_mark_rows(reply))),
        Section("Unreadable parts", tuple(_piece_rows(reply, facts))),
        Section("Error", tuple(_failure_rows(reply.failure)) if reply.failure is not None else ()),
        Section("Times", tuple(_times(reply, facts))),
        Section("Reply", tuple(_reply_rows(reply))),
        Section("Stored at the service", tuple(_stored_rows(conversation, turn, reply, diffs))),
        Section("Tries", tuple(_tries(turn, reply))),
        *_wire_sections(turn, reply, facts),
        Section("Conversation", tuple(_place_rows(conversation, reply))),
    ]
    return [section for section in sections if section.rows]


def as_text(sections: Iterable[Section]) -> str:
    """Return sections as text: titles at the margin, each followed by its labels and values."""
    return "\n\n".join("\n".join(_section_lines(section)) for section in sections)


def outcome(conversation: Conversation, reply: Reply, key: KeyStatus) -> str:
    """Return sentences on how a reply ended."""
    if reply.failure is not None and reply.state in ("failed", "truncated"):
        explanation = explain(reply.failure, key, conversation.resend, reply.characters)
    else:
        ended = explain_end(reply, DIALECTS[conversation.provider.kind].empty_reply)
        if ended is None:
            return " ".join(filter(None, (f"{STATE_NAMES[reply.state]}.", _warning(reply))))
        explanation = ended
    return " ".join(filter(None, (explanation.headline, explanation.details, _warning(reply))))


def _warning(reply: Reply) -> str:
    return unreadable(reply.warnings) if reply.warnings else ""


def _times(reply: Reply, facts: WireFacts | None) -> Iterator[tuple[str, str]]:
    yield "Sent", _moment(reply.started_at)
    if facts is not None and facts.recordings:
        last = facts.recordings[-1]
        if last.head is not None:
            yield "First byte", f"after {seconds(_offset(facts.recordings[0], last) + last.head.t)}"
    if reply.first_token is not None:
        yield "First text", f"after {seconds(reply.first_token)}"
    if reply.duration is not None:
        yield "End", f"after {seconds(reply.duration)}"


def _offset(first: Recording, recording: Recording) -> float:
    """Return how many seconds after the first request another request was sent."""
    if first.started_at is None or recording.started_at is None:
        return 0.0
    return max(0.0, (recording.started_at - first.started_at).total_seconds())


def _mark_rows(reply: Reply) -> Iterator[tuple[str, str]]:
    yield from _row("Verdict", reply.verdict or "")
    yield from _row("Note", reply.note)


def _reply_rows(reply: Reply) -> Iterator[tuple[str, str]]:
    yield from _row("Model", reply.model)
    texts = sum(1 for bubble in reply.bubbles if bubble.size)
    parts = [counted(reply.characters, "character"), counted(texts, "bubble"), counted(reply.deltas, "piece")]
    yield "Text", ", ".join(parts if reply.characters else ["none"])
    for word, items in (
        ("file", reply.attachments),
        ("suggestion", reply.suggestions),
        ("tool call", reply.tool_calls),
    ):
        if items:
            yield f"{word.capitalize()}s", f"{len(items):,}"
    if reply.reasoning:
        yield "Reasoning", counted(sum(map(len, reply.thoughts)), "character")
    written = usage_of(reply).written
    if written is not None and reply.duration is not None and (speed := pace(reply, written)):
        yield "Speed", speed
    usage = list(_flat(reply.usage or {}))
    for label, (name, value) in zip(["Usage", *[""] * len(usage)], usage[:_MOST_USAGE], strict=False):
        yield label, f"{name} {value}"
    yield from _row("Finish reason", reply.finish_reason)


def _flat(usage: Mapping[str, Json], before: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Yield the numbers and strings in an object, nested ones included."""
    for name, value in usage.items():
        path = f"{before}{clean_line(name, 60)}"
        match value:
            case bool() | str():
                yield path, clean_line(str(value), 200)
            case int() | float():
                yield path, f"{value:,}"
            case Mapping() if depth < _DEEPEST_USAGE:
                yield from _flat(value, f"{path}.", depth + 1)
            case _:
                pass


def _failure_rows(failure: Failure) -> Iterator[tuple[str, str]]:
    yield "Kind", _KINDS[failure.kind] + ("" if failure.cause == "said" else f" ({failure.cause})")
    if failure.status is not None:
        yield "Status", str(failure.status)
    yield from _row("Code", failure.code or "")
    yield from _row("Message", failure.message or "")
    yield from _row("Field", failure.field)
    if failure.retry_after is not None:
        yield "Retry after", f"{failure.retry_after:g} s"
    yield from _row("Place", _address(failure.place) if "://" in failure.place else failure.place)


def _place_rows(conversation: Conversation, reply: Reply) -> Iterator[tuple[str, str]]:
    provider = conversation.provider
    yield "Provider", clean_line(f"{provider.shown} ({provider.kind})")
    yield from _row("Address", _address(provider.base_url))
    name, board = clean_line(conversation.board.name), clean_line(conversation.board.id)
    noun = DIALECTS[provider.kind].nouns.one.capitalize()
    yield from _row(noun, name if name == board else f"{name} ({board})" if name and board else name or board)
    yield from _row("Conversation", conversation.remote_id or reply.conversation_id or "")
    yield from _row("Message", reply.remote_id)
    yield from spread_of_times(conversation)


def _stored_rows(
    conversation: Conversation, turn: Turn, reply: Reply, diffs: Sequence[TextDiff]
) -> Iterator[tuple[str, str]]:
    """Yield how a reply compares with what its service stored."""
    if turn.remote or reply.live:
        return
    if reply.truth is not None:
        yield counts(reply.truth), ""
        yield "Asked", asked(reply.truth)
    if reply.truth_problem:
        yield reply.truth_problem, ""
    elif reply.truth is None:
        yield why_never(conversation.provider, conversation.remote_id) or "Not asked.", ""
    for (before, after), text in diffs:
        yield f"[-only {before}-] {{+only {after}+}}", ""
        lines = text.split("\n")
        yield from ((clean_line(line, _LONGEST_VALUE), "") for line in lines[:_MOST_LINES])
        if (left := len(lines) - _MOST_LINES) > 0:
            yield f"{counted(left, 'more line')}.", ""


def _tries(turn: Turn, reply: Reply) -> Iterator[tuple[str, str]]:
    """Yield a row for each other reply to the same message."""
    if len(turn.replies) < 2:
        return
    for number, other in enumerate(turn.replies, 1):
        parts = [STATE_NAMES[other.state]]
        failure = other.failure
        if failure is not None:
            parts.append(" ".join(map(str, filter(None, (failure.status, clean_line(failure.code or "", 60))))))
        if other.duration is not None:
            parts.append(f"after {seconds(other.duration)}")
        mark = " (this one)" if other is reply else ""
        yield f"{number}{mark}", f"{_moment(other.started_at)}: {', '.join(filter(None, parts))}"


def _wire_sections(turn: Turn, reply: Reply, facts: WireFacts | None) -> Iterator[Section]:
    if facts is None:
        yield Section("Requests", (("Reading the recording.", ""),))
        return
    count = len(facts.recordings)
    for number, recording in enumerate(facts.recordings):
        title = f"Request {number + 1} of {count}" if count > 1 else "Request"
        yield Section(title, tuple(_request_rows(recording, _offset(facts.recordings[0], recording))))
        if headers := tuple(_header_rows(recording)):
            yield Section("Headers of the answer" + (f" to request {number + 1}" if count > 1 else ""), headers)
    if facts.is_damaged:
        yield Section("Recording", (("A recording of this reply is damaged and cannot be read.", ""),))
    elif not count:
        yield Section("Requests", ((why_not_recorded(turn, reply), ""),))


def why_not_recorded(turn: Turn, reply: Reply) -> str:
    """Return why there is no recording."""
    if reply.live:
        return "Nothing has been sent yet."
    if turn.remote:
        return "This reply was read from the service's own history; there is no recording of it."
    if turn.copied:
        return "This was sent in the conversation that was forked, which has the recording."
    if reply.failure is not None and reply.failure.cause in ("key", "no board", "insecure", "unusable address"):
        return "No request was made."
    return "There is no recording of this reply. Old ones are deleted to stay within `recordings.total`."


def _request_rows(recording: Recording, offset: float) -> Iterator[tuple[str, str]]:
    request, head, end = recording.request, recording.head, recording.end
    yield "Address", f"{request.method} {_address(request.url)}"
    if recording.started_at is not None:
        yield "Sent", _moment(recording.started_at) + (f", {seconds(offset)} after the first" if offset else "")
    if head is None:
        yield "Status", "no answer"
    else:
        yield "Status", f"{head.status}, after {seconds(head.t)}"
    if head is not None:
        first = next(recording.iter_reads(), None)
        when = "" if first is None else f", the first after {seconds(first.t)}"
        dropped = f", of which {size(recording.dropped)} are not recorded" if recording.dropped else ""
        yield "Body", f"{size(recording.size)} in {counted(recording.read_count, 'read')}{when}{dropped}"
    if end is None:
        yield "End", "not yet"
    else:
        yield "End", f"after {seconds(end.t)}. {end_sentence(end)}"


def _header_rows(recording: Recording) -> Iterator[tuple[str, str]]:
    for name, value in recording.headers.items():
        if _HEADERS.fullmatch(name):
            shown = _address(value) if name == "location" else value
            yield clean_line(name, 60), clean_line(shown, 500)


def _piece_rows(reply: Reply, facts: WireFacts | None) -> Iterator[tuple[str, str]]:
    if facts is None or not facts.recordings or not reply.warnings:
        return
    several = len(facts.recordings) > 1
    for piece in facts.pieces:
        which = f" of request {piece.request + 1}" if several else ""
        yield f"Bytes {piece.start:,} to {piece.end:,}{which}, after {seconds(piece.t)}. {_WHY[piece.why]}", ""
        yield from (("", line) for line in piece.text.split("\n"))
    if not facts.pieces:
        yield "It is not in the recording.", ""
    elif (left := reply.warnings - len(facts.pieces)) > 0:
        yield f"{counted(left, 'more piece')}.", ""


def _section_lines(section: Section) -> Iterator[str]:
    indent = ""
    if section.title:
        yield section.title
        indent = "  "
    labels = [len(label) for label, value in section.rows if label and value]
    column = max(_LABEL_WIDTH, *labels) if labels else 1
    for label, value in section.rows:
        yield f"{indent}{label:<{column}} {value}" if value else f"{indent}{label}"


def _row(label: str, value: str) -> Iterator[tuple[str, str]]:
    """Yield a row, unless its value is empty."""
    if shown := clean_line(value, _LONGEST_VALUE):
        yield label, shown


def _moment(moment: datetime) -> str:
    """Return a local time to the millisecond."""
    return moment.astimezone().isoformat(" ", "milliseconds")


def _address(url: str) -> str:
    """Return an address without its possible secrets: a user name and password, and parameters named like a key."""
    try:
        parts = urlsplit(url)
        url = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    except ValueError:
        return ""
    return clean_line(_SECRET_PARAMETER.sub(r"\1…", url), 500)
