"""Masks keys on a picture of the screen, where a key may be wrapped, cut off, or beside other texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from chatgrid_tui.engine.key_mask import KeyMask

_PUBLIC_PART: Final = 15
"""The characters that a key may have in common with others. Many begin with a public prefix."""
_FILLER: Final = "·"


class _Part(NamedTuple):
    """A part of a row, and the mask for it."""

    row: int
    start: int
    end: int
    mask: str


def masked_rows(rows: Sequence[str], mask: KeyMask) -> list[str]:
    """Return rows of the screen with all keys masked: whole ones, also over several rows, and parts of more than 15
    characters. All other characters keep their places.
    """
    masked = [list(row) for row in rows]
    for row, start, end, text in (*_whole_keys(rows, mask), *_long_parts(rows, mask)):
        masked[row][start:end] = text[: end - start].ljust(end - start, _FILLER)
    return ["".join(row) for row in masked]


def _whole_keys(rows: Sequence[str], mask: KeyMask) -> Iterator[_Part]:
    for key, text in mask.spellings:
        for number, row in enumerate(rows):
            for first in re.finditer(re.escape(key[0]), row):
                yield from _key_from(rows, number, first.start(), key, text)


def _key_from(rows: Sequence[str], number: int, start: int, key: str, mask: str) -> list[_Part]:
    """Return the parts of a key, or of the rest of one, that begins there; none if it does not."""
    row = rows[number]
    length = _common_length(row[start:], key)
    part = _Part(number, start, start + length, mask)
    if length == len(key):
        return [part]
    if not length or number + 1 == len(rows) or row[part.end : part.end + 1].isalnum():
        return []
    for rest in re.finditer(rf"(?<![^\W_]){re.escape(key[length])}", rows[number + 1]):
        if below := _key_from(rows, number + 1, rest.start(), key[length:], mask):
            return [part, *below]
    return []


def _long_parts(rows: Sequence[str], mask: KeyMask) -> Iterator[_Part]:
    size = _PUBLIC_PART + 1
    parts = {
        key[at : at + size]: (key[at:], text) for key, text in mask.spellings for at in range(len(key) - size + 1)
    }
    for number, row in enumerate(rows if parts else ()):
        at = 0
        while at + size <= len(row):
            rest, text = parts.get(row[at : at + size], ("", ""))
            length = _common_length(row[at:], rest)
            if length:
                yield _Part(number, at, at + length, text)
            at += max(1, length)


def _common_length(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (left, right) in pairs if left != right), min(len(one), len(other)))
