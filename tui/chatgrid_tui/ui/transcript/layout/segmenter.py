"""Split a growing text into parts that are finished and one that is open.

The parts do not depend on how the text arrived: a part is finished only when the first line of the next one is
complete. Each step processes a bounded amount of text, so that no reply can block the screen; the rest waits for the
next step.
"""

from __future__ import annotations

import re
from itertools import islice

from chatgrid_tui.markdown.parser import FENCE_OPENING, Chunk, Parsed, References, lead_into, parse
from chatgrid_tui.text import Cleaner
from chatgrid_tui.ui.transcript.layout.long_blocks import (
    CODE_CHARACTERS,
    TABLE_ROWS,
    LongBlock,
    LongCode,
    LongTable,
    Part,
    weight,
)
from chatgrid_tui.ui.transcript.markdown.blocks import brings_space

WINDOW = 5_000
"""The most characters processed in one step. A larger block is split."""
_LINES = 100
"""The most lines processed in one step."""
_FIRST_ROWS, _NEXT_ROWS = 50, 25
"""The number of rows in the first part of a table, by which its columns are laid out, and in later parts."""
_CELLS = 400
"""The number of cells in the first part of a table with many columns."""
_SIGNS = re.compile(r"[]\[*_`<&~$\\]")
_DENSE = ((_SIGNS, 250), (re.compile("[|]"), 600), (re.compile(">"), 300), (re.compile("://"), 80))
"""Characters that are slow to parse, and how many of them are processed in one step."""
_STEP, _CELL, _SIGN, _LINE = 80, 25, 10, 25
"""The number of characters that a part, a cell of a long table, a sign and a line count as at least."""
_ROW = r"(?: {0,3}\|[^\n]{0,200}\n)"
"""A line that can only continue a table."""
SHOWN = 200_000
"""How many characters of a text are shown at first."""
PARTS = 4_000
"""How many parts of a text are shown at first, mostly list items."""


