"""The text of one bubble as rows: finished pieces that are kept or drawn again, and the open end."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import islice

from chatgrid_tui.session.reply import Bubble
from chatgrid_tui.ui.transcript.growing import SHOWN, GrowingText, Part
from chatgrid_tui.ui.transcript.markdown import fences
from chatgrid_tui.ui.transcript.markdown.blocks import draw_chunks, draw_source
from chatgrid_tui.ui.transcript.markdown.parser import definitions
from chatgrid_tui.ui.transcript.rows import Frame, Row
from chatgrid_tui.ui.transcript.shelf import Shelf
from chatgrid_tui.ui.transcript.targets import MoreTarget, Place
from chatgrid_tui.ui.transcript.words import counted
from chatgrid_tui.ui.transcript.wrap import Line, Run


class Piece:
    """A finished part of a text: its height stays known, its rows may be dropped and drawn again."""

    __slots__ = ("height", "pages", "part", "rows")

    def __init__(self, part: Part) -> None:
        self.part = part
        self.rows: list[Row] | None = None
        self.height = 0
        self.pages = 1


class BubbleRows:
    """Draws one bubble's text. Rows count from 0 at its top."""

    def __init__(self, place: tuple[int, int], shelf: Shelf) -> None:
        self.place = place
        self._shelf = shelf
        self._text = GrowingText()
        self._frame: Frame | None = None
        self._seen = 0
        self._edition = 0
        self._whole = 0
        self._hidden = 0
        self._pieces: list[Piece] = []
        self._starts = [0]
        self._open: list[Row] = []
        self._open_code = 0
        self._rest = 0
        self._state: tuple[int, bool, bool, bool] | None = None

    @property
    def height(self) -> int:
        """Rows drawn so far, and an estimate for what is not."""
        return self._starts[-1] + len(self._open) + self._rest

    @property
    def exact(self) -> bool:
        """Whether all that is to be shown has been drawn."""
        return not self._text.behind

    def update(
        self, bubble: Bubble, frame: Frame, *, live: bool, writing: bool = False, muted: bool = False
    ) -> int | None:
        """Draw what is new, at most one step's worth; return the first row that changed, None where none did.

        `writing`: the cursor stands behind the text; `muted`: it waits.
        """
        if frame is not self._frame:
            self._frame = frame
            self._begin_again()
        if bubble.edition != self._edition or bubble.size < self._seen:
            self._edition = bubble.edition
            self._text, self._seen = GrowingText(), 0
            self._begin_again()
        state = (bubble.size, live, writing, muted)
        if state == self._state and not self._text.behind:
            return None
        self._state = state
        self._feed(bubble)
        first = self._starts[-1]
        old, self._open = self._open, self._open if self._open_code else []
        ended = not live and self._seen == bubble.size
        self._take(self._text.advance(finished=ended))
        if ended and not self._text.behind and self._text.references is None:
            self._follow_definitions()
        self._draw_open(frame, old, writing=writing, muted=muted)
        self._estimate()
        return self._first_changed(first, old)

    def _feed(self, bubble: Bubble) -> None:
        """Take what is new, up to what is shown; of the rest the lines are counted."""
        text = self._text
        if bubble.size > self._seen and not text.full:
            fresh = bubble.since(self._seen)[: text.limit + 1]
            text.feed(fresh)
            self._seen += len(fresh)
        self._hidden = 0
        if text.full or bubble.size > self._seen:
            self._hidden = 1 + text.text.count("\n", text.limit) + bubble.text.count("\n", self._seen)

    def rows(self, start: int, stop: int) -> Iterator[Row]:
        """Yield the rows from `start` to before `stop`."""
        assert self._frame is not None, "nothing is asked for before the first update"
        number = max(0, bisect_right(self._starts, start) - 1)
        at = self._starts[number] if number < len(self._pieces) else self._starts[-1]
        while number < len(self._pieces) and at < stop:
            piece = self._pieces[number]
            rows = self._rows_of(piece, number)
            yield from islice(rows, max(0, start - at), stop - at)
            at += piece.height
            number += 1
        if at < stop:
            yield from islice(self._open, max(0, start - at), stop - at)
            at += len(self._open)
        yield from (self._frame.blank for _ in range(max(start, at), min(stop, self.height)))

    def show_more(self, place: Place) -> bool:
        """Show more of what was too long; return whether it is this bubble's."""
        if place[:2] != self.place or self._frame is None:
            return False
        if place[2] < 0:
            self._text.limit += SHOWN
            self._text.behind = True
        else:
            piece = self._pieces[place[2]]
            piece.pages += 1
            self._shelf.forget(piece)
            piece.rows = None
            self._rows_of(piece, place[2])
            self._restart_heights()
        self._state = None
        return True

    def pieces(self) -> Iterator[tuple[int, int, str]]:
        """Yield each finished piece: its first row, the row behind it, and its source."""
        for number, piece in enumerate(self._pieces):
            source = self._text.text[piece.part.start : piece.part.end]
            yield self._starts[number], self._starts[number + 1], source.rstrip("\n")

    def drop(self) -> None:
        """Forget all rows; the bubble is drawn anew when it is asked for."""
        for piece in self._pieces:
            self._shelf.forget(piece)

    def _clear(self) -> None:
        self._pieces, self._starts, self._open = [], [0], []
        self._open_code = self._rest = 0
        self._state = None

    def _begin_again(self) -> None:
        self.drop()
        self._text.restart()
        self._clear()

    def _follow_definitions(self) -> None:
        """Links may be defined behind the text that uses them: then all is drawn once more at the end."""
        references = definitions(self._text.text[: self._text.limit])
        if references is not None:
            state = self._state
            self._text.references = references
            self._begin_again()
            self._state = state
            self._take(self._text.advance(finished=True))

    def _take(self, parts: Sequence[Part]) -> None:
        for part in parts:
            piece = Piece(part)
            self._pieces.append(piece)
            rows = self._rows_of(piece, len(self._pieces) - 1)
            part.chunks, part.lines = (), ()
            self._starts.append(self._starts[-1] + len(rows))
            self._open, self._open_code = [], 0

    def _rows_of(self, piece: Piece, number: int) -> list[Row]:
        rows = piece.rows
        if rows is None:
            frame, part = self._frame, piece.part
            assert frame is not None
            lines: list[Line] = [Line(())] if part.gap else []
            frame.bot.begin((*self.place, number))
            lines += self._lines_of(part, frame, piece.pages)
            rows = piece.rows = frame.bot_rows(lines, self.place[1])
            piece.height = len(rows)
        self._shelf.use(piece)
        return rows

    def _lines_of(self, part: Part, frame: Frame, pages: int = 1) -> list[Line]:
        if part.chunks:
            return draw_chunks(part.chunks, part.lines, frame.bot, frame.grid.text, pages=pages)
        source = self._text.text[part.start : part.end]
        references = self._text.references
        return draw_source(source, references, frame.bot, frame.grid.text, lead=part.lead, pages=pages)

    def _draw_open(self, frame: Frame, old: Sequence[Row], *, writing: bool, muted: bool) -> None:
        cursor = frame.bot("muted" if muted else "accent") if writing else None
        frame.bot.begin((*self.place, len(self._pieces)))
        if self._text.code is not None:
            self._draw_open_code(frame, writing, muted)
            return
        lines: list[Line] = []
        for part in self._text.open:
            if part.gap:
                lines.append(Line(()))
            lines += self._lines_of(part, frame)
        if cursor is not None and not lines and not self._pieces:
            lines.append(Line(()))
        if writing and frame.look.reduced_motion:
            lines[-1:] = [Line(())]  # a line appears when it is whole
        self._open = frame.bot_rows(lines, self.place[1], cursor=cursor, old=old)
        if self._hidden and not self._text.behind:
            words = f"{counted(self._hidden, 'more line')} {frame.signs.dot} Enter shows them"
            more = MoreTarget((*self.place, -1))
            self._open += frame.bot_rows([Line([Run(words, frame.bot("accent"), more)])], self.place[1])

    def _draw_open_code(self, frame: Frame, writing: bool, muted: bool) -> None:
        """An open block of code only grows: whole lines are drawn once, without colours until it closes."""
        code = self._text.code
        assert code is not None
        width, text = frame.grid.text, self._text.text
        if self._open_code <= code.body:
            lines = [Line(())] if code.gap else []
            lines.append(fences.head(code.info, frame.bot, width, None))
            self._open = frame.bot_rows(lines, self.place[1])
            self._open_code = code.body
            self._whole = len(self._open)
        del self._open[self._whole :]
        shown = code.body + fences.SHOWN
        fresh = text[self._open_code : min(code.whole, shown)]
        if fresh and self._open_code < shown:
            for line in fresh.removesuffix("\n").split("\n"):
                self._open += frame.bot_rows(fences.plain_row(line, frame.bot, width), self.place[1])
            self._whole = len(self._open)
        self._open_code = max(self._open_code, code.whole)
        tail = text[code.whole :] if code.whole < shown else ""
        cursor = frame.bot("muted" if muted else "accent", on="code") if writing else None
        if hidden := text.count("\n", shown):
            words = f" {hidden:,} more lines follow"
            last = [Line([Run(words, frame.bot("muted", on="code"))], None, frame.bot(on="code"))]
        elif tail.strip(" `~") or writing:
            # What may become the closing fence is held back, and with reduced motion any line that is not whole.
            held = not tail.strip(" `~") or (writing and frame.look.reduced_motion)
            last = fences.plain_row("" if held else tail, frame.bot, width)
        else:
            last = []
        self._open += frame.bot_rows(last, self.place[1], cursor=cursor)

    def _estimate(self) -> None:
        """Guess the rows of text that waits for the next step."""
        text, frame = self._text, self._frame
        assert frame is not None
        left = min(len(text.text), text.limit) - text.start if text.behind else 0
        self._rest = left // max(8, frame.grid.text * 3 // 4) if left > 0 else 0

    def _first_changed(self, first: int, old: Sequence[Row]) -> int | None:
        fresh = list(self.rows(first, first + len(old) + 1)) if len(self._pieces) else self._open
        for number, row in enumerate(old):
            if number >= len(fresh) or fresh[number] is not row:
                return first + number
        return first + len(old)

    def _restart_heights(self) -> None:
        self._starts = [0]
        for piece in self._pieces:
            self._starts.append(self._starts[-1] + piece.height)
