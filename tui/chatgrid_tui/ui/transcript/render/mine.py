"""The user's bubble: at the right, with its time next to it."""

from __future__ import annotations

from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.session.wording.refusal_kinds import not_sent
from chatgrid_tui.text import clean
from chatgrid_tui.ui.transcript.render import formats
from chatgrid_tui.ui.transcript.render.bubble_tasks import with_tasks
from chatgrid_tui.ui.transcript.render.frame import Frame
from chatgrid_tui.ui.transcript.render.rows import Row
from chatgrid_tui.ui.transcript.render.wrap import Run, cells, wrap
from chatgrid_tui.ui.transcript.targets import ButtonTarget, FoldedTarget, MoreTarget

MINE_SHOWN = 20_000
"""How many characters of the user's message are shown at first, if they are ASCII in ordinary lines."""
_LINE_COST = 40
_OTHER_CHARACTER_COST = 4
_TAKE_BACK = "take back"


def mine_rows(turn: Turn, index: int, frame: Frame, shown: int = MINE_SHOWN) -> list[Row]:
    """Return the rows of the user's message with its time at the left, or as much of it as is shown at first."""
    ink = frame.ground if turn.queued else frame.mine
    end = _end_of_shown(turn.shown, shown)
    text = clean(turn.shown[:end]).replace("\t", "    ")
    lines = wrap([Run(text, ink("muted" if turn.queued else "text"))], frame.grid.mine_text)
    if len(turn.shown) > end:
        left = f"{formats.counted(len(turn.shown) - end, 'more character')} {frame.signs.dot} Enter shows them"
        lines += wrap([Run(left, ink("accent"), MoreTarget((index, -1, -1)))], frame.grid.mine_text)
    width = max(line.width for line in lines) + 4
    sheet = frame.queued_sheet(width) if turn.queued else frame.sheet("mine", width, -1)
    beside = _beside_mine(turn, index, frame)
    start = sheet.left - 2 - sum(cells(run.text) for run in beside)
    rows: list[Row] = []
    if start < frame.grid.left:
        width_beside = sum(cells(run.text) for run in beside)
        rows.append(with_tasks(frame.right_row(beside, "name", -1), index, frame.grid.right - width_beside - 3))
        beside = []
    else:
        beside.append(Run("  ", frame.ground()))
    sheet_rows = frame.rows(sheet, lines, beside=beside)
    if not rows:
        with_tasks(sheet_rows[0], index, start - 3)
    rows += frame.with_edges(sheet, sheet_rows)
    if turn.queued:
        target, ink = ButtonTarget(index, _TAKE_BACK), frame.ground
        back = [Run(f"{frame.signs.above} ", ink(), target), Run("Take back", ink("muted"), target), Run("  ", ink())]
        rows.append(frame.right_row(back, "below", -1))
    return rows


def _beside_mine(turn: Turn, index: int, frame: Frame) -> list[Run]:
    """Return when the message was sent, and before that its state, unless all went well."""
    ink, dot = frame.ground, frame.signs.dot
    if turn.queued:
        return [Run("goes out when the reply ends", ink("muted"))]
    runs: list[Run] = []
    if len(turn.earlier) == 1 and turn.earlier[0].state == "failed":
        target = FoldedTarget(index, "try 0")
        runs += [Run(f"{frame.signs.failed} ", ink("error"), target), Run("refused once", ink("muted"), target)]
    elif turn.reply is not None and not_sent(turn.reply):
        runs.append(Run(f"{frame.signs.failed} not sent", ink("error", bold=True)))
    elif ink.flat or frame.look.bubbles == "plain":
        runs.append(Run("You", ink("muted")))
    return [*runs, Run(f"{f' {dot} ' if runs else ''}{formats.clock(turn.sent_at)}", ink("muted"))]


def _end_of_shown(text: str, budget: int) -> int:
    """Return where the shown part of a message ends: long, wide and many lines take time to lay out."""
    shown = text[:budget]
    if not shown.isascii():
        shown = shown[: budget // _OTHER_CHARACTER_COST]
    lines = shown.split("\n", budget // _LINE_COST)
    return len(shown) if len(lines) <= budget // _LINE_COST else len(shown) - len(lines[-1]) - 1
