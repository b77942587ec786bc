"""Finding things by a few letters of what they are called.

A query is words. Each of them must be found in a thing's name, else in what else is known of it: in one piece, or
letter by letter from the beginning of a word, each letter further on in the same word or where another one begins
(`stg` finds `staging`, `sb` finds `support-bot`). Case and accents do not count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_LONGEST_QUERY: Final = 200
_WORDS_AT_MOST: Final = 12
_LOOKED_AT: Final = 300
"""Of how many things that match the closeness is measured. Where there are more, those go first whose names begin
with what was typed, and among such the first ones."""
_STARTS_AT_MOST: Final = 8
_LONGEST_TEXT: Final = 500
"""Characters of a name in which something is found. One that a service made longer than a screen holds no more up."""

_EXACT: Final = 1_000
_BEGINS: Final = 900
_WORD_BEGINS: Final = 800
_INSIDE: Final = 600
_SCATTERED: Final = 100
_SCATTERED_MORE: Final = 400
_BESIDE_NAME: Final = 0.45
"""What a match is worth that is not in the name."""
_PHRASE: Final = 100
"""What several words are worth besides, where they stand in the name as they were typed."""


def fold(text: str) -> str:
    """Return `text` without case and accents, as it is compared."""
    return text.lower() if text.isascii() else "".join(map(_folded, text))


@lru_cache(maxsize=4_096)
def _folded(character: str) -> str:
    parts = unicodedata.normalize("NFKD", character.casefold())
    return "".join(part for part in parts.casefold() if not _is_attached(part))


def _is_attached(character: str) -> bool:
    """Whether a character only changes the one before it."""
    return character in "\u200d\ufe0e\ufe0f" or unicodedata.category(character) in ("Mn", "Me")


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of a query, folded, and how it is found letter by letter."""

    text: str
    scattered: re.Pattern[str] | None
    begins: Callable[[str], object]

    @classmethod
    def of(cls, text: str) -> _Word:
        first, *others = map(re.escape, text)
        # The letter before the look at what stands before it: that is several times as fast.
        begins_word = rf"{first}(?<![^\W_]{first})"
        scattered = f"({begins_word})" + "".join(map(_further_on, others))
        whole = begins_word + "".join(others)
        return cls(text, re.compile(scattered) if others else None, re.compile(whole).search)

    def is_in(self, text: str) -> bool:
        """Whether it is found in a folded text."""
        return self.text in text or (self.scattered is not None and self.scattered.search(text) is not None)

    def places(self, text: str) -> tuple[int, ...]:
        """Return which characters of a folded text it is, the best ones; none where it is not found."""
        if (start := self._one_piece(text)) >= 0:
            return tuple(range(start, start + len(self.text)))
        best = max(self._alignments(text), key=lambda places: _quality(places, text), default=())
        return tuple(best)

    def score(self, text: str) -> int:
        """Return how good a match a folded text is, 0 where it is none."""
        start = self._one_piece(text)
        if start == 0:
            return _EXACT if len(text) == len(self.text) else _BEGINS
        if start > 0:
            return _INSIDE if text[start - 1].isalnum() else _WORD_BEGINS
        qualities = [_quality(places, text) for places in self._alignments(text)]
        return _SCATTERED + int(_SCATTERED_MORE * max(qualities)) if qualities else 0

    def _one_piece(self, text: str) -> int:
        found = self.begins(text)
        return found.start() if isinstance(found, re.Match) else text.find(self.text)

    def _alignments(self, text: str) -> Iterable[list[int]]:
        """Give ways to find it letter by letter, from the first words that begin with its first letter."""
        if self.scattered is None:
            return
        found = self.scattered.search(text)
        for _ in range(_STARTS_AT_MOST):
            if found is None:
                return
            yield [start for start, _ in found.regs[1:] if start >= 0]
            found = self.scattered.search(text, found.start() + 1)


def _further_on(letter: str) -> str:
    """Return the pattern of a letter further on: in the same word, else at the beginning of another. What was found
    is not given up again, so that a text is gone through once from every beginning of a word.
    """
    return rf"(?>[^\W_]*?({letter})|[^\n]*?(?<![^\W_])({letter}))"


def _begins_word(text: str, at: int) -> bool:
    return at == 0 or not text[at - 1].isalnum()


def _quality(places: Sequence[int], text: str) -> float:
    """Return how close together the letters are and how many of them begin words, from 0 to 1."""
    good = sum(at == before + 1 or _begins_word(text, at) for before, at in zip((-2, *places), places, strict=False))
    spread = (places[-1] - places[0] + 1 - len(places)) / max(1, len(text))
    return max(0.0, good / len(places) - 0.3 * spread)


