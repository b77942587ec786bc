"""A text that grows, cut into parts that are finished and one that is open.

However the text was cut in arriving, the parts come out the same: a part is finished only when the line that
begins the next one is whole. Each step looks at a bounded stretch of text, so that no reply can hold up the
screen; what lies behind it waits for the next step.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chatgrid_tui.text import clean
from chatgrid_tui.ui.transcript.markdown.parser import FENCE_OPENING, Chunk, Parsed, References, parse

WINDOW = 5_000
"""Characters looked at in one step. A single block beyond it is cut in two."""
TABLE_WINDOW = 12_000
"""The same for a table, which is cut less gladly: its second half gets the head once more."""
_LINES = 400
"""Lines looked at in one step, but for those of a table."""
_MOST_COLUMNS = 20
_STEP = 25
"""Characters that any part counts for: a thousand tiny blocks are work too."""
SHOWN = 200_000
"""Characters of a text that are shown at once."""
_UNSETTLED = re.compile(r"(?:[^\x00-\x7f]{1,256}|\r)\Z")
"""What the next characters may still change in cleaning: half a line end, the beginning of a tower of marks."""


@dataclass(slots=True)
class Part:
    """A stretch of the text, from `start` to before `end`, that is drawn by itself."""

    start: int
    end: int
    gap: bool
    """A blank line stands before it."""
    lead: str = ""
    """The line to put before it when it is parsed alone."""
    chunks: Sequence[Chunk] = ()
    """What the parser made of it, where it has just been parsed; else its source is parsed again."""
    lines: Sequence[str] = ()
    """The lines of source the chunks count in."""


@dataclass(slots=True)
class OpenCode:
    """A block of code whose end has not come. Its lines up to `whole` will not change any more."""

    start: int
    body: int
    info: str
    closing: re.Pattern[str]
    gap: bool
    whole: int


class GrowingText:
    """The cleaned text of a bubble as far as it has come, and its parts."""

    def __init__(self) -> None:
        self.text = ""
        self.limit = SHOWN
        self.references: References | None = None
        """The links it defines, once it is whole: they may be used before they are defined."""
        self._unsettled = ""
        self._settled = 0
        self.restart()

    def restart(self) -> None:
        """Begin to cut anew."""
        self.start = 0
        self.code: OpenCode | None = None
        self.open: list[Part] = []
        self.behind = False
        self._lead = ""
        self._parts = 0

    def feed(self, raw: str) -> None:
        """Add what arrived, as it arrived."""
        raw = self._unsettled + raw
        found = _UNSETTLED.search(raw, max(0, len(raw) - 256))
        self._unsettled = found.group() if found else ""
        settled = raw[: len(raw) - len(self._unsettled)]
        self.text = self.text[: self._settled] + clean(settled)
        self._settled = len(self.text)
        self.text += clean(self._unsettled)

    @property
    def full(self) -> bool:
        """Whether as much has come as is shown at once."""
        return len(self.text) > self.limit

    def advance(self, *, finished: bool) -> list[Part]:
        """Return the parts that are finished now. `behind` tells whether there is more to do at once."""
        if finished:
            self._settled = len(self.text)
        visible = min(len(self.text), self.limit)
        last = finished and visible == len(self.text)
        closed: list[Part] = []
        room = WINDOW
        while room > WINDOW // 2:
            before = self.start
            waiting = self.code is not None
            fresh = self._scan(visible, last) if waiting else self._cut(visible, last)
            closed.extend(fresh)
            if self.start == before and waiting == (self.code is not None):
                self.behind = False  # nothing moved: what is left is open
                return closed
            room -= max(self.start - before, _STEP * max(1, len(fresh)))
        self.behind = True
        return closed

    def _scan(self, visible: int, last: bool) -> list[Part]:
        """Look for the end of an open block of code."""
        code = self.code
        assert code is not None
        found = code.closing.search(self.text, code.whole, visible)
        if found is not None:
            end = found.end()
        elif last:
            end = visible
        else:
            code.whole = max(code.whole, self.text.rfind("\n", 0, visible) + 1)
            return []
        self.code = None
        self.start = end
        self._parts += 1
        return [Part(code.start, end, code.gap)]

    def _cut(self, visible: int, last: bool, size: int = WINDOW) -> list[Part]:
        """Return the parts that are finished within the next `size` characters."""
        window = min(visible, self.start + size)
        source = self.text[self.start : window]
        if size < TABLE_WINDOW and len(lines := source.split("\n", _LINES)) > _LINES:
            window -= len(lines[-1])
            source = self.text[self.start : window]
        if (parts := self._before_code(source)) is not None:
            return parts
        parsed = parse(source, self.references, self._lead)
        chunks = parsed.chunks
        if last and window == visible:
            parts = self._parts_of(parsed, len(chunks))
            self.start, self.open, self._lead = visible, [], ""
            return parts
        whole = len(parsed.lines) - 1
        finished = sum(1 for chunk in chunks[1:] if chunk.start < whole)
        if not finished and window < min(visible, self._settled):
            head = chunks[0].head if len(chunks) == 1 else ""
            if head and size < TABLE_WINDOW and head.count("|") <= 2 * _MOST_COLUMNS:
                return self._cut(visible, last, TABLE_WINDOW)
            return self._cut_off(source, chunks)
        parts = self._parts_of(parsed, finished)
        if finished:
            self.start += parsed.offsets[chunks[finished].start]
            self._lead = chunks[finished].lead
            self.open = []
        else:
            self.open = self._parts_of(parsed, len(chunks), counted=False)
        return parts

    def _before_code(self, source: str) -> list[Part] | None:
        """Where a block of code opens, return what stands before it and begin the code; else None."""
        found = FENCE_OPENING.search(source)
        if found is None or found.end() >= len(source):
            return None
        head = source[: found.end() + 1]
        parsed = parse(head, self.references, self._lead)
        if not parsed.chunks or not parsed.chunks[-1].fence or parsed.chunks[-1].start != len(parsed.lines) - 2:
            return None
        parts = self._parts_of(parsed, len(parsed.chunks) - 1)
        start, body = self.start + found.start(), self.start + len(head)
        mark = found[2]
        closing = re.compile(rf"^ {{0,3}}{re.escape(mark[0])}{{{len(mark)},}}[ \t]*\n", re.MULTILINE)
        self.code = OpenCode(start, body, found[3].strip(), closing, self._gap(start), body)
        self.start, self.open, self._lead = start, [], ""
        return parts

    def _cut_off(self, source: str, chunks: Sequence[Chunk]) -> list[Part]:
        """Cut a block in two that is longer than what is looked at."""
        cut = source.rfind("\n") + 1 or source.rfind(" ") + 1 or len(source)
        part = Part(self.start, self.start + cut, self._gap(self.start), self._lead)
        self.start += cut
        self._lead = chunks[0].head if len(chunks) == 1 and source[cut - 1] == "\n" else ""
        self._parts += 1
        return [part]

    def _parts_of(self, parsed: Parsed, count: int, *, counted: bool = True) -> list[Part]:
        offsets = parsed.offsets
        parts: list[Part] = []
        for number, chunk in enumerate(parsed.chunks[:count]):
            start = max(self.start, self.start + offsets[chunk.start])
            more = number + 1 < len(parsed.chunks)
            end = self.start + offsets[parsed.chunks[number + 1].start] if more else len(self.text)
            lead = self._lead if not number else chunk.lead
            parts.append(Part(start, end, self._gap(start, number), lead, (chunk,), parsed.lines))
        if counted:
            self._parts += len(parts)
        return parts

    def _gap(self, at: int, number: int = 0) -> bool:
        """Whether a blank line stands before the line that begins at `at`; never before the first part."""
        if not self._parts + number or not at or self.text[at - 1] != "\n":
            return False
        before = self.text.rfind("\n", 0, at - 1) + 1
        return not self.text[before : at - 1].strip()
