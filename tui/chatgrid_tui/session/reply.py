"""A reply, built from events.

The interface reads what it shows from here. `Bubble.size` and `Bubble.edition` tell whether a text grew or was
replaced, so that only its new end has to be processed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from sys import intern
from types import MappingProxyType
from typing import TYPE_CHECKING, assert_never

from chatgrid_tui.model.bubble import Bubble
from chatgrid_tui.model.events import (
    CONTENT,
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
from chatgrid_tui.model.finish import completeness
from chatgrid_tui.model.json import JsonObject
from chatgrid_tui.model.reply_mark import ReplyVerdict
from chatgrid_tui.model.saved_conversation import LIVE_STATES, ReplyState, SavedReply
from chatgrid_tui.model.truth_check import TruthCheck

if TYPE_CHECKING:  # replies are needed for the first frame
    from chatgrid_tui.dialects.response_parser import ParsedRecord


@dataclass(slots=True, eq=False)
class ToolCall:
    """A tool call, joined from its pieces."""

    call_id: str = ""
    name: str = ""
    given: Bubble = field(default_factory=Bubble)
    """The arguments that have arrived so far."""

    @property
    def arguments(self) -> str:
        """The arguments, which are JSON once complete."""
        return self.given.text

    def as_object(self) -> JsonObject:
        """Return the call in OpenAI's shape."""
        return {
            "id": self.call_id,
            "type": "function",
            "function": {"name": self.name, "arguments": self.arguments},
        }

    @classmethod
    def from_object(cls, stored: JsonObject) -> ToolCall:
        """Return the tool call from the result of `as_object`."""
        function = stored.get("function")
        inner = function if isinstance(function, Mapping) else {}
        texts = (stored.get("id"), inner.get("name"), inner.get("arguments"))
        call_id, name, arguments = (text if isinstance(text, str) else "" for text in texts)
        return cls(call_id, name, Bubble(arguments))


# Thousands of replies have none of these and share the empty values.
_NO_BUBBLES: Mapping[int, Bubble] = MappingProxyType({})
_NO_CALLS: Mapping[tuple[int, int], ToolCall] = MappingProxyType({})
_NO_TEXTS: Mapping[int, str] = MappingProxyType({})


