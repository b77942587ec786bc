"""What all kinds have in common when they read the records of a reply.

A kind says what an object means (`EventMapper`). The `ReplyBuilder` around it decides what counts: nothing after the
end mark, no text after an error, and one warning for each thing that could not be used.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from chatgrid_tui.dialects.faults import field_of, is_error, said
from chatgrid_tui.dialects.fields import Fields
from chatgrid_tui.dialects.texts import Texts
from chatgrid_tui.model.events import BubbleText, Event, Finished, ReasoningDelta, Skipped, StreamFailed, TextDelta
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.text import mend_surrogates
from chatgrid_tui.wire.record import UNPARSED, Absent, Record, Value, json_values
from chatgrid_tui.wire.sse import DONE

_SHOWN_OF_SKIPPED = 80


class EventMapper(Protocol):
    """What the objects of one kind mean; one for each reply."""

    type_is_code: bool
    """Whether an error without `code` is named by its `type`."""
    texts: Texts
    """What joins the pieces of the texts."""

    ended: bool
    """Whether the end mark was seen."""

    content: frozenset[str]
    """Members that hold a part of a reply, if they are there and not empty."""

    @property
    def whole(self) -> bool:
        """Whether the reply was said to be whole, though its end mark may be still to come."""

    def piece(self, event: str, payload: JsonObject) -> list[Event] | None:
        """Return the events of an object that is a piece of text and nothing else, which nearly all are; None
        where it has to be read with care. What it returns is what `events` would give.
        """

    def knows(self, name: str, fields: Fields) -> bool:
        """Whether an object is one of those that mean something. `name` is empty where nothing names it."""

    def recognises(self, name: str, fields: Fields) -> bool:
        """Return whether an object is of this kind, though it may say nothing."""

    def events(self, name: str, fields: Fields) -> Iterable[Event]:
        """Give the events of one object of the stream."""

    def reply(self, fields: Fields) -> Iterable[Event] | None:
        """Give the events of a whole reply that came as one JSON body; None where it is no reply."""


class ReplyBuilder:
    """Records of one reply into events."""

    def __init__(self, meaning: EventMapper) -> None:
        self._meaning = meaning
        self._failed = False
        self._objects = False
        self._recognised = False
        self.ended = False
        """Whether the end mark was seen: nothing counts any more."""

    @property
    def is_other_kind(self) -> bool:
        """Whether objects came, none of them was one of this kind, and nothing said that the reply is over."""
        return self._objects and not (self._recognised or self._failed or self.ended)

    def read(self, record: Record) -> list[Event]:
        """Return what one record of the stream says."""
        if self.ended:
            return []
        if type(record.value) is dict and not self._failed:
            events = self._meaning.piece(record.event, record.value)
            if events is not None:
                self._recognised = True
                return events
        name = "" if record.event == "message" else record.event
        if record.stray and not (isinstance(record.value, Mapping) and is_error(record.value)):
            return []
        if isinstance(record.value, Mapping):
            return self._counted(self._object(name, record.value))
        if record.value is UNPARSED and record.data.strip() == DONE:  # whatever the lines before it named
            return self._counted([Finished()])
        if name == "error":
            return self._counted(self._named_error(record))
        parts = json_values(record.data) if record.value is UNPARSED else [record]
        return [event for part in parts for event in self._part(name, part)]

    def read_body(self, body: Value) -> list[Event] | None:
        """Return what a JSON body in place of a stream says; None where it is no reply of this kind."""
        payload = _unlisted(body)
        if not isinstance(payload, Mapping):
            return None
        fields = Fields(payload)
        if self._tells_error("", fields):
            return self._counted([self._failure(payload), Finished()])
        events = self._meaning.reply(fields)
        if events is None:
            return None
        return self._counted([*events, *_wrong(fields), Finished()])

    def close(self) -> list[Event]:
        """Return what is left to say when nothing more comes."""
        if self.ended:
            return []
        return self._counted([Finished()] if self._meaning.whole else self._meaning.texts.close())

    def _part(self, name: str, part: Record) -> list[Event]:
        if self.ended:
            return []
        value = _unlisted(part.value)
        if isinstance(value, Mapping):
            return self._counted(self._object(name, value))
        return [_skipped(part)]

    def _object(self, name: str, payload: JsonObject) -> Iterable[Event]:
        fields = Fields(payload)
        name = fields.text("event") or name
        self._objects = True
        if name == "error":
            yield self._failure(payload)
        elif self._meaning.knows(name, fields):
            self._recognised = self._recognised or self._meaning.recognises(name, fields)
            failed = False
            for event in self._meaning.events(name, fields):
                failed = failed or isinstance(event, StreamFailed)
                yield event
            if not failed and self._tells_error(name, fields):
                yield self._failure(payload)
        yield from _wrong(fields)
        if self._meaning.ended:
            yield Finished()

    def _tells_error(self, name: str, fields: Fields) -> bool:
        """Return whether an object says that something failed; one with a name does so in an `error` field only."""
        of_reply = bool(name) or any(fields.object.get(member) for member in self._meaning.content)
        return is_error(fields.object, of_reply=of_reply)

    def _named_error(self, record: Record) -> Iterable[Event]:
        """An event called error that holds no object: its text is the message."""
        parts = [] if record.value is not UNPARSED else list(json_values(record.data))
        value: Json | Absent = parts[0].value if len(parts) == 1 else record.value
        if isinstance(value, (str, list, Mapping)):
            yield self._failure(value)
        else:
            text = mend_surrogates(record.data.strip())
            yield StreamFailed(Failure("stream", message=text or None))

    def _failure(self, payload: Json) -> StreamFailed:
        code, message = said(payload, type_is_code=self._meaning.type_is_code)
        return StreamFailed(Failure("stream", code=code, message=message, field=field_of(payload)))

    def _counted(self, events: Iterable[Event]) -> list[Event]:
        """Return the events that count: no text after an error, and nothing after the end mark."""
        counted: list[Event] = []
        for event in events:
            if self.ended:
                break
            if self._failed and isinstance(event, (TextDelta, BubbleText, ReasoningDelta)):
                continue
            if isinstance(event, (StreamFailed, Finished)) and not self._failed:
                counted.extend(self._meaning.texts.close())
            self._failed = self._failed or isinstance(event, StreamFailed)
            self.ended = isinstance(event, Finished)
            counted.append(event)
        return counted


def _unlisted(value: Value) -> Value:
    """Return the error that a list holds alone, as Gemini's compatible endpoint sends it; else the value."""
    only = value[0] if isinstance(value, list) and len(value) == 1 else None
    return only if isinstance(only, Mapping) and is_error(only) else value


def _wrong(fields: Fields) -> Iterable[Event]:
    if fields.wrong:
        yield Skipped("wrong type", ", ".join(map(str, fields.object))[:_SHOWN_OF_SKIPPED])


def _skipped(record: Record) -> Skipped:
    not_json = isinstance(record.value, Absent)
    return Skipped("not JSON" if not_json else "not an object", record.data[:_SHOWN_OF_SKIPPED])