@dataclass(frozen=True, slots=True)
class Query:
    """What was typed. Without words it is empty, and matches everything."""

    text: str
    """All of it, folded."""
    words: tuple[_Word, ...]

    @classmethod
    def of(cls, typed: str) -> Query:
        """Return the query that was typed."""
        text = fold(typed[:_LONGEST_QUERY]).lstrip()
        return cls(text, tuple(map(_word, text.split()[:_WORDS_AT_MOST])))

    def __bool__(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self.words)

    def score(self, name: str, beside: str = "") -> int:
        """Return how good a match a thing is, by its name and what else is known of it; 0 where it is none."""
        name, beside = fold(name), fold(beside)
        return self._score(name, beside) if all(_is_found(word, name, beside) for word in self.words) else 0

    def marks(self, text: str, unless_in: str = "") -> frozenset[int]:
        """Return which characters of a shown text are letters that were typed; `unless_in` is the name, where it is
        shown as well: what is found there is marked there.
        """
        folded, owners = _with_owners(text)
        name = fold(unless_in)
        found: set[int] = set()
        for word in self.words:
            if not (name and word.is_in(name)):
                found.update(owners[at] for at in word.places(folded))
        for at in sorted(found):
            while at + 1 < len(text) and _is_attached(text[at + 1]):
                at += 1
                found.add(at)
        return frozenset(found)

    def _score(self, name: str, beside: str) -> int:
        """Return the score of a folded text that matches."""
        total = 0
        for word in self.words:
            in_name = word.score(name)
            total += in_name if in_name >= _WORD_BEGINS else max(in_name, int(_BESIDE_NAME * word.score(beside)))
        if len(self.words) > 1 and (phrase := self.text.rstrip()) in name:
            total += 2 * _PHRASE if name.startswith(phrase) else _PHRASE
        return total


_word = lru_cache(maxsize=256)(_Word.of)


def _is_found(word: _Word, name: str, beside: str) -> bool:
    return word.is_in(name) or word.is_in(beside)


def _with_owners(text: str) -> tuple[str, Sequence[int]]:
    """Return a text folded, and for each of its characters which one of `text` it comes from."""
    if text.isascii():
        return text.lower(), range(len(text))
    parts = [_folded(character) for character in text]
    return "".join(parts), [at for at, part in enumerate(parts) for _ in part]


@dataclass(frozen=True, slots=True)
class Found:
    """What a query found: the places of the best ones, and how many there are in all."""

    best: list[int]
    scores: list[int]
    count: int


class Index:
    """Many names, kept ready for finding; the order in which they were added decides between equal ones."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._besides: list[str] = []
        self._wholes: list[str] = []
        self._last: tuple[str, int, list[int]] = ("", 0, [])
        """The query before, of how many names, and what it found: typing on only narrows that."""

    def __len__(self) -> int:
        return len(self._names)

    def add(self, name: str, beside: str = "") -> None:
        """Add a name, and what else is known of the thing."""
        self.add_folded(fold(name), fold(beside).replace("\n", " "))

    def add_folded(self, name: str, beside: str) -> None:
        """Add what was folded already, and has no line ends."""
        name, beside = name[:_LONGEST_TEXT], beside[:_LONGEST_TEXT]
        self._names.append(name)
        self._besides.append(beside)
        self._wholes.append(f"{name}\n{beside}")

    def find(self, query: Query, most: int) -> Found:
        """Return the best matches, at most `most`."""
        if not query:
            return Found(list(range(min(most, len(self)))), [], len(self))
        matching = self._matching(query)
        looked_at = self._most_promising(query.words[0], matching)
        scored = sorted(((query._score(self._names[at], self._besides[at]), at) for at in looked_at), key=_by_score)
        return Found([at for _, at in scored[:most]], [score for score, _ in scored[:most]], len(matching))

    def _matching(self, query: Query) -> list[int]:
        before, size, found = self._last
        narrows = bool(before) and size == len(self) and query.text.startswith(before)
        matching: Iterable[int] = found if narrows else range(len(self))
        wholes = self._wholes
        for word in query.words:
            text, scattered = word.text, None if word.scattered is None else word.scattered.search
            if scattered is None:
                matching = [at for at in matching if text in wholes[at]]
            else:
                matching = [at for at in matching if text in wholes[at] or scattered(wholes[at])]
        matching = list(matching)
        self._last = (query.text, len(self), matching)
        return matching

    def _most_promising(self, word: _Word, matching: list[int]) -> list[int]:
        """Return those to be looked at more closely, in the order in which they were added."""
        if len(matching) <= _LOOKED_AT:
            return matching
        names, text, begins = self._names, word.text, word.begins
        tests: tuple[Callable[[str], object], ...] = (
            lambda name: name.startswith(text),
            begins,
            lambda name: text in name,
            lambda name: True,
        )
        chosen: set[int] = set()
        for test in tests:
            for at in matching:
                if len(chosen) >= _LOOKED_AT:
                    return sorted(chosen)
                if test(names[at]):
                    chosen.add(at)
        return sorted(chosen)


def _by_score(scored: tuple[int, int]) -> tuple[int, int]:
    return (-scored[0], scored[1])
