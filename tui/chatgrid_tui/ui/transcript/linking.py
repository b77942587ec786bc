"""Map characters of a reply, as it was sent, to those on the screen, and back.

A Markdown block is drawn without its markup, so words are matched: the third `order` in its source is the third one
on the screen. What is between two words of a row belongs to both.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

from rich.cells import cell_len

from chatgrid_tui.model.bubble import Bubble
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.ui.transcript.find.matching import Highlight
from chatgrid_tui.ui.transcript.layout.document import Placed
from chatgrid_tui.ui.transcript.turns_listener import TurnsListener
from chatgrid_tui.ui.transcript.viewport import Viewport

_WORD: Final = re.compile(r"\w+")
_MOST_ROWS: Final = 200
"""The most rows of a block in which characters are mapped."""
_LONGEST: Final = 100_000
"""The most characters of a block that are examined."""


class SentCharacters(NamedTuple):
    """Characters of a bubble as it was sent. `bubble` is its number in the reply."""

    bubble: int
    start: int
    end: int


class ShownCharacters(NamedTuple):
    """Characters of a row, given by its index."""

    row: int
    start: int
    end: int


class SentCharacter(NamedTuple):
    """A character of a reply as it was sent. `bubble` is the number of its bubble, `at` its index there."""

    reply: Reply
    bubble: int
    at: int


Pointed: TypeAlias = Callable[[SentCharacter], None]
"""Called with a character."""


def shown_characters(source: str, rows: Sequence[str], start: int, end: int) -> list[ShownCharacters]:
    """Return where characters of a source are on the screen, in its rows."""
    places = _shown_words(rows)
    shown: list[ShownCharacters] = []
    last_end, before = start, None
    for word, first, last in _numbered_words(source):
        place = places.get(word)
        if last <= start:
            before = (last, place) if place is not None else before
            continue
        if first >= end:
            break
        if place is not None:
            row, at, _ = place
            part = ShownCharacters(row, at + max(0, start - first), at + min(last, end) - first)
            if shown and shown[-1].row == row and shown[-1].end <= part.start:
                shown[-1] = shown[-1]._replace(end=part.end)  # including what is between the words
            else:
                shown.append(part)
            last_end = min(last, end)
    if shown:
        row, first, last = shown[-1]
        shown[-1] = ShownCharacters(row, first, last + _alike(source[last_end:end], rows[row][last:]))
    elif before is not None and before[1] is not None:  # only punctuation: it follows a word
        last, (row, _, at) = before
        alike = _alike(source[last:end], rows[row][at:])
        if alike > start - last:
            shown.append(ShownCharacters(row, at + start - last, at + alike))
    return shown


def sent_character(source: str, rows: Sequence[str], row: int, at: int) -> int | None:
    """Return the index in the source of a character on the screen, or of the word before it, or None."""
    nearest: tuple[tuple[str, int], int, int] | None = None
    for word, (shown_row, first, last) in _shown_words(rows).items():
        if (shown_row, first) <= (row, at):
            nearest = (word, first if shown_row == row else last - 1, last)
    if nearest is None:
        return None
    word, first, last = nearest
    place = next((start for numbered, start, _ in _numbered_words(source) if numbered == word), None)
    return None if place is None else place + max(0, min(at, last - 1) - first)


def _numbered_words(text: str) -> Iterator[tuple[tuple[str, int], int, int]]:
    """Yield each word with its number of earlier occurrences, and its place."""
    counts: Counter[str] = Counter()
    for match in _WORD.finditer(text):
        word = match[0]
        yield (word, counts[word]), match.start(), match.end()
        counts[word] += 1


def _shown_words(rows: Sequence[str]) -> dict[tuple[str, int], tuple[int, int, int]]:
    counts: Counter[str] = Counter()
    places: dict[tuple[str, int], tuple[int, int, int]] = {}
    for number, text in enumerate(rows):
        for match in _WORD.finditer(text):
            places[match[0], counts[match[0]]] = number, match.start(), match.end()
            counts[match[0]] += 1
    return places


def _alike(one: str, other: str) -> int:
    """Return the length of the common start of two texts."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


