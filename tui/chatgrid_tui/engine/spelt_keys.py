"""Masks the keys that the recorded bytes of a reply spell across the strings of its JSON values."""

from __future__ import annotations

import json
import re
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias, cast

from chatgrid_tui.engine.key_mask import KeyMask
from chatgrid_tui.model.json import Json
from chatgrid_tui.wire.record import MALFORMED, json_at

_Timed: TypeAlias = tuple[float, bytes]
_Path: TypeAlias = tuple[str | int, ...]
_OPENING: Final = re.compile(r"[{\[]")
_Container: TypeAlias = dict[str | int, Json] | list[Json]


@dataclass(slots=True, eq=False)
class _Line:
    """A line of the body: JSON values and what stands around them."""

    raw: bytes
    parts: list[str | _Value]
    changed: bool = False

    def rewritten(self, mask: KeyMask) -> bytes:
        texts = (part if isinstance(part, str) else json.dumps(part.value) for part in self.parts)
        return mask.text("".join(texts)).encode("utf-8", "surrogateescape")


@dataclass(slots=True)
class _Value:
    value: Json


@dataclass(slots=True)
class _String:
    """A string within a value."""

    line: _Line
    container: _Container
    key: int | str
    text: str

    def replace(self, text: str) -> None:
        cast(dict[str | int, Json], self.container)[self.key] = self.text = text
        self.line.changed = True


def mask_spelt(pieces: Sequence[_Timed], mask: KeyMask) -> tuple[list[_Timed], int]:
    """Return the recorded pieces of a body without the keys that its strings spell, alone or in a row, and how many
    keys that were. A line that changes is put where its last byte was.
    """
    lines = _lines(b"".join(data for _, data in pieces))
    texts: defaultdict[_Path, list[_String]] = defaultdict(list)
    for line in lines:
        for part in line.parts:
            if isinstance(part, _Value):
                for path, string in _strings(line, part.value):
                    texts[path].append(string)
    masked = sum(_mask_row(strings, mask) for strings in texts.values())
    return _put_back(pieces, lines, mask), masked


def _lines(body: bytes) -> list[_Line]:
    text = body.decode("utf-8", "surrogateescape")
    value, end = json_at(text.strip()) if text[:1] in ("{", "[") else (MALFORMED, 0)
    whole = value is not MALFORMED and end == len(text.strip())
    return [_Line(raw, list(_parts(raw))) for raw in ([body] if whole else body.splitlines(keepends=True))]


def _parts(raw: bytes) -> Iterator[str | _Value]:
    """Give the JSON values of a line, and what stands before, between and behind them."""
    text = raw.decode("utf-8", "surrogateescape")
    at = 0
    while opening := _OPENING.search(text, at):
        value, end = json_at(text, opening.start())
        if value is MALFORMED:
            break
        yield text[at : opening.start()]
        yield _Value(cast(Json, value))
        at = end
    yield text[at:]


def _strings(line: _Line, value: Json) -> Iterator[tuple[_Path, _String]]:
    """Give the strings of a value, each with its path. Of the objects of a list, those of one `index` belong together
    wherever they are in it, as the choices and the tool calls of OpenAI's chunks do.
    """
    left: list[tuple[_Path, Json]] = [((), value)]
    while left:
        path, container = left.pop()
        if not isinstance(container, dict | list):
            continue
        items = container.items() if isinstance(container, dict) else enumerate(container)
        for key, inner in items:
            index = inner.get("index") if isinstance(inner, dict) and isinstance(key, int) else None
            inner_path = (*path, index if isinstance(index, int) else key)
            if isinstance(inner, str):
                yield inner_path, _String(line, cast(_Container, container), key, inner)
            else:
                left.append((inner_path, inner))


def _mask_row(strings: Sequence[_String], mask: KeyMask) -> int:
    """Mask the keys in the text that strings make in a row, and return how many there were."""
    joined = "".join(string.text for string in strings)
    spans = deque(mask.spans(joined))
    count = len(spans)
    start = 0
    for string in strings:
        if not spans:
            break
        end = start + len(string.text)
        new, at = "", start
        while spans and spans[0].start < end:
            span = spans[0]
            if span.start >= start:
                new += joined[at : span.start] + span.mask
            at = min(span.end, end)
            if span.end > end:
                break
            spans.popleft()
        if at > start or new:
            string.replace(new + joined[at:end])
        start = end
    return count


def _put_back(pieces: Sequence[_Timed], lines: Sequence[_Line], mask: KeyMask) -> list[_Timed]:
    """Return the pieces with what has become of the lines."""
    put = [(elapsed, bytearray()) for elapsed, _ in pieces]
    number = 0
    room = len(pieces[0][1]) if pieces else 0
    for line in lines:
        left = line.raw
        while len(left) > room:
            if not line.changed:
                put[number][1].extend(left[:room])
            left = left[room:]
            number += 1
            room = len(pieces[number][1])
        put[number][1].extend(line.rewritten(mask) if line.changed else left)
        room -= len(left)
    return [(elapsed, bytes(data)) for elapsed, data in put if data]
