"""Draw tables: bold head, a hairline, three cells between columns. In tables that are too wide, cells wrap."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from rich.style import Style

from chatgrid_tui.ui.transcript.markdown.inline import PLAIN, Manner, draw_inline
from chatgrid_tui.ui.transcript.render.styles import Ink
from chatgrid_tui.ui.transcript.render.wrap import Line, Run, cells, words_of, wrap

if TYPE_CHECKING:  # the parser is loaded when it is needed
    from markdown_it.token import Token

_MOST_COLUMNS = 20
"""The number of columns from which each row is drawn as a list of its cells."""
_NARROWEST = 1
_SPARE = 4
"""The most extra cells of a column in a long table, beyond what its first rows need, or half of that."""
_LONG_WORD = 14
"""The width of a word from which it may be split."""
_BETWEEN = 3
_NUMBER = re.compile(r"[-+−]?[\d][\d.,  ]*\s?[%€$£¥]?")

Side: TypeAlias = Literal["left", "centre", "right"]


@dataclass(frozen=True, slots=True)
class Layout:
    """The layout of a table's columns, which its first rows determine."""

    widths: tuple[int, ...]
    """Empty if the columns do not fit next to each other."""
    sides: tuple[Side, ...]


@dataclass(slots=True)
class _Table:
    head: list[list[Run]]
    rows: list[list[list[Run]]]
    sides: tuple[Side, ...]


def draw_table(
    tokens: Sequence[Token],
    ink: Ink,
    width: int,
    *,
    layout: Layout | None = None,
    roomy: bool = False,
    at: int = 0,
) -> tuple[list[Line], Layout]:
    """Return the lines of a table, and its layout. With the `layout` of a table that continues, return only its rows.

    `roomy`: rows that may be wider will follow; `at` is the size of what is before it, in the units of `Line.at`.
    """
    table = _read(tokens, ink, layout)
    goes_on = layout is not None
    if layout is None:
        widths = _widths(table, width)
        layout = Layout(_widened(widths, width) if roomy else widths, table.sides)
    if not layout.widths:
        return _stacked(table, ink, width, at, goes_on=goes_on), layout
    return _ruled(table, layout, ink, at, goes_on=goes_on), layout


def _widths(table: _Table, width: int) -> tuple[int, ...]:
    """Return the widths of columns that fit next to each other, or nothing if words would have to be split."""
    columns = [[row[column] for row in (table.head, *table.rows)] for column in range(len(table.head))]
    room = width - _BETWEEN * (len(columns) - 1)
    if len(columns) > _MOST_COLUMNS:
        return ()
    floors = [max(_NARROWEST, *map(_longest_word, column)) for column in columns]
    if sum(floors) > room:
        return ()
    return tuple(_shrunk([max(_NARROWEST, *map(_widest, column)) for column in columns], floors, room))


