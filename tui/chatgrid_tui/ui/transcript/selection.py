"""Select text by mouse and by key, in the whole conversation, drawn or not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from textual.geometry import Offset
from textual.selection import Selection as ScreenSelection
from textual.timer import Timer
from textual.widget import Widget

from chatgrid_tui.session.tasks import cooperatively, gathered
from chatgrid_tui.text import clean
from chatgrid_tui.ui.terminal.clipboard import selection_name
from chatgrid_tui.ui.transcript.cursor import BubblePlace
from chatgrid_tui.ui.transcript.find.matching import is_message
from chatgrid_tui.ui.transcript.layout.document import Document, Placed
from chatgrid_tui.ui.transcript.render.rows import Row
from chatgrid_tui.ui.transcript.render.wrap import cells
from chatgrid_tui.ui.transcript.reply_parts import attachment
from chatgrid_tui.ui.transcript.transcript_messages import SourceCopied
from chatgrid_tui.ui.transcript.turns_listener import TurnsListener
from chatgrid_tui.ui.transcript.viewport import Viewport

TURN: Final = 1_000_000
"""The most rows of a turn. For Textual, a row has the number `(turn + 1) * TURN + row`, so that it keeps its number
when the height of a turn above is corrected; the first screen is turn -1."""
_TICK: Final = 1 / 20
_SPEEDS: Final = (1, 4, 12)
"""Rows to scroll per tick, by how far the mouse is outside the view."""
_WORD: Final = re.compile(r"[\w.@/:+%#-]*\w|\S")


class Selection(TurnsListener):
    """The start and end of a widget's selection. The screen holds the selected text itself.

    Both ends name their turn, so that they stay valid when heights are corrected and text arrives.
    """

    def __init__(self, widget: Widget, viewport: Viewport) -> None:
        self._widget = widget
        self._viewport = viewport
        self._anchor: Offset | None = None
        self._head = Offset(0, 0)
        self._column = 0
        """The column that moving up and down keeps."""
        self.pressed_at: Offset | None = None
        """Where the mouse button was last pressed."""
        self._held = False
        """Whether the mouse button is down."""
        self._mouse: Offset | None = None
        """Where the mouse was dragged to."""
        self._timer: Timer | None = None

    @property
    def selected(self) -> ScreenSelection | None:
        """What is selected."""
        return self._widget.text_selection

    def select(self, selection: ScreenSelection) -> None:
        """Select part of the conversation, and nothing else on the screen."""
        self._widget.screen.selections = {self._widget: selection}

    def clear(self) -> None:
        """Remove the selection, unless it is in another widget."""
        if self._widget.is_attached and self.selected is not None:
            self._widget.screen.clear_selection()

    def copy(self) -> bool:
        """Copy the selected text, which may be a long conversation. Return whether there is any."""
        selection = self.selected
        if selection is not None:
            self.clear()
            self._widget.run_worker(self._copy(selection), group="copy selection", exclusive=True)
        return selection is not None

    async def _copy(self, selection: ScreenSelection) -> None:
        texts: list[str] = []
        await cooperatively(gathered(selected_texts(selection, self._viewport.document), texts))
        if text := "\n\n".join(texts).rstrip("\n"):
            self._widget.post_message(SourceCopied(text, selection_name(text)))

    # Turns

    def turns_shown(self) -> None:
        """Overrides `TurnsListener.turns_shown`."""
        self.clear()

    def turns_merged(self, moved: Mapping[int, int]) -> None:
        """Overrides `TurnsListener.turns_merged`. Older messages may arrive in the middle of a drag."""

        def new_place(place: Offset | None) -> Offset | None:
            turn = -1 if place is None else place.y // TURN - 1
            if place is None or turn not in moved:
                return None
            return Offset(place.x, place.y + (moved[turn] - turn) * TURN)

        selection, anchor, head = self.selected, new_place(self._anchor), new_place(self._head)
        self.clear()
        if anchor is None or head is None:
            self._anchor = None
            self.release()
        else:
            self._anchor, self._head = anchor, head
        if selection is not None:
            start, end = new_place(selection.start), new_place(selection.end)
            if (start is None) == (selection.start is None) and (end is None) == (selection.end is None):
                self.select(ScreenSelection(start, end))

    # By mouse

    def press(self, at: Offset) -> None:
        """Remember where a drag may start."""
        self.pressed_at, self._held, self._mouse = at, True, None

    def drag(self, at: Offset) -> bool:
        """Select up to the mouse. Return whether it is being dragged."""
        if not self._held or self.pressed_at is None or (self._mouse is None and at == self.pressed_at):
            return self._mouse is not None
        if self._mouse is None:
            placed = self._viewport.row(self.pressed_at.y)
            if placed is None:
                return False
            self._anchor = Offset(_character_at(placed.row, self.pressed_at.x), line_of(placed))
            self._viewport.hold()
        self._mouse = at
        self._extend_to_mouse(at)
        if self._rows_outside(at) and self._timer is None:
            self._timer = self._widget.set_interval(_TICK, self._scroll)
        return True

    def release(self) -> None:
        """End a drag."""
        if self._mouse is not None:
            self._viewport.release()
        self._held, self._mouse = False, None
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def select_piece(self, placed: Placed, column: int, *, whole: bool) -> None:
        """Select the word at a cell of a row, or the `whole` row."""
        row, line = placed.row, line_of(placed)
        at = _index(row.strip.text, column)
        spans = [word.span() for word in _WORD.finditer(row.strip.text, row.left, row.right)]
        if whole:
            spans, at = [(row.left, row.right)], row.left
        for start, end in spans:
            if start <= at < end:
                self.select(ScreenSelection(Offset(start, line), Offset(end, line)))

    def _rows_outside(self, mouse: Offset) -> int:
        """Return how many rows the mouse is above (negative) or below the view."""
        if mouse.y == 0 and self._widget.region.y == 0:
            return -2  # the screen has no row above it
        return mouse.y if mouse.y < 0 else max(0, mouse.y - self._viewport.height + 1)

    def _scroll(self) -> None:
        if self._mouse is not None and (outside := self._rows_outside(self._mouse)):
            rows = _SPEEDS[min(abs(outside), len(_SPEEDS)) - 1]
            self._viewport.move(rows if outside > 0 else -rows)
            self._extend_to_mouse(self._mouse)

    def _extend_to_mouse(self, mouse: Offset) -> None:
        window, (x, y) = self._viewport.window, mouse
        if not window or self._anchor is None:
            return
        placed = window[min(max(0, y), len(window) - 1)]
        below = y >= max(1, self._viewport.height)
        # Outside the view, select the whole row.
        at = placed.row.left if y < 0 else placed.row.right if below else _character_at(placed.row, x)
        self._head = Offset(at, line_of(placed))
        start, end = self._ends(self._anchor)
        self.select(ScreenSelection(start, Offset(end.x + 1, end.y)))

    def _ends(self, anchor: Offset) -> tuple[Offset, Offset]:
        start, end = sorted((anchor, self._head), key=lambda place: (place.y, place.x))
        return start, end

    # By key

    def extend(self, across: int, down: int, bubble: BubblePlace | None) -> None:
        """Extend the selection by characters or rows. A new one starts at the edge of a bubble."""
        if self.selected is None or self._anchor is None:
            if bubble is None or (rows := self._text_rows(bubble)) is None:
                return
            forward = across + down > 0
            edge = rows[0 if forward else 1]
            self._anchor = Offset(edge.row.left if forward else edge.row.right, line_of(edge))
            self._head = self._anchor
            self._column = cells(edge.row.strip.text[: self._anchor.x])
        placed = self._row_at(self._head)
        if placed is None:
            return
        if down:
            placed = self._next_text_row(placed, down) or placed
            self._head = Offset(_character_at(placed.row, self._column), line_of(placed))
        else:
            self._head = self._next_character(placed, across)
            placed = self._row_at(self._head) or placed
            self._column = cells(placed.row.strip.text[: self._head.x])
        self.select(ScreenSelection(*self._ends(self._anchor)))
        self._viewport.bring_near(placed.turn, placed.offset)

    def select_all(self, bubble: BubblePlace | None) -> None:
        """Select a bubble, or everything if the bubble is already selected."""
        selection = everything = ScreenSelection(None, None)
        if bubble is not None and (rows := self._text_rows(bubble)) is not None:
            first, last = rows
            self._anchor = Offset(first.row.left, line_of(first))
            self._head = Offset(last.row.right, line_of(last))
            selection = ScreenSelection(self._anchor, self._head)
        self.select(everything if self.selected == selection else selection)

    def _text_rows(self, bubble: BubblePlace) -> tuple[Placed, Placed] | None:
        """Return the first and the last row of a bubble's text."""
        turn, number = bubble
        outlines = self._viewport.outlines(turn) if turn >= 0 else ()
        offsets = [at for at, row in enumerate(outlines) if row.bubble == number and is_message(row)]
        if not offsets:
            return None
        layout = self._viewport.document.turn_layout(turn)
        first, last = (Placed(turn, at, next(layout.rows(at, at + 1))) for at in (offsets[0], offsets[-1]))
        return first, last

    def _row_at(self, place: Offset) -> Placed | None:
        turn, offset = place.y // TURN - 1, place.y % TURN
        if not 0 <= turn < self._viewport.document.count:
            return None
        row = next(self._viewport.document.turn_layout(turn).rows(offset, offset + 1), None)
        return None if row is None else Placed(turn, offset, row)

    def _next_text_row(self, placed: Placed, step: int) -> Placed | None:
        """Return the nearest row below (1) or above (-1) that has text."""
        turn, offset, document = placed.turn, placed.offset + step, self._viewport.document
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

    def _next_character(self, placed: Placed, step: int) -> Offset:
        """Return the position of the next (1) or previous (-1) character, which may be in another row."""
        x, row = self._head.x + step, placed.row
        text = row.strip.text
        while row.left < x < row.right and not cells(text[x]):
            x += step  # combining marks belong to the character before them
        if row.left <= x <= row.right:
            return Offset(x, self._head.y)
        other = self._next_text_row(placed, step)
        if other is None:
            return self._head
        return Offset(other.row.left if step > 0 else other.row.right, line_of(other))


