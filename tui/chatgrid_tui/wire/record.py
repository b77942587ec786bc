"""A record: what a decoder extracts from the bytes, before it is given a meaning."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import Enum
from itertools import accumulate
from json import JSONDecoder
from typing import Final, NamedTuple, TypeAlias

from chatgrid_tui.model.json import Json

LIMIT: Final = 16 * 1024 * 1024
"""The largest size in bytes of a line, or of an event that was joined from lines."""


MOST_VALUES: Final = 100_000
"""The most values in one JSON text. Reading them takes less time than a key press may wait."""
_PART: Final = 64 * 1024
"""How many characters of a text are counted at a time."""
_WITHIN_STRING: Final = re.compile(r'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)


class Absent(Enum):
    """Used in place of a JSON value, since None is a JSON value."""

    UNPARSED = "nobody has looked yet"
    MALFORMED = "it is not JSON"


UNPARSED: Final = Absent.UNPARSED
MALFORMED: Final = Absent.MALFORMED
Value: TypeAlias = "Json | Absent"


class Record(NamedTuple):
    """An SSE event, in the terms of the WHATWG specification, or a value of NDJSON.

    `id` is the last event id so far; `retry` is set if the event itself sets it. `value` is the JSON in `data`, if
    the decoder had to parse it anyway. `stray` is set for JSON on lines that are not SSE fields. It is not part of a
    reply, but it may be the server's error message.
    """

    data: str
    event: str = "message"
    id: str = ""
    retry: int | None = None
    value: Value = UNPARSED
    stray: bool = False


decode_at: Final = JSONDecoder().raw_decode
"""Return the JSON value at a position of a text, and its end. Raises `ValueError` or `RecursionError`.

`NaN` and `Infinity` are accepted, although they are not JSON: servers in Python write them, for example in
`logprobs`.
"""
_BLANKS: Final = " \t\r\n"
_MAY_FOLLOW: Final = _BLANKS + '{["'


def has_too_many_values(text: str) -> bool:
    """Return whether JSON contains more than `MOST_VALUES` values. For example, three million empty lists take 9 MB,
    but a second and 200 MB to parse, in a single call into C that blocks everything else.

    Commas and brackets in strings do not count, so a long text of code is accepted.
    """
    if len(text) < MOST_VALUES:
        return False
    if _has_more(_strings(part) for part in _parts(text)):
        return True
    return _has_more(_values(part) for part in _parts(text)) and _has_more(map(_values, outside_strings(text)))


def _has_more(counts: Iterable[int]) -> bool:
    """Return whether the sum of counts is more than `MOST_VALUES`. Stops as soon as it is."""
    return any(total > MOST_VALUES for total in accumulate(counts))


def _parts(text: str) -> Iterator[str]:
    return (text[at : at + _PART] for at in range(0, len(text), _PART))


def outside_strings(text: str) -> Iterator[str]:
    """Yield the parts of JSON between its strings.

    No call into C reads more than `_PART` characters of a string, or more than one string, since other threads wait
    until it returns.
    """
    at = 0
    while (opening := text.find('"', at)) >= 0:
        yield text[at:opening]
        at = _end_of_string(text, opening + 1)
    yield text[at:]


def _end_of_string(text: str, at: int) -> int:
    """Return the position after the closing quote of the string whose first character is at `at`."""
    while (part := _WITHIN_STRING.match(text, at, at + _PART)) is not None and part.end() > at:
        at = part.end()
    return at + 1


def _strings(text: str) -> int:
    return (text.count('"') - text.count('\\"')) // 2


def _values(text: str) -> int:
    return text.count(",") + text.count("[") + text.count("{")


def json_at(text: str, position: int = 0) -> tuple[Value, int]:
    """Return the JSON value that starts at `position`, and its end.

    If it is not JSON, or is nested too deeply, contains numbers too long for Python, or has too many values, return
    `MALFORMED` and the end of the text.
    """
    if len(text) - position > MOST_VALUES:
        # Most of such texts are many short values, and must not be counted to their end for each of these.
        value, end = _decoded(text[position : position + MOST_VALUES], 0)
        if value is not MALFORMED and end < MOST_VALUES:
            return value, position + end
        if has_too_many_values(text[position:]):
            return MALFORMED, len(text)
    return _decoded(text, position)


def _decoded(text: str, position: int) -> tuple[Value, int]:
    try:
        return decode_at(text, position)
    except (ValueError, RecursionError):
        return MALFORMED, len(text)


def json_values(text: str) -> Iterator[Record]:
    """Yield a record for each JSON value in `text`. Anything that is not JSON is one record until its end.

    Words that start like JSON (`502 Bad Gateway`, `2026-03-15`) are not JSON.
    """
    position, end = 0, len(text)
    strays: list[Record] = []  # values that are not objects: they are JSON only if what follows is
    strays_at = 0
    while True:
        while position < end and text[position] in _BLANKS:
            position += 1
        if position == end:
            break
        start = position
        value, position = json_at(text, start)
        if isinstance(value, dict):
            yield from strays
            strays.clear()
            yield Record(text[start:position], value=value)
            continue
        strays_at = strays_at if strays else start
        if value is MALFORMED or (position < end and text[position] not in _MAY_FOLLOW):
            yield Record(text[strays_at:], value=MALFORMED)
            return
        strays.append(Record(text[start:position], value=value))
    yield from strays
