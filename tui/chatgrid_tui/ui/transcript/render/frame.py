"""Turn lines of text into rows, for one size and one look: bubbles, their edges, and rows on the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from rich.segment import Segment
from rich.style import Style

from chatgrid_tui.config.colours import SpeakerColours
from chatgrid_tui.ui.appearance import UNICODE_SIGNS, Look
from chatgrid_tui.ui.transcript.render.page_grid import Grid
from chatgrid_tui.ui.transcript.render.rows import Column, Kind, Row, Spot
from chatgrid_tui.ui.transcript.render.styles import Ink
from chatgrid_tui.ui.transcript.render.wrap import PAD, STRETCH, Line, Run, cells
from chatgrid_tui.ui.transcript.targets import CodeTarget, MoreItemsTarget, MoreTarget

Border: TypeAlias = Literal["fill", "outline", "rule"]
"""How a sheet is shown: by its fill, a line around it, or a line at one side."""
Shape: TypeAlias = Literal["top", "bottom", "torn"]

_AFTER_ALL = 1_000_000_000
"""The place of a lower edge, in the units of `Row.at`."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The surface under the text of a bubble."""

    ink: Ink
    kind: Kind
    bubble: int
    left: int
    width: int
    border: Border
    start: Segment
    """Its first two cells."""
    end: Segment
    """What is in its last cells, if anything."""

    @property
    def span(self) -> tuple[int, int]:
        """Its cells, as (start, end)."""
        return self.left, self.left + self.width


