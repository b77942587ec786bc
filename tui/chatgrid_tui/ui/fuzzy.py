"""Search for things by a few letters of their name.

A query is a list of words. Each must match the name of a thing, the name of its place (a provider, a board), or the
rest of its text (addresses, descriptions). From best to worst, a word matches

1. a whole word (`bot` in `support bot`),
2. the beginning of a word (`sup`),
3. the beginnings of several words (`sb` in `support-bot`),
4. the middle of a word (`port`),
5. letters scattered over it, the first of which begins a word (`stg` in `staging`).

Addresses and descriptions match as 1 and 2 only, and count least. Digits are never scattered: `001` is not in
`127.0.0.1`. Case and accents are ignored.

Textual's `Matcher` is not used: it knows no words, so that it finds `001` in `127.0.0.1`, and for 20,000 names it
takes 0.15 s in place of 0.01 s (`tests/bench/switching.py`).
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
_SCORED_AT_MOST: Final = 300
"""Matches that are scored. Of more, those are scored whose names contain the words as whole words or beginnings."""
_STARTS_AT_MOST: Final = 8
_LONGEST_TEXT: Final = 500
"""Characters of a name that are searched, so that a very long one takes no longer than the others."""

_WHOLE_NAME: Final = 1_000
_WHOLE_WORD: Final = 900
_BEGINS_WORD: Final = 800
_AT_START: Final = 50
"""Added for a match at the very beginning."""
_WORD_STARTS: Final = 500
_WORD_STARTS_MORE: Final = 100
_INSIDE: Final = 300
_SCATTERED: Final = 100
_SCATTERED_MORE: Final = 100
_IN_PLACE: Final = 0.45
"""The weight of a match in the place, compared with one in the name."""
_IN_REST: Final = 0.1
"""The weight of a match in addresses and descriptions."""
_PHRASE: Final = 100
"""Added if the name contains several words as they were typed."""


def fold(text: str) -> str:
    """Return `text` without case and accents, as it is compared."""
    return text.lower() if text.isascii() else "".join(map(_folded, text))


@lru_cache(maxsize=4_096)
def _folded(character: str) -> str:
    parts = unicodedata.normalize("NFKD", character.casefold())
    return "".join(part for part in parts.casefold() if not _is_attached(part))


def _is_attached(character: str) -> bool:
    """Return whether a character only changes the one before it."""
    return character in "\u200d\ufe0e\ufe0f" or unicodedata.category(character) in ("Mn", "Me")


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of a query, folded, with its compiled patterns."""

    text: str
    scattered: re.Pattern[str] | None
    begins: Callable[[str], re.Match[str] | None]
    """Find where a word of a text begins with it."""
    is_word: Callable[[str], re.Match[str] | None]
    """Find where it is a word of a text."""

    @classmethod
    def of(cls, text: str) -> _Word:
        first, *others = map(re.escape, text)
        # A lookbehind after the letter is several times faster than one before it.
        begins_word = rf"{first}(?<![^\W_]{first})"
        scattered = f"({begins_word})" + "".join(map(_further_on, text, text[1:]))
        whole = begins_word + "".join(others)
        return cls(
            text,
            re.compile(scattered) if others else None,
            re.compile(whole).search,
            re.compile(rf"{whole}(?![^\W_])").search,
        )

    def matches(self, name: str) -> bool:
        """Return whether a folded name matches."""
        return self.text in name or (self.scattered is not None and self.scattered.search(name) is not None)

    def matches_rest(self, rest: str) -> bool:
        """Return whether a folded address or description matches."""
        return self.text in rest and self.begins(rest) is not None

    def positions(self, name: str) -> Sequence[int]:
        """Return the positions in a folded name that match best, none if it does not match."""
        if (match := self.is_word(name) or self.begins(name)) is not None:
            return range(*match.span())
        best = max(self._alignments(name), key=lambda positions: _quality(positions, name), default=[])
        inside = name.find(self.text)
        if inside >= 0 and not (best and _quality(best, name) >= 1):
            return range(inside, inside + len(self.text))
        return best

    def positions_in_rest(self, rest: str) -> Sequence[int]:
        """Return the positions in a folded address or description that match."""
        match = self.is_word(rest) or self.begins(rest)
        return () if match is None else range(*match.span())

    def score(self, name: str) -> int:
        """Return how well a folded name matches, 0 if it does not."""
        if self.text in name:
            if name == self.text:
                return _WHOLE_NAME
            if (match := self.is_word(name)) is not None:
                return _WHOLE_WORD + (0 if match.start() else _AT_START)
            if (match := self.begins(name)) is not None:
                return _BEGINS_WORD + (0 if match.start() else _AT_START)
        quality = max((_quality(positions, name) for positions in self._alignments(name)), default=-1.0)
        if quality >= 1:
            return _WORD_STARTS + int(_WORD_STARTS_MORE * (quality - 1))
        if self.text in name:
            return _INSIDE
        return _SCATTERED + int(_SCATTERED_MORE * quality) if quality >= 0 else 0

    def score_in_rest(self, rest: str) -> int:
        """Return how well a folded address or description matches, 0 if it does not."""
        if self.text not in rest:
            return 0
        if self.is_word(rest) is not None:
            return _WHOLE_WORD
        return _BEGINS_WORD if self.begins(rest) is not None else 0

    def _alignments(self, name: str) -> Iterable[list[int]]:
        """Yield ways to find it letter by letter, from the first words that begin with its first letter."""
        if self.scattered is None:
            return
        match = self.scattered.search(name)
        for _ in range(_STARTS_AT_MOST):
            if match is None:
                return
            yield [start for start, _ in match.regs[1:] if start >= 0]
            match = self.scattered.search(name, match.start() + 1)


