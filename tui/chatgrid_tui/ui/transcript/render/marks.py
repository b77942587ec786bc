"""What the user says of a reply: under it, or in the margin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.style import Style

from chatgrid_tui.model.reply_mark import LONGEST_NOTE
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.ui.appearance import Signs
from chatgrid_tui.ui.transcript.render import formats
from chatgrid_tui.ui.transcript.render.frame import Frame
from chatgrid_tui.ui.transcript.render.wrap import Run, wrap
from chatgrid_tui.ui.transcript.targets import FoldedTarget
from chatgrid_tui.ui.verdicts import VerdictPart, verdict_part, verdict_sign, verdict_word

_MOST_ROWS: Final = 3
"""The most rows of a note in the margin. Details shows all of it."""


def mark_runs(reply: Reply, index: int, frame: Frame) -> list[Run]:
    """Return the sign of the mark of a reply, then its words. Pressing them changes it."""
    strong, target = frame.ground(verdict_part(reply.verdict), bold=True), FoldedTarget(index, "mark")
    runs = [
        Run(verdict_sign(reply.verdict, frame.signs), strong),
        Run(verdict_word(reply.verdict), strong, target),
    ]
    if note := formats.line(reply.note, LONGEST_NOTE, frame.signs):
        runs.append(Run(f"  {note}", frame.ground("muted"), target))
    return runs


def mark_notes(reply: Reply, width: int, signs: Signs) -> Iterator[tuple[tuple[VerdictPart, str], ...]]:
    """Yield the rows of the mark of a reply in the margin, `width` cells wide."""
    if reply.verdict is None and not reply.note:
        return
    yield ((verdict_part(reply.verdict), f"{verdict_sign(reply.verdict, signs)} {verdict_word(reply.verdict)}"),)
    note = formats.line(reply.note, LONGEST_NOTE, signs)
    lines = ["".join(run.text for run in line.runs) for line in wrap([Run(note, Style())], width - 2)] if note else []
    for number, text in enumerate(lines[:_MOST_ROWS], 1):
        more = signs.more if number == _MOST_ROWS < len(lines) else ""
        yield (("text", f"  {text[: width - 2 - len(more)] if more else text}{more}"),)
