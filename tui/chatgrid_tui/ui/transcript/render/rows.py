"""Rows of the transcript: strips as wide as the pane, with what can be pressed and what can be copied in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple, Protocol, TypeAlias

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from chatgrid_tui.ui.appearance import Look, Part
from chatgrid_tui.ui.transcript.render.grid import Grid
from chatgrid_tui.ui.transcript.render.styles import Ink
from chatgrid_tui.ui.transcript.render.wrap import PAD, Line, Run, cells
from chatgrid_tui.ui.transcript.targets import CodeTarget, MoreItemsTarget, MoreTarget, Target

Kind: TypeAlias = Literal["text", "name", "mine", "error", "below", "blank"]
"""`text`: a bot's bubble · `name`: the line above a bubble · `mine`: my bubble · `error`: the bubble of an error ·
`below`: notices and buttons."""


_SMALLEST = 24


class Spot(NamedTuple):
    """Where in a row something can be pressed: cells from `start` to before `end`."""

    start: int
    end: int
    target: Target


class Column(NamedTuple):
    """What of a row stands in a column of a table: characters counted from the text's first, and their joint."""

    number: int
    start: int
    end: int
    joint: str | None


class Outline(Protocol):
    """What is known of a row without drawing it."""

    @property
    def kind(self) -> Kind:
        """What it is a part of."""

    @property
    def bubble(self) -> int:
        """Which bubble of the turn it belongs to."""

    @property
    def spots(self) -> tuple[Spot, ...]:
        """What can be pressed in it."""


class TextOutline(NamedTuple):
    """The outline of a row of a bot's text."""

    bubble: int
    spots: tuple[Spot, ...] = ()
    kind: Kind = "text"


class Row:
    """One row of the transcript."""

    __slots__ = ("asides", "at", "bubble", "code", "columns", "joint", "kind", "left", "right", "spots", "strip")

    def __init__(
        self,
        segments: list[Segment],
        width: int,
        kind: Kind,
        bubble: int,
        *,
        left: int = 0,
        right: int = 0,
        joint: str | None = None,
        spots: tuple[Spot, ...] = (),
    ) -> None:
        # A pane of a few columns cannot hold the smallest parts; there rows are cut, not wrapped.
        self.strip = Strip(segments, width) if width > _SMALLEST else Strip(segments).adjust_cell_length(width)
        self.kind: Kind = kind
        self.bubble = bubble
        """Which bubble of the turn it belongs to: -1 is mine, the bot's count from 0."""
        self.left = left
        """Characters before the text."""
        self.right = right
        """Characters up to the text's end."""
        self.joint = joint
        """What stood where the text was broken off here; None at the end of a line."""
        self.spots = spots
        self.at = 0
        """Its place in what is drawn together, in a measure that is the same at every width."""
        self.asides: tuple[int, ...] = ()
        """Characters within the text that are drawn beside what is said, counted from its first: padding, bars."""
        self.columns: tuple[Column, ...] = ()
        """Where it is a row of a table."""
        self.code = False
        """Whether it is a row of a block of code."""

    @property
    def goes_on(self) -> bool:
        """Whether a line of it is broken off here, and goes on in the next row."""
        return self.joint is not None or any(column.joint is not None for column in self.columns)

    @property
    def text(self) -> str:
        """The text without edge and padding."""
        return self.strip.text[self.left : self.right]