def _further_on(before: str, letter: str) -> str:
    """Return the pattern of a letter after another: in the same word, else at the beginning of a later one. A digit
    follows a digit directly. The group is atomic, so that a text is read once from each beginning of a word.
    """
    escaped = re.escape(letter)
    if before.isdigit() and letter.isdigit():
        return f"({escaped})"
    return rf"(?>[^\W_]*?({escaped})|[^\n]*?(?<![^\W_])({escaped}))"


def _begins_word(text: str, at: int) -> bool:
    return at == 0 or not text[at - 1].isalnum()


def _quality(positions: Sequence[int], text: str) -> float:
    """Return how well letters match, from 0 to 2, the closer together the better. From 1 on, each begins a word or
    follows the one before it.
    """
    pairs = zip((-2, *positions), positions, strict=False)
    good = sum(at == before + 1 or _begins_word(text, at) for before, at in pairs)
    spread = (positions[-1] - positions[0] + 1 - len(positions)) / max(1, len(text))
    if good == len(positions):
        return 2 - spread
    return max(0.0, min(0.99, good / len(positions) - 0.3 * spread))


@dataclass(frozen=True, slots=True)
class Query:
    """A typed query. Without words it is empty, and matches everything."""

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

    def score(self, name: str, place: str = "", rest: str = "") -> int:
        """Return how well a thing matches, 0 if it does not."""
        name, place, rest = fold(name), fold(place), fold(rest)
        matching = all(word.matches(name) or word.matches(place) or word.matches_rest(rest) for word in self.words)
        return self._score(name, place, rest) if matching else 0

    def marks(self, text: str, unless_in: str = "") -> frozenset[int]:
        """Return the positions in a shown name that match. Words that match the name `unless_in` are marked there."""
        return self._marks(text, unless_in, _Word.positions)

    def marks_in_rest(self, text: str, *unless_in: str) -> frozenset[int]:
        """Return the positions in a shown address or description that match."""
        return self._marks(text, "\n".join(unless_in), _Word.positions_in_rest)

    def _marks(
        self, text: str, unless_in: str, positions_of: Callable[[_Word, str], Sequence[int]]
    ) -> frozenset[int]:
        folded, owners = _with_owners(text)
        name = fold(unless_in)
        marked: set[int] = set()
        for word in self.words:
            if not (name and word.matches(name)):
                marked.update(owners[at] for at in positions_of(word, folded))
        for at in sorted(marked):
            while at + 1 < len(text) and _is_attached(text[at + 1]):
                at += 1
                marked.add(at)
        return frozenset(marked)

    def _score(self, name: str, place: str, rest: str) -> int:
        """Return the score of a folded text that matches."""
        total = 0
        for word in self.words:
            best = word.score(name)
            if best < _BEGINS_WORD:
                best = max(best, int(_IN_PLACE * word.score(place)), int(_IN_REST * word.score_in_rest(rest)))
            total += best
        if len(self.words) > 1 and (phrase := self.text.rstrip()) in name:
            total += 2 * _PHRASE if name.startswith(phrase) else _PHRASE
        return total


