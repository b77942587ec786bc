"""What the encoders of text-only formats have in common: nothing to say about the rest."""

from __future__ import annotations

from chatgrid_tui.demo.plan_player import Reply
from chatgrid_tui.demo.steps import Attachment, Suggestion


class PlainEncoder:
    """Encodes no bubbles, attachments, suggestions, reasoning or tool calls."""

    def opening(self) -> bytes:
        """Nothing."""
        return b""

    def bubbles(self, texts: tuple[str, ...], suggestions: tuple[Suggestion, ...]) -> bytes:
        """Nothing: bubbles came as text."""
        return b""

    def attachments(self, items: tuple[Attachment, ...]) -> bytes:
        """Nothing: attachments came as text."""
        return b""

    def suggestions(self, items: tuple[Suggestion, ...]) -> bytes:
        """Nothing: suggestions came as text."""
        return b""

    def reasoning(self, text: str) -> bytes:
        """Nothing."""
        return b""

    def tool_call(self, name: str, fragments: list[str]) -> bytes:
        """Nothing."""
        return b""


class Silent(PlainEncoder):
    """Encodes nothing at all: for a reply that is put together at its end."""

    def delta(self, text: str) -> bytes:
        """Nothing."""
        return b""

    def spoilt(self) -> bytes:
        """Nothing."""
        return b""

    def failure(self, message: str) -> bytes:
        """Nothing."""
        return b""

    def closing(self, reply: Reply) -> bytes:
        """Nothing."""
        return b""

    def closing_without_mark(self, reply: Reply) -> bytes:
        """Nothing."""
        return b""
