"""What each kind of service defines about the objects of a reply."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import ClassVar

from chatgrid_tui.dialects.json_fields import Fields
from chatgrid_tui.dialects.text_deltas import Texts
from chatgrid_tui.model.events import Event
from chatgrid_tui.model.json import JsonObject


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
