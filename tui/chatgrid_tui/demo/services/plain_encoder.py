"""The base of encoders for text-only formats, which have no form for anything else."""

from __future__ import annotations

from chatgrid_tui.demo.plan_player import Reply
from chatgrid_tui.demo.steps import Attachment, Suggestion


class PlainEncoder:
    """Encodes no bubbles, attachments, suggestions, reasoning or tool calls: each gives no bytes."""

    def opening(self) -> bytes:
        """Return no bytes."""
        return b""

    def bubbles(self, texts: tuple[str, ...], suggestions: tuple[Suggestion, ...]) -> bytes:
        """Return no bytes: bubbles came as text."""
        return b""

    def attachments(self, items: tuple[Attachment, ...]) -> bytes:
        """Return no bytes: attachments came as text."""
        return b""

    def suggestions(self, items: tuple[Suggestion, ...]) -> bytes:
        """Return no bytes: suggestions came as text."""
        return b""

    def reasoning(self, text: str) -> bytes:
        """Return no bytes."""
        return b""

    def tool_call(self, name: str, fragments: list[str]) -> bytes:
        """Return no bytes."""
        return b""


class Silent(PlainEncoder):
    """Encodes nothing, for a reply that is put together at its end."""

    def delta(self, text: str) -> bytes:
        """Return no bytes."""
        return b""

    def spoilt(self) -> bytes:
        """Return no bytes."""
        return b""

    def failure(self, message: str) -> bytes:
        """Return no bytes."""
        return b""

    def closing(self, reply: Reply) -> bytes:
        """Return no bytes."""
        return b""

    def closing_without_mark(self, reply: Reply) -> bytes:
        """Return no bytes."""
        return b""