class Frame:
    """Creates rows from lines, for one size, one look and one speaker."""

    def __init__(self, grid: Grid, look: Look, speaker: SpeakerColours | None = None) -> None:
        self.grid = grid
        self.look = look
        self.signs = look.signs
        self.speaker = speaker = speaker or look.speaker(None)
        self.edged = grid.edged and look.bubbles == "filled"
        """Whether bubbles have edges above and below."""
        self.border: Border = "fill"
        if look.bubbles == "plain" or (look.theme.flat and not self.edged):
            self.border = "rule"
        elif self.edged and (look.theme.flat or self.signs != UNICODE_SIGNS):
            self.border = "outline"
        filled = look.bubbles != "plain"
        self.ground = Ink(look, "ground", speaker)
        self.bot = Ink(look, speaker.tint if filled else "ground", speaker)
        self.mine = Ink(look, "mine" if filled else "ground", speaker)
        self.error = Ink(look, "error_tint" if filled else "ground", speaker)
        self.blank = Row([Segment(" " * grid.width, self.ground())], grid.width, "blank", -2)
        """The row between turns, and between bubbles without edges."""
        self._sheets: dict[tuple[Kind, int, int], Sheet] = {}
        self._edges: dict[tuple[Kind, int, int, Border, Shape], Row] = {}

    def sheet(self, kind: Kind, width: int, bubble: int) -> Sheet:
        """Return a sheet of this width for the bubble with this number, at the right if it is the user's."""
        sheet = self._sheets.get((kind, width, bubble))
        if sheet is None:
            ink = {"mine": self.mine, "error": self.error}.get(kind, self.bot)
            left = max(0, self.grid.right - width) if kind == "mine" else self.grid.left
            first, last = "", ""
            if self.border == "outline" or (self.border == "rule" and kind != "mine"):
                first = self.signs.rule
            if self.border == "outline" or (self.border == "rule" and kind == "mine"):
                last = self.signs.rule if self.border == "outline" else self.signs.mine
            first = self.signs.here if kind == "error" else first
            start = Segment(f"{first:<2}", ink("error" if kind == "error" else "edge"))
            sheet = Sheet(ink, kind, bubble, left, width, self.border, start, Segment(last, ink("edge")))
            self._sheets[kind, width, bubble] = sheet
        return sheet

    def queued_sheet(self, width: int) -> Sheet:
        """Return the sheet of a message that is still to be sent: an outline without a fill."""
        left, rule = max(0, self.grid.right - width), self.signs.rule
        border: Border = "rule" if self.border == "rule" else "outline"
        start = Segment("  " if border == "rule" else f"{rule} ", self.ground("edge"))
        return Sheet(self.ground, "mine", -1, left, width, border, start, Segment(rule, self.ground("edge")))

    def rows(
        self,
        sheet: Sheet,
        lines: Sequence[Line],
        *,
        cursor: Style | None = None,
        old: Sequence[Row] = (),
        beside: Sequence[Run] = (),
    ) -> list[Row]:
        """Return the rows of lines on a sheet. Rows of `old` that would look the same are reused.

        `cursor`: the style of the writing cursor after the last character; `beside`: what is at the left of the first
        row.
        """
        rows: list[Row] = []
        last = -1 if cursor is None else cursor_line(lines)
        for number, line in enumerate(lines):
            tail = cursor if number == last else None
            same = old[number] if number < len(old) else None
            rows.append(self._row(sheet, line, tail, same, () if number else beside))
        return rows

    def _row(self, sheet: Sheet, line: Line, cursor: Style | None, old: Row | None, beside: Sequence[Run]) -> Row:
        page, room = self.ground(), sheet.width - 4
        segments: list[Segment] = []
        beside_width = sum(cells(run.text) for run in beside)
        _pad(segments, 0, sheet.left - beside_width, page)
        spots = _lay(beside, segments, sheet.left - beside_width).spots if beside else ()
        segments.append(sheet.start)
        runs = line.runs
        if cursor is not None:
            at = _stretches_at(runs)
            runs = [*runs[:at], Run(self.signs.here, cursor), *runs[at:]]
        laid = _lay(runs, segments, sheet.left + 2, line, room - (cursor is not None))
        used = laid.used
        if line.fill is not None:
            _pad(segments, used, room, line.fill)
            used = max(used, room)
        _pad(segments, used + 2, sheet.width - len(sheet.end.text), sheet.ink())
        if sheet.end.text:
            segments.append(sheet.end)
        _pad(segments, sheet.left + sheet.width, self.grid.width, page)
        skipped = laid.leading if line.fill is not None else 0
        asides = tuple(aside - skipped for aside in laid.asides if aside >= skipped)
        if old is not None and old.sheet == sheet.span and list(old.strip) == segments:
            old.joint, old.asides, old.at, old.columns = line.joint, asides, line.at, _columns(line.runs)
            return old
        left = sheet.left + 2
        row = Row(
            segments,
            self.grid.width,
            sheet.kind,
            sheet.bubble,
            left=left + skipped,
            right=left + laid.length - (cursor is not None),
            joint=line.joint,
            spots=(*spots, *laid.spots),
        )
        row.asides, row.at, row.columns = asides, line.at, _columns(line.runs)
        row.code, row.sheet = line.fill is not None, sheet.span
        return row

    def edge(self, sheet: Sheet, shape: Shape) -> Row:
        """Return the edge above or below a sheet. It is torn below incomplete text."""
        key = (sheet.kind, sheet.width, sheet.bubble, sheet.border, shape)
        row = self._edges.get(key)
        if row is None:
            signs, width = self.signs, sheet.width
            if sheet.border == "fill":
                edge = (f"{signs.half * 2} " if shape == "torn" else signs.half) * width
                fill, page = sheet.ink.surface, self.ground.surface
                style = self.ground(page, on=fill) if shape == "top" else self.ground(fill)
            else:
                first, last = ("┌┐" if shape == "top" else "└┘") if signs == UNICODE_SIGNS else "++"
                between = f" {signs.hairline}" if shape == "torn" else signs.hairline
                edge = first + between * width
                edge = edge[:width] if shape == "torn" else f"{edge[: width - 1]}{last}"
                style = sheet.ink("edge", on="ground")
            segments: list[Segment] = []
            _pad(segments, 0, sheet.left, self.ground())
            segments.append(Segment(edge[:width], style))
            _pad(segments, sheet.left + width, self.grid.width, self.ground())
            row = Row(segments, self.grid.width, "edge", sheet.bubble)
            row.sheet, row.at = sheet.span, 0 if shape == "top" else _AFTER_ALL
            self._edges[key] = row
        return row

    def with_edges(self, sheet: Sheet, rows: list[Row]) -> list[Row]:
        """Return rows on a sheet with its edges, if bubbles have any."""
        return [self.edge(sheet, "top"), *rows, self.edge(sheet, "bottom")] if self.edged else rows

    def line_row(
        self, runs: Sequence[Run], kind: Kind, bubble: int, *, mark: Run | None = None, joint: str | None = None
    ) -> Row:
        """Return a row on the page: a mark in the mark column, and text two cells right of it.

        A name line begins in the mark column itself.
        """
        segments: list[Segment] = []
        start = self.grid.left
        _pad(segments, 0, start, self.ground())
        if kind != "name":
            segments.append(Segment(mark.text, mark.style) if mark else Segment(" ", self.ground()))
            segments.append(Segment(" ", self.ground()))
            start += 2
        row = self._page_row(segments, runs, start, kind, bubble)
        row.joint = joint
        return row

    def right_row(self, runs: Sequence[Run], kind: Kind, bubble: int) -> Row:
        """Return a row on the page whose text ends at the right of the text column."""
        start = max(0, self.grid.right - sum(cells(run.text) for run in runs))
        segments: list[Segment] = []
        _pad(segments, 0, start, self.ground())
        return self._page_row(segments, runs, start, kind, bubble)

    def _page_row(self, segments: list[Segment], runs: Sequence[Run], start: int, kind: Kind, bubble: int) -> Row:
        laid = _lay(runs, segments, start)
        _pad(segments, start + laid.used, self.grid.width, self.ground())
        right = start + laid.length
        return Row(segments, self.grid.width, kind, bubble, left=start, right=right, spots=laid.spots)


