"""What each kind of service defines about the objects of a reply."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import ClassVar

from chatgrid_tui.dialects.json_fields import Fields
from chatgrid_tui.model.events import BubbleText, Event, ReasoningDelta, TextDelta
from chatgrid_tui.model.json import JsonObject
from chatgrid_tui.text import mend_surrogates


class EventMapper(ABC):
    """Maps the objects of one reply to events. Each kind overrides what differs."""

    type_is_code: ClassVar[bool] = False
    """Whether the `type` of an error is its code if it has no `code`."""
    content: ClassVar[frozenset[str]] = frozenset()
    """The members that contain part of a reply, if present and not empty."""

    def __init__(self) -> None:
        self.texts = Texts()
        """Joins the pieces of the texts."""
        self.ended = False
        """Whether the end mark was seen, if it is an object. A reply without its end mark is incomplete."""

    @property
    def whole(self) -> bool:
        """Whether the service said that the reply is complete, although its end mark may still follow. Always true if
        replies of the kind have no end mark, and end with the body.
        """
        return False

    def piece(self, event: str, payload: JsonObject) -> list[Event] | None:
        """Return the events of an object that is only a piece of text, as nearly all are, or None for any other. The
        result is the same as that of `events`.
        """
        return None

    def knows(self, name: str, fields: Fields) -> bool:
        """Return whether an object is known. `name` is empty if it has none."""
        return True

    @abstractmethod
    def recognises(self, name: str, fields: Fields) -> bool:
        """Return whether an object is of this kind, even if it contains nothing."""

    @abstractmethod
    def events(self, name: str, fields: Fields) -> Iterable[Event]:
        """Yield the events of one object of the stream."""

    @abstractmethod
    def reply(self, fields: Fields) -> Iterable[Event] | None:
        """Return the events of a whole reply in one JSON body, or None if it is not a reply."""


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
