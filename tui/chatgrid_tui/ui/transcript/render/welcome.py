"""The first screen, before there is a conversation: given as data and drawn as a bubble."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.segment import Segment

from chatgrid_tui.text import clean, clean_line
from chatgrid_tui.ui.appearance import Part, Speaker
from chatgrid_tui.ui.transcript.render.buttons import Face, button_lines
from chatgrid_tui.ui.transcript.render.frame import Frame, Sheet
from chatgrid_tui.ui.transcript.render.rows import Row
from chatgrid_tui.ui.transcript.render.styles import Ink
from chatgrid_tui.ui.transcript.render.wrap import PAD, Line, Run, cells, wrap
from chatgrid_tui.ui.transcript.targets import ChoiceTarget
from chatgrid_tui.ui.widgets.cells import cut

_WIDEST: Final = 80
"""The width of the rows of the first screen, at most."""
_LEAST_DETAIL: Final = 20
"""The width in cells below which the detail of a choice replaces its kind."""
_NAME_AT: Final = 9


@dataclass(frozen=True, slots=True)
class Choice:
    """A row of the first screen: a bot, what it shows, and its kind of service."""

    bot: Speaker
    detail: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Welcome:
    """What a transcript without turns shows. `ChoicePressed` counts choices and buttons together, from 0.

    Text between `**` in a paragraph is strong.
    """

    detail: str = ""
    """The text next to the name of the program."""
    paragraphs: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    closing: tuple[str, ...] = ()
    """Paragraphs of a second bubble, above the buttons."""
    buttons: tuple[str, ...] = ()
    chosen: int | None = None
    """The row of the bot that the composer sends to."""


def welcome_rows(welcome: Welcome, frame: Frame, *, pressable: bool = False) -> list[Row]:
    """Return the rows of the first screen. `pressable`: it has the focus, so digits press."""
    look = frame.look
    frame = Frame(frame.grid, look)  # the program has no hue
    program = Speaker("chatgrid-tui")
    colours = look.speaker(None)
    name = [
        Run(look.chip(program.name), look.style(colours.ink, colours.chip, bold=True)),
        Run(f" {program.name}", look.style(colours.ink, bold=True)),
    ]
    if welcome.detail:
        name.append(Run(f" {look.signs.dot} {clean_line(welcome.detail)}", look.style("muted")))
    rows = [frame.line_row(name, "name", 0), *_bubble(welcome.paragraphs, frame, 0)]
    rows += _choices(welcome, frame, pressable)
    rows += _bubble(welcome.closing, frame, 1)
    if welcome.buttons:
        start = len(welcome.choices)
        faces = [
            Face(clean_line(label), ChoiceTarget(start + number), str(start + number + 1))
            for number, label in enumerate(welcome.buttons)
        ]
        rows += [] if frame.edged else [frame.blank]
        lines = button_lines(faces, frame.ground, frame.grid.text, pressable=pressable)
        for number, line in enumerate(lines):
            rows += [frame.blank] if number and frame.edged else []
            rows.append(frame.line_row(line.runs, "below", 1))
    return rows


def _bubble(paragraphs: Sequence[str], frame: Frame, bubble: int) -> list[Row]:
    lines: list[Line] = []
    for number, paragraph in enumerate(paragraphs):
        parts = clean(paragraph).split("**")
        runs = [Run(part, frame.bot("strong", bold=True) if at % 2 else frame.bot()) for at, part in enumerate(parts)]
        lines += [Line(())] if number else []
        lines += wrap(runs, frame.grid.text)
    if not lines:
        return []
    sheet = frame.sheet("text", frame.grid.hug(max(line.width for line in lines)), bubble)
    return frame.with_edges(sheet, frame.rows(sheet, lines))


def _choices(welcome: Welcome, frame: Frame, pressable: bool) -> list[Row]:
    """Return a row for each choice. The chosen one is a sheet, with edges if bubbles have them."""
    if not welcome.choices:
        return []
    column = max(cells(clean_line(choice.bot.name)) for choice in welcome.choices) + 3
    width = min(frame.grid.reading, _WIDEST)
    ink = Ink(frame.look, "select", frame.look.speaker(None))
    sheet = Sheet(ink, "name", 0, frame.grid.left, width, "fill", Segment(""), Segment(""))
    has_edges = frame.edged and frame.border == "fill"
    rows = [frame.blank]
    for number, choice in enumerate(welcome.choices):
        chosen = number == welcome.chosen
        runs = _choice(choice, frame, column, number, width, chosen=chosen, pressable=pressable)
        if chosen and has_edges:
            rows[-1] = frame.edge(sheet, "top")
        rows.append(frame.line_row(runs, "name", 0))
        if frame.edged:
            rows.append(frame.edge(sheet, "bottom") if chosen and has_edges else frame.blank)
    return rows if frame.edged else [*rows, frame.blank]


def _choice(
    choice: Choice, frame: Frame, column: int, number: int, width: int, *, chosen: bool, pressable: bool
) -> list[Run]:
    look, target = frame.look, ChoiceTarget(number)
    on: Part = "select" if chosen else "ground"
    name, kind = clean_line(choice.bot.name), clean_line(choice.kind)
    room = width - _NAME_AT - column - cells(kind) - 4
    if room < _LEAST_DETAIL:
        kind, room = "", room + cells(kind) + 2
    detail = cut(clean_line(choice.detail), max(0, room), look.signs.more)
    colours = look.speaker(choice.bot.hue)
    free = width - _NAME_AT - column - cells(detail) - cells(kind) - 2
    return [
        Run(look.signs.here if chosen else PAD, look.style("edge", on), target),
        Run(f"{PAD}{number + 1:<3}", look.style("accent" if pressable else "muted", on, bold=pressable), target),
        Run(look.chip(name), look.style(colours.ink, colours.chip, bold=True), target),
        Run(f"{PAD}{name}{PAD * (column - cells(name))}", look.style(colours.ink, on, bold=True), target),
        Run(detail + PAD * max(0, free), look.style("text", on), target),
        Run(f"{kind}{PAD * 2}", look.style("muted", on), target),
    ]
