"""Text that arrives in pieces, which may end in the middle of a character."""

from __future__ import annotations

from chatgrid_tui.model.events import BubbleText, Event, ReasoningDelta, TextDelta
from chatgrid_tui.text import mend_surrogates


class Texts:
    """Makes text events, and joins surrogate pairs that a server cut in two.

    Servers that cut a string by UTF-16 units send one emoji as `\\ud83d` in one event and `\\ude00` in the next.
    A high half at the end of a piece is held until the next piece of the same bubble.
    """

    def __init__(self) -> None:
        self._held: dict[int, str] = {}

    def delta(self, bubble: int, piece: str) -> list[Event]:
        """Return the event for another piece, or none if there is nothing to show yet."""
        if not piece.isascii() or self._held:
            piece = self._held.pop(bubble, "") + piece
            if piece and "\ud800" <= piece[-1] <= "\udbff":
                self._held[bubble] = piece[-1]
                piece = piece[:-1]
            piece = mend_surrogates(piece)
        return [TextDelta(bubble, piece)] if piece else []

    def whole(self, bubble: int, text: str) -> list[Event]:
        """Return the event for a whole text, which replaces the pieces, or none if it is empty."""
        if not text:
            return []
        self._held.pop(bubble, None)
        return [BubbleText(bubble, mend_surrogates(text))]

    def close(self) -> list[Event]:
        """Return the remaining halves."""
        left: list[Event] = [TextDelta(bubble, mend_surrogates(half)) for bubble, half in self._held.items()]
        self._held.clear()
        return left


def reasoning(bubble: int, piece: str) -> list[Event]:
    """Return the event for a piece of reasoning. Its surrogate halves are not joined."""
    return [ReasoningDelta(bubble, mend_surrogates(piece))] if piece else []
