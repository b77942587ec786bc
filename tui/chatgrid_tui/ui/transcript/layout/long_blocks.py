"""Tables and code blocks, which are drawn in several parts, since they can have any length.

Where the parts are cut depends only on the text, not on the width or on how the text arrived. Only the first parts
are shown; the others only count their rows until the user asks for more.
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
"""How many rows of a table are shown at first. A row with more columns than fit counts as several."""
CODE_CHARACTERS = 50_000
"""How many characters of code are shown at first."""
SEGMENT = 3_000
"""The most characters of code in one part."""
SEGMENT_LINES = 60
"""The most lines of code in one part."""
_FEW_COLUMNS = 9
_CLOSING_LINE = 120
"""The longest line that can close code, in characters."""


@dataclass(slots=True, eq=False)
class Part:
    """A part of the text, from `start` to `end` (exclusive), that is drawn separately."""

    start: int
    end: int
    gap: bool
    """Whether there is a blank line before it."""
    lead: str = ""
    """The line to put before it when it is parsed alone."""
    spaced: bool = False
    """Whether a blank row is drawn before it. What is before it may have its own space."""
    chunks: Sequence[Chunk] = ()
    """The parsed chunks, if it was just parsed; otherwise its source is parsed again."""
    lines: Sequence[str] = ()
    """The source lines that the chunks refer to."""
    long: LongBlock | None = None
    """The table or code that it is part of."""
    at: int = 0
    """How much of that comes before it."""
    count: int = 0
    """The number of its rows or lines."""
    closes: bool = False
    """Whether it is the last part."""
    number: int = 0
    """Its index among the parts."""


@dataclass(slots=True, eq=False)
class LongBlock:
    """The parts that were cut off so far, and how much of them is shown."""

    portion: int
    """How much is shown with each press of "more", in the units of `Part.at`."""
    limit: int = 0
    parts: list[Part] = field(default_factory=list)
    first_piece: int = 0
    """The index of the bubble's piece that draws the first part."""

    def __post_init__(self) -> None:
        self.limit = self.portion

    def add(self, part: Part) -> None:
        """Add the next part."""
        part.number = len(self.parts)
        self.parts.append(part)

    def shows(self, part: Part) -> bool:
        """Return whether a part is shown."""
        return part.at < self.limit

    @property
    def hidden(self) -> int:
        """The number of lines or rows in the parts that are not shown."""
        return sum(part.count for part in self.parts if not self.shows(part))


@dataclass(slots=True, eq=False)
class LongTable(LongBlock):
    """A table. Its columns are laid out by the first part, so that nothing moves however long it gets."""

    layout: Layout | None = None
    size: int = 0
    """The size of its parts so far, in the units of `Part.at`."""
    columns: int = 1
    """The number of columns."""


@dataclass(slots=True, eq=False)
class LongCode(LongBlock):
    """A fenced code block that starts at `start`; its code starts at `body`."""

    start: int = 0
    body: int = 0
    info: str = ""
    indent: int = 0
    """Spaces before the fence, which are also removed from its lines."""
    mark: str = "```"
    gap: bool = False
    """Whether there is a blank line before it."""
    cut: int = 0
    """Where the next part starts."""
    whole: int = 0
    """The end of the last complete line."""
    end: int | None = None
    """The end of the code, once known; `behind` is the end of its closing fence."""
    behind: int = 0
    colours: list[list[list[tuple[int, str]]] | None] = field(default_factory=list)
    """For each part that is coloured, line by line, the pieces of its text with their colours."""
    _looked: int = 0

    def look_for_end(self, text: str, visible: int, *, last: bool) -> None:
        """Search its end in the first `visible` characters of a text; `last` is whether no more will follow."""
        if self.end is not None:
            return
        newline = text.rfind("\n", max(self.whole, self._looked), visible)
        self._looked = visible
        # A single long line is not searched again with each piece of it.
        if newline >= 0 or visible - self.whole <= _CLOSING_LINE:
            closing = _closing(self.mark).search(text, self.whole, visible)
            if closing is not None and (last or closing.end() < visible):
                self.end, self.behind = closing.start(), min(visible, closing.end() + 1)
                return
        self.whole = max(self.whole, newline + 1)
        if last:
            self.end = self.behind = visible

    def segment(self, text: str, visible: int) -> int | None:
        """Return where the part that starts at `cut` ends, or None if more may belong to it or it is the last one."""
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
        """Return the lines of code between two offsets, without the fence's indentation."""
        code = text[start:stop].removesuffix("\n")
        if start == stop:
            return []
        lines = code.split("\n")
        if self.indent:
            lines = [line[min(self.indent, len(line) - len(line.lstrip(" "))) :] for line in lines]
        return lines

    def source(self, text: str) -> str:
        """Return all of its code in a whole text."""
        end = self.end
        if end is None:
            closing = _closing(self.mark).search(text, self.body)
            end = len(text) if closing is None else closing.start()
        return "\n".join(self.lines(text, self.body, end))


def weight(columns: int) -> int:
    """Return how many rows a table row with this many columns counts as."""
    return 1 if columns <= _FEW_COLUMNS else columns // 5


def _closing(mark: str) -> re.Pattern[str]:
    return re.compile(rf"^ {{0,3}}{re.escape(mark[0])}{{{len(mark)},}}[ \t]{{0,100}}$", re.MULTILINE)
