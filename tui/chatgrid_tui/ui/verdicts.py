"""How a verdict looks: its sign, its word and its colour. The word is enough, for screens without colours."""

from __future__ import annotations

from typing import Literal, TypeAlias, assert_never

from chatgrid_tui.model.reply_mark import ReplyVerdict
from chatgrid_tui.ui.appearance import Signs

VerdictPart: TypeAlias = Literal["text", "warn", "error"]


def verdict_sign(verdict: ReplyVerdict | None, signs: Signs) -> str:
    """Return the sign of a verdict, or of a note without one."""
    match verdict:
        case None:
            return signs.dot
        case "right":
            return signs.good
        case "wrong" | "unsafe" | "slow" | "format":
            return signs.bad
        case _:
            assert_never(verdict)


def verdict_word(verdict: ReplyVerdict | None) -> str:
    """Return the word for a verdict, or for a note without one."""
    return "Note" if verdict is None else verdict.capitalize()


def verdict_part(verdict: ReplyVerdict | None) -> VerdictPart:
    """Return the colour of a verdict."""
    match verdict:
        case None | "right":
            return "text"
        case "slow" | "format":
            return "warn"
        case "wrong" | "unsafe":
            return "error"
        case _:
            assert_never(verdict)
