"""The events that the engine makes of a reply on the wire: a closed union, handled exhaustively with `match`.

Bubbles are identified by numbers within the reply, which are in display order. Texts are as the service sent them,
except that halves of a surrogate pair are joined or replaced.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, TypeAlias

from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.json import JsonObject


class TextDelta(NamedTuple):
    """More text at the end of a bubble. A tuple, since there is one per token and it is created in half the time."""

    bubble: int
    text: str


@dataclass(frozen=True, slots=True)
class BubbleText:
    """The whole text of a bubble, which replaces the earlier pieces."""

    bubble: int
    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """More of the model's reasoning (OpenAI-compatible servers)."""

    bubble: int
    text: str


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """A piece of a tool call (OpenAI-compatible servers); pieces are joined by `index`."""

    bubble: int
    index: int
    call_id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class AttachmentsArrived:
    """Files of the reply, as the wire's objects."""

    items: tuple[JsonObject, ...]


@dataclass(frozen=True, slots=True)
class SuggestionsArrived:
    """Answers that the bot suggests, as the wire's objects."""

    items: tuple[JsonObject, ...]


@dataclass(frozen=True, slots=True)
class ConversationNamed:
    """The service's id of the conversation."""

    remote_id: str


@dataclass(frozen=True, slots=True)
class ReplyNamed:
    """The service's id for the reply as a stored message."""

    remote_id: str


@dataclass(frozen=True, slots=True)
class ModelNamed:
    """The model that answers."""

    model: str


@dataclass(frozen=True, slots=True)
class UsageReported:
    """The usage of the reply, as the wire's object."""

    usage: JsonObject


@dataclass(frozen=True, slots=True)
class FinishReasonReported:
    """Why the model stopped, as sent. It is not an end mark: with several choices, each has its own."""

    reason: str


@dataclass(frozen=True, slots=True)
class StreamFailed:
    """The service reported an error, or answered with something that is not a reply. Earlier text is kept."""

    failure: Failure


@dataclass(frozen=True, slots=True)
class Finished:
    """The service's own end mark: the reply is complete."""


SkippedWhy: TypeAlias = Literal["not JSON", "not an object", "wrong type", "unfinished"]


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something on the wire could not be used, which counts as a warning. `what` is its start."""

    why: SkippedWhy
    what: str = ""


@dataclass(frozen=True, slots=True)
class BodyEnded:
    """Nothing more follows. `lost` says why the connection ended early, if it did."""

    lost: Failure | None = None


CONTENT: Final = (
    *(TextDelta, BubbleText, ReasoningDelta, ToolCallDelta, AttachmentsArrived, SuggestionsArrived),
    *(StreamFailed, Finished, BodyEnded),
)
"""Events that carry content of the reply, or its end. A stream without them is alive but silent."""

AboutReply: TypeAlias = ConversationNamed | ReplyNamed | ModelNamed | UsageReported | FinishReasonReported
"""Events that describe the reply rather than adding to its content."""

Event: TypeAlias = (
    TextDelta
    | BubbleText
    | ReasoningDelta
    | ToolCallDelta
    | AttachmentsArrived
    | SuggestionsArrived
    | AboutReply
    | StreamFailed
    | Finished
    | Skipped
    | BodyEnded
)
