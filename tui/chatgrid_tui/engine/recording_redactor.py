"""Mask keys that a recorded reply spells out across the strings of its JSON values."""

from __future__ import annotations

import json
import re
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias, cast

from chatgrid_tui.engine.key_mask import KeyMask
from chatgrid_tui.engine.recording import Read
from chatgrid_tui.model.json import Json
from chatgrid_tui.wire.record import MALFORMED, json_at

_Path: TypeAlias = tuple[str | int, ...]
_OPENING: Final = re.compile(r"[{\[]")
_Container: TypeAlias = dict[str | int, Json] | list[Json]


@dataclass(slots=True, eq=False)
class _Line:
    """A line of the body: JSON values, and the text around them."""

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


def mask_spelt(reads: Sequence[Read], mask: KeyMask) -> tuple[list[Read], int]:
    """Return the reads of a body without the keys that its strings contain, alone or joined, and the number of these
    keys. A changed line moves to the read with its last byte.
    """
    body = b"".join(read.data for read in reads)
    lines = [_Line(raw, list(_parts(raw))) for raw in _raw_lines(body)]
    texts: defaultdict[_Path, list[_String]] = defaultdict(list)
    for line in lines:
        for part in line.parts:
            if isinstance(part, _Value):
                for path, string in _strings(line, part.value):
                    texts[path].append(string)
    masked = sum(_mask_row(strings, mask) for strings in texts.values())
    return _put_back(reads, lines, mask), masked


def spells_key(body: bytes, mask: KeyMask) -> bool:
    """Return whether the strings of a body contain a key, alone or joined. No JSON value is kept, which makes it much
    cheaper than masking.
    """
    texts: defaultdict[_Path, list[str]] = defaultdict(list)
    for raw in _raw_lines(body):
        line = _Line(raw, [])
        for part in _parts(raw):
            if isinstance(part, _Value):
                for path, string in _strings(line, part.value):
                    texts[path].append(string.text)
    return any(mask.is_in("".join(pieces)) for pieces in texts.values())


def _raw_lines(body: bytes) -> list[bytes]:
    """Return the lines of a body; all of it if it is one JSON value."""
    text = body.decode("utf-8", "surrogateescape")
    value, end = json_at(text.strip()) if text[:1] in ("{", "[") else (MALFORMED, 0)
    whole = value is not MALFORMED and end == len(text.strip())
    return [body] if whole else body.splitlines(keepends=True)


def _parts(raw: bytes) -> Iterator[str | _Value]:
    """Yield the JSON values of a line, and the text before, between and after them."""
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
    """Yield the strings in a value, each with its path. Objects in a list with the same `index`, such as choices and
    tool calls in OpenAI's chunks, have the same path wherever they are in the list.
    """
    to_visit: list[tuple[_Path, Json]] = [((), value)]
    while to_visit:
        path, container = to_visit.pop()
        if not isinstance(container, dict | list):
            continue
        items = container.items() if isinstance(container, dict) else enumerate(container)
        for key, inner in items:
            index = inner.get("index") if isinstance(inner, dict) and isinstance(key, int) else None
            inner_path = (*path, index if isinstance(index, int) else key)
            if isinstance(inner, str):
                yield inner_path, _String(line, cast(_Container, container), key, inner)
            else:
                to_visit.append((inner_path, inner))


def _mask_row(strings: Sequence[_String], mask: KeyMask) -> int:
    """Mask the keys in the joined text of some strings, and return how many there were."""
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


def _put_back(reads: Sequence[Read], lines: Sequence[_Line], mask: KeyMask) -> list[Read]:
    """Return the reads with their lines changed."""
    bodies = [bytearray() for _ in reads]
    number = 0
    room = len(reads[0].data) if reads else 0
    for line in lines:
        rest = line.raw
        while len(rest) > room:
            if not line.changed:
                bodies[number].extend(rest[:room])
            rest = rest[room:]
            number += 1
            room = len(reads[number].data)
        bodies[number].extend(line.rewritten(mask) if line.changed else rest)
        room -= len(rest)
    return [Read(read.t, bytes(body)) for read, body in zip(reads, bodies, strict=True) if body]