class Frame:
    """Makes rows out of lines, for one width and one look."""

    def __init__(self, grid: Grid, look: Look, *, filled: bool = True) -> None:
        self.grid = grid
        self.look = look
        self.signs = look.signs
        self.filled = filled
        fill: Part = "panel" if filled else "ground"
        self.ground = Ink(look, "ground")
        self.bot = Ink(look, fill)
        self.mine = Ink(look, "mine")
        self.error = Ink(look, "error_tint")
        self.blank = Row([Segment(" " * grid.width, self.ground())], grid.width, "blank", -2)
        """The row between bubbles and between turns."""
        self._margin = Segment(" " * grid.margin, self.ground())
        self._edge = Segment(f"{self.signs.rule} ", self.bot("edge"))

    def bot_rows(
        self, lines: Iterable[Line], bubble: int, *, cursor: Style | None = None, old: Sequence[Row] = ()
    ) -> list[Row]:
        """Return the rows of a bot's bubble. A row of `old` that would look the same is taken over as it is.

        `cursor`: the style of the writing cursor, drawn after the last character.
        """
        lines = list(lines)
        rows: list[Row] = []
        for number, line in enumerate(lines):
            tail = cursor if number == len(lines) - 1 else None
            rows.append(self._bot_row(line, bubble, tail, old[number] if number < len(old) else None))
        return rows

    def _bot_row(self, line: Line, bubble: int, cursor: Style | None, old: Row | None) -> Row:
        grid = self.grid
        runs = line.runs if cursor is None else [*line.runs, Run(self.signs.here, cursor)]
        segments = [self._margin, self._edge]
        used, length, spots, asides = _lay(runs, segments, grid.text_left)
        if cursor is not None:
            length -= 1
        pad = grid.text - used
        right = grid.margin + grid.bot
        if line.fill is not None:
            if pad > 0:
                segments.append(Segment(" " * pad, line.fill))
            pad = 0
        if (rest := right - grid.text_left - used - (max(0, grid.text - used) if line.fill is not None else 0)) > 0:
            segments.append(Segment(" " * rest, self.bot()))
        if grid.width > right:
            segments.append(Segment(" " * (grid.width - right), self.ground()))
        if old is not None and list(old.strip) == segments:
            old.joint, old.asides, old.at, old.columns = line.joint, asides, line.at, _columns(line.runs)
            return old
        left, joint = grid.text_left, line.joint
        right = left + length
        row = Row(segments, grid.width, "text", bubble, left=left, right=right, joint=joint, spots=spots)
        row.asides, row.at, row.columns = asides, line.at, _columns(line.runs)
        row.code = line.fill is not None
        return row

    def mine_rows(self, lines: Sequence[Line], *, queued: bool = False) -> list[Row]:
        """Return the rows of my bubble: at the right, as wide as its text."""
        grid = self.grid
        ink = self.ground if queued else self.mine
        text = max((sum(cells(run.text) for run in line.runs) for line in lines), default=0)
        start = max(0, grid.page - text - 4)
        sign = self.signs.rule if queued else self.signs.mine
        edge = Segment(f" {sign}", ink("edge") if queued else self.look.style("mine_edge", "mine"))
        rows: list[Row] = []
        for line in lines:
            segments = [Segment(" " * start, self.ground()), Segment("  ", ink())]
            used, length, spots, asides = _lay(line.runs, segments, start + 2)
            segments.append(Segment(" " * (text - used), ink()))
            segments.append(edge)
            _pad(segments, start + text + 4, grid.width, self.ground())
            left, joint = start + 2, line.joint
            right = left + length
            row = Row(segments, grid.width, "mine", -1, left=left, right=right, joint=joint, spots=spots)
            row.asides, row.at = asides, line.at
            rows.append(row)
        return rows

    def line_row(
        self, runs: Sequence[Run], kind: Kind, bubble: int, *, mark: Run | None = None, joint: str | None = None
    ) -> Row:
        """Return a row on the page: a mark in the mark column and text two cells right of it.

        A name line stands in the mark column itself.
        """
        grid = self.grid
        segments = [self._margin]
        start = grid.margin
        if kind != "name":
            segments.append(Segment(mark.text, mark.style) if mark else Segment(" ", self.ground()))
            segments.append(Segment(" ", self.ground()))
            start += 2
        used, length, spots, _ = _lay(runs, segments, start)
        _pad(segments, start + used, grid.width, self.ground())
        return Row(segments, grid.width, kind, bubble, left=start, right=start + length, joint=joint, spots=spots)

    def right_row(self, runs: Sequence[Run], kind: Kind, bubble: int) -> Row:
        """Return a row whose text ends where my bubble ends."""
        grid = self.grid
        start = max(0, grid.page - sum(cells(run.text) for run in runs))
        segments = [Segment(" " * start, self.ground())]
        used, length, spots, _ = _lay(runs, segments, start)
        _pad(segments, start + used, grid.width, self.ground())
        return Row(segments, grid.width, kind, bubble, left=start, right=start + length, spots=spots)

    def error_rows(self, lines: Iterable[Line], bubble: int) -> list[Row]:
        """Return the rows of an error's bubble."""
        grid = self.grid
        edge = Segment(self.signs.here, self.error("error"))
        rows: list[Row] = []
        for line in lines:
            segments = [self._margin, edge, Segment(" ", self.error())]
            used, length, spots, _ = _lay(line.runs, segments, grid.text_left)
            _pad(segments, grid.text_left + used, grid.margin + grid.bot, self.error())
            _pad(segments, grid.margin + grid.bot, grid.width, self.ground())
            left = grid.text_left
            right = left + length
            rows.append(
                Row(segments, grid.width, "error", bubble, left=left, right=right, joint=line.joint, spots=spots)
            )
        return rows


def _columns(runs: Iterable[Run]) -> tuple[Column, ...]:
    """Return which characters of a row of a table stand in which column."""
    columns: list[Column] = []
    at = 0
    for run in runs:
        end = at + len(run.text)
        if run.cell is not None:
            number, joint = run.cell
            if columns and columns[-1].number == number:
                columns[-1] = Column(number, columns[-1].start, end, joint)
            else:
                columns.append(Column(number, at, end, joint))
        at = end
    return tuple(columns)


def _lay(
    runs: Iterable[Run], segments: list[Segment], start: int
) -> tuple[int, int, tuple[Spot, ...], tuple[int, ...]]:
    """Append the runs as segments; return their cells, their characters, what can be pressed in them, and which of
    the characters are drawn beside the text.
    """
    at, length = start, 0
    spots: list[Spot] = []
    asides: list[int] = []
    style: Style | None = None
    texts: list[str] = []
    for run in runs:
        if run.style is not style and texts:
            segments.append(Segment("".join(texts), style))
            texts = []
        style = run.style
        if run.aside or isinstance(run.target, MoreTarget | MoreItemsTarget | CodeTarget):
            asides.extend(range(length, length + len(run.text)))
        elif PAD in run.text:
            asides.extend(length + at for at, character in enumerate(run.text) if character == PAD)
        texts.append(run.text.replace(PAD, " ") if PAD in run.text else run.text)
        size = cells(run.text)
        if run.target is not None:
            if spots and spots[-1].target == run.target and spots[-1].end == at:
                spots[-1] = Spot(spots[-1].start, at + size, run.target)
            else:
                spots.append(Spot(at, at + size, run.target))
        at += size
        length += len(run.text)
    if texts:
        segments.append(Segment("".join(texts), style))
    return at - start, length, tuple(spots), tuple(asides)


def _pad(segments: list[Segment], used: int, width: int, style: Style) -> None:
    if used < width:
        segments.append(Segment(" " * (width - used), style))
