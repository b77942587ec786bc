"""Wrap styled text into lines of a width in cells. Nothing is ever cut off."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from rich.cells import cell_len, chop_cells
from rich.style import Style

from chatgrid_tui.ui.transcript.targets import Target

PAD = "\x01"
"""A cell of padding at which no line breaks, drawn as a blank. Cleaned text never contains it."""
STRETCH = "\x02"
"""At the start of a run: its text is repeated until the line fills its sheet. Such a run is not part of the text."""

_WORDS = (
    "[ ]+|[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uff60\U00020000-\U0003ffff]"
    "|[^ \u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uff60\U00020000-\U0003ffff]+"
)
"""Blanks, single ideographs (a line may break beside each), and other words. Compiled by `re` when it is first used,
as that takes milliseconds.
"""


class Run(NamedTuple):
    """A piece of text in one style. `target` is what pressing it does."""

    text: str
    style: Style
    target: Target | None = None
    aside: bool = False
    """Whether it is decoration, such as a bar or an indentation, and not part of the text."""
    cell: tuple[int, str | None] | None = None
    """The column of a table that it belongs to, and the joint of its line there."""


class Line(NamedTuple):
    """One line of cells. `joint` is what was where the text was wrapped, None at the end of a line."""

    runs: Sequence[Run]
    joint: str | None = None
    fill: Style | None = None
    """The surface of the whole line, if it differs from that of its sheet."""
    at: int = 0
    """How much of what is drawn together is before it, in units that do not depend on the width."""

    @property
    def width(self) -> int:
        """The number of cells that it needs."""
        text = "".join([run.text for run in self.runs if not run.text.startswith(STRETCH)])
        return cells(text) + (self.fill is not None)


def words_of(text: str) -> list[str]:
    """Return the blanks and words of `text`, between which a line may break."""
    return re.findall(_WORDS, text)


def cells(text: str) -> int:
    """Return the width of `text` in cells."""
    return len(text) if text.isascii() else cell_len(text.replace(PAD, " "))


def wrap(runs: Sequence[Run], width: int, at: int = 0) -> list[Line]:
    """Wrap runs into lines of at most `width` cells, at blanks if there are any. `at` is that of the first line."""
    width = max(2, width)
    plain = "".join(run.text for run in runs)
    if len(plain) <= width and plain.isascii() and "\n" not in plain:
        return [Line(runs, at=at)]
    cuts: list[tuple[int, int, str | None]] = []
    start = 0
    for part in plain.split("\n"):
        breaks = _breaks if part.isascii() else _wide_breaks
        # Blanks at the end of a line do not get a row.
        cuts.extend((start + first, start + last, joint) for first, last, joint in breaks(part.rstrip(" "), width))
        start += len(part) + 1
    return _cut(runs, cuts, at)


def fold(text: str, width: int) -> list[str]:
    """Split one line of code into rows of at most `width` cells, at any character."""
    width = max(2, width)
    if not text:
        return [""]
    if text.isascii():
        return [text[at : at + width] for at in range(0, len(text), width)]
    ends = list(accumulate(map(len, chop_cells(text.replace(PAD, " "), width))))
    # Characters without width at the end may be left out.
    return [text[start:end] for start, end in zip([0, *ends[:-1]], [*ends[:-1], len(text)], strict=True)]


def _breaks(text: str, width: int) -> Iterator[tuple[int, int, str | None]]:
    start, length = 0, len(text)
    while length - start > width:
        cut = text.rfind(" ", start, start + width + 1)
        end = cut
        while end > start and text[end - 1] == " ":
            end -= 1
        if end <= start:
            yield start, start + width, ""
            start += width
            continue
        after = cut + 1
        while after < length and text[after] == " ":
            after += 1
        yield start, end, text[end:after]
        start = after
    yield start, length, None


def _wide_breaks(text: str, width: int) -> Iterator[tuple[int, int, str | None]]:
    start = end = used = 0
    for word in words_of(text):
        size = cells(word)
        if word[0] == " ":
            used += size
            end_of_blanks = end + len(word)
            end = end_of_blanks
            continue
        if used + size > width and end > start:
            kept = len(text[start:end].rstrip(" "))
            if kept:
                yield start, start + kept, text[start + kept : end]
                start, used = end, 0
        if used + size > width:
            pieces = fold(word, width - used if used < width - 1 else width)
            for piece in pieces[:-1]:
                yield start, end + len(piece), ""
                start = end = end + len(piece)
            end, used = start + len(pieces[-1]), cells(pieces[-1])
            continue
        end += len(word)
        used += size
    yield start, len(text), None


def _cut(runs: Sequence[Run], cuts: Iterable[tuple[int, int, str | None]], first: int) -> list[Line]:
    lines: list[Line] = []
    which, offset = 0, 0  # the current run, and where it starts in the whole text
    for start, end, joint in cuts:
        pieces: list[Run] = []
        while which < len(runs) and offset + len(runs[which].text) <= start:
            offset += len(runs[which].text)
            which += 1
        at, place = which, offset
        while at < len(runs) and place < end:
            run = runs[at]
            piece = run.text[max(0, start - place) : end - place]
            if piece:
                pieces.append(Run(piece, run.style, run.target))
            place += len(run.text)
            at += 1
        lines.append(Line(pieces, joint, None, first + start))
    return lines
