"""The end of a text that is still growing: laid out again in each frame, except for complete lines of code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

from rich.style import Style

from chatgrid_tui.ui.transcript.layout.long_blocks import LongCode, Part
from chatgrid_tui.ui.transcript.layout.part_lines import more_line
from chatgrid_tui.ui.transcript.layout.segmenter import Segmenter
from chatgrid_tui.ui.transcript.markdown import fences
from chatgrid_tui.ui.transcript.render.frame import Frame, Sheet, cursor_line
from chatgrid_tui.ui.transcript.render.rows import Row
from chatgrid_tui.ui.transcript.render.wrap import Line
from chatgrid_tui.ui.transcript.targets import CodeTarget

TextPlace: TypeAlias = tuple[int, int]
"""The place of a row in a text at any width: where the source of its piece starts, and `Row.at`."""

Copies: TypeAlias = Callable[[LongCode, Frame], CodeTarget]
"""Returns the target that copies a code block."""

SheetFor: TypeAlias = Callable[[Sequence[Line]], Sheet]
"""Returns the sheet of the bubble, wide enough for lines."""


class LinesOf(Protocol):
    """Returns the lines of a part."""

    def __call__(self, part: Part, frame: Frame, *, open_: bool) -> list[Line]: ...


class LiveTail:
    """The rows of the open end. They are counted from 0 after the last finished piece."""

    def __init__(self, place: tuple[int, int]) -> None:
        self.place = place
        self.rows: list[Row] = []
        self._old: list[Row] = []
        self._from: list[TextPlace] = []
        self._sheet: Sheet | None = None
        self._lines: list[Line] = []
        """The lines of the rows, unless they are code."""
        self._code: list[Line] = []
        """The complete lines of open code, which are laid out once."""
        self._code_at = self._whole = 0
        """Where the code after them starts, and how many rows they take."""

    def clear(self) -> None:
        """Forget the rows."""
        self.rows, self._from, self._lines = [], [], []
        self._code_at = 0

    def put_aside(self) -> list[Row]:
        """Start a frame: return the rows so far, which are reused if they would look the same."""
        self._old = self.rows
        if not self._code_at:
            self.rows = []
        return list(self._old) if self._code_at else self._old

    def add(self, line: Line, frame: Frame, sheet_for: SheetFor) -> None:
        """Add a line at the bottom."""
        self.rows = self.rows + frame.rows(sheet_for([line]), [line])

    def draw(
        self,
        text: Segmenter,
        frame: Frame,
        lines_of: LinesOf,
        copies: Copies,
        sheet_for: SheetFor,
        *,
        bare: bool,
        writing: bool,
        muted: bool,
    ) -> None:
        """Draw the open end of a text. `bare`: nothing is above it; `writing`: the cursor is after it."""
        ink = frame.bot
        cursor = ink("muted" if muted else "accent") if writing else None
        if text.behind:  # the open end is not known before the text is split up to there
            self.clear()
        elif text.code is not None:
            self._from = [(text.start, 0)]
            self._draw_code(text.code, text.text, frame, copies, sheet_for, writing=writing, muted=muted)
        else:
            lines = self._lines_of(text, frame, lines_of)
            if cursor is not None and not lines and bare:
                lines.append(Line(()))
            if writing and frame.look.reduced_motion:
                lines[-1:] = [Line(())]  # a line appears when it is complete
            self._draw_lines(lines, frame, sheet_for, cursor)
            self._code_at = 0
        self._old = []

    def _draw_lines(self, lines: list[Line], frame: Frame, sheet_for: SheetFor, cursor: Style | None) -> None:
        """Draw lines from the first one that changed, or that has or had the cursor."""
        same, most = 0, min(cursor_line(lines), cursor_line(self._lines), len(self._old))
        while same < most and lines[same] == self._lines[same]:
            same += 1
        sheet = sheet_for(lines[same:])
        if sheet is not self._sheet:
            same, self._sheet = 0, sheet
        old = self._old[same:]
        self.rows = [*self._old[:same], *frame.rows(sheet, lines[same:], cursor=cursor, old=old)]
        self._lines = lines

    def _lines_of(self, text: Segmenter, frame: Frame, lines_of: LinesOf) -> list[Line]:
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
        self,
        code: LongCode,
        text: str,
        frame: Frame,
        copies: Copies,
        sheet_for: SheetFor,
        *,
        writing: bool,
        muted: bool,
    ) -> None:
        """Draw open code, without colours until it ends. It only grows, so complete lines are laid out once."""
        width, ink = frame.grid.text, frame.bot
        cursor = ink("muted" if muted else "accent", on="code") if writing else None
        if code.cut - code.body >= code.limit:
            hidden = code.hidden + text.count("\n", code.cut) + 1
            more = more_line(code, hidden, ink, (*self.place, -2))
            self.rows = frame.rows(sheet_for([more]), [more], cursor=cursor)
            self._code_at = 0
            return
        if self._code_at < code.cut or not self._code_at:
            self._code, self._code_at, self._sheet, self._lines = [], code.cut, None, []
            if not code.parts:
                self._code = [fences.edge(ink, "top", at=-1)]
        head = None if code.parts else copies(code, frame)
        fresh: list[Line] = []
        if code.whole > self._code_at:
            rows = code.lines(text, self._code_at, code.whole)
            first = head if self._code_at == code.body else None
            fresh = fences.code_lines(
                rows, None, ink, width, language=code.info, at=1 + self._code_at - code.cut, head=first
            )
            self._code_at = code.whole
        start = max(code.whole, code.cut)
        tail, last = text[start:], []
        if tail.strip(" `~") or writing:
            # What may become the closing fence is held back, and with reduced motion any incomplete line.
            held = not tail.strip(" `~") or (writing and frame.look.reduced_motion)
            rows = [""] if held else code.lines(tail, 0, len(tail))
            first = head if start == code.body else None
            last = fences.code_lines(rows, None, ink, width, language=code.info, at=1 + start - code.cut, head=first)
        sheet = sheet_for([*fresh, *last])
        if sheet is not self._sheet:
            self._sheet, self._whole, self.rows = sheet, len(self._code), frame.rows(sheet, self._code)
        self._code += fresh
        self.rows[self._whole :] = frame.rows(sheet, fresh)
        self._whole = len(self.rows)
        self.rows += frame.rows(sheet, last, cursor=cursor)

    def place_of(self, row: int, behind: int) -> TextPlace:
        """Return the place of a row; `behind` is where the text starts that is not drawn yet."""
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
    """Return the row at a place: the one that starts there, else the last one before it."""
    before = 0
    for number, row in enumerate(rows):
        if row.at == at:
            return number
        if row.at < at:
            before = number
    return before