def _columns(runs: Iterable[Run]) -> tuple[Column, ...]:
    """Return which characters of a table row are in which column."""
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


def cursor_line(lines: Sequence[Line]) -> int:
    """Return which line the writing cursor is on: the last one, or the one before the hairline of a heading."""
    last = len(lines) - 1
    return last - 1 if last > 0 and _stretches_at(lines[last].runs) == 0 else last


def _stretches_at(runs: Sequence[Run]) -> int:
    """Return the index of the run that stretches, or the number of runs: the text ends there."""
    return next((at for at, run in enumerate(runs) if run.text.startswith(STRETCH)), len(runs))


class _Laid(NamedTuple):
    used: int
    """Cells."""
    length: int
    """Characters of the text."""
    leading: int
    """The number of decorative characters at its start."""
    spots: tuple[Spot, ...]
    asides: tuple[int, ...]


def _lay(runs: Iterable[Run], segments: list[Segment], start: int, line: Line | None = None, room: int = 0) -> _Laid:
    """Append the runs as segments. A run that stretches takes the cells of the `room` that their line leaves free;
    there the text ends.
    """
    at, length, leading = start, 0, 0
    ended = False
    spots: list[Spot] = []
    asides: list[int] = []
    style: Style | None = None
    texts: list[str] = []
    for run in runs:
        text = run.text
        if text.startswith(STRETCH):
            text, ended = text[1:] * max(0, room - (0 if line is None else line.width)), True
        if run.style is not style and texts:
            segments.append(Segment("".join(texts), style))
            texts = []
        style = run.style
        if not ended:
            if run.aside or isinstance(run.target, MoreTarget | MoreItemsTarget | CodeTarget):
                leading += len(text) if leading == length else 0
                asides.extend(range(length, length + len(text)))
            elif PAD in text:
                asides.extend(length + index for index, character in enumerate(text) if character == PAD)
            length += len(text)
        texts.append(text.replace(PAD, " ") if PAD in text else text)
        size = cells(text)
        if run.target is not None:
            if spots and spots[-1].target == run.target and spots[-1].end == at:
                spots[-1] = Spot(spots[-1].start, at + size, run.target)
            else:
                spots.append(Spot(at, at + size, run.target))
        at += size
    if texts:
        segments.append(Segment("".join(texts), style))
    return _Laid(at - start, length, leading, tuple(spots), tuple(asides))


def _pad(segments: list[Segment], used: int, width: int, style: Style) -> None:
    if used < width:
        segments.append(Segment(" " * (width - used), style))
