"""A stored reply compared with the one that was sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

from chatgrid_tui.model.json import Json, JsonObject

Verdict: TypeAlias = Literal["same", "stored longer", "stored shorter", "differs", "not stored", "twice"]
"""`stored longer`, `stored shorter`: the stored text continues, or ends earlier · `not stored`: the message or the
reply is missing · `twice`: either is stored more than once.
"""
_VERDICTS: Final[dict[str, Verdict]] = {verdict: verdict for verdict in get_args(Verdict)}


@dataclass(frozen=True, slots=True)
class TruthCheck:
    """How a reply compares with what its service stored. Lengths are in characters."""

    verdict: Verdict
    sent: int
    """How many times the message was sent."""
    messages: int
    """How many times it is stored."""
    replies: int
    """How many times the reply is stored."""
    streamed: int
    """The length of the pieces, joined."""
    final: int | None
    """The length of the complete text that the service sent at the end; None if it sent none."""
    stored: int | None
    """The length of the stored reply; None if none is stored."""
    after: float = 0.0
    """Seconds from the end of the reply until the service was asked."""
    settled: bool = True
    """Whether the service will not be asked again."""

    def as_object(self) -> JsonObject:
        """Return the check as JSON."""
        return {
            "verdict": self.verdict,
            "sent": self.sent,
            "messages": self.messages,
            "replies": self.replies,
            "streamed": self.streamed,
            "final": self.final,
            "stored": self.stored,
            "after": round(self.after, 3),
        }

    @classmethod
    def from_object(cls, stored: Json) -> TruthCheck | None:
        """Return the check from the result of `as_object`; None if it is something else."""
        if not isinstance(stored, Mapping):
            return None
        names = ("sent", "messages", "replies", "streamed", "final", "stored")
        sent, messages, replies, streamed, final, length = (_count(stored.get(name)) for name in names)
        verdict, after = _VERDICTS.get(str(stored.get("verdict"))), stored.get("after")
        if verdict is None or sent is None or messages is None or replies is None or streamed is None:
            return None
        seconds = float(after) if isinstance(after, int | float) and 0 <= after < 1e9 else 0.0
        return cls(verdict, sent, messages, replies, streamed, final, length, seconds)


def _count(value: Json) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
