"""Rows of buttons: ` 1 Label ` on a surface of their own, two cells apart, wrapped by whole buttons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from chatgrid_tui.ui.appearance import Part
from chatgrid_tui.ui.transcript.render.styles import Ink
from chatgrid_tui.ui.transcript.render.wrap import PAD, Line, Run, cells, fold
from chatgrid_tui.ui.transcript.targets import Target

State: TypeAlias = Literal["live", "past", "spent", "off"]


@dataclass(frozen=True, slots=True)
class Face:
    """How a button looks. A live one shows its `key` before the label."""

    label: str
    target: Target
    key: str = ""
    state: State = "live"


def button_lines(faces: Sequence[Face], ink: Ink, width: int, *, pressable: bool = False) -> list[Line]:
    """Return lines of buttons. `pressable`: they have the focus, so digits press them and are drawn strong."""
    lines: list[Line] = []
    runs: list[Run] = []
    used = 0
    # "1 2 people" would read as one number or two.
    after_key = ". " if any(face.key and face.label[:1].isdigit() for face in faces) else " "
    for face in faces:
        button = _button(face, ink, width, after_key, pressable)
        size = sum(cells(run.text) for run in button)
        if runs and used + 2 + size > width:
            lines.append(Line(runs))
            runs, used = [], 0
        if runs:
            runs.append(Run("  ", ink()))
            used += 2
        runs += button
        used += size
    if runs:
        lines.append(Line(runs))
    return lines


def _button(face: Face, ink: Ink, width: int, after_key: str, pressable: bool) -> list[Run]:
    live = face.state in ("live", "off")
    before, after = ("[", "]") if ink.flat and face.state != "past" else (PAD, PAD)
    surface: Part = "offer" if live else "panel"
    text = ink("text" if face.state in ("live", "spent") else "muted", on=surface)
    label = f"{face.label} {ink.signs.dot} sent" if face.state == "spent" else face.label
    key = f"{face.key}{after_key}" if live and face.key else ""
    room = max(2, width - len(key) - 2)
    if cells(label) > room:
        label = f"{fold(label, room - 1)[0]}{ink.signs.more[0]}"
    runs = [Run(before, text, face.target)]
    if key:
        strong = pressable and face.state == "live"
        on = ink("accent" if strong else "muted", on=surface, bold=strong)
        runs.append(Run(key, on, face.target))
    return [*runs, Run(label, text, face.target), Run(after, text, face.target)]
