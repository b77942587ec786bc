"""The parts of a turn that are no Markdown: my message, the name line, files, notices, buttons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Final, Literal, TypeAlias, assert_never

from rich.segment import Segment

from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.text import clean
from chatgrid_tui.ui.appearance import Part, Signs
from chatgrid_tui.ui.transcript.render import formats
from chatgrid_tui.ui.transcript.render.buttons import Face, button_lines
from chatgrid_tui.ui.transcript.render.figures import figures, try_line
from chatgrid_tui.ui.transcript.render.rows import Frame, Row
from chatgrid_tui.ui.transcript.render.wrap import PAD, Line, Run, cells, wrap
from chatgrid_tui.ui.transcript.reply_parts import Notice, attachment, suggestion_label
from chatgrid_tui.ui.transcript.targets import (
    AttachmentTarget,
    ButtonTarget,
    CopyTarget,
    FoldedTarget,
    MoreItemsTarget,
    MoreTarget,
    SuggestionTarget,
)

Offered: TypeAlias = Literal["past", "live", "focused"]
"""Whether the buttons of a turn are the newest ones, and whether the keyboard is on them."""


@dataclass(frozen=True, slots=True)
class Showing:
    """How a turn is shown just now, beside what it holds."""

    offered: Offered = "past"
    notice: Notice | None = None
    status: str = ""
    """The words of the waiting or writing line."""
    silent: bool = False
    """No data for a while: the cursor is muted."""
    day: str = ""
    """The day that begins with this turn."""


DAY: Final = -3
"""The bubble of a day line, which is none."""


AT_ONCE = 50
"""Bubbles, files, suggestions and calls of one reply that are shown at once, and how many more a press shows."""


@dataclass(slots=True)
class Shown:
    """How much of what a reply has many of is shown."""

    bubbles: int = AT_ONCE
    files: int = AT_ONCE
    suggestions: int = AT_ONCE


MINE_SHOWN = 20_000
"""Characters of my message that are shown at once, if they are ASCII in lines of an ordinary length."""
_LINE_COST = 40
_OTHER_CHARACTER_COST = 4
MORE_BUBBLES = -2
"""Stands for the bubbles that are not shown, in the place of what shows more."""
_TAKE_BACK = "take back"


def mine_rows(turn: Turn, index: int, frame: Frame, shown: int = MINE_SHOWN) -> list[Row]:
    """Return the rows of my message, its name line first; of the message what may be shown at once."""
    ink = frame.ground
    dot = frame.signs.dot
    name = [Run("You", ink(bold=True))]
    if turn.queued:
        name.append(Run(f" {dot} queued, goes out when the reply ends", ink("muted")))
    else:
        name.append(Run(f" {dot} {formats.clock(turn.sent_at)}", ink("muted")))
    end = _end_of_shown(turn.shown, shown)
    text = clean(turn.shown[:end]).replace("\t", "    ")
    style = ink("muted") if turn.queued else frame.mine()
    lines = wrap([Run(text, style)], frame.grid.mine_text)
    if len(turn.shown) > end:
        left = f"{formats.counted(len(turn.shown) - end, 'more character')} {dot} Enter shows them"
        more = MoreTarget((index, -1, -1))
        lines += wrap([Run(left, (ink if turn.queued else frame.mine)("accent"), more)], frame.grid.mine_text)
    rows = [frame.right_row(name, "name", -1), *frame.mine_rows(lines, queued=turn.queued)]
    if turn.queued:
        target = ButtonTarget(index, _TAKE_BACK)
        back = [Run(f"{frame.signs.above} ", ink(), target), Run("Take back", ink("muted"), target), Run("  ", ink())]
        rows.append(frame.right_row(back, "below", -1))
    return rows


def _end_of_shown(text: str, budget: int) -> int:
    """Return where what is shown of a message ends: long, wide and many lines take time to lay out."""
    shown = text[:budget]
    if not shown.isascii():
        shown = shown[: budget // _OTHER_CHARACTER_COST]
    lines = shown.split("\n", budget // _LINE_COST)
    return len(shown) if len(lines) <= budget // _LINE_COST else len(shown) - len(lines[-1]) - 1


def name_row(reply: Reply, index: int, frame: Frame) -> Row:
    """Return the line above a reply: who, when, and its figures once they are final. Without room for all of it, the
    number of bubbles goes first, then the model, then the figures from the right.
    """
    ink, dot = frame.ground, frame.signs.dot
    speaker = formats.line(reply.speaker, 40, frame.signs) or "bot"
    model = formats.line(reply.model, 40, frame.signs)
    models = [model] if model and model != speaker else []
    measured: list[str] = []
    bubbles: list[str] = []
    if not reply.live:
        measured += [reply.state] if reply.state in ("stopped", "failed", "interrupted") else []
        measured += figures(reply)
        count = sum(1 for bubble in reply.bubbles if bubble.size)
        bubbles += [f"{count} bubbles"] if count > 1 else []

    def details() -> str:
        return "".join(f" {dot} {part}" for part in (*models, formats.clock(reply.started_at), *measured, *bubbles))

    for optional in (bubbles, models, measured):
        while optional and cells(speaker + details()) > frame.grid.page - frame.grid.margin:
            optional.pop()
    copy = CopyTarget(index, 0)
    return frame.line_row([Run(speaker, ink(bold=True), copy), Run(details(), ink("muted"), copy)], "name", 0)


def day_rows(day: str, frame: Frame) -> list[Row]:
    """Return the line above the first turn of a day, and a blank row."""
    grid, line = frame.grid, frame.ground("line")
    label = f" {_cut(day, frame)} "
    left = frame.signs.hairline * 3
    right = frame.signs.hairline * max(0, grid.page - grid.margin - cells(left + label))
    segments = [
        Segment(" " * grid.margin, frame.ground()),
        Segment(left, line),
        Segment(label, frame.ground("muted")),
        Segment(right, line),
    ]
    used = grid.margin + cells(left + label + right)
    segments.append(Segment(" " * max(0, grid.width - used), frame.ground()))
    return [Row(segments, grid.width, "blank", DAY), frame.blank]


def try_rows(turn: Turn, index: int, frame: Frame) -> list[Row]:
    """Return one line for each reply before the one that counts; pressed, its details are shown."""
    muted, dot = frame.ground("muted"), frame.signs.dot
    mark = Run(frame.signs.failed, frame.ground("error"))
    rows: list[Row] = []
    for number, (reply, following) in enumerate(pairwise(turn.replies[: len(turn.earlier) + 1])):
        text = _cut(f"{try_line(reply, following)} {dot} Details", frame)
        rows.append(frame.line_row([Run(text, muted, FoldedTarget(index, f"try {number}"))], "below", 0, mark=mark))
    return rows


def reasoning_rows(reply: Reply, index: int, frame: Frame) -> list[Row]:
    """Return one muted line for what the model thought, and one for each call to a tool; pressed, they are shown
    in full.
    """
    muted, dot = frame.ground("muted"), frame.signs.dot
    rows: list[Row] = []
    thought = sum(bubble.size for bubble in reply.reasoning.values())
    if thought:
        end = next(bubble for bubble in reply.reasoning.values() if bubble.size)
        beginning = formats.line(end.text[:400], max(10, frame.grid.text - 34), frame.signs)
        text = f"Reasoning, {formats.counted(thought, 'character')} {dot} {beginning}"
        rows.append(frame.line_row([Run(_cut(text, frame), muted, FoldedTarget(index, "reasoning"))], "below", 0))
    for call in islice(reply.tool_calls.values(), AT_ONCE):
        given = formats.line(call.arguments, frame.grid.text, frame.signs)
        text = f"Tool {formats.line(call.name, 60, frame.signs) or 'call'}({given})"
        rows.append(frame.line_row([Run(_cut(text, frame), muted, FoldedTarget(index, "tools"))], "below", 0))
    if len(reply.tool_calls) > AT_ONCE:
        text = f"{formats.counted(len(reply.tool_calls) - AT_ONCE, 'more call')} {dot} Enter shows all"
        rows.append(frame.line_row([Run(_cut(text, frame), muted, FoldedTarget(index, "tools"))], "below", 0))
    return rows


def below_rows(turn: Turn, index: int, frame: Frame, showing: Showing, shown: Shown, bubbles: int) -> list[Row]:
    """Return what stands below the bubbles, of which the reply has so many: a line for those that are not shown,
    files, the writing line or a notice, and suggestions.
    """
    reply = turn.reply
    assert reply is not None
    spoke = bubbles > 0
    rows = _more_bubbles(bubbles - shown.bubbles, index, frame, shown.bubbles - 1)
    rows += _file_rows(reply, index, frame, shown.files, max(0, min(bubbles, shown.bubbles) - 1))
    ink = frame.ground
    notice = showing.notice
    offset = 0
    if notice is not None:
        if notice.filled and (rows or spoke):
            rows.append(frame.blank)
        rows += _notice_rows(notice, index, frame, showing.offered, bubbles)
        offset = len(notice.buttons)
    elif reply.live and showing.status:
        head, _, rest = showing.status.partition(" ")
        part: Part = "muted" if showing.silent or reply.state == "waiting" else "accent"
        mark = Run(frame.signs.here, ink("muted" if showing.silent else "accent"))
        runs = [Run(head, ink(part)), Run(formats.own(f" {rest}", frame.signs) if rest else "", ink("muted"))]
        rows += _wrapped(runs, frame, mark)
    elif reply.state == "finished" and not spoke and reply.empty:
        empty = "The reply is empty. A person may have taken over."
        rows += _wrapped([Run(empty, ink("muted"))], frame, Run(frame.signs.dot, ink("muted")))
    if reply.suggestions:
        rows.append(frame.blank)
        faces = _suggestion_faces(reply, index, showing.offered, offset, frame.signs, shown.suggestions)
        for line in button_lines(faces, ink, frame.grid.text, pressable=showing.offered == "focused"):
            rows.append(frame.line_row(line.runs, "below", 0))
    return rows


def _more_bubbles(hidden: int, index: int, frame: Frame, bubble: int) -> list[Row]:
    if hidden <= 0:
        return []
    text = f"{formats.counted(hidden, 'more bubble')} {frame.signs.dot} Enter shows some"
    more = Run(text, frame.bot("accent"), MoreTarget((index, -1, MORE_BUBBLES)))
    return frame.bot_rows([Line(()), *wrap([more], frame.grid.text)], bubble)


def _suggestion_faces(
    reply: Reply, index: int, offered: Offered, offset: int, signs: Signs, shown: int
) -> list[Face]:
    faces: list[Face] = []
    for number, text in enumerate(suggestion_label(item, signs) for item in reply.suggestions[:shown]):
        target = SuggestionTarget(index, number)
        match offered:
            case "live" | "focused":
                if reply.chosen is None:
                    key = str(offset + number + 1)
                    faces.append(Face(text, target, key if len(key) == 1 else "", "live"))
                    continue
            case "past":
                pass
            case _:
                assert_never(offered)
        faces.append(Face(text, target, state="spent" if reply.chosen == number else "past"))
    if (hidden := len(reply.suggestions) - shown) > 0:
        live = offered != "past" and reply.chosen is None
        more = MoreItemsTarget(index, "suggestions")
        faces.append(Face(f"{hidden:,} more", more, state="live" if live else "past"))
    return faces


def _file_rows(reply: Reply, index: int, frame: Frame, shown: int, bubble: int) -> list[Row]:
    ink = frame.bot
    before, after = ("[", "]") if frame.look.theme.flat else (PAD, PAD)
    lines: list[Line] = []
    for number, item in enumerate(reply.attachments[:shown]):
        file = attachment(item, frame.signs)
        target = AttachmentTarget(index, number, file.address.url, file.name) if file.address else None
        named = ink("accent", underline=True) if file.address else ink()
        runs = [
            Run(f"{before}{file.tag}{after}", ink("text", on="raised"), target),
            Run("  ", ink(), target),
            Run(file.name, named, target),
            Run(f"  {file.detail}", ink("muted"), target),
        ]
        lines += wrap(runs, frame.grid.text)
    if (hidden := len(reply.attachments) - shown) > 0:
        text = f"{formats.counted(hidden, 'more file')} {frame.signs.dot} Enter shows some"
        lines += wrap([Run(text, ink("accent"), MoreItemsTarget(index, "files"))], frame.grid.text)
    return frame.bot_rows(lines, bubble)


def _notice_rows(notice: Notice, index: int, frame: Frame, offered: Offered, bubble: int) -> list[Row]:
    """Return the rows of a notice. One that is filled is a bubble of its own, with the number `bubble`."""
    ink = frame.error if notice.filled else frame.ground
    live = offered != "past"
    faces = [
        Face(
            button.label,
            ButtonTarget(index, button.id),
            button.key or str(number + 1),
            ("live" if button.enabled else "off") if live else "past",
        )
        for number, button in enumerate(notice.buttons)
    ]
    buttons = button_lines(faces, ink, frame.grid.text, pressable=offered == "focused")
    sign: str = getattr(frame.signs, notice.mark)  # marks are called like their signs
    if notice.filled:
        strong = ink(notice.tone, bold=True)
        lines = wrap([Run(f"{sign} {_own(notice.headline, frame)}", strong)], frame.grid.text)
        if notice.text:
            lines += wrap([Run(_own(notice.text, frame), ink())], frame.grid.text)
        if buttons:
            lines += [Line(()), *buttons]
        return frame.error_rows(lines, bubble)
    said = [Run(_own(notice.headline, frame), ink(notice.tone))]
    if notice.text:
        said.append(Run(f" {_own(notice.text, frame)}", ink("muted")))
    rows = _wrapped(said, frame, Run(sign, ink(notice.tone, bold=notice.mark == "failed")))
    rows += [frame.line_row(line.runs, "below", 0) for line in buttons]
    return rows


def _own(text: str, frame: Frame) -> str:
    return formats.own(clean(text), frame.signs)


def _wrapped(runs: Sequence[Run], frame: Frame, mark: Run) -> list[Row]:
    lines = wrap(list(runs), frame.grid.text)
    return [
        frame.line_row(line.runs, "below", 0, mark=None if number else mark, joint=line.joint)
        for number, line in enumerate(lines)
    ]


def _cut(text: str, frame: Frame) -> str:
    room = frame.grid.text
    while cells(text) > room:
        text = text[: min(len(text) - 2, room)] + frame.signs.more[0]
    return text