_word = lru_cache(maxsize=256)(_Word.of)


def _with_owners(text: str) -> tuple[str, Sequence[int]]:
    """Return a folded text, and for each of its characters the position in `text` that it comes from."""
    if text.isascii():
        return text.lower(), range(len(text))
    parts = [_folded(character) for character in text]
    return "".join(parts), [at for at, part in enumerate(parts) for _ in part]


@dataclass(frozen=True, slots=True)
class Found:
    """The result of a query: the indexes and scores of the best matches, and the number of all matches."""

    best: list[int]
    scores: list[int]
    count: int


class Index:
    """Many things that can be found. Of equal matches, the one that was added first comes first."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._places: list[str] = []
        self._rests: list[str] = []
        self._titles: list[str] = []
        """Name and place together."""
        self._last: tuple[str, int, list[int]] = ("", 0, [])
        """The last query, the number of names it searched, and its matches: another letter only narrows them."""

    def __len__(self) -> int:
        return len(self._names)

    def add(self, name: str, place: str = "", rest: str = "") -> None:
        """Add the name, the place and the rest of the text of a thing."""
        self.add_folded(fold(name), fold(place).replace("\n", " "), fold(rest).replace("\n", " "))

    def add_folded(self, name: str, place: str, rest: str) -> None:
        """Add texts that are folded already and contain no line breaks."""
        name, place = name[:_LONGEST_TEXT], place[:_LONGEST_TEXT]
        self._names.append(name)
        self._places.append(place)
        self._rests.append(rest[:_LONGEST_TEXT])
        self._titles.append(f"{name}\n{place}")

    def find(self, query: Query, most: int) -> Found:
        """Return the best matches, at most `most`."""
        if not query:
            return Found(list(range(min(most, len(self)))), [], len(self))
        matching = self._matching(query)
        names, places, rests = self._names, self._places, self._rests
        looked_at = self._most_promising(query.words, matching)
        scored = sorted(((query._score(names[at], places[at], rests[at]), at) for at in looked_at), key=_by_score)
        return Found([at for _, at in scored[:most]], [score for score, _ in scored[:most]], len(matching))

    def _matching(self, query: Query) -> list[int]:
        before, size, matches = self._last
        narrows = bool(before) and size == len(self) and query.text.startswith(before)
        matching: Iterable[int] = matches if narrows else range(len(self))
        titles, rests = self._titles, self._rests
        for word in query.words:
            text, begins = word.text, word.begins
            scattered = word.scattered.search if word.scattered is not None else _never
            matching = [
                at
                for at in matching
                if text in titles[at] or scattered(titles[at]) or (text in rests[at] and begins(rests[at]))
            ]
        matching = list(matching)
        self._last = (query.text, len(self), matching)
        return matching

    def _most_promising(self, words: Sequence[_Word], matching: list[int]) -> list[int]:
        """Return the matches to score, in the order in which they were added.

        The best kinds of match are taken first. Of several words the last one is tested first: `acme 9` means the
        ninth at Acme.
        """
        if len(matching) <= _SCORED_AT_MOST:
            return matching
        names = self._names
        tests: list[Callable[[str], object]] = []
        tests += [word.text.__eq__ for word in words]
        tests += [_all_of([word.is_word for word in words])] if len(words) > 1 else []
        tests += [word.is_word for word in reversed(words)]
        tests += [word.begins for word in reversed(words)]
        chosen: set[int] = set()
        for test in tests:
            for at in matching:
                if len(chosen) >= _SCORED_AT_MOST:
                    return sorted(chosen)
                if test(names[at]):
                    chosen.add(at)
        for at in matching:
            if len(chosen) >= _SCORED_AT_MOST:
                break
            chosen.add(at)
        return sorted(chosen)


def _never(_: str) -> None:
    """Find nothing."""


def _all_of(tests: Sequence[Callable[[str], object]]) -> Callable[[str], bool]:
    return lambda name: all(test(name) for test in tests)


def _by_score(scored: tuple[int, int]) -> tuple[int, int]:
    return (-scored[0], scored[1])
