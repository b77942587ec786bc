"""Parse large answers without blocking the event loop.

A thread is not enough: `json` parses a whole text in one call into C, which holds the interpreter lock (measured:
14 MiB of messages blocked everything for 60 ms, as many empty lists for 790 ms). So in large texts only values
without inner values are parsed in C. That takes up to ten times as long, but other threads run between any two values
(measured: 1 ms and 15 ms).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Collection
from typing import Final, TypeAlias, TypeVar

from chatgrid_tui.model.json import Json
from chatgrid_tui.wire.record import MALFORMED, Absent, has_too_many_values

LARGE: Final = 64 * 1024
"""The size in bytes from which an answer is parsed in a thread. A page of a hundred messages has this size, and
takes a millisecond.
"""
DEEPEST: Final = 200
"""The deepest nesting of a value. It is low enough for recursion never to exhaust the stack."""
Argument = TypeVar("Argument")
Result = TypeVar("Result")


_Scan: TypeAlias = Callable[[str, int], tuple[Json, int]]


class _CooperativeDecoder(json.JSONDecoder):
    """A decoder that works in short steps and can be stopped."""

    def __init__(self, in_steps: int = DEEPEST + 1) -> None:
        """Values that are deeper than `in_steps` levels are read at once."""
        super().__init__()
        self._in_steps = in_steps
        self.stopped = False
        self._read_in_c: _Scan = self.scan_once  # type: ignore[has-type]
        self._depth = 0
        self._keys: dict[str, str] = {}
        self.scan_once = self._value

    def _value(self, text: str, at: int) -> tuple[Json, int]:
        """Return the value at an offset, and its end. Inner values are also read by this method."""
        if self.stopped or self._depth > DEEPEST:
            raise ValueError
        opening = text[at : at + 1]
        if opening not in ("[", "{") or self._depth >= self._in_steps:
            return self._read_in_c(text, at)
        self._depth += 1
        if opening == "[":
            read = self.parse_array((text, at + 1), self._value)  # type: ignore[attr-defined]
        else:
            content = (text, at + 1), self.strict, self._value, None, None, self._keys
            read = self.parse_object(*content)  # type: ignore[attr-defined]
        self._depth -= 1
        value, end = read
        return value, end


async def parsed(body: bytes) -> Json | Absent:
    """Return the JSON value of a body, or `MALFORMED` if it is not JSON or nested too deeply.

    If this is cancelled, its thread ends soon.
    """
    if len(body) < LARGE:
        return _parsed(body)
    decoder = _CooperativeDecoder()
    try:
        return await asyncio.to_thread(_parsed_large, body, decoder)
    finally:
        decoder.stopped = True


def parsed_in_steps(text: str, levels: int) -> Json:
    """Return the JSON value of a text of any length, for a thread: the values down to this many levels are read one
    by one, so that other threads run in between; each deeper value is read at once.

    Raises:
        ValueError: it is not JSON, or nested too deeply. A `JSONDecodeError` has the position.
    """
    try:
        value: Json = _CooperativeDecoder(levels).decode(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return value


async def apart(size: int, work: Callable[[Argument], Result], argument: Argument) -> Result:
    """Run `work` on `argument`, which has `size` bytes; in a thread if that is large. Raises what `work` raises."""
    return await asyncio.to_thread(work, argument) if size >= LARGE else work(argument)


def _parsed(body: bytes) -> Json | Absent:
    try:
        value: Json = json.loads(body)
    except (ValueError, RecursionError):
        return MALFORMED
    return MALFORMED if _is_too_deep(value) else value


def _parsed_large(body: bytes, decoder: _CooperativeDecoder) -> Json | Absent:
    try:
        text = body.decode(json.detect_encoding(body), "surrogatepass")
        if has_too_many_values(text):
            return MALFORMED
        value: Json = decoder.decode(text)
    except ValueError:
        return MALFORMED
    return value


def _is_too_deep(value: Json) -> bool:
    level = [value]
    for _ in range(DEEPEST + 1):
        level = [part for value in level for part in _parts(value)]
        if not level:
            return False
    return True


def _parts(value: Json) -> Collection[Json]:
    match value:
        case dict():
            return value.values()
        case list():
            return value
        case _:
            return ()
