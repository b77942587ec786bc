"""Server-sent events, framed as the WHATWG specification says, with one tolerance.

The tolerance: a `data:` line that is a complete JSON object by itself, or `[DONE]`, is a record immediately. Services
separate entries by a single newline, or put several on one line, and such streams must still stream. Only an object
without a name waits, for its blank line or the next `data:`, since its name may follow. An object that belongs to a
larger one, which earlier lines of the event have started, stays part of it; the larger one is a record as soon as a
line completes it.
"""

from __future__ import annotations

import re
from typing import Final

from chatgrid_tui.model.json import JsonObject
from chatgrid_tui.wire.lines import Lines
from chatgrid_tui.wire.record import (
    LIMIT,
    MOST_VALUES,
    UNPARSED,
    Record,
    Value,
    decode_at,
    has_too_many_values,
    json_at,
    json_values,
    outside_strings,
)

DONE: Final = "[DONE]"
_FIELDS: Final = ("data:", "event:", "id:", "retry:")
_UNNAMED: Final = "message"  # the type of an event that no line names
_STRAY_LIMIT: Final = 64 * 1024
"""How many characters of an object outside of fields are examined."""
_OBJECT_AT: Final = len("data: ")
_RETRY_DIGITS: Final = 15
_AFTER_OBJECT: Final = re.compile(r"[ \t]*(?:(data:) ?|\Z)")


