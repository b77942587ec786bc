"""The difference between two texts, word by word, as `git diff --word-diff` writes it: `[-removed-]{+added+}`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final

_WORD: Final = re.compile(r"\s+|\w+|[^\w\s]")
_CONTEXT: Final = 8
"""The number of words, spaces and signs shown on each side of a change."""
_MOST_CHANGES: Final = 20
_LONGEST: Final = 200
"""The number of characters shown of a removed or added piece."""
_MOST_WORDS: Final = 2_000
"""The number of words of each text that are compared, between the beginning and the end that both share."""
_PART: Final = 20_000
"""The number of characters of each text that are compared."""
_LONGEST_WORD: Final = 60
GAP: Final = "…"


def word_diff(before: str, after: str, *, most_changes: int = _MOST_CHANGES, longest: int = _LONGEST) -> str:
    """Return the changes from one text to another, with a few words around each; empty if there are none.

    The length of the result and the time are bounded: of long texts, only a part after the first difference is
    compared, and the rest is counted. `longest` is how many characters are shown of a removed or added piece.
    """
    if before == after:
        return ""
    start = _common(before, after)
    end = _common(before[start:][::-1], after[start:][::-1])
    left, right = before[start : len(before) - end], after[start : len(after) - end]
    old, new = _words(left), _words(right)
    tail = _WORD.findall(before[len(before) - end :][: 10 * _CONTEXT]) if end else []
    head = before[max(0, start - 10 * _CONTEXT) : start]
    pieces = [*_context_before(_WORD.findall(head), is_start=len(head) == start)]
    pieces += _changes(old, new, most_changes, longest)
    cut = max(len(left) - sum(map(len, old)), len(right) - sum(map(len, new)))
    if cut > 0:
        return "".join([*pieces, f" {GAP} {cut:,} more characters are not compared"])
    return "".join([*pieces, *_context_after(tail, is_end=end <= 10 * _CONTEXT)])


def _common(one: str, other: str) -> int:
    """Return how many characters two texts have in common at their beginnings, up to the last complete word."""
    low, high = 0, min(len(one), len(other))
    while low < high:  # comparing slices is much faster than comparing characters
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    for at in range(low, max(-1, low - _LONGEST_WORD), -1):
        if not (_is_within_word(one, at) or _is_within_word(other, at)):
            return at
    return low


def _is_within_word(text: str, at: int) -> bool:
    return 0 < at < len(text) and text[at - 1].isalnum() and text[at].isalnum()


def _words(text: str) -> list[str]:
    return _WORD.findall(text[:_PART])[:_MOST_WORDS]


def _changes(old: Sequence[str], new: Sequence[str], most_changes: int, longest: int) -> Iterator[str]:
    matcher = SequenceMatcher(None, old, new)
    changes = 0
    for tag, start, stop, other_start, other_stop in matcher.get_opcodes():
        if tag == "equal":
            yield from _between(old[start:stop])
            continue
        changes += 1
        if changes > most_changes:
            yield f" {GAP} more changes"
            return
        if start < stop:
            yield f"[-{_shortened(''.join(old[start:stop]), longest)}-]"
        if other_start < other_stop:
            yield f"{{+{_shortened(''.join(new[other_start:other_stop]), longest)}+}}"


def _between(words: Sequence[str]) -> Iterator[str]:
    """Yield the words between two changes, or only those next to them."""
    if len(words) <= 2 * _CONTEXT + 1:
        yield from words
    else:
        yield from (*words[:_CONTEXT], f" {GAP} ", *words[-_CONTEXT:])


def _context_before(words: Sequence[str], *, is_start: bool) -> Iterator[str]:
    text = "".join(words[-_CONTEXT:])
    yield text if is_start and len(words) <= _CONTEXT else f"{GAP} {text.lstrip()}"


def _context_after(words: Sequence[str], *, is_end: bool) -> Iterator[str]:
    text = "".join(words[:_CONTEXT])
    yield text if is_end and len(words) <= _CONTEXT else f"{text.rstrip()} {GAP}"


def _shortened(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    half = longest // 2
    return f"{text[:half]} {GAP} {len(text) - 2 * half:,} more characters {GAP} {text[-half:]}"
