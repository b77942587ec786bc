"""The tasks of a bubble, shown on its name line while it has the cursor or the mouse."""

from __future__ import annotations

from typing import Final, Literal

from rich.segment import Segment
from textual.strip import Strip

from chatgrid_tui.ui.transcript.render.frame import Frame
from chatgrid_tui.ui.transcript.render.rows import Row, Spot
from chatgrid_tui.ui.transcript.render.wrap import cells
from chatgrid_tui.ui.transcript.targets import TaskTarget

_TASKS: Final[tuple[tuple[str, str, Literal["copy", "quote", "menu"]], ...]] = (
    ("Ctrl+C", "Copy", "copy"),
    ("Ctrl+U", "Quote", "quote"),
    ("F9", "Menu", "menu"),
)
_GAP: Final = 3
"""Cells before each task."""


def with_tasks(row: Row, turn: int, end: int) -> Row:
    """Return a name line whose tasks end before a column. Those that fit can be clicked."""
    row.tasks_end = end
    first = _first_fitting(end - cells(_before(row.strip, end)))
    spots: list[Spot] = []
    for key, word, task in reversed(_TASKS[first:]):
        start = end - cells(f"{key} {word}")
        spots.insert(0, Spot(start, end, TaskTarget(turn, row.bubble, task)))
        end = start - _GAP
    row.spots = (*row.spots, *spots)
    return row


def show_tasks(strip: Strip, row: Row, frame: Frame, *, make_room: bool) -> Strip:
    """Return the strip of a name line with its tasks, or the last of them if there is not enough room. To make room,
    figures are left out from the right.
    """
    end, ink = row.tasks_end, frame.ground
    text = _before(strip, end)
    separator = f" {frame.signs.dot} "
    while make_room and _first_fitting(end - cells(text)) and text.count(separator) > 1:
        text = text.rpartition(separator)[0]
    segments: list[Segment] = []
    for key, word, _ in _TASKS[_first_fitting(end - cells(text)) :]:
        segments += [
            Segment(" " * _GAP, ink()),
            Segment(key, ink("accent", bold=True)),
            Segment(f" {word}", ink("muted")),
        ]
    tasks = Strip(segments)
    free = Segment(" " * max(0, end - cells(text) - tasks.cell_length), ink())
    return Strip.join([strip.crop(0, cells(text)), Strip([free]), tasks, strip.crop(end, strip.cell_length)])


def _before(strip: Strip, end: int) -> str:
    return strip.crop(0, end).text.rstrip()


def _first_fitting(room: int) -> int:
    """Return the number of the first task from which on all fit."""
    first = len(_TASKS)
    while first and (room := room - _GAP - cells(" ".join(_TASKS[first - 1][:2]))) >= 0:
        first -= 1
    return first
