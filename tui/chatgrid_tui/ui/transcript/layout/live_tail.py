"""The end of a text that may still grow: drawn anew with each frame, but for whole lines of code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

from chatgrid_tui.ui.transcript.layout.long_blocks import LongCode, Part
from chatgrid_tui.ui.transcript.layout.part_lines import more_line
from chatgrid_tui.ui.transcript.layout.segmenter import Segmenter
from chatgrid_tui.ui.transcript.markdown import fences
from chatgrid_tui.ui.transcript.render.rows import Frame, Row
from chatgrid_tui.ui.transcript.render.wrap import Line
from chatgrid_tui.ui.transcript.targets import CodeTarget

TextPlace: TypeAlias = tuple[int, int]
"""The place of a row in a text, at any width: where the source of its piece begins, and `Row.at`."""

Copies: TypeAlias = Callable[[LongCode, Frame], CodeTarget]
"""Gives what copies a block of code."""


class LinesOf(Protocol):
    """Gives the lines of a part."""

    def __call__(self, part: Part, frame: Frame, *, open_: bool) -> list[Line]: ...


class LiveTail:
    """The rows of what is open. They count from 0 behind the last finished piece."""

    def __init__(self, place: tuple[int, int]) -> None:
        self.place = place
        self.rows: list[Row] = []
        self._old: list[Row] = []
        self._from: list[TextPlace] = []
        self._code_at = self._whole = 0
        """Behind the lines of code that are drawn for good, and the rows up to there."""

    def clear(self) -> None:
        """Forget the rows."""
        self.rows, self._from = [], []
        self._code_at = 0

    def put_aside(self) -> list[Row]:
        """Begin a frame: return the rows so far, which are taken over where they would look the same."""
        self._old = self.rows
        if not self._code_at:
            self.rows = []
        return list(self._old) if self._code_at else self._old

    def add(self, line: Line, frame: Frame) -> None:
        """Add a line below."""
        self.rows = self.rows + frame.bot_rows([line], self.place[1])

    def draw(
        self,
        text: Segmenter,
        frame: Frame,
        lines_of: LinesOf,
        copies: Copies,
        *,
        bare: bool,
        writing: bool,
        muted: bool,
    ) -> None:
        """Draw what is open of a text. `bare`: nothing stands above it; `writing`: the cursor stands behind it."""
        ink = frame.bot
        cursor = ink("muted" if muted else "accent") if writing else None
        if text.behind:  # what is open is not known before the text has been cut up to there
            self.clear()
        elif text.code is not None:
            self._from = [(text.start, 0)]
            self._draw_code(text.code, text.text, frame, copies, writing=writing, muted=muted)
        else:
            lines = self._lines(text, frame, lines_of)
            if cursor is not None and not lines and bare:
                lines.append(Line(()))
            if writing and frame.look.reduced_motion:
                lines[-1:] = [Line(())]  # a line appears when it is whole
            self.rows = frame.bot_rows(lines, self.place[1], cursor=cursor, old=self._old)
            self._code_at = 0
        self._old = []

    def _lines(self, text: Segmenter, frame: Frame, lines_of: LinesOf) -> list[Line]:
        lines: list[Line] = []
        self._from = []
        for part in text.open:
            long = part.long
            self._from.append((part.start, len(lines)))
            if long is None or long.shows(part):
                lines += lines_of(part, frame, open_=True)
            elif hidden := long.hidden + part.count:
                lines.append(more_line(long, hidden, frame.bot, (*self.place, -2)))
        return lines

    def _draw_code(
        self, code: LongCode, text: str, frame: Frame, copies: Copies, *, writing: bool, muted: bool
    ) -> None:
        """An open block of code only grows: whole lines are drawn once, without colours until it closes."""
        width, ink, bubble = frame.grid.text, frame.bot, self.place[1]
        cursor = ink("muted" if muted else "accent", on="code") if writing else None
        if code.cut - code.body >= code.limit:
            hidden = code.hidden + text.count("\n", code.cut) + 1
            more = more_line(code, hidden, ink, (*self.place, -2))
            self.rows = frame.bot_rows([more], bubble, cursor=cursor)
            self._code_at = 0
            return
        if self._code_at < code.cut or not self._code_at:
            lines: list[Line] = []
            if not code.parts:
                lines = [Line((), at=-1)] if code.gap else []
                lines.append(fences.head(code.info, ink, width, copies(code, frame)))
            self.rows = frame.bot_rows(lines, bubble)
            self._code_at, self._whole = code.cut, len(self.rows)
        del self.rows[self._whole :]
        if code.whole > self._code_at:
            fresh = code.lines(text, self._code_at, code.whole)
            at = 1 + self._code_at - code.cut
            self.rows += frame.bot_rows(fences.code_lines(fresh, None, ink, width, at=at), bubble)
            self._code_at, self._whole = code.whole, len(self.rows)
        start = max(code.whole, code.cut)
        tail = text[start:]
        if tail.strip(" `~") or writing:
            # What may become the closing fence is held back, and with reduced motion any line that is not whole.
            held = not tail.strip(" `~") or (writing and frame.look.reduced_motion)
            rows = [""] if held else code.lines(tail, 0, len(tail))
            last = fences.code_lines(rows, None, ink, width, at=1 + start - code.cut)
            self.rows += frame.bot_rows(last, bubble, cursor=cursor)

    def place_of(self, row: int, behind: int) -> TextPlace:
        """Return the place of a row; `behind` is where the text goes on that is not drawn yet."""
        start = next((start for start, first in reversed(self._from) if first <= row), behind)
        return start, self.rows[row].at if row < len(self.rows) else 0

    def row_at(self, place: TextPlace) -> int:
        """Return the row of a place."""
        start, at = place
        bounds = [*(first for _, first in self._from[1:]), len(self.rows)]
        for (begins, first), end in reversed(list(zip(self._from, bounds, strict=False))):
            if begins <= start:
                return first + row_among(at, self.rows[first:end])
        return 0


def row_among(at: int, rows: Sequence[Row]) -> int:
    """Return the row that stands at a place: that which begins there, else the last one before it."""
    found = 0
    for number, row in enumerate(rows):
        if row.at == at:
            return number
        if row.at < at:
            found = number
    return found
