"""Selected text: the source of pieces that are selected whole, and what was drawn where one is cut."""

from __future__ import annotations

import re
from collections.abc import Iterator

from textual.selection import Selection

from chatgrid_tui.text import clean
from chatgrid_tui.ui.transcript.layout.document import Document, Placed
from chatgrid_tui.ui.transcript.render.rows import Row
from chatgrid_tui.ui.transcript.render.wrap import cells
from chatgrid_tui.ui.transcript.suggestions import attachment

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
