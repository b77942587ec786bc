"""The text of one bubble as rows: finished pieces, which are cached or drawn again, and the open end."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, repeat

from chatgrid_tui.markdown.parser import definitions
from chatgrid_tui.model.bubble import Bubble
from chatgrid_tui.text import clean
from chatgrid_tui.ui.transcript.layout.colouring import Colouring
from chatgrid_tui.ui.transcript.layout.live_tail import LiveTail, TextPlace, row_among
from chatgrid_tui.ui.transcript.layout.long_blocks import LongBlock, LongCode, Part
from chatgrid_tui.ui.transcript.layout.part_lines import more_line, more_text, part_lines
from chatgrid_tui.ui.transcript.layout.row_cache import RowCache
from chatgrid_tui.ui.transcript.layout.segmenter import PARTS, SHOWN, Segmenter
from chatgrid_tui.ui.transcript.markdown import fences
from chatgrid_tui.ui.transcript.render.frame import Frame, Sheet
from chatgrid_tui.ui.transcript.render.rows import Outline, Row, Spot, TextOutline
from chatgrid_tui.ui.transcript.render.wrap import Line
from chatgrid_tui.ui.transcript.targets import CodeTarget, Place

_A_STEP = 2_500
"""The most characters that are drawn again in one step, in addition to new ones."""
_FED = 8_000
"""The most characters that are cleaned in one step."""
_PIECE = 40
"""The number of characters that any piece counts as at least."""


class Piece:
    """A finished part of a text. Its height is kept; its rows may be dropped and drawn again."""

    __slots__ = ("height", "part", "rows", "spots")

    def __init__(self, part: Part) -> None:
        self.part = part
        self.rows: list[Row] | None = None
        self.height = 0
        self.spots: dict[int, tuple[Spot, ...]] = {}
        """What can be pressed in which of its rows, known even when they are dropped."""


class BubbleLayout:
    """Draws the text of one bubble. Rows are counted from 0 at its top."""

    def __init__(self, place: tuple[int, int], row_cache: RowCache) -> None:
        self.place = place
        self._row_cache = row_cache
        self._text = Segmenter()
        self._bubble = Bubble()
        self._frame: Frame | None = None
        self._seen = self._edition = 0
        self._counted_from = self._counted = self._uncut = 0  # line ends in text that is not processed yet
        self._pieces: list[Piece] = []
        self._starts = [0]
        self._again: deque[int] = deque()
        self._colourings: deque[Colouring] = deque()
        self._open = LiveTail(place)
        self._rest = 0
        self._sheet: Sheet | None = None
        self._widest = 0
        """The width of its widest line. It never shrinks, so that the bubble does not either while it is written."""
        self._followed = False
        """Whether link definitions were searched for."""
        self._state: tuple[int, bool, bool, bool] | None = None
        self.drawn = 0
        """How many characters the last step drew."""

    @property
    def height(self) -> int:
        """The number of rows drawn so far, plus an estimate for the rest."""
        return self._starts[-1] + len(self._open.rows) + self._rest

    @property
    def sheet(self) -> Sheet:
        """The sheet of its text."""
        assert self._sheet is not None, "nothing is asked for before the first update"
        return self._sheet

    @property
    def exact(self) -> bool:
        """Whether everything that is shown has been drawn."""
        return not (self._text.behind or self._again or self._colourings)

    def update(
        self,
        bubble: Bubble,
        frame: Frame,
        *,
        live: bool,
        writing: bool = False,
        muted: bool = False,
        beside: Sequence[Line] = (),
    ) -> int | None:
        """Draw what is new, at most one step's worth, and return the first row that changed, or None.

        `writing`: there is a cursor after the text; `muted`: it waits; `beside`: lines that share the sheet. If the
        width changed, the first changed row is -1, the edge above.
        """
        if frame is not self._frame:
            before, self._frame = self._frame, frame
            if before is None or before.grid != frame.grid:
                self._widest = 0
                self._begin_again()
            else:
                self._restyle()
            self._sheet = frame.sheet("text", frame.grid.hug(self._widest), self.place[1])
        if bubble is not self._bubble or bubble.edition != self._edition or bubble.size < self._seen:
            self._bubble, self._edition = bubble, bubble.edition
            self._text, self._seen = Segmenter(), 0
            self._begin_again()
        sheet = self.sheet
        self._widen(beside)
        state = (bubble.size, live, writing, muted)
        if state == self._state and self.exact:
            return None if sheet is self.sheet else -1
        self._state = state
        self._feed(bubble)
        first = self._starts[-1]
        old = self._open.put_aside()
        ended = not live and self._seen == bubble.size
        began = self._text.start
        self._take(self._text.advance(finished=ended))
        self.drawn = self._text.start - began
        if self._seen < bubble.size and not self._text.full:
            self._text.behind = True
        if ended and not self._text.behind and not self._followed:
            self._follow_definitions()
        redrawn = self._catch_up()
        self._draw_open(frame, writing=writing, muted=muted)
        self._estimate()
        return min(redrawn, self._first_changed(first, old)) if sheet is self.sheet else -1

    def _widen(self, lines: Iterable[Line]) -> Sheet:
        """Make the bubble wide enough for lines, and return its sheet. If it grows, other rows are drawn again."""
        widest = max((line.width for line in lines), default=0)
        if widest > self._widest and self._frame is not None:
            self._widest = widest
            sheet = self._frame.sheet("text", self._frame.grid.hug(widest), self.place[1])
            if sheet is not self._sheet:
                self._sheet = sheet
                for piece in self._pieces:
                    self._row_cache.forget(piece)
                    piece.rows = None
        return self.sheet

    def _feed(self, bubble: Bubble) -> None:
        """Process new text, up to the limit of what is shown."""
        text = self._text
        if bubble.size > self._seen and not text.full:
            fresh = bubble.since(self._seen)[:_FED]
            text.feed(fresh)
            self._seen += len(fresh)

    def _hidden(self) -> int:
        """Return how many lines of the text are not shown."""
        text = self._text
        left = text.text.count("\n", text.ends)
        if self._counted_from != self._seen:
            self._counted_from = self._counted = self._seen
            self._uncut = 0
        if self._bubble.size > self._counted:
            self._uncut += self._bubble.since(self._counted).count("\n")
            self._counted = self._bubble.size
        return left + self._uncut + (self._bubble.since(self._bubble.size - 1) not in ("", "\n"))

    def rows(self, start: int, stop: int) -> Iterator[Row]:
        """Yield the rows from `start` to `stop` (exclusive)."""
        assert self._frame is not None, "nothing is asked for before the first update"
        blank = self._frame.blank
        number = max(0, bisect_right(self._starts, start) - 1)
        at = self._starts[number] if number < len(self._pieces) else self._starts[-1]
        while number < len(self._pieces) and at < stop:
            piece = self._pieces[number]
            if piece.height:
                rows = self._rows_of(piece, number)
                for row in range(max(0, start - at), min(stop - at, piece.height)):
                    yield rows[row] if row < len(rows) else blank
            at += piece.height
            number += 1
        if at < stop:
            yield from islice(self._open.rows, max(0, start - at), stop - at)
            at += len(self._open.rows)
        yield from (blank for _ in range(max(start, at), min(stop, self.height)))

    def outline(self) -> Iterator[Outline]:
        """Yield the outlines of all rows, without drawing anything."""
        assert self._frame is not None, "nothing is asked for before the first update"
        plain = TextOutline(self.place[1])
        for piece in self._pieces:
            if piece.spots:
                spots = piece.spots
                yield from (TextOutline(plain.bubble, spots.get(row, ())) for row in range(piece.height))
            else:
                yield from repeat(plain, piece.height)
        yield from self._open.rows
        yield from repeat(self._frame.blank, self._rest)

    def show_more(self, place: Place) -> bool:
        """Show more of a block that was too long. Return whether the place is in this bubble."""
        if place[:2] != self.place or self._frame is None:
            return False
        if place[2] == -1:
            self._text.limit += SHOWN
            self._text.most += PARTS
            self._text.behind = True
        else:
            long = self._text.long if place[2] == -2 else self._pieces[place[2]].part.long
            if long is not None:
                self._show_more_of(long)
        self._state = None
        return True

    def _show_more_of(self, long: LongBlock) -> None:
        hidden = [part for part in long.parts if not long.shows(part)]
        long.limit += long.portion
        shown = [part for part in hidden if long.shows(part)]
        if long.parts and long.parts[-1].closes and long.parts[-1] not in shown:
            shown.append(long.parts[-1])  # it counts what is still hidden
        self._again.extend(long.first_piece + part.number for part in shown)
        self._open.clear()

    def pieces(self) -> Iterator[tuple[int, int, str]]:
        """Yield each finished piece: its first row, the row after it, and its source, which starts with a line end if
        a blank row is drawn before it.
        """
        for number, piece in enumerate(self._pieces):
            if piece.height:
                source = self._text.text[piece.part.start : piece.part.end].rstrip("\n")
                yield self._starts[number], self._starts[number + 1], "\n" * piece.part.gap + source

    def place_of(self, row: int) -> TextPlace:
        """Return the place of a row in the text."""
        number = bisect_right(self._starts, row) - 1
        if number < len(self._pieces):
            piece = self._pieces[number]
            rows = self._rows_of(piece, number)
            return piece.part.start, rows[min(row - self._starts[number], len(rows) - 1)].at
        return self._open.place_of(row - self._starts[-1], self._text.start)

    def row_at(self, place: TextPlace) -> tuple[int, bool]:
        """Return the row of a place in the text, and whether the text is drawn that far."""
        start, at = place
        number = bisect_right(self._pieces, start, key=lambda piece: piece.part.start) - 1
        if number >= 0 and start < max(self._pieces[number].part.end, self._pieces[number].part.start + 1):
            while number and not self._pieces[number].height:
                number -= 1
            return self._starts[number] + row_among(at, self._rows_of(self._pieces[number], number)), True
        known = not self._text.behind or start < self._text.start
        return self._starts[-1] + self._open.row_at(place), known

    def drop(self) -> None:
        """Forget all rows. They are drawn again when needed."""
        for piece in self._pieces:
            self._row_cache.forget(piece)

    def _begin_again(self) -> None:
        self.drop()
        self._text.restart()
        self._pieces, self._starts = [], [0]
        self._open.clear()
        self._again.clear()
        self._colourings.clear()
        self._rest = 0
        self._followed = False
        self._state = None

    def _restyle(self) -> None:
        """Draw rows again when they come into view. Other colours and signs do not change the layout."""
        for piece in self._pieces:
            self._row_cache.forget(piece)
            piece.rows = None
        self._open.clear()
        self._state = None

    def _follow_definitions(self) -> None:
        """Draw pieces again that use links which are defined later in the text."""
        text = self._text
        self._followed = True
        text.references = definitions(text.text[: text.limit])
        if text.references is not None:
            for number, piece in enumerate(self._pieces):
                if text.text.find("[", piece.part.start, piece.part.end) >= 0 and piece.part.long is None:
                    self._again.append(number)

    def _take(self, parts: Sequence[Part]) -> None:
        for part in parts:
            number = len(self._pieces)
            piece = Piece(part)
            self._pieces.append(piece)
            if part.long is not None:
                self._begin_long(part.long, part, number)
            if part.closes or part.long is None or part.long.shows(part):
                self._measure(piece, number)
            part.chunks, part.lines = (), ()
            self._starts.append(self._starts[-1] + piece.height)
            self._open.clear()

    def _begin_long(self, long: LongBlock, part: Part, number: int) -> None:
        if not part.number:
            long.first_piece = number
        if part.closes and isinstance(long, LongCode):
            colouring = Colouring(long, self._text.text)
            if colouring.small:
                colouring.go_on()
            elif colouring.wanted:
                self._colourings.append(colouring)

    def _catch_up(self) -> int:
        """Draw outdated pieces again, at most one step's worth, and return the first row that changed."""
        changed: set[int] = set()
        room = _A_STEP
        while self._again and room > 0:
            number = self._again.popleft()
            part = self._pieces[number].part
            room -= max(part.end - part.start, _PIECE * max(1, part.count))
            changed.add(number)
        if room > 0 and self._colourings and not changed:
            colouring = self._colourings[0]
            changed.update(colouring.long.first_piece + number for number in colouring.go_on())
            if colouring.done:
                self._colourings.popleft()
        for number in changed:
            piece = self._pieces[number]
            self._row_cache.forget(piece)
            piece.rows = None
            long = piece.part.long
            if piece.part.closes or long is None or long.shows(piece.part):
                self._measure(piece, number)
        if not changed:
            return self.height
        first = min(changed)
        for number in range(first, len(self._pieces)):
            self._starts[number + 1] = self._starts[number] + self._pieces[number].height
        return self._starts[first]

    def _measure(self, piece: Piece, number: int) -> None:
        piece.height = len(self._rows_of(piece, number))

    def _rows_of(self, piece: Piece, number: int) -> list[Row]:
        rows = piece.rows
        if rows is None:
            frame, part = self._frame, piece.part
            assert frame is not None
            frame.bot.begin((*self.place, number))
            lines: list[Line] = []
            if part.long is None or part.long.shows(part):
                lines = self._lines(part, frame)
                if lines and part.spaced and len(lines) == 1 and not lines[0].runs:
                    lines = []  # it is a link definition and shows nothing
            if part.closes and part.long is not None and (hidden := part.long.hidden):
                lines.append(more_line(part.long, hidden, frame.bot, (*self.place, number, 0)))
            if part.closes and isinstance(part.long, LongCode):
                lines.append(fences.edge(frame.bot, "bottom", at=1_000_000_001))
            rows = piece.rows = frame.rows(self._widen(lines), lines)
            piece.spots = {number: row.spots for number, row in enumerate(rows) if row.spots}
        self._row_cache.use(piece)
        return rows

    def _lines(self, part: Part, frame: Frame, *, open_: bool = False) -> list[Line]:
        code = self._copies(part.long, frame) if isinstance(part.long, LongCode) else None
        return part_lines(part, self._text, frame.bot, frame.grid.text, code, open_=open_)

    def _copies(self, code: LongCode, frame: Frame) -> CodeTarget:
        return CodeTarget(lambda: self._code(code), frame.bot.next_place(), code.info)

    def _code(self, long: LongCode) -> str:
        """Return what `Ctrl+Y Copy` copies: all of a code block that has arrived."""
        whole = self._text.text
        if long.end is None and self._seen < self._bubble.size:
            whole = clean(self._bubble.text)
        return long.source(whole)

    def _draw_open(self, frame: Frame, *, writing: bool, muted: bool) -> None:
        text = self._text
        frame.bot.begin((*self.place, len(self._pieces)))
        self._open.draw(
            text, frame, self._lines, self._copies, self._widen, bare=not self._pieces, writing=writing, muted=muted
        )
        if text.full and not text.behind and (hidden := self._hidden()):
            characters = self._bubble.size - self._seen + len(text.text) - text.ends
            self._open.add(more_text(hidden, characters, frame.bot, (*self.place, -1)), frame, self._widen)

    def _estimate(self) -> None:
        """Estimate the rows of text that waits for the next step."""
        text, frame = self._text, self._frame
        assert frame is not None
        left = min(len(text.text), text.limit) - text.start if text.behind else 0
        self._rest = left // max(8, frame.grid.text * 3 // 4) if left > 0 else 0

    def _first_changed(self, first: int, old: Sequence[Row]) -> int:
        fresh = list(self.rows(first, first + len(old) + 1)) if len(self._pieces) else self._open.rows
        for number, row in enumerate(old):
            if number >= len(fresh) or fresh[number] is not row:
                return first + number
        return first + len(old)