class Links(TurnsListener):
    """Highlights characters of a reply, and reports the character under the mouse."""

    def __init__(self, viewport: Viewport) -> None:
        self.pointed: Pointed | None = None
        """Called with each character that is clicked, unless None."""
        self._viewport = viewport
        self._reply: Reply | None = None
        self._characters: tuple[SentCharacters, ...] = ()
        self._found_for: object = None
        self._highlights: Mapping[int, list[Highlight]] = {}
        self._turn = -1

    def show(self, reply: Reply | None, characters: Sequence[SentCharacters]) -> None:
        """Highlight these characters of a reply, and no others."""
        self._reply, self._characters = reply, tuple(characters)
        self._found_for = None

    def highlights(self, placed: Placed) -> Sequence[Highlight]:
        """Return the highlighted characters of a row."""
        if not self._characters or self._reply is None:
            return ()
        self._find()
        return self._highlights.get(placed.offset, ()) if placed.turn == self._turn else ()

    @property
    def place(self) -> tuple[int, int] | None:
        """The turn, and its row, of the first highlighted character."""
        self._find()
        return (self._turn, min(self._highlights)) if self._highlights else None

    def point(self, placed: Placed, x: int) -> None:
        """Report the character at a cell of a row as the one under the mouse."""
        turns = self._viewport.document.turns
        if self.pointed is None or placed.row.kind != "text" or placed.turn >= len(turns):
            return
        reply = turns[placed.turn].reply
        spoken = _spoken(reply)
        if reply is None or placed.row.bubble >= len(spoken):
            return
        number, bubble = spoken[placed.row.bubble]
        section, (start, _) = self._viewport.document.turn_layout(placed.turn).place_of(placed.offset)
        if section != placed.row.bubble:
            return
        first, rows, end = self._block(placed.turn, section, start)
        at = sent_character(
            bubble.text[start:end], rows, placed.offset - first, _character_at(placed.row.strip.text, x)
        )
        if at is not None:
            self.pointed(SentCharacter(reply, number, start + at))

    def turns_shown(self) -> None:
        """Overrides `TurnsListener.turns_shown`."""
        self.show(None, ())

    def _find(self) -> None:
        """Find the highlighted rows, unless they are known."""
        document, reply = self._viewport.document, self._reply
        turn = self._turn
        if reply is None or not self._characters:
            self._highlights = {}
            return
        if not (0 <= turn < len(document.turns) and document.turns[turn].reply is reply):
            turn = next(
                (at for at in range(len(document.turns) - 1, -1, -1) if document.turns[at].reply is reply), -1
            )
        found_for = (turn, self._viewport.frame, document.heights[turn] if turn >= 0 else 0)
        if found_for == self._found_for or self._viewport.frame is None:
            return
        self._found_for, self._turn = found_for, turn
        highlights: dict[int, list[Highlight]] = {}
        spoken = _spoken(reply) if turn >= 0 else []
        for characters in self._characters:
            for section, (number, bubble) in enumerate(spoken):
                if number == characters.bubble:
                    for row, start, end in self._shown(turn, section, bubble, characters):
                        highlights.setdefault(row, []).append((start, end, False))
        self._highlights = highlights

    def _shown(
        self, turn: int, section: int, bubble: Bubble, characters: SentCharacters
    ) -> Iterator[tuple[int, int, int]]:
        """Yield the rows of a turn that contain characters, and which."""
        layout = self._viewport.document.turn_layout(turn)
        text, start = bubble.text, characters.start
        while start < characters.end:
            row, _ = layout.row_at((section, (start, 0)))
            found_section, (block, _) = layout.place_of(row)
            if found_section != section or block > start:
                return
            first, rows, end = self._block(turn, section, block)
            end = max(end, start + 1)
            last = min(end, characters.end)
            for shown in shown_characters(
                text[block : min(end, block + _LONGEST)], rows, start - block, last - block
            ):
                yield first + shown.row, shown.start, shown.end
            start = end

    def _block(self, turn: int, section: int, start: int) -> tuple[int, list[str], int]:
        """Return the first row of a Markdown block, the texts of its rows, and the end of its source."""
        layout = self._viewport.document.turn_layout(turn)
        first, _ = layout.row_at((section, (start, 0)))
        row, end = first, 0
        while row < min(layout.height, first + _MOST_ROWS):
            found_section, (block, _) = layout.place_of(row)
            if found_section != section or block != start:
                end = block if found_section == section else 0
                break
            row += 1
        texts = [" " * shown.left + shown.strip.text[shown.left : shown.right] for shown in layout.rows(first, row)]
        return first, texts, end or start + _LONGEST


def _spoken(reply: Reply | None) -> list[tuple[int, Bubble]]:
    """Return the bubbles of a reply that contain text, with their numbers."""
    return [] if reply is None else [(n, bubble) for n, bubble in sorted(reply.numbered.items()) if bubble.size]


def _character_at(text: str, x: int) -> int:
    """Return the character at a cell of a row."""
    for at, character in enumerate(text):
        x -= cell_len(character)
        if x < 0:
            return at
    return len(text)