@dataclass(slots=True, eq=False)
class Reply:
    """A reply, complete or not. Only `apply` changes what the service sent."""

    id: int
    speaker: str
    started_at: datetime
    state: ReplyState = "waiting"
    numbered: dict[int, Bubble] = field(default_factory=dict)
    reasoning: Mapping[int, Bubble] = field(default_factory=lambda: _NO_BUBBLES)
    tool_calls: Mapping[tuple[int, int], ToolCall] = field(default_factory=lambda: _NO_CALLS)
    attachments: Sequence[JsonObject] = ()
    suggestions: Sequence[JsonObject] = ()
    usage: JsonObject | None = None
    finish_reason: str = ""
    """Why the model stopped, as the service sent it; empty if it did not say."""
    model: str = ""
    remote_id: str = ""
    conversation_id: str | None = None
    failure: Failure | None = None
    end_mark_seen: bool = False
    """Whether the service's end mark arrived."""
    warnings: int = 0
    deltas: int = 0
    """The number of text pieces that arrived, which is the token count if the service reports none."""
    first_token: float | None = None
    duration: float | None = None
    last_data: float = 0.0
    """Seconds from sending to the newest event with content."""
    last_byte: float = 0.0
    """Seconds from sending to the newest byte, which may be part of a heartbeat."""
    chosen: tuple[int, ...] = ()
    """The indexes of the suggestions that were sent, the newest last."""
    recording_kept: bool = False
    """Whether its recording is kept, however old it gets."""
    streamed: Mapping[int, str] = field(default_factory=lambda: _NO_TEXTS)
    """Of the bubbles whose whole text the service sent: what had been streamed before. Not in the history."""
    truth: TruthCheck | None = None
    """How it compares with what the service stored, as far as it was asked."""
    is_compared: bool = False
    """Whether it is compared with what the service stored, so that another text there needs no turn of its own."""
    truth_problem: str = ""
    """Why the service could not be asked, as a sentence. Not in the history."""
    verdict: ReplyVerdict | None = None
    """The user's verdict on it."""
    note: str = ""
    """The user's note on it: a sentence."""
    edited_message: str | None = None
    """The message that it answers instead of its turn's, if that was edited."""

    @property
    def bubbles(self) -> list[Bubble]:
        """The bubbles in display order."""
        return [self.numbered[number] for number in sorted(self.numbered)]

    @property
    def live(self) -> bool:
        """Whether more can arrive."""
        return self.state in LIVE_STATES

    @property
    def characters(self) -> int:
        """How many characters of text arrived."""
        return sum(bubble.size for bubble in self.numbered.values())

    @property
    def thoughts(self) -> tuple[str, ...]:
        """The model's reasoning, in the order of the bubbles."""
        return tuple(bubble.text for _, bubble in sorted(self.reasoning.items()))

    @property
    def empty(self) -> bool:
        """Whether nothing arrived that the user could see or use."""
        return not (self.characters or self.attachments or self.suggestions or self.reasoning or self.tool_calls)

    def bytes_came(self, elapsed: float) -> None:
        """Record that bytes arrived, `elapsed` seconds after sending."""
        self.last_byte = elapsed

    def apply_all(self, records: Iterable[ParsedRecord], elapsed: float = 0.0) -> None:
        """Apply the events of records that arrived `elapsed` seconds after sending."""
        self.bytes_came(elapsed)
        for record in records:
            for event in record.events:
                self.apply(event, elapsed)

    def apply(self, event: Event, elapsed: float = 0.0) -> None:
        """Apply an event that arrived `elapsed` seconds after sending. After the end, events change nothing."""
        if not self.live:
            return
        if isinstance(event, CONTENT):
            self.last_data = elapsed
        match event:
            case TextDelta(number, text):
                self._text_came(elapsed)
                self._bubble(number).append(text)
            case BubbleText(number, text):
                self._text_came(elapsed)
                self._whole_text(number, text)
            case ReasoningDelta(number, text):
                self._reasoning(number).append(text)
            case ToolCallDelta():
                self._tool_call(event)
            case AttachmentsArrived(items):
                self.attachments = _extended(self.attachments, items)
            case SuggestionsArrived(items):
                self.suggestions = _extended(self.suggestions, items)
            case ConversationNamed() | ReplyNamed() | ModelNamed() | UsageReported() | FinishReasonReported():
                self._note(event)
            case StreamFailed(failure):
                self.failure = self.failure or failure
            case Finished():
                self.end_mark_seen = True
            case Skipped():
                self.warnings += 1
            case BodyEnded(lost):
                self._end(lost, elapsed)
            case _:
                assert_never(event)

    def _note(self, event: AboutReply) -> None:
        """Apply an event that describes the reply rather than adding to its content."""
        match event:
            case ConversationNamed(remote_id):
                self.conversation_id = remote_id
            case ReplyNamed(remote_id):
                self.remote_id = remote_id
            case ModelNamed(model):
                self.model = model
            case UsageReported(usage):
                self.usage = usage
            case FinishReasonReported(reason):
                if completeness(self.finish_reason) == "whole":  # an incomplete choice takes precedence
                    self.finish_reason = reason
            case _:
                assert_never(event)

    def stop(self, elapsed: float) -> None:
        """End the reply because the user stopped it. Its text stays."""
        if self.live:
            self.state = "stopped"
            self.duration = elapsed

    def interrupt(self, elapsed: float) -> None:
        """End the reply because the program ends. Its text stays."""
        if self.live:
            self.state = "interrupted"
            self.duration = elapsed

    def give_up(self, failure: Failure, elapsed: float) -> None:
        """End the reply with a failure, before any of its body was read."""
        lost = failure.kind in ("network", "timeout") and failure.cause not in ("key", "no board")
        if not lost:
            self.apply(StreamFailed(failure), elapsed)
        self.apply(BodyEnded(failure if lost else None), elapsed)

    def saved(self) -> SavedReply:
        """Return the reply as the history stores it."""
        return SavedReply(
            id=self.id,
            state=self.state,
            speaker=self.speaker,
            started_at=self.started_at,
            bubbles=tuple(bubble.text for bubble in self.bubbles),
            attachments=tuple(self.attachments),
            suggestions=tuple(self.suggestions),
            usage=self.usage,
            finish_reason=self.finish_reason,
            reasoning=self.thoughts,
            tool_calls=tuple(call.as_object() for call in self.tool_calls.values()),
            model=self.model,
            remote_id=self.remote_id,
            failure=self.failure,
            first_token=self.first_token,
            duration=self.duration,
            deltas=self.deltas,
            warnings=self.warnings,
            chosen=self.chosen,
            recording_kept=self.recording_kept,
            truth=self.truth,
            verdict=self.verdict,
            note=self.note,
            edited_message=self.edited_message,
        )

    @classmethod
    def restored(cls, saved: SavedReply) -> Reply:
        """Return a reply from the history."""
        bubbles = {number: Bubble(text) for number, text in enumerate(saved.bubbles)}
        reply = cls(saved.id, intern(saved.speaker), saved.started_at, saved.state, bubbles)
        reply.attachments, reply.suggestions, reply.chosen = saved.attachments, saved.suggestions, saved.chosen
        reply.usage, reply.model, reply.remote_id = saved.usage, intern(saved.model), saved.remote_id
        reply.first_token, reply.duration, reply.deltas = saved.first_token, saved.duration, saved.deltas
        reply.failure, reply.warnings = saved.failure, saved.warnings
        reply.recording_kept = saved.recording_kept
        reply.truth, reply.is_compared = saved.truth, saved.truth is not None
        reply.finish_reason = intern(saved.finish_reason)
        reply.verdict, reply.note = saved.verdict, saved.note
        reply.edited_message = saved.edited_message
        if saved.reasoning:
            reply.reasoning = {number: Bubble(text) for number, text in enumerate(saved.reasoning)}
        if saved.tool_calls:
            calls = map(ToolCall.from_object, saved.tool_calls)
            reply.tool_calls = {(0, number): call for number, call in enumerate(calls)}
        return reply

    def _bubble(self, number: int) -> Bubble:
        return self.numbered.setdefault(number, Bubble())

    def _reasoning(self, number: int) -> Bubble:
        if not isinstance(self.reasoning, dict):  # the empty value, which is shared
            self.reasoning = dict(self.reasoning)
        bubble: Bubble = self.reasoning.setdefault(number, Bubble())
        return bubble

    def _whole_text(self, number: int, text: str) -> None:
        """Replace the text of a bubble, and remember what was streamed."""
        bubble = self._bubble(number)
        if not isinstance(self.streamed, dict):  # the empty value, which is shared
            self.streamed = dict(self.streamed)
        if number not in self.streamed:
            before = bubble.text
            self.streamed[number] = text if before == text else before  # one string instead of two that are equal
        bubble.replace(text)

    def _text_came(self, elapsed: float) -> None:
        self.state = "writing"
        self.deltas += 1
        if self.first_token is None:
            self.first_token = elapsed

    def _tool_call(self, piece: ToolCallDelta) -> None:
        if not isinstance(self.tool_calls, dict):  # the empty value, which is shared
            self.tool_calls = dict(self.tool_calls)
        call: ToolCall = self.tool_calls.setdefault((piece.bubble, piece.index), ToolCall())
        call.call_id = call.call_id or piece.call_id
        call.name = call.name or piece.name
        if piece.arguments:
            call.given.append(piece.arguments)

    def _end(self, lost: Failure | None, elapsed: float) -> None:
        self.duration = elapsed
        if self.failure is not None:
            self.state = "failed"
        elif self.end_mark_seen:
            self.state = "finished"
        else:
            self.state = "truncated"
            self.failure = lost


def _extended(items: Sequence[JsonObject], more: Sequence[JsonObject]) -> Sequence[JsonObject]:
    """Append to the items without copying them for each piece of a long list."""
    extended = items if isinstance(items, list) else list(items)
    extended.extend(more)
    return extended
