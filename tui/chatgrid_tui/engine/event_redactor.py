"""Mask keys in the events of a reply.

They may be spread across several events, as models stream them, or written with JSON escapes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, NamedTuple, TypeAlias, assert_never

from chatgrid_tui.dialects.response_parser import ParsedRecord
from chatgrid_tui.engine.key_mask import KeyMask
from chatgrid_tui.model.events import (
    AboutReply,
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
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.json import JsonObject

_ENDS: Final = (StreamFailed, Finished, BodyEnded)
_Whole: TypeAlias = (
    BubbleText | AttachmentsArrived | SuggestionsArrived | AboutReply | StreamFailed | Finished | Skipped | BodyEnded
)
"""Events that contain complete texts."""


class _Place(NamedTuple):
    """A growing text: that of a bubble, its reasoning, or the arguments of a tool call."""

    kind: type[TextDelta | ReasoningDelta | ToolCallDelta]
    bubble: int
    call: int = 0

    def delta(self, text: str) -> Event:
        """Return the event that adds to the text."""
        if self.kind is ToolCallDelta:
            return ToolCallDelta(self.bubble, self.call, arguments=text)
        return ReasoningDelta(self.bubble, text) if self.kind is ReasoningDelta else TextDelta(self.bubble, text)


class EventRedactor:
    """Masks the keys in the events of one answer.

    If the end of a growing text may be the start of a key, it is held back until it cannot be one, or until the reply
    ends.
    """

    def __init__(self, mask: KeyMask) -> None:
        self._mask = mask
        self._held: dict[_Place, str] = {}
        self.masked = 0
        """How many keys were masked."""

    def redacted(self, records: list[ParsedRecord]) -> list[ParsedRecord]:
        """Return parsed records without keys in their events."""
        return [ParsedRecord(parsed.number, parsed.record, self._events(parsed)) for parsed in records]

    def _events(self, parsed: ParsedRecord) -> list[Event]:
        redacted: list[Event] = []
        for event in parsed.events:
            if isinstance(event, _ENDS) and self._held:
                redacted += [place.delta(self._mask.unfinished(text)) for place, text in self._held.items()]
                self._held.clear()
            match event:
                case TextDelta(bubble, text):
                    if grown := self._grow(_Place(TextDelta, bubble), text):
                        redacted.append(event if grown == text else TextDelta(bubble, grown))
                case ReasoningDelta(bubble, text):
                    if grown := self._grow(_Place(ReasoningDelta, bubble), text):
                        redacted.append(ReasoningDelta(bubble, grown))
                case ToolCallDelta():
                    redacted.append(self._tool_call(event))
                case _:
                    if isinstance(event, BubbleText):  # it replaces the text that was held back
                        self._held.pop(_Place(TextDelta, event.bubble), None)
                    may_hold = parsed.record is None or self._mask.may_be_in(parsed.record.data)
                    redacted.append(self._whole(event) if may_hold else event)
        return redacted

    def _grow(self, place: _Place, text: str) -> str:
        """Return how much a text grows: what was held back and `text`, without a possible start of a key."""
        text = self._text(self._held.pop(place, "") + text)
        if begun := self._mask.begun(text):
            self._held[place] = text[-begun:]
            text = text[:-begun]
        return text

    def _tool_call(self, piece: ToolCallDelta) -> ToolCallDelta:
        arguments = self._grow(_Place(ToolCallDelta, piece.bubble, piece.index), piece.arguments)
        return replace(piece, call_id=self._text(piece.call_id), name=self._text(piece.name), arguments=arguments)

    def _whole(self, event: _Whole) -> Event:
        """Return an event with its complete texts masked."""
        match event:
            case BubbleText(bubble, text):
                return BubbleText(bubble, self._text(text))
            case AttachmentsArrived(items):
                return AttachmentsArrived(tuple(map(self._object, items)))
            case SuggestionsArrived(items):
                return SuggestionsArrived(tuple(map(self._object, items)))
            case ConversationNamed(remote_id):
                return ConversationNamed(self._text(remote_id))
            case ReplyNamed(remote_id):
                return ReplyNamed(self._text(remote_id))
            case ModelNamed(model):
                return ModelNamed(self._text(model))
            case UsageReported(usage):
                return UsageReported(self._object(usage))
            case FinishReasonReported(reason):
                return FinishReasonReported(self._text(reason))
            case StreamFailed(failure):
                return StreamFailed(self._failure(failure))
            case Skipped(why, what):
                return Skipped(why, self._text(what))
            case BodyEnded(lost):
                return event if lost is None else BodyEnded(self._failure(lost))
            case Finished():
                return event
            case _:
                assert_never(event)

    def _text(self, text: str) -> str:
        masked = self._mask.text(text)
        self.masked += masked != text
        return masked

    def _failure(self, failure: Failure) -> Failure:
        masked = self._mask.failure(failure)
        self.masked += masked != failure
        return masked

    def _object(self, item: JsonObject) -> JsonObject:
        try:
            masked = {self._mask.text(name): self._mask.json(value) for name, value in item.items()}
        except RecursionError:  # nested too deeply for Python: drop it
            masked = {}
        self.masked += masked != item
        return masked
