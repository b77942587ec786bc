"""Selecting text by mouse and by key, over the whole conversation, drawn or not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from textual.geometry import Offset
from textual.selection import Selection
from textual.timer import Timer

from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.text import clean
from chatgrid_tui.ui.transcript.find.matching import is_said
from chatgrid_tui.ui.transcript.layout.document import Document, Placed
from chatgrid_tui.ui.transcript.navigator import BubblePlace
from chatgrid_tui.ui.transcript.render.rows import Row
from chatgrid_tui.ui.transcript.render.wrap import cells
from chatgrid_tui.ui.transcript.suggestions import attachment

if TYPE_CHECKING:  # which makes one of these
    from chatgrid_tui.ui.transcript.reaching import ReachingView

_TICK: Final = 1 / 20
_SPEEDS: Final = (1, 4, 12)
"""Rows a tick, by how far the mouse is beyond the edge."""


class Selecting:
    """Where a selection of a page begins and ends. Places are known by their turn, so that they hold while heights
    far away are put right and while text comes in.
    """

    def __init__(self, page: ReachingView) -> None:
        self._page = page
        self._anchor: Offset | None = None
        self._head = Offset(0, 0)
        self._column = 0
        """The cell that going up and down keeps to."""
        self._mouse: Offset | None = None
        self._down: Offset | None = None
        self._timer: Timer | None = None

    @property
    def dragging(self) -> bool:
        """Whether the mouse is held down and has gone somewhere."""
        return self._mouse is not None

    # By mouse

    def press(self, at: Offset) -> None:
        """The mouse went down."""
        self._down, self._mouse = at, None

    def drag(self, at: Offset) -> bool:
        """The mouse moved; return whether that selects."""
        if self._down is None or (self._mouse is None and at == self._down):
            return self.dragging
        if self._mouse is None:
            placed = self._page.placed_at(self._down.y)
            if placed is None:
                return False
            self._anchor = Offset(character_at(placed.row, self._down.x), line_of(placed))
            self._page.hold()
        self._mouse = at
        self._to_mouse()
        if self._beyond() and self._timer is None:
            self._timer = self._page.set_interval(_TICK, self._scroll)
        return True

    def piece(self, placed: Placed, column: int, *, whole: bool) -> None:
        """Select the word at a cell of a row, or the `whole` row."""
        first, last = (placed.row.left, placed.row.right) if whole else word_at(placed.row, column)
        if first < last:
            line = line_of(placed)
            self._page.select(Selection(Offset(first, line), Offset(last, line)))

    def release(self) -> None:
        """The mouse went up."""
        if self.dragging:
            self._page.release()
        self._down = self._mouse = None
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def merged(self, old: Sequence[Turn], turns: Sequence[Turn]) -> Selection | None:
        """`turns` stand now where `old` stood: return what is selected of them; None where its ends are gone. Older
        messages come while one selects upwards.
        """
        places = {id(turn): index for index, turn in enumerate(turns)}

        def moved(place: Offset | None) -> Offset | None:
            turn = -1 if place is None else place.y // TURN - 1
            now = places.get(id(old[turn])) if 0 <= turn < len(old) else None
            return None if place is None or now is None else Offset(place.x, place.y + (now - turn) * TURN)

        selection, anchor, head = self._page.text_selection, moved(self._anchor), moved(self._head)
        if anchor is None or head is None:
            self._anchor = None
            self.release()
        else:
            self._anchor, self._head = anchor, head
        if selection is None:
            return None
        start, end = moved(selection.start), moved(selection.end)
        lost = (start is None) != (selection.start is None) or (end is None) != (selection.end is None)
        return None if lost else Selection(start, end)

    def _beyond(self) -> int:
        """Return how many rows the mouse is above (negative) or below the view."""
        if self._mouse is None:
            return 0
        y, height = self._mouse.y, self._page.size.height
        if y == 0 and self._page.region.y == 0:
            return -2  # there is no row above it on the screen
        return y if y < 0 else max(0, y - height + 1)

    def _scroll(self) -> None:
        beyond = self._beyond()
        if beyond:
            rows = _SPEEDS[min(abs(beyond), len(_SPEEDS)) - 1]
            self._page.move_view(rows if beyond > 0 else -rows)
            self._to_mouse()

    def _to_mouse(self) -> None:
        if self._mouse is None:
            return
        x, y = self._mouse
        last = max(0, self._page.size.height - 1)
        placed = self._page.placed_at(min(max(0, y), last)) or self._page.last_placed()
        if placed is None or self._anchor is None:
            return
        # Beyond the edge all of the row is meant.
        at = placed.row.left if y < 0 else placed.row.right if y > last else character_at(placed.row, x)
        self._head = Offset(at, line_of(placed))
        first, end = sorted((self._anchor, self._head), key=lambda place: (place.y, place.x))
        self._page.select(Selection(first, Offset(end.x + 1, end.y)))

    # By key

    def extend(self, across: int, down: int, bubble: BubblePlace | None) -> None:
        """Go on by characters or by rows; begin at a bubble where nothing is selected."""
        if self._page.text_selection is None or self._anchor is None:
            if bubble is None or (rows := self._said(bubble)) is None:
                return
            first, last = rows
            forward = across + down > 0
            start = first if forward else last
            self._anchor = Offset(start.row.left if forward else start.row.right, line_of(start))
            self._head = self._anchor
            self._column = cells(start.row.strip.text[: self._anchor.x])
        placed = self._at(self._head)
        if placed is None:
            return
        if down:
            placed = self._beside(placed, down) or placed
            self._head = Offset(character_at(placed.row, self._column), line_of(placed))
        else:
            self._head = self._sideways(placed, across)
            placed = self._at(self._head) or placed
            self._column = cells(placed.row.strip.text[: self._head.x])
        first_place, end = sorted((self._anchor, self._head), key=lambda place: (place.y, place.x))
        self._page.select(Selection(first_place, end))
        self._page.bring_near(placed.turn, placed.offset)

    def all(self, bubble: BubblePlace | None) -> None:
        """Select a bubble, or everything where that bubble is selected already."""
        rows = None if bubble is None else self._said(bubble)
        whole = Selection(None, None)
        if rows is not None:
            first, last = rows
            start, end = Offset(first.row.left, line_of(first)), Offset(last.row.right, line_of(last))
            whole = Selection(start, end)
            self._anchor, self._head = start, end
        if self._page.text_selection == whole:
            whole = Selection(None, None)
        self._page.select(whole)

    def _said(self, bubble: BubblePlace) -> tuple[Placed, Placed] | None:
        """Return the first and the last row of what a bubble says."""
        turn, number = bubble
        if not 0 <= turn < self._page.document.count:
            return None
        layout = self._page.document.turn_layout(turn)
        said = [at for at, row in enumerate(layout.outline()) if row.bubble == number and is_said(row)]
        if not said:
            return None
        first, last = (Placed(turn, at, next(layout.rows(at, at + 1))) for at in (said[0], said[-1]))
        return first, last

    def _at(self, place: Offset) -> Placed | None:
        turn, offset = place.y // TURN - 1, place.y % TURN
        if not 0 <= turn < self._page.document.count:
            return None
        layout = self._page.document.turn_layout(turn)
        row = next(layout.rows(offset, offset + 1), None)
        return None if row is None else Placed(turn, offset, row)

    def _beside(self, placed: Placed, step: int) -> Placed | None:
        """Return the row below or above that says something; None at the end."""
        turn, offset, document = placed.turn, placed.offset + step, self._page.document
        while True:
            if offset < 0:
                turn -= 1
            elif offset >= document.turn_layout(turn).height:
                turn, offset = turn + 1, 0
            if not 0 <= turn < document.count:
                return None
            layout = document.turn_layout(turn)
            offset = layout.height - 1 if offset < 0 else offset
            row = next(layout.rows(offset, offset + 1), None)
            if row is not None and row.right > row.left:
                return Placed(turn, offset, row)
            offset += step

    def _sideways(self, placed: Placed, step: int) -> Offset:
        """Return the place a character on, or at the end of the row beside."""
        x, row = self._head.x + step, placed.row
        text = row.strip.text
        while row.left < x < row.right and not cells(text[x]):
            x += step  # marks belong to the character before them
        if row.left <= x <= row.right:
            return Offset(x, self._head.y)
        other = self._beside(placed, step)
        if other is None:
            return self._head
        return Offset(other.row.left if step > 0 else other.row.right, line_of(other))


TURN = 1_000_000
"""Rows that a turn may have. A row is known to Textual as `(turn + 1) * TURN + row`, so that it keeps its number
when a turn above it turns out taller than thought; the first screen counts as turn -1."""

_LINE_END = "\n"
_WORD = re.compile(r"[\w.@/:+%#-]*\w|\S")


def line_of(placed: Placed) -> int:
    """Return the number by which Textual knows a row."""
    return (placed.turn + 1) * TURN + placed.offset


def character_at(row: Row, column: int) -> int:
    """Return the character at a cell of a row; the first or the end of its text where it lies beside that."""
    return min(max(_index(row.strip.text, column), row.left), row.right)


def word_at(row: Row, column: int) -> tuple[int, int]:
    """Return the characters of the word at a cell of a row, or nothing (0, 0)."""
    text = row.strip.text
    at = _index(text, column)
    for found in _WORD.finditer(text, row.left, row.right):
        if found.start() <= at < found.end():
            return found.span()
    return 0, 0


def _index(text: str, column: int) -> int:
    if text.isascii():
        return min(max(0, column), len(text))
    used = 0
    for index, character in enumerate(text):
        used += cells(character)
        if used > column:
            return index
    return len(text)


def selected_text(selection: Selection, document: Document) -> str:
    """Return what is to be copied. A wrapped line is copied as one line, without edges and padding."""
    return "\n\n".join(selected_texts(selection, document))


def selected_texts(selection: Selection, document: Document) -> Iterator[str]:
    """Yield what is to be copied of each turn."""
    if not document.turns:
        return
    first = 0 if selection.start is None else max(0, selection.start.y // TURN - 1)
    last = len(document.turns) - 1 if selection.end is None else selection.end.y // TURN - 1
    for turn in range(first, min(last, len(document.turns) - 1) + 1):
        # Where a selection has no end, it is meant to hold all up to there.
        whole = (first < turn or selection.start is None) and (turn < last or selection.end is None)
        if text := _sources(turn, document) if whole else _of_turn(turn, selection, document):
            yield text


def _sources(turn: int, document: Document) -> str:
    held = document.turns[turn]
    texts = [held.shown]
    if held.reply is not None:
        texts += [bubble.text for bubble in held.reply.bubbles]
        files = map(attachment, held.reply.attachments)
        texts.append("\n".join(f"{file.name}: {file.address.url if file.address else file.detail}" for file in files))
    if (notice := document.notice(turn)) is not None:
        texts.append(f"{notice.headline} {notice.text}".rstrip())
    return "\n\n".join(clean(text) for text in texts if text)


def _of_turn(turn: int, selection: Selection, document: Document) -> str:
    layout, top = document.turn_layout(turn), (turn + 1) * TURN
    first = max(0, selection.start.y - top) if selection.start is not None else 0
    last = min(layout.height - 1, selection.end.y - top) if selection.end is not None else layout.height - 1
    sources = {
        start: (stop, source) for start, stop, source in layout.pieces() if first <= start and stop <= last + 1
    }

    def row_at(number: int) -> Row:
        return next(layout.rows(number, number + 1))

    def is_whole(number: int) -> bool:
        """Return whether all of a row at the edge of the selection is selected."""
        if first < number < last:
            return True
        row = row_at(number)
        return _span(selection, turn, number, row) == (row.left, row.right)

    pieces: list[str] = []
    number = first
    while number <= last:
        stop, source = sources.get(number, (number, ""))
        if stop > number and is_whole(number) and is_whole(stop - 1):  # none of its rows has to be drawn
            pieces.append(f"{source if pieces else source.removeprefix(_LINE_END)}\n")
            number = stop
            continue
        row = row_at(number)
        span = _span(selection, turn, number, row)
        if span is not None:
            pieces.append(row.strip.text[span[0] : span[1]])
            pieces.append("\n" if row.joint is None else row.joint)
        number += 1
    return "".join(pieces).strip("\n")


def _span(selection: Selection, turn: int, number: int, row: Row) -> tuple[int, int] | None:
    """Return the selected characters of a row, edges and padding left out; None where there are none at all."""
    span = selection.get_span((turn + 1) * TURN + number)
    if span is None:
        return None
    start, end = max(span[0], row.left), row.right if span[1] < 0 else min(span[1], row.right)
    return (start, end) if start <= end else None