class Decoder:
    """Decodes an event stream into records, incrementally.

    The records do not depend on how the bytes were chunked. It never raises. A line or an event of over 16 MiB sets
    `overflow` and ends the records.
    """

    def __init__(self) -> None:
        self._lines = Lines(carriage_returns=True)
        self._event = ""
        self.last_id = ""
        """The last event id so far."""
        self._retry: int | None = None
        self._data: list[str] = []
        self._data_begins = ""  # the first non-blank character of `_data`
        self._data_size = 0
        self._open: int | None = 0
        """The nesting depth of JSON at the end of `_data`; None if it can no longer be JSON."""
        self._waiting: JsonObject | None = None
        self._stray: list[str] = []
        """The lines of a JSON object that is not in a field."""
        self._stray_depth = 0
        self._stray_size = 0
        self._records: list[Record] = []
        self._carried = False
        """Whether `_data` was there before the current line."""
        self.released = 0
        """How many records of the last `feed` or `close` were complete before the line that released them: such an
        object waits for its name, but the next entry follows.
        """
        self._overflow = False
        self.recognised = False
        """Whether any line was one of an event stream."""
        self.unfinished = ""
        """Set by `close`: what ended before it was complete."""

    @property
    def overflow(self) -> bool:
        """Whether a line or an event was too long."""
        return self._overflow or self._lines.overflow

    @property
    def pending(self) -> int:
        """Bytes of the line that has not ended yet."""
        return self._lines.pending

    def feed(self, data: bytes) -> list[Record]:
        """Return the records that `data` completes."""
        return [] if self._overflow else self._read(self._lines.feed(data))

    def close(self) -> list[Record]:
        """Return what the end of the body completes.

        By the WHATWG specification, an event without a blank line is dropped. Here, it counts if its JSON is
        complete.
        """
        rest = self._lines.close()
        self.released = 0
        if self._overflow:
            rest = ""
        records: list[Record] = []
        self._records = records
        if rest.startswith("data:"):
            self._data_line(rest[5:].removeprefix(" "))
        elif rest and self._stray_line(rest):
            pass
        elif rest and not rest.startswith(":"):
            self.unfinished = rest
            self.recognised = self.recognised or _begins_field(rest)
        if self._waiting is not None:
            self._dispatch()
        elif self._data:
            self._finish_open_event(line_ended=not rest.startswith("data:"))
        self._records = []
        return records

    def _finish_open_event(self, *, line_ended: bool) -> None:
        """Emit the complete part of lines that no blank line ended; the rest is `unfinished`."""
        if line_ended and self._event == "error":  # an error may be plain text
            self._dispatch()
            return
        for part in json_values("\n".join(self._data)):
            if isinstance(part.value, (dict, list, str)):
                self._records.append(part._replace(event=self._event or _UNNAMED, id=self.last_id, retry=self._retry))
            else:
                self.unfinished = part.data
        self._data.clear()

    def _read(self, lines: list[str]) -> list[Record]:
        records: list[Record] = []
        self._records = records
        self.released = 0
        for line in lines:
            if not self._data and line.startswith("data: {") and len(line) < MOST_VALUES and self._whole_line(line):
                continue
            if line.startswith("data:"):
                self._data_line(line[6:] if line.startswith(" ", 5) else line[5:])
            elif not line:
                self._blank_line()
            else:
                self._other_line(line)
            if self._overflow:
                break
        self._records = []
        return records

    def _whole_line(self, line: str) -> bool:
        """Process a line that is one complete object and starts an event, as nearly all do. Return whether it was
        one.

        This does the same as `_data_line` in a third of the time (tests/wire/test_sse_tolerance.py compares them).
        """
        try:
            value, end = decode_at(line, _OBJECT_AT)
        except (ValueError, RecursionError):
            return False
        if end != len(line):
            return False
        self.recognised = True
        text = line[_OBJECT_AT:]
        if (self._event and self._event != _UNNAMED) or isinstance(value.get("event"), str):
            self._records.append(Record(text, self._event or _UNNAMED, self.last_id, self._retry, value))
        else:
            self._data.append(text)
            self._waiting = value
        return True

    def _blank_line(self) -> None:
        if self._data:
            self._dispatch()
        self._stray.clear()
        self._event = ""
        self._retry = None

    def _other_line(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            self._event = value
        elif name == "data":  # a line without a colon
            self._data_line(value)
        elif name == "id":
            if "\0" not in value:
                self.last_id = value
        elif name == "retry":
            if value.isascii() and value.isdigit() and len(value) <= _RETRY_DIGITS:
                self._retry = int(value)
        elif name:
            self._stray_line(line)
            return
        self.recognised = True

    def _stray_line(self, line: str) -> bool:
        """Process a line that is not a field. Return whether it completed a JSON object.

        Servers end a failed stream with `error: {…}` (llama.cpp), or with an object without a field name (Ollama, and
        proxies, which may spread it over several lines).
        """
        text = line.removeprefix("error:").strip()
        if not self._stray:
            if not text.startswith("{"):
                return False
            self._stray_depth = self._stray_size = 0
        self._stray.append(text)
        self._stray_depth += _depth(text)
        self._stray_size += len(text)
        if self._stray_depth > 0 and self._stray_size < _STRAY_LIMIT:
            return False
        joined = "\n".join(self._stray)
        self._stray.clear()
        value, end = json_at(joined)
        if not isinstance(value, dict) or end < len(joined):
            return False
        if self._waiting is not None:
            self._carried = True
            self._release()
        named = line.startswith("error:") or self._event == "error"
        self.recognised = self.recognised or named
        event = "error" if named else _UNNAMED
        self._records.append(Record(joined, event, self.last_id, value=value, stray=not named))
        return True

    def _data_line(self, text: str) -> None:
        """Process the value of a `data` field: an entry, several entries, or part of one."""
        self.recognised = True
        self._carried = bool(self._data)
        self._entries(text)

    def _entries(self, text: str) -> None:
        position = 0
        while True:
            entry = _object_at(text, position)
            if entry is None:
                self._piece(text[position:])
                return
            value, end, following = entry
            self._object(text[position:end], value)
            if following is None or self._overflow:
                return
            position = following

    def _object(self, text: str, value: JsonObject) -> None:
        """Process a complete object: it is a record, unless earlier lines have started a larger one."""
        if self._data:
            if self._waiting is None and self._open_at_end():
                self._join(text)
                return
            self._release()
        self._join(text)
        self._named_or_waiting(value)

    def _piece(self, text: str) -> None:
        """Process a line that is not a complete object: `[DONE]`, or a part to be joined."""
        done = text.strip() == DONE
        if self._data and (done or self._waiting is not None):
            self._release()
        self._join(text)
        if done:
            self._dispatch()
        elif self._open is not None and not self._overflow:
            self._look_for_end(text)

    def _look_for_end(self, text: str) -> None:
        """Check whether `text` completes the object that earlier lines have started.

        The JSON is parsed only once, when its last brace closes, so the time stays linear.
        """
        assert self._open is not None
        if not has_too_many_values(text):  # otherwise it is not JSON, whatever follows
            self._open += _depth(text)
            if self._open > 0 and self._data_begins == "{":
                return
        self._open = None
        joined = "\n".join(self._data)
        entry = _object_at(joined, 0)
        if entry is None:
            return
        value, end, following = entry
        self._data = [joined[:end]]
        self._named_or_waiting(value)
        if following is not None:
            self._entries(joined[following:])

    def _named_or_waiting(self, value: JsonObject) -> None:
        """Emit the lines as one object, unless its name may still follow."""
        if self._overflow:
            return
        self._waiting = value
        if self._event not in ("", _UNNAMED) or isinstance(value.get("event"), str):
            self._dispatch()

    def _join(self, text: str) -> None:
        self._data_size += len(text) if text.isascii() else len(text.encode())
        if self._data_size + len(self._data) > LIMIT:
            self._overflow = True
            self._data.clear()
            return
        if not self._data:
            self._data_begins = text.lstrip()[:1]
        self._data.append(text)

    def _open_at_end(self) -> bool:
        """Whether the lines so far are JSON in which an object may come next."""
        return self._data_begins in ("{", "[") and self._data[-1].rstrip()[-1:] in (":", ",", "[")

    def _release(self) -> None:
        """Emit what came before the current entry."""
        self.released += self._carried
        self._carried = False
        self._dispatch()

    def _dispatch(self) -> None:
        value: Value = UNPARSED if self._waiting is None else self._waiting
        text = self._data[0] if len(self._data) == 1 else "\n".join(self._data)
        self._records.append(Record(text, self._event or _UNNAMED, self.last_id, self._retry, value))
        self._data.clear()
        self._data_size = 0
        self._open = 0
        self._waiting = None


def _object_at(text: str, position: int) -> tuple[JsonObject, int, int | None] | None:
    """Return the complete JSON object at `position`, its end, and the start of the next entry on the line.

    Return None if there is no object, or if it is followed by anything but the next entry.
    """
    while text.startswith((" ", "\t"), position):
        position += 1
    if not text.startswith("{", position):
        return None
    value, end = json_at(text, position)
    if not isinstance(value, dict):
        return None
    if end == len(text):
        return value, end, None
    after = _AFTER_OBJECT.match(text, end)
    if after is None:
        return None
    return value, end, after.end() if after[1] else None


def _begins_field(text: str) -> bool:
    """Return whether an unfinished line is a field, or may be the start of one."""
    return text.startswith(_FIELDS) or any(field.startswith(text) for field in _FIELDS)


def _depth(text: str) -> int:
    """Return by how much a line changes the nesting depth of JSON. Strings never continue on the next line."""
    return sum(
        part.count("{") + part.count("[") - part.count("}") - part.count("]") for part in outside_strings(text)
    )
