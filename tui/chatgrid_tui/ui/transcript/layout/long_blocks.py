"""Tables and blocks of code: what is drawn in several parts, since it may be as long as a bot likes.

The parts are cut by the text alone, never by the width or by how the text arrived. Only the first parts are shown;
the others count their rows until somebody asks for more.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the parser is loaded when it is needed
    from chatgrid_tui.markdown.parser import Chunk
    from chatgrid_tui.ui.transcript.markdown.table_lines import Layout

TABLE_ROWS = 200
"""Rows of a table that are shown at once. A row of more columns than fit side by side counts as several."""
CODE_CHARACTERS = 50_000
"""Characters of code that are shown at once."""
SEGMENT = 3_000
"""Characters of code in one part."""
SEGMENT_LINES = 60
"""Lines of code in one part."""
_FEW_COLUMNS = 9
_CLOSING_LINE = 120
"""Characters that the line which closes code can have."""


@dataclass(slots=True, eq=False)
class Part:
    """A stretch of the text, from `start` to before `end`, that is drawn by itself."""

    start: int
    end: int
    gap: bool
    """Whether a blank line stands before it."""
    lead: str = ""
    """The line to put before it when it is parsed alone."""
    spaced: bool = False
    """Whether a blank row is drawn before it. What stands before it may bring its own space."""
    chunks: Sequence[Chunk] = ()
    """What the parser made of it, where it has just been parsed; else its source is parsed again."""
    lines: Sequence[str] = ()
    """The lines of source the chunks count in."""
    long: LongBlock | None = None
    """The table or the code it is a part of."""
    at: int = 0
    """How much of that stands before it."""
    count: int = 0
    """Its rows or lines."""
    closes: bool = False
    """It is the last part of it."""
    number: int = 0
    """Which of its parts it is."""


@dataclass(slots=True, eq=False)
class LongBlock:
    """What has been cut off of it so far, and how much of that is shown."""

    portion: int
    """How much one press of "more" shows, in the measure of `Part.at`."""
    limit: int = 0
    parts: list[Part] = field(default_factory=list)
    first_piece: int = 0
    """Which piece of the bubble draws its first part."""

    def __post_init__(self) -> None:
        self.limit = self.portion

    def add(self, part: Part) -> None:
        """Take the next part."""
        part.number = len(self.parts)
        self.parts.append(part)

    def shows(self, part: Part) -> bool:
        """Return whether a part is shown."""
        return part.at < self.limit

    @property
    def hidden(self) -> int:
        """Lines or rows of the parts that are not shown."""
        return sum(part.count for part in self.parts if not self.shows(part))


@dataclass(slots=True, eq=False)
class LongTable(LongBlock):
    """A table. Its columns are laid out by the first part, so that nothing moves however long it grows."""

    layout: Layout | None = None
    size: int = 0
    """The measure of its parts so far."""
    columns: int = 1
    """How many it has."""


@dataclass(slots=True, eq=False)
class LongCode(LongBlock):
    """A block of code between fences, from `start`; its code begins at `body`."""

    start: int = 0
    body: int = 0
    info: str = ""
    indent: int = 0
    """Blanks before the fence, which its lines have as well and do not mean."""
    mark: str = "```"
    gap: bool = False
    """Whether a blank line stands before it."""
    cut: int = 0
    """Where the next part begins."""
    whole: int = 0
    """Behind the last line that is whole."""
    end: int | None = None
    """Behind the code, once that is known; `behind` is behind its closing fence."""
    behind: int = 0
    colours: list[list[list[tuple[int, str]]] | None] = field(default_factory=list)
    """For each part, line by line, the pieces of its text and how they are coloured, as far as that is known."""
    _looked: int = 0

    def look_for_end(self, text: str, visible: int, *, last: bool) -> None:
        """Find its end in a text of which `visible` characters have come, `last` when no more will."""
        if self.end is not None:
            return
        newline = text.rfind("\n", max(self.whole, self._looked), visible)
        self._looked = visible
        # Where there is one long line, it is not looked through again with each piece of it.
        if newline >= 0 or visible - self.whole <= _CLOSING_LINE:
            closing = _closing(self.mark).search(text, self.whole, visible)
            if closing is not None and (last or closing.end() < visible):
                self.end, self.behind = closing.start(), min(visible, closing.end() + 1)
                return
        self.whole = max(self.whole, newline + 1)
        if last:
            self.end = self.behind = visible

    def segment(self, text: str, visible: int) -> int | None:
        """Return where the part that begins at `cut` ends; None if more may belong to it or it is the last."""
        stop = visible if visible - self.whole > _CLOSING_LINE else self.whole
        stop = stop if self.end is None else self.end
        at, newest = self.cut, 0
        for _ in range(SEGMENT_LINES):
            found = text.find("\n", at, min(stop, self.cut + SEGMENT))
            if found < 0:
                break
            at = newest = found + 1
        else:
            return newest
        if self.cut + SEGMENT > stop:
            return None
        return newest or self.cut + SEGMENT

    def part_lines(self, text: str, part: Part) -> list[str]:
        """Return the lines of one part."""
        stop = self.end if part.closes and self.end is not None else part.end
        return self.lines(text, self.body + part.at, stop)

    def lines(self, text: str, start: int, stop: int) -> list[str]:
        """Return the lines of code between two places of the text, without the fence's indent."""
        code = text[start:stop].removesuffix("\n")
        if start == stop:
            return []
        lines = code.split("\n")
        if self.indent:
            lines = [line[min(self.indent, len(line) - len(line.lstrip(" "))) :] for line in lines]
        return lines

    def source(self, text: str) -> str:
        """Return all the code that a whole text has of it."""
        end = self.end
        if end is None:
            closing = _closing(self.mark).search(text, self.body)
            end = len(text) if closing is None else closing.start()
        return "\n".join(self.lines(text, self.body, end))


def weight(columns: int) -> int:
    """Return for how many a row of a table counts."""
    return 1 if columns <= _FEW_COLUMNS else columns // 5


def _closing(mark: str) -> re.Pattern[str]:
    return re.compile(rf"^ {{0,3}}{re.escape(mark[0])}{{{len(mark)},}}[ \t]{{0,100}}$", re.MULTILINE)
