"""The tone of a state: its sign and its colour. The sign alone must be enough, for screens without colours."""

from __future__ import annotations

from typing import Literal, TypeAlias, assert_never

from chatgrid_tui.ui.appearance import Part, Signs

Tone: TypeAlias = Literal["quiet", "plain", "live", "unread", "waiting", "production", "failed", "stopped"]
"""`quiet`: nothing to see · `plain`: worth reading, but no problem · `live`: being written ·
`waiting`: needs attention · `production`: real customers read this · the others as named."""


def sign_of(tone: Tone, signs: Signs) -> str:
    """Return the sign of a state, or an empty string."""
    match tone:
        case "quiet" | "plain":
            return ""
        case "live":
            return signs.here
        case "unread":
            return signs.unread
        case "waiting" | "production":
            return signs.waiting
        case "failed":
            return signs.failed
        case "stopped":
            return signs.stopped
        case _:
            assert_never(tone)


def part_of(tone: Tone) -> Part:
    """Return the colour of a state."""
    match tone:
        case "quiet" | "stopped":
            return "muted"
        case "plain":
            return "text"
        case "live" | "unread":
            return "accent"
        case "waiting" | "production":
            return "warn"
        case "failed":
            return "error"
        case _:
            assert_never(tone)


def with_sign(tone: Tone, words: str, signs: Signs) -> str:
    """Return `words` after the sign of the state."""
    return f"{sign_of(tone, signs)} {words}".strip()
