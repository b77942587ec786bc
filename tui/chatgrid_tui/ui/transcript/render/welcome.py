"""The first screen: a conversation before there is one, given as data and drawn as a bubble."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chatgrid_tui.text import clean, clean_line
from chatgrid_tui.ui.transcript.render.buttons import Face, button_lines
from chatgrid_tui.ui.transcript.render.rows import Frame, Row
from chatgrid_tui.ui.transcript.render.wrap import PAD, Line, Run, cells, wrap
from chatgrid_tui.ui.transcript.targets import ChoiceTarget


@dataclass(frozen=True, slots=True)
class Choice:
    """A row of the first screen: what can be talked to, and what it is for."""

    name: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Welcome:
    """What stands where there are no turns. Choices and buttons are counted on: `ChoicePressed(index)` from 0."""

    speaker: str
    detail: str = ""
    paragraphs: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    closing: tuple[str, ...] = ()
    """Paragraphs of a second bubble, above the buttons."""
    buttons: tuple[str, ...] = ()
    chosen: int | None = None
    """The row that the composer talks to."""


def welcome_rows(welcome: Welcome, frame: Frame, *, pressable: bool = False) -> list[Row]:
    """Return the rows of the first screen."""
    ink, width = frame.bot, frame.grid.text
    name = [Run(clean_line(welcome.speaker), frame.ground(bold=True))]
    if welcome.detail:
        name.append(Run(f" {ink.signs.dot} {clean_line(welcome.detail)}", frame.ground("muted")))
    first = _paragraphs(welcome.paragraphs, frame)
    if first and welcome.choices:
        first.append(Line(()))
    first += _choices(welcome, frame, pressable)
    second = _paragraphs(welcome.closing, frame)
    if welcome.buttons:
        start = len(welcome.choices)
        faces = [
            Face(clean_line(label), ChoiceTarget(start + number), str(start + number + 1))
            for number, label in enumerate(welcome.buttons)
        ]
        second += [Line(())] if second else []
        second += button_lines(faces, ink, width, pressable=pressable)
    rows = [frame.line_row(name, "name", 0), *frame.bot_rows(first, 0)]
    return [*rows, frame.blank, *frame.bot_rows(second, 1)] if second else rows


def _paragraphs(paragraphs: Sequence[str], frame: Frame) -> list[Line]:
    lines: list[Line] = []
    for number, paragraph in enumerate(paragraphs):
        if number:
            lines.append(Line(()))
        lines += wrap([Run(clean(paragraph), frame.bot())], frame.grid.text)
    return lines


def _choices(welcome: Welcome, frame: Frame, pressable: bool) -> list[Line]:
    ink, width = frame.bot, frame.grid.text
    choices = [Choice(clean_line(choice.name), clean_line(choice.detail)) for choice in welcome.choices]
    column = max((cells(choice.name) for choice in choices), default=0) + 4
    widest = max((5 + column + cells(choice.detail) for choice in choices), default=0) + 2
    lines: list[Line] = []
    for number, choice in enumerate(choices):
        chosen = number == welcome.chosen
        on = "select" if chosen else ink.surface
        target = ChoiceTarget(number)
        edge = ink.signs.here if chosen else PAD
        digit = ink("accent" if pressable else "muted", on=on, bold=pressable)
        name = choice.name + " " * (column - cells(choice.name))
        used = 1 + 3 + column + cells(choice.detail)
        fill = PAD * max(0, min(width, widest) - used)
        runs = [
            Run(edge, ink("edge", on=on), target),
            Run(f"{number + 1:<3}", digit, target),
            Run(name, ink("text", on=on, bold=True), target),
            Run(choice.detail + fill, ink("muted", on=on), target),
        ]
        if used <= width or not choice.detail:
            lines += wrap(runs, width)
            continue
        # No room beside the name: below it, hanging.
        named = Run(choice.name, ink("text", on=on, bold=True), target)
        lines.append(_across([*runs[:2], named], width))
        indent = Run(edge + PAD * 3, ink("edge", on=on), target)
        for line in wrap([Run(choice.detail, ink("muted", on=on), target)], width - 4):
            lines.append(_across([indent, *line.runs], width))
    return lines


def _across(runs: Sequence[Run], width: int) -> Line:
    """Return a line that is filled to its end as it begins."""
    rest = width - sum(cells(run.text) for run in runs)
    return Line([*runs, Run(PAD * max(0, rest), runs[0].style, runs[0].target)])