class Segmenter:
    """The cleaned text of a bubble so far, and its parts."""

    def __init__(self) -> None:
        self.text = ""
        self.limit = SHOWN
        self.most = PARTS
        self.references: References | None = None
        """The link definitions, once the text is complete: links may be used before they are defined."""
        self._cleaner = Cleaner()
        self._settled = 0
        self.restart()

    def restart(self) -> None:
        """Start again from the beginning of the text."""
        self.start = 0
        self.code: LongCode | None = None
        self.open: list[Part] = []
        self.behind = False
        self._table: LongTable | None = None
        self._lead = ""
        self._parts = self._cells = 0
        self._brings_space = False

    def feed(self, raw: str) -> None:
        """Add text as it arrived."""
        self.text = self.text[: self._settled] + self._cleaner.feed(raw)
        self._settled = len(self.text)
        self.text += self._cleaner.rest

    @property
    def full(self) -> bool:
        """Whether there is as much text as is shown at first."""
        return self.crowded or len(self.text) > self.limit

    @property
    def long(self) -> LongBlock | None:
        """The table or code that is still growing."""
        return self.code or self._table

    @property
    def crowded(self) -> bool:
        """Whether there are as many parts as are shown at first."""
        return self._parts >= self.most and self._table is None and self.code is None

    @property
    def ends(self) -> int:
        """The end of the text that is shown."""
        return self.start if self.crowded else min(len(self.text), self.limit)

    def advance(self, *, finished: bool) -> list[Part]:
        """Return the parts that are now finished. `behind` says whether there is more to do at once."""
        if finished:
            self._settled = len(self.text)
        visible = min(len(self.text), self.limit)
        last = finished and visible == len(self.text)
        closed: list[Part] = []
        room = WINDOW
        while room > WINDOW // 2:
            if self.crowded:
                self.open, self.behind = [], False
                return closed
            before = self.start
            waiting = self.code is not None
            fresh = self._scan(visible, last) if waiting else self._cut(visible, last)
            closed.extend(fresh)
            if self.start == before and waiting == (self.code is not None):
                self.behind = False  # no progress: the rest is open
                return closed
            room -= self._work(before, len(fresh))
        self.behind = True
        return closed

    def _work(self, before: int, parts: int) -> int:
        """Return the work of splitting the text from `before` on into this many parts, in characters."""
        cells, self._cells = self._cells, 0
        if self.long is not None and not cells:  # code, and rows that are not shown, are not parsed
            return max(self.start - before, _STEP)
        signs = sum(1 for _ in _SIGNS.finditer(self.text, before, self.start))
        signs += self.text.count(">", before, self.start)
        lines = self.text.count("\n", before, self.start)
        return max(self.start - before, _STEP * max(1, parts), _CELL * cells, _SIGN * signs, _LINE * lines)

    def _scan(self, visible: int, last: bool) -> list[Part]:
        """Return the next part of a code block, if it is complete."""
        code = self.code
        assert code is not None
        code.look_for_end(self.text, visible, last=last)
        start, at = code.start if not code.parts else code.cut, code.cut - code.body
        part = Part(start, 0, code.gap and not code.parts, long=code, at=at)
        self._brings_space = True
        stop = code.segment(self.text, visible)
        if stop is None:
            if code.end is None:
                return []
            part.end, part.closes = code.behind, True
            stop, self.code = code.end, None
        else:
            part.end = code.cut = stop
        cut = at + code.body
        part.count = self.text.count("\n", cut, stop) + (stop > cut and self.text[stop - 1] != "\n")
        self.start = part.end
        code.add(part)
        self._parts += 1
        return [part]

    def _cut(self, visible: int, last: bool) -> list[Part]:
        """Return the parts that are finished within the next stretch of text."""
        if (going_on := self._next_rows(visible)) is not None:
            return [going_on]
        window = self._window(visible)
        source = self.text[self.start : window]
        if (parts := self._before_code(source)) is not None:
            return parts
        parsed = parse(source, self.references, self._lead)
        chunks = parsed.chunks
        whole = len(parsed.lines) - 1
        if chunks and chunks[0].head and (rows := self._full_table(chunks[0], whole)):
            return [self._cut_table(parsed, rows)]
        if last and window == visible:
            parts = self._parts_of(parsed, len(chunks))
            self.start, self.open, self._lead = visible, [], ""
            return self._no_more_than_shown(parts)
        # The head of a table is only recognised with the complete line below it.
        finished = sum(1 for chunk in chunks[1:] if chunk.start + bool(chunk.head) < whole)
        if not finished and window < min(visible, self._settled):
            if len(chunks) == 1 and chunks[0].head and (rows := whole - chunks[0].start - 2) > 0:
                return [self._cut_table(parsed, rows)]
            return self._cut_off(source, parsed)
        parts = self._parts_of(parsed, finished)
        if finished:
            self.start += parsed.offsets[chunks[finished].start]
            self._lead = chunks[finished].lead
            self.open = []
        else:
            self.open = self._parts_of(parsed, len(chunks), counted=False)
        return self._no_more_than_shown(parts)

    def _window(self, visible: int) -> int:
        """Return the end of what is processed in one step. It does not depend on what follows."""
        window = min(visible, self.start + WINDOW)
        for signs, most in _DENSE:
            found = next(islice(signs.finditer(self.text, self.start, window), most, None), None)
            if found is not None:
                window = found.start()
        most = _LINES if self._table is None else _NEXT_ROWS + 2
        lines = self.text[self.start : window].split("\n", most)
        return window - len(lines[-1]) if len(lines) > most else window

    def _no_more_than_shown(self, parts: list[Part]) -> list[Part]:
        """Hold back the parts beyond the limit of what is shown at first."""
        kept = max(self.most - (self._parts - len(parts)), 0)
        if parts and parts[0].long is not None:  # a table that was started is completed
            kept = max(kept, 1)
        if kept >= len(parts):
            return parts
        self._parts -= len(parts) - kept
        self.start, self._lead, self.open = parts[kept].start, parts[kept].lead, []
        return parts[:kept]

    def _before_code(self, source: str) -> list[Part] | None:
        """If a code block starts here, start it and return the parts before it; else return None."""
        found = FENCE_OPENING.search(source)
        if found is None or found.end() >= len(source):
            return None
        head = source[: found.end() + 1]
        parsed = parse(head, self.references, self._lead)
        if not parsed.chunks or not parsed.chunks[-1].fence or parsed.chunks[-1].start != len(parsed.lines) - 2:
            return None
        if parsed.chunks[0].head and self._full_table(parsed.chunks[0], parsed.chunks[-1].start):
            return None
        parts = self._parts_of(parsed, len(parsed.chunks) - 1)
        start, body = self.start + found.start(), self.start + len(head)
        self.start, self.open, self._lead = start, [], ""
        if self._parts >= self.most:
            return self._no_more_than_shown(parts)
        self.code = LongCode(
            CODE_CHARACTERS,
            start=start,
            body=body,
            info=found[3].strip(),
            indent=len(found[1]),
            mark=found[2],
            gap=self._gap(start),
            cut=body,
            whole=body,
        )
        return parts

    def _cut_off(self, source: str, parsed: Parsed) -> list[Part]:
        """Split a block that is longer than what is processed in one step."""
        cut = source.rfind("\n") + 1 or source.rfind(" ") + 1 or len(source)
        part = self._part(self.start, self.start + cut, self._lead)
        self._in_table(part, 1, 1)
        self._brings_space = False
        self._table, part.closes = None, self._table is not None
        self.start += cut
        line = self._lead.count("\n") + source.count("\n", 0, cut)
        self._lead = lead_into(parsed, line, within=source[cut - 1] != "\n")
        self._parts += 1
        return [part]

    def _full_table(self, chunk: Chunk, whole: int) -> int:
        """Return how many rows of a table make up a part, or 0 if the table has no more than that."""
        wanted = _rows_in_part(chunk.columns, first=self._table is None)
        return wanted if min(chunk.end, whole) - chunk.start - 2 > wanted else 0

    def _cut_table(self, parsed: Parsed, rows: int) -> Part:
        """Return a part with this many rows of a table that continues."""
        chunk = parsed.chunks[0]
        end = self.start + parsed.offsets[chunk.start + 2 + rows]
        start = max(self.start, self.start + parsed.offsets[chunk.start])  # there may be blank lines before it
        part = self._part(start, end, self._lead)
        self._brings_space = False
        if self._table is None:
            self._table = LongTable(TABLE_ROWS, columns=chunk.columns)
        self._in_table(part, rows, chunk.columns)
        self.start, self._lead, self.open = end, chunk.head, []
        self._parts += 1
        return part

    def _next_rows(self, visible: int) -> Part | None:
        """Return the next rows of a table that continues, if they can be recognised without parsing."""
        table = self._table
        if table is None:
            return None
        rows = _rows_in_part(table.columns, first=False)
        found = re.compile(f"{_ROW}{{{rows}}}(?={_ROW})").match(self.text, self.start, visible)
        if found is None:
            return None
        part = Part(self.start, found.end(), False, self._lead)
        self._brings_space = False
        self._in_table(part, rows, table.columns)
        if not table.shows(part):
            self._cells = 0
        self.start, self.open = found.end(), []
        self._parts += 1
        return part

    def _in_table(self, part: Part, rows: int, columns: int) -> None:
        """Record that a part belongs to the current table."""
        table = self._table
        if table is not None:
            part.long, part.at, part.count = table, table.size, rows
            table.size += rows * weight(columns)
            self._cells += rows * columns
            table.add(part)

    def _parts_of(self, parsed: Parsed, count: int, *, counted: bool = True) -> list[Part]:
        offsets = parsed.offsets
        parts: list[Part] = []
        table = self._table
        for number, chunk in enumerate(parsed.chunks[:count]):
            start = max(self.start, self.start + offsets[chunk.start])
            more = number + 1 < len(parsed.chunks)
            end = self.start + offsets[parsed.chunks[number + 1].start] if more else len(self.text)
            lead = self._lead if not number else chunk.lead
            before = brings_space(parsed.chunks[number - 1].tokens) if number else self._brings_space
            gap = self._gap(start, number)
            part = Part(start, end, gap, lead, gap and not before, (chunk,), parsed.lines)
            parts.append(part)
            if not number and table is not None:
                rows = chunk.end - chunk.start - 2
                part.long, part.at, part.count = table, table.size, rows
                if counted:  # something else follows
                    self._in_table(part, rows, chunk.columns)
                    self._table, part.closes = None, True
        if counted and parts:
            self._parts += len(parts)
            self._brings_space = brings_space(parsed.chunks[len(parts) - 1].tokens)
        return parts

    def _part(self, start: int, end: int, lead: str) -> Part:
        gap = self._gap(start)
        return Part(start, end, gap, lead, gap and not self._brings_space)

    def _gap(self, at: int, number: int = 0) -> bool:
        """Return whether there is a blank line before the line at `at`; never before the first part."""
        if not self._parts + number or not at or self.text[at - 1] != "\n":
            return False
        before = self.text.rfind("\n", 0, at - 1) + 1
        return not self.text[before : at - 1].strip()


def _rows_in_part(columns: int, *, first: bool) -> int:
    """Return how many rows make up a part of a table with this many columns."""
    rows, cells = (_FIRST_ROWS, _CELLS) if first else (_NEXT_ROWS, _CELLS // 2)
    return min(rows, max(1, cells // columns))
