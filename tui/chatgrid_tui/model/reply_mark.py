"""What the user says of a reply: a verdict and a note."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

from chatgrid_tui.text import clean_line

ReplyVerdict: TypeAlias = Literal["right", "wrong", "unsafe", "slow", "format"]
"""`format`: only the form of the reply is wrong."""
REPLY_VERDICTS: Final[dict[str, ReplyVerdict]] = {verdict: verdict for verdict in get_args(ReplyVerdict)}

LONGEST_NOTE: Final = 500
"""The most characters of a note, which is a sentence."""


@dataclass(frozen=True, slots=True)
class ReplyMark:
    """A verdict and a note, either of which may be missing."""

    verdict: ReplyVerdict | None = None
    note: str = ""

    def __bool__(self) -> bool:
        """Return whether it says anything."""
        return self.verdict is not None or bool(self.note)


NO_MARK: Final = ReplyMark()


def note_of(text: str) -> str:
    """Return a text as a note: cleaned, on one line, and at most `LONGEST_NOTE` characters."""
    return clean_line(text, LONGEST_NOTE)
