"""Turn the records of a reply into events, for all kinds.

The `EventMapper` of a kind knows what an object means. The `ReplyBuilder` decides what counts: nothing after the end
mark, no text after an error, and one warning for each thing that cannot be used.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from chatgrid_tui.dialects.error_payloads import field_of, is_error, said
from chatgrid_tui.dialects.json_fields import Fields
from chatgrid_tui.dialects.mapper import EventMapper
from chatgrid_tui.model.events import BubbleText, Event, Finished, ReasoningDelta, Skipped, StreamFailed, TextDelta
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.text import mend_surrogates
from chatgrid_tui.wire.record import UNPARSED, Absent, Record, Value, json_values
from chatgrid_tui.wire.sse import DONE

_SHOWN_OF_SKIPPED = 80


class ReplyBuilder:
    """Turns the records of one reply into events."""

    def __init__(self, mapper: EventMapper) -> None:
        self._mapper = mapper
        self._failed = False
        self._objects = False
        self._recognised = False
        self.ended = False
        """Whether the end mark was seen, after which nothing counts."""

    @property
    def is_other_kind(self) -> bool:
        """Whether there were objects, but none of this kind, and no end mark."""
        return self._objects and not (self._recognised or self._failed or self.ended)

    def read(self, record: Record) -> list[Event]:
        """Return the events of one record of the stream."""
        if self.ended:
            return []
        if type(record.value) is dict and not self._failed:
            events = self._mapper.piece(record.event, record.value)
            if events is not None:
                self._recognised = True
                return events
        name = "" if record.event == "message" else record.event
        if record.stray and not (isinstance(record.value, Mapping) and is_error(record.value)):
            return []
        if isinstance(record.value, Mapping):
            return self._counted(self._object(name, record.value))
        if record.value is UNPARSED and record.data.strip() == DONE:  # whatever its name is
            return self._counted([Finished()])
        if name == "error":
            return self._counted(self._named_error(record))
        parts = json_values(record.data) if record.value is UNPARSED else [record]
        return [event for part in parts for event in self._part(name, part)]

    def read_body(self, body: Value) -> list[Event] | None:
        """Return the events of a JSON body instead of a stream, or None if it is not a reply of this kind."""
        payload = _unlisted(body)
        if not isinstance(payload, Mapping):
            return None
        fields = Fields(payload)
        if self._is_error("", fields):
            return self._counted([self._failure(payload), Finished()])
        events = self._mapper.reply(fields)
        if events is None:
            return None
        return self._counted([*events, *_wrong(fields), Finished()])

    def close(self) -> list[Event]:
        """Return the remaining events when nothing more follows."""
        if self.ended:
            return []
        return self._counted([Finished()] if self._mapper.whole else self._mapper.texts.close())

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
        elif self._mapper.knows(name, fields):
            self._recognised = self._recognised or self._mapper.recognises(name, fields)
            failed = False
            for event in self._mapper.events(name, fields):
                failed = failed or isinstance(event, StreamFailed)
                yield event
            if not failed and self._is_error(name, fields):
                yield self._failure(payload)
        yield from _wrong(fields)
        if self._mapper.ended:
            yield Finished()

    def _is_error(self, name: str, fields: Fields) -> bool:
        """Return whether an object reports an error. If it has a name, only an `error` field does."""
        of_reply = bool(name) or any(fields.object.get(member) for member in self._mapper.content)
        return is_error(fields.object, of_reply=of_reply)

    def _named_error(self, record: Record) -> Iterable[Event]:
        """Yield the failure in an event named `error` without an object: its text is the message."""
        parts = [] if record.value is not UNPARSED else list(json_values(record.data))
        value: Json | Absent = parts[0].value if len(parts) == 1 else record.value
        if isinstance(value, (str, list, Mapping)):
            yield self._failure(value)
        else:
            text = mend_surrogates(record.data.strip())
            yield StreamFailed(Failure("stream", message=text or None))

    def _failure(self, payload: Json) -> StreamFailed:
        code, message = said(payload, type_is_code=self._mapper.type_is_code)
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
                counted.extend(self._mapper.texts.close())
            self._failed = self._failed or isinstance(event, StreamFailed)
            self.ended = isinstance(event, Finished)
            counted.append(event)
        return counted


def _unlisted(value: Value) -> Value:
    """Return the error from a list of one, as Gemini's compatible endpoint sends it, or the value itself."""
    only = value[0] if isinstance(value, list) and len(value) == 1 else None
    return only if isinstance(only, Mapping) and is_error(only) else value


def _wrong(fields: Fields) -> Iterable[Event]:
    if fields.wrong:
        yield Skipped("wrong type", ", ".join(map(str, fields.object))[:_SHOWN_OF_SKIPPED])


def _skipped(record: Record) -> Skipped:
    not_json = isinstance(record.value, Absent)
    return Skipped("not JSON" if not_json else "not an object", record.data[:_SHOWN_OF_SKIPPED])
