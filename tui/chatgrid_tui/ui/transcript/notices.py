"""What is said when a reply ends in an odd way, or does not go on: small frozen values.

The pane asks an `Explain` for the words; `ui/chat/wording.py` has those of the app.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.session.reply import Reply

Tone: TypeAlias = Literal["muted", "warn", "error"]
Mark: TypeAlias = Literal["stopped", "waiting", "failed", "dot"]

STALL = 10.0
"""Seconds without data after which the pane asks for a notice with buttons."""


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a notice. `key` is what the button shows before its label (`Esc`); empty: its number."""

    id: str
    label: str
    key: str = ""
    enabled: bool = True
    """False: drawn, but nothing happens; the notice's text says why."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence about a reply. `filled` makes it the bubble of an error: a headline, then the text."""

    mark: Mark
    tone: Tone
    headline: str
    text: str = ""
    buttons: tuple[Button, ...] = ()
    filled: bool = False


class Explain(Protocol):
    """Turns a reply that ended in an odd way, or is silent, into words and buttons."""

    def __call__(self, turn: Turn, reply: Reply, *, silent: float = 0.0) -> Notice | None:
        """Return what to say, or None. `silent`: seconds without data while the reply is live."""
        ...
