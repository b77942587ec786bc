"""What the engine makes of the wire: a closed union of events, handled to the end with `match`.

A bubble is named by a number that is its own within the reply; the order of the numbers is the order on the
screen. Texts are as the service sent them, except that halves of a surrogate pair are joined or replaced.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, TypeAlias

from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.json import JsonObject


class TextDelta(NamedTuple):
    """More text at the end of a bubble. A tuple, since there is one for each token: it is made in half the time."""

    bubble: int
    text: str


@dataclass(frozen=True, slots=True)
class BubbleText:
    """The whole text of a bubble; it replaces the pieces that came before."""

    bubble: int
    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """More of what the model thinks before it answers (OpenAI-compatible servers)."""

    bubble: int
    text: str


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """A piece of a call to a tool (OpenAI-compatible servers); pieces are joined by `index`."""

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
    """Answers the bot offers, as the wire's objects."""

    items: tuple[JsonObject, ...]


@dataclass(frozen=True, slots=True)
class ConversationNamed:
    """The service's id of the conversation."""

    remote_id: str


@dataclass(frozen=True, slots=True)
class ReplyNamed:
    """The service's id of the reply as a stored message."""

    remote_id: str


@dataclass(frozen=True, slots=True)
class ModelNamed:
    """The model that answers."""

    model: str


@dataclass(frozen=True, slots=True)
class UsageReported:
    """What the reply cost, as the wire's object."""

    usage: JsonObject


@dataclass(frozen=True, slots=True)
class FinishReasonReported:
    """Why the model stopped writing, as it was sent. It is no end mark: with several choices each has its own."""

    reason: str


@dataclass(frozen=True, slots=True)
class StreamFailed:
    """The service said that it failed, or answered with something that is no reply. Text that came is kept."""

    failure: Failure


@dataclass(frozen=True, slots=True)
class Finished:
    """The service's own end mark: the reply is whole."""


SkippedWhy: TypeAlias = Literal["not JSON", "not an object", "wrong type", "unfinished"]


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something on the wire could not be used; counted as a warning. `what` is its beginning."""

    why: SkippedWhy
    what: str = ""


@dataclass(frozen=True, slots=True)
class BodyEnded:
    """Nothing more comes. `lost` says how the connection ended when that was not in order."""

    lost: Failure | None = None


CONTENT: Final = (
    *(TextDelta, BubbleText, ReasoningDelta, ToolCallDelta, AttachmentsArrived, SuggestionsArrived),
    *(StreamFailed, Finished, BodyEnded),
)
"""Events that bring something of the reply, or its end. A stream without them is alive and says nothing."""

AboutReply: TypeAlias = ConversationNamed | ReplyNamed | ModelNamed | UsageReported | FinishReasonReported
"""What is said about a reply and is no part of what it says."""

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