def _character_at(row: Row, column: int) -> int:
    """Return the character of a row's text at a cell, or the nearest one."""
    return min(max(_index(row.strip.text, column), row.left), row.right)


def _index(text: str, column: int) -> int:
    if text.isascii():
        return min(max(0, column), len(text))
    used = 0
    for index, character in enumerate(text):
        used += cells(character)
        if used > column:
            return index
    return len(text)


def line_of(placed: Placed) -> int:
    """Return Textual's number for a row."""
    return (placed.turn + 1) * TURN + placed.offset


def selected_texts(selection: ScreenSelection, document: Document) -> Iterator[str]:
    """Yield the selected text of each turn: the source of whatever is selected as a whole, and otherwise the
    characters of its rows. A wrapped line is one line, without edges and padding.
    """
    newest = len(document.turns) - 1
    first = 0 if selection.start is None else max(0, selection.start.y // TURN - 1)
    last = newest if selection.end is None else min(newest, selection.end.y // TURN - 1)
    for turn in range(first, last + 1):
        from_top = selection.start is None or first < turn
        to_end = selection.end is None or turn < last
        if text := _turn_text(turn, document) if from_top and to_end else _part_text(turn, selection, document):
            yield text


def _turn_text(number: int, document: Document) -> str:
    turn = document.turns[number]
    texts = [turn.shown]
    if turn.reply is not None:
        texts += [bubble.text for bubble in turn.reply.bubbles]
        files = map(attachment, turn.reply.attachments)
        texts.append("\n".join(f"{file.name}: {file.address.url if file.address else file.detail}" for file in files))
    if (notice := document.notice(number)) is not None:
        texts += [f"{notice.headline} {notice.text}".rstrip(), notice.below]
    return "\n\n".join(clean(text) for text in texts if text)


def _part_text(turn: int, selection: ScreenSelection, document: Document) -> str:
    layout, top = document.turn_layout(turn), (turn + 1) * TURN
    first = max(0, selection.start.y - top) if selection.start is not None else 0
    last = min(layout.height - 1, selection.end.y - top) if selection.end is not None else layout.height - 1
    sources = {
        start: (stop, source) for start, stop, source in layout.pieces() if first <= start and stop <= last + 1
    }

    def row_at(offset: int) -> Row:
        return next(layout.rows(offset, offset + 1))

    def is_whole(offset: int) -> bool:
        """Return whether a whole row is selected. Only the first and the last one may be selected in part."""
        if first < offset < last:
            return True
        row = row_at(offset)
        return _span(selection, top + offset, row) == (row.left, row.right)

    pieces: list[str] = []
    offset = first
    while offset <= last:
        stop, source = sources.get(offset, (offset, ""))
        if stop > offset and is_whole(offset) and is_whole(stop - 1):  # none of its rows has to be drawn
            pieces.append(source if pieces else source.removeprefix("\n"))
            pieces.append("\n")
            offset = stop
            continue
        row = row_at(offset)
        if (span := _span(selection, top + offset, row)) is not None:
            pieces.append(row.strip.text[span[0] : span[1]])
            pieces.append("\n" if row.joint is None else row.joint)
        offset += 1
    return "".join(pieces).strip("\n")


def _span(selection: ScreenSelection, line: int, row: Row) -> tuple[int, int] | None:
    """Return the selected characters of a row's text, or None."""
    span = selection.get_span(line)
    if span is None:
        return None
    start, end = max(span[0], row.left), row.right if span[1] < 0 else min(span[1], row.right)
    return (start, end) if start <= end else None
