"""Tables: bold head, one hairline, two cells between columns. Too wide ones wrap within their cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markdown_it.token import Token
from rich.style import Style

from chatgrid_tui.ui.transcript.ink import Ink
from chatgrid_tui.ui.transcript.markdown.inline import PLAIN, Manner, draw_inline
from chatgrid_tui.ui.transcript.targets import MoreTarget
from chatgrid_tui.ui.transcript.wrap import Line, Run, cells, wrap

SHOWN = 200
"""Rows that are shown at once."""
_COLUMNS = 20
_NARROWEST = 4
_BETWEEN = 2
_NUMBER = re.compile(r"[-+−]?[\d][\d.,  ]*\s?[%€$£¥]?")


@dataclass(slots=True)
class _Table:
    head: list[list[Run]]
    rows: list[list[list[Run]]]
    right: list[bool]


def draw_table(tokens: Sequence[Token], ink: Ink, width: int, *, shown: int = SHOWN) -> list[Line]:
    """Return the lines of a table; rows beyond `shown` are counted only."""
    columns = sum(token.type == "th_open" for token in tokens)
    if columns > _COLUMNS:  # each cell will be a row
        shown = max(1, shown * 5 // columns)
    table, hidden = _read(tokens, ink, shown)
    natural = [max(_widest(row[column]) for row in (table.head, *table.rows)) for column in range(len(table.head))]
    room = width - _BETWEEN * (len(natural) - 1)
    if len(natural) > _COLUMNS or room < _NARROWEST * len(natural):
        lines = _stacked(table, ink, width)
    else:
        lines = _ruled(table, _shrunk(natural, room), ink)
    if hidden:
        words = f"{hidden:,} more row{'s' if hidden != 1 else ''} · Enter shows them"
        lines.append(Line([Run(words, ink("accent"), MoreTarget(ink.next_place()))]))
    return lines


def _read(tokens: Sequence[Token], ink: Ink, shown: int) -> tuple[_Table, int]:
    head: list[list[Run]] = []
    rows: list[list[list[Run]]] = []
    aligned: list[str] = []
    total = 0
    in_head = True
    for at, token in enumerate(tokens):
        if token.type == "tbody_open":
            in_head = False
        elif token.type == "tr_open" and not in_head:
            total += 1
            if total <= shown:
                rows.append([])
        elif token.type in ("th_open", "td_open"):
            children = tokens[at + 1].children or ()
            if in_head:
                head.append(draw_inline(children, ink, Manner(bold=True)))
                aligned.append(str(token.attrGet("style") or ""))
            elif total <= shown:
                rows[-1].append(draw_inline(children, ink, PLAIN))
    for row in rows:
        row.extend([] for _ in range(len(head) - len(row)))
    right = [
        "right" in style or (not style and _numbers([row[column] for row in rows]))
        for column, style in enumerate(aligned)
    ]
    return _Table(head, rows, right), max(0, total - shown)


def _numbers(column: Sequence[Sequence[Run]]) -> bool:
    texts = ["".join(run.text for run in cell).strip() for cell in column]
    return any(texts) and all(not text or _NUMBER.fullmatch(text) for text in texts)


def _widest(cell: Sequence[Run]) -> int:
    return max(cells(part) for part in "".join(run.text for run in cell).split("\n"))


def _shrunk(natural: Sequence[int], room: int) -> list[int]:
    """Take from the widest columns until all fit; a narrow one keeps what it needs."""
    widths = [max(1, width) for width in natural]
    while (over := sum(widths) - room) > 0:
        widest = max(widths)
        tall = [column for column, width in enumerate(widths) if width == widest]
        below = max((width for width in widths if width < widest), default=1)
        step = min(widest - below, -(-over // len(tall))) or 1
        for column in tall:
            taken = min(step, over)
            widths[column] -= taken
            over -= taken
    return widths


def _ruled(table: _Table, widths: Sequence[int], ink: Ink) -> list[Line]:
    blank = ink()
    lines = _row(table.head, widths, table.right, blank)
    across = sum(widths) + _BETWEEN * (len(widths) - 1)
    lines.append(Line([Run(ink.signs.hairline * across, ink("line"))]))
    for row in table.rows:
        lines.extend(_row(row, widths, table.right, blank))
    return lines


def _row(row: Sequence[Sequence[Run]], widths: Sequence[int], right: Sequence[bool], blank: Style) -> list[Line]:
    wrapped = [wrap(cell, width) for cell, width in zip(row, widths, strict=False)]
    lines: list[Line] = []
    for level in range(max(map(len, wrapped), default=1)):
        runs: list[Run] = []
        owed = 0  # blanks before the next text
        for column, cell in enumerate(wrapped):
            cell_runs = cell[level].runs if level < len(cell) else ()
            used = sum(cells(run.text) for run in cell_runs)
            free = max(0, widths[column] - used)
            before = free if right[column] else 0
            if owed + before and cell_runs:
                runs.append(Run(" " * (owed + before), blank))
                owed = before = 0
            elif not cell_runs:
                owed += widths[column] + _BETWEEN
                continue
            runs.extend(cell_runs)
            owed = (0 if right[column] else free) + _BETWEEN
        lines.append(Line(runs))
    return lines


def _stacked(table: _Table, ink: Ink, width: int) -> list[Line]:
    """More columns than the width can hold: each row as a list of its cells, so that nothing is cut off."""
    lines: list[Line] = []
    empty: list[list[Run]] = [[] for _ in table.head]
    for number, row in enumerate(table.rows or [empty]):
        if number:
            lines.append(Line([Run(ink.signs.hairline * min(width, 20), ink("line"))]))
        for name, cell in zip(table.head, row, strict=False):
            lines.extend(wrap([*name, Run(": ", ink("muted")), *cell], width))
    return lines
