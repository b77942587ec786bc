"""The steps of a plan: what a bot sends, in order. The services turn steps into bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

RefusalKind = Literal["rate", "internal", "unauthorized", "page", "redirect"]
StoredAs = Literal["same", "longer", "shorter", "other", "nothing", "twice", "late"]
"""What a service stores of a message and its reply, if it stores anything. "late": only after a while."""
_PIECE = re.compile(r"\s{0,8}\S{1,6}|\s{1,8}")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture or file that belongs to a reply (ChatIQ streaming guide, attachments)."""

    type: str
    url: str
    asset_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A button: `label` is shown, `payload` is sent (ChatIQ streaming guide, suggestions)."""

    label: str
    payload: str


@dataclass(frozen=True, slots=True)
class Say:
    """Text that streams token by token at the current pace."""

    text: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Text that is sent as exactly one event. It may be half of a surrogate pair."""

    text: str
    paced: bool = False


@dataclass(frozen=True, slots=True)
class Bubbles:
    """Whole, separate bubbles. With `apart`, each is a choice of its own in OpenAI's format."""

    texts: tuple[str, ...]
    suggestions: tuple[Suggestion, ...] = ()
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Attach:
    """Attachments, as a separate event."""

    items: tuple[Attachment, ...]


@dataclass(frozen=True, slots=True)
class Suggest:
    """Suggestions, as a separate event."""

    items: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True)
class Think:
    """Reasoning before the answer; only OpenAI's format has a place for it."""

    text: str


@dataclass(frozen=True, slots=True)
class CallTool:
    """A tool call in fragments; only OpenAI's format has a place for it."""

    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence. An `idle` pause is only for show, and is skipped when the server runs unthrottled."""

    seconds: float
    idle: bool = False


@dataclass(frozen=True, slots=True)
class Pace:
    """Tokens per second from here on, unless the server's own pace overrides it; 0 is unthrottled."""

    tokens_per_second: float


@dataclass(frozen=True, slots=True)
class SplitBytes:
    """From here on, lines end in CR LF, and bytes are cut at awkward places."""


@dataclass(frozen=True, slots=True)
class BadPayload:
    """One payload that is not JSON."""


@dataclass(frozen=True, slots=True)
class Fail:
    """The service's error event; nothing comes after it."""

    message: str


@dataclass(frozen=True, slots=True)
class TokenLimit:
    """The reply ends here because it has reached its token limit."""


@dataclass(frozen=True, slots=True)
class NoEnd:
    """The stream ends normally, but without its end mark."""


@dataclass(frozen=True, slots=True)
class Drop:
    """The TCP connection is closed in the middle of the body."""


Step = (
    Say
    | Piece
    | Bubbles
    | Attach
    | Suggest
    | Think
    | CallTool
    | Pause
    | Pace
    | SplitBytes
    | BadPayload
    | Fail
    | TokenLimit
    | NoEnd
    | Drop
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that is not a reply. `seconds` is how long a "rate" refusal lasts."""

    kind: RefusalKind
    seconds: float = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """A bot's answer: a refusal, or steps. The steps also follow when the time of a "rate" refusal is over."""

    steps: Iterable[Step] = ()
    refusal: Refusal | None = None
    stored: StoredAs = "same"


@dataclass(frozen=True, slots=True)
class Turn:
    """What a bot gets: the message, what the same user said before, and where files are served."""

    message: str
    earlier: tuple[str, ...] = ()
    files_url: str = ""
    seed: int = 0
    key: str = ""
    """The key that was sent with the message."""


def pieces(text: str) -> list[str]:
    """Return the text in pieces, which join to the same text."""
    return _PIECE.findall(text)


def estimate(text: str) -> int:
    """Return about how many tokens a model would count."""
    return max(1, (len(text) + 3) // 4)