def _widened(widths: tuple[int, ...], width: int) -> tuple[int, ...]:
    """Give the columns some of the remaining room, for later rows that are wider than the first ones."""
    left = width - sum(widths) - _BETWEEN * (len(widths) - 1)
    wider: list[int] = []
    for number, column in enumerate(widths):
        more = min(left // (len(widths) - number), max(_SPARE, column // 2))
        wider.append(column + more)
        left -= more
    return tuple(wider)


def _read(tokens: Sequence[Token], ink: Ink, layout: Layout | None) -> _Table:
    head: list[list[Run]] = []
    rows: list[list[list[Run]]] = []
    aligned: list[str] = []
    for at, token in enumerate(tokens):
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "th_open":
            head.append(draw_inline(tokens[at + 1].children or (), ink, Manner("muted", bold=True)))
            aligned.append(str(token.attrGet("style") or ""))
        elif token.type == "td_open":
            rows[-1].append(draw_inline(tokens[at + 1].children or (), ink, PLAIN))
    del rows[:1]  # the head
    for row in rows:
        row.extend([] for _ in range(len(head) - len(row)))
    if layout is not None:
        return _Table(head, rows, layout.sides)
    return _Table(head, rows, tuple(_side(style, rows, column) for column, style in enumerate(aligned)))


def _side(style: str, rows: Sequence[Sequence[Sequence[Run]]], column: int) -> Side:
    if "center" in style:
        return "centre"
    return "right" if "right" in style or (not style and _numbers([row[column] for row in rows])) else "left"


def _numbers(column: Sequence[Sequence[Run]]) -> bool:
    texts = ["".join(run.text for run in cell).strip() for cell in column]
    return any(texts) and all(not text or _NUMBER.fullmatch(text) for text in texts)


def _widest(cell: Sequence[Run]) -> int:
    return max(cells(part) for part in "".join(run.text for run in cell).split("\n"))


def _longest_word(cell: Sequence[Run]) -> int:
    text = "".join(run.text for run in cell)
    return min(_LONG_WORD, max(map(cells, words_of(text)), default=0))


def _shrunk(natural: Sequence[int], floors: Sequence[int], room: int) -> list[int]:
    """Shrink the widest columns until all fit, but none below its minimum."""
    widths = list(natural)
    while (over := sum(widths) - room) > 0:
        spare = [column for column, width in enumerate(widths) if width > floors[column]]
        widest = max(widths[column] for column in spare)
        tall = [column for column in spare if widths[column] == widest]
        below = max((widths[column] for column in spare if widths[column] < widest), default=1)
        step = max(1, min(widest - below, -(-over // len(tall))))
        for column in tall:
            taken = min(step, over, widths[column] - floors[column])
            widths[column] -= taken
            over -= taken
    return widths


def _ruled(table: _Table, layout: Layout, ink: Ink, at: int, *, goes_on: bool) -> list[Line]:
    blank = ink()
    lines: list[Line] = []
    if not goes_on:
        lines = _row(table.head, layout, blank, at)
        at += _letters(table.head)
        across = sum(layout.widths) + _BETWEEN * (len(layout.widths) - 1)
        lines.append(Line([Run(ink.signs.hairline * across, ink(ink.speaker.rail))], at=at - 1))
    for row in table.rows:
        lines.extend(_row(row, layout, blank, at))
        at += _letters(row)
    return lines


def _letters(row: Sequence[Sequence[Run]]) -> int:
    return 2 + sum(len(run.text) for cell in row for run in cell)


def _row(row: Sequence[Sequence[Run]], layout: Layout, blank: Style, at: int) -> list[Line]:
    wrapped = [wrap(cell, width) for cell, width in zip(row, layout.widths, strict=False)]
    levels = max(map(len, wrapped), default=1)
    size = _letters(row)
    lines: list[Line] = []
    for level in range(levels):
        runs: list[Run] = []
        owed = 0  # blanks before the next text
        for column, cell in enumerate(wrapped):
            cell_runs = cell[level].runs if level < len(cell) else ()
            width = layout.widths[column]
            if not cell_runs:
                owed += width + _BETWEEN
                continue
            free = max(0, width - sum(cells(run.text) for run in cell_runs))
            before = {"left": 0, "centre": free // 2, "right": free}[layout.sides[column]]
            if owed + before:
                runs.append(Run(" " * (owed + before), blank))
            place = (column, cell[level].joint)
            runs.extend(run._replace(cell=place) for run in cell_runs)
            owed = free - before + _BETWEEN
        lines.append(Line(runs, at=at + size * level // levels))
    return lines


def _stacked(table: _Table, ink: Ink, width: int, at: int, *, goes_on: bool) -> list[Line]:
    """Draw each row as a list of its cells, since there are more columns than fit, so that nothing is cut off."""
    lines: list[Line] = []
    empty: list[list[Run]] = [[] for _ in table.head]
    for number, row in enumerate(table.rows or ([] if goes_on else [empty])):
        if number or goes_on:
            lines.append(Line([Run(ink.signs.hairline * min(width, 20), ink("line"))], at=at - 1))
        for name, cell in zip(table.head, row, strict=False):
            lines.extend(wrap([*name, Run(": ", ink("muted")), *cell], width, at))
            at += _letters([cell])
    return lines
