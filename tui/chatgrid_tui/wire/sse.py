"""Server-sent events, framed as the WHATWG text says, with one tolerance.

The tolerance: a `data:` line that is by itself a whole JSON object, or `[DONE]`, is a record at once. Services
send entries with a single newline between them, or run together on one line, and such a stream must still
stream. Only an object that nothing has named yet waits, for its blank line or the next `data:`, since its
name may follow. An object also stays a part of a larger one that earlier lines of the event have begun; that
larger one is a record as soon as a line closes it.
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
"""Characters of an object in no field that are looked at."""
_OBJECT_AT: Final = len("data: ")
_RETRY_DIGITS: Final = 15
_AFTER_OBJECT: Final = re.compile(r"[ \t]*(?:(data:) ?|\Z)")


class Decoder:
    """Bytes of an event stream into records, incrementally.

    The records never depend on how the bytes were cut. Nothing raises. A line or an event of over 16 MiB sets
    `overflow` and ends the records.
    """

    def __init__(self) -> None:
        self._lines = Lines(carriage_returns=True)
        self._event = ""
        self.last_id = ""
        """The last event id so far."""
        self._retry: int | None = None
        self._data: list[str] = []
        self._data_begins = ""  # the first character of `_data` that is no blank
        self._data_size = 0
        self._open: int | None = 0
        """How deep the lines of `_data` are in JSON at their end; None where they can be no JSON any more."""
        self._waiting: JsonObject | None = None
        self._stray: list[str] = []
        """The lines of a JSON object that is in no field."""
        self._stray_depth = 0
        self._stray_size = 0
        self._records: list[Record] = []
        self._carried = False
        """Whether `_data` was there before the line that is being read."""
        self.released = 0
        """How many records of the newest `feed` or `close` were whole before the line that handed them on: an object
        waits for its name, and the next entry comes instead.
        """
        self._overflow = False
        self.recognised = False
        """Whether any line was one of an event stream."""
        self.unfinished = ""
        """After `close`: what ended before it was whole."""

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

        The WHATWG text drops an event without its blank line; here it counts if its JSON is whole.
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
        """Hand on what is whole of lines that no blank line ended; the rest is `unfinished`."""
        if line_ended and self._event == "error":  # an error may come as plain words
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
        """Take a line that is one whole object and begins an event, which nearly all are; whether it was one.

        It does what `_data_line` would, in a third of the time (tests/wire/test_sse_tolerance.py compares them).
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
        elif name == "data":  # a line with no colon at all
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
        """Take a line that is no field; return whether it ended a JSON object.

        Servers end a stream that failed with `error: {…}` (llama.cpp), or with an object and no field name (Ollama,
        and proxies, which may spread it over lines).
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
        """Take the value of a `data` field: an entry of its own, several run together, or a part of one."""
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
        """Take a whole object: a record, unless earlier lines have begun a larger one."""
        if self._data:
            if self._waiting is None and self._open_at_end():
                self._join(text)
                return
            self._release()
        self._join(text)
        self._named_or_waiting(value)

    def _piece(self, text: str) -> None:
        """Take a line that is no whole object: `[DONE]`, or something to be joined."""
        done = text.strip() == DONE
        if self._data and (done or self._waiting is not None):
            self._release()
        self._join(text)
        if done:
            self._dispatch()
        elif self._open is not None and not self._overflow:
            self._look_for_end(text)

    def _look_for_end(self, text: str) -> None:
        """See whether `text` closes the object that the lines before it have begun.

        The JSON is read once only, where its last brace closes: the time stays linear.
        """
        assert self._open is not None
        if not has_too_many_values(text):  # else it is no JSON, whatever follows
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
        """Hand the lines on as one object, unless its name may still follow."""
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
        """Hand on what came before the present entry."""
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
    """Return the whole JSON object at `position`, its end, and where the next entry of the line begins.

    None where there is no object, or where something else than the next entry follows it.
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
    """Whether an unfinished line is a field, or may have been going to be one."""
    return text.startswith(_FIELDS) or any(field.startswith(text) for field in _FIELDS)


def _depth(text: str) -> int:
    """Return how much deeper in JSON a line ends than it begins; a string never goes on in the next line."""
    return sum(
        part.count("{") + part.count("[") - part.count("}") - part.count("]") for part in outside_strings(text)
    )
