"""The effect of each record of a stream in a few words: its type, what it did, and whether something is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final, Literal, NamedTuple, TypeAlias, get_args

from chatgrid_tui.dialects.json_fields import Fields
from chatgrid_tui.dialects.mapper import EventMapper
from chatgrid_tui.engine.recording import End, EndReason, Head, Recording
from chatgrid_tui.engine.trace import CharSpan, TracedRecord
from chatgrid_tui.model.events import (
    AttachmentsArrived,
    BodyEnded,
    BubbleText,
    ConversationNamed,
    Event,
    Finished,
    FinishReasonReported,
    ModelNamed,
    ReasoningDelta,
    ReplyNamed,
    Skipped,
    StreamFailed,
    SuggestionsArrived,
    TextDelta,
    ToolCallDelta,
    UsageReported,
)
from chatgrid_tui.model.usage import TOKENS_IN_ALL, TOKENS_OUT, token_count
from chatgrid_tui.session.wording.endings import end_in_brief, said_of
from chatgrid_tui.text import clean_line
from chatgrid_tui.units import counted
from chatgrid_tui.wire.record import Record

Group: TypeAlias = Literal[
    "text", "reasoning", "tool call", "files", "suggestions", "about", "end", "error", "ignored", "comment"
]
"""The groups by which rows of a stream are counted and filtered. `about`: ids, usage and the like."""
GROUPS: Final[tuple[Group, ...]] = get_args(Group)
Severity: TypeAlias = Literal["plain", "quiet", "warn", "error"]

_LONGEST: Final = 120
_END_MARK: Final = "end mark"
_FIELD: Final = re.compile(rb"(?:data|event|id|retry)(?:[:\r\n]|\Z)")
_LINE: Final = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|\Z)")


class Effect(NamedTuple):
    """The description of a row of a stream."""

    group: Group
    type: str
    text: str
    severity: Severity = "plain"


def effect_of(traced: TracedRecord, mapper: EventMapper) -> Effect:
    """Return the effect of a traced record. If it has several, the most important one counts."""
    if len(traced.events) == 1 and len(traced.char_spans) == 1 and type(traced.events[0]) is TextDelta:
        return _text_effect(len(traced.events[0].text))  # the most common case
    record = traced.record
    name = "" if record is None else _name_of(record)
    effects = [effect for event in traced.events if (effect := _of_event(event, name)) is not None]
    if traced.char_spans:
        effects.append(Effect("text", "text", _grown(traced.char_spans)))
    elif any(isinstance(event, TextDelta | BubbleText) for event in traced.events):
        ended = any(isinstance(event, Finished) for event in traced.events)
        effects = [effect for effect in effects if effect.text != _END_MARK]
        effects.append(Effect("end" if ended else "text", "end" if ended else "text", "same text"))
    if effects:
        effects.sort(key=_weight)
        texts = dict.fromkeys(effect.text for effect in effects)
        return effects[0]._replace(text=clean_line(", ".join(texts), _LONGEST))
    if record is None:
        return Effect("ignored", name or "empty", "no data", "quiet")
    if record.stray:
        return Effect("ignored", name or "line", "not an SSE field", "warn")
    if not record.data.strip():
        return Effect("comment", name or "empty", "no data", "quiet")
    if not name and isinstance(record.value, Mapping) and mapper.recognises("", Fields(record.value)):
        return Effect("about", "empty", "no text", "quiet")
    return Effect("ignored", name or "unnamed", "ignored", "warn")


def line_effect(line: bytes) -> Effect:
    """Return the effect of a line outside of records: a comment, or a line that is no SSE field."""
    text = clean_line(line.decode("utf-8", "replace"), _LONGEST)
    if line.startswith(b":"):
        return Effect("comment", "comment", text[1:].strip() or "empty", "quiet")
    if _FIELD.match(line):
        return Effect("comment", text.partition(":")[2].strip() or text, "no data", "quiet")
    if not text:
        return Effect("comment", "blank", "blank line", "quiet")
    return Effect("ignored", "line", "not an SSE field", "warn")


def leading_lines(data: bytes) -> Iterator[int]:
    """Yield the end of each line that is no field and comes before an event, with the blank lines after it."""
    end = 0
    while end < len(data) and not _FIELD.match(data, end):
        start, end = end, _line_end(data, end)
        if data[start:end].strip():
            while end < len(data) and data[end] in b"\r\n":
                end = _line_end(data, end)
            yield end


def of_request(recording: Recording) -> Effect:
    """Return the effect of a request."""
    if not recording.has_request:
        return Effect("about", "request", _NOT_THERE)
    path = recording.url.partition("://")[2].partition("/")[2]
    return Effect("about", recording.request.method.lower(), f"/{path}")


def of_head(head: Head) -> Effect:
    """Return the effect of the head of an answer."""
    media_type = clean_line(head.headers.get("content-type", "").partition(";")[0], _LONGEST)
    text = f"{head.status} {_MEDIA_TYPES.get(media_type.lower(), media_type)}".strip()
    return Effect("about", "response", text, "plain" if 200 <= head.status < 300 else "error")


_NOT_THERE: Final = "not in the file"
NO_HEAD: Final = Effect("about", "response", _NOT_THERE)
_MEDIA_TYPES: Final = {
    "text/event-stream": "SSE",
    "application/x-ndjson": "NDJSON",
    "application/json": "JSON",
    "text/html": "HTML",
    "text/plain": "text",
}
_END_SEVERITIES: Final[dict[EndReason, Severity]] = {
    "end_mark": "plain",
    "eof": "plain",
    "stopped": "plain",
    "reset": "error",
    "timeout": "error",
    "limit": "warn",
    "unknown": "warn",
}


def of_end(end: End | None) -> Effect:
    """Return the effect of the end of a stream; None for that of a truncated recording."""
    return Effect("end", "closed", end_in_brief(end), _END_SEVERITIES["unknown" if end is None else end.reason])


def _of_event(event: Event, name: str) -> Effect | None:
    match event:
        case TextDelta() | BubbleText():
            return None  # the character spans are more precise
        case ReasoningDelta(_, text):
            return Effect("reasoning", "reasoning", f"+{counted(len(text), 'character')}")
        case ToolCallDelta():
            called = clean_line(event.name, _LONGEST)
            return Effect("tool call", "tool call", called or f"+{counted(len(event.arguments), 'character')}")
        case AttachmentsArrived(items):
            return Effect("files", "files", counted(len(items), "file"))
        case SuggestionsArrived(items):
            return Effect("suggestions", "suggestions", counted(len(items), "suggestion"))
        case ConversationNamed():
            return Effect("about", name or "id", "conversation id")
        case ReplyNamed():
            return Effect("about", name or "id", "message id")
        case ModelNamed(model):
            return Effect("about", name or "model", clean_line(model, _LONGEST))
        case UsageReported(usage):
            written = token_count(usage, TOKENS_OUT)
            tokens = token_count(usage, TOKENS_IN_ALL) if written is None else written
            return Effect("about", "usage", "usage" if tokens is None else counted(tokens, "token"))
        case FinishReasonReported(reason):
            return Effect("end", "finish", clean_line(reason, _LONGEST))
        case Finished():
            return Effect("end", "end", _END_MARK)
        case StreamFailed(failure):
            return Effect("error", "error", said_of(failure), "error")
        case Skipped(why):
            return Effect("ignored", name or "unreadable", why, "warn")
        case BodyEnded():
            return None


_ORDER: Final = {group: place for place, group in enumerate(GROUPS)} | {"error": -2, "ignored": -1, "end": 20}


@lru_cache(maxsize=1024)
def _text_effect(characters: int) -> Effect:
    return Effect("text", "text", f"+{counted(characters, 'character')}")


def _weight(effect: Effect) -> int:
    return _ORDER[effect.group]


def _grown(spans: tuple[CharSpan, ...]) -> str:
    if any(span.edition and not span.start for span in spans):
        return "replaces text"
    return f"+{counted(sum(span.end - span.start for span in spans), 'character')}"


def _name_of(record: Record) -> str:
    """Return the name of a record on the wire; empty if it has none."""
    value = record.value if isinstance(record.value, Mapping) else {}
    for name in (value.get("event"), value.get("type"), "" if record.event == "message" else record.event):
        if isinstance(name, str) and name:
            return clean_line(name, _LONGEST)
    return ""


def _line_end(data: bytes, start: int) -> int:
    line = _LINE.match(data, start)
    return len(data) if line is None else max(line.end(), start + 1)
