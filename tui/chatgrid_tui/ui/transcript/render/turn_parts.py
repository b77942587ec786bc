"""The parts of a turn that are not Markdown: the user's message, the name line, files, notices, buttons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Final, Literal, TypeAlias, assert_never

from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.text import clean
from chatgrid_tui.ui.appearance import Part, Signs
from chatgrid_tui.ui.transcript.render import formats
from chatgrid_tui.ui.transcript.render.bubble_tasks import with_tasks
from chatgrid_tui.ui.transcript.render.buttons import Face, button_lines
from chatgrid_tui.ui.transcript.render.figures import figures, try_line
from chatgrid_tui.ui.transcript.render.frame import Frame
from chatgrid_tui.ui.transcript.render.marks import mark_runs
from chatgrid_tui.ui.transcript.render.notes import Note
from chatgrid_tui.ui.transcript.render.rows import Row
from chatgrid_tui.ui.transcript.render.wrap import PAD, Line, Run, cells, wrap
from chatgrid_tui.ui.transcript.reply_parts import Notice, attachment, suggestion_label
from chatgrid_tui.ui.transcript.targets import (
    AttachmentTarget,
    ButtonTarget,
    FoldedTarget,
    MoreItemsTarget,
    MoreTarget,
    SuggestionTarget,
)

Offered: TypeAlias = Literal["past", "live", "focused"]
"""Whether the buttons of a turn are the newest ones, and whether they have the focus."""


@dataclass(frozen=True, slots=True)
class Showing:
    """How a turn is shown now, in addition to its content."""

    offered: Offered = "past"
    notice: Notice | None = None
    status: str = ""
    """The text of the waiting or writing line."""
    silent: bool = False
    """Whether no data has arrived for a while, so that the cursor is muted."""
    day: str = ""
    """The day that starts with this turn."""
    new: str = ""
    """How much is new, from this turn's reply on."""
    notes: tuple[Note, ...] = ()
    """The margin notes of the reply."""


DAY: Final = -3
"""The bubble number of a day line."""

AT_ONCE = 50
"""How many bubbles, files, suggestions and calls of one reply are shown at first, and how many more each press shows.
"""


@dataclass(slots=True)
class Shown:
    """How many of a reply's items are shown."""

    bubbles: int = AT_ONCE
    files: int = AT_ONCE
    suggestions: int = AT_ONCE


MORE_BUBBLES = -2
"""The bubble number of the line that stands for hidden bubbles."""


def name_row(reply: Reply, index: int, frame: Frame) -> Row:
    """Return the line above a reply: who, when, and its figures once they are final.

    If there is no room, the number of bubbles is left out first, then the model, then the figures from the right.
    """
    ink, dot, speaker = frame.ground, frame.signs.dot, frame.speaker
    name = formats.line(reply.speaker, 40, frame.signs) or "bot"
    chip = frame.look.chip(name)
    model = formats.line(reply.model, 40, frame.signs)
    models = [model] if model and _as_id(model) != _as_id(name) else []
    count = sum(1 for bubble in reply.bubbles if bubble.size)
    bubbles = [f"{count} bubbles"] if count > 1 and not reply.live else []
    measured = [] if reply.live or frame.grid.noted else figures(reply)

    def details() -> str:
        return "".join(f" {dot} {part}" for part in (*models, formats.clock(reply.started_at), *bubbles, *measured))

    for optional in (models, measured, bubbles):
        while optional and cells(f"{chip} {name}{details()}") > frame.grid.reading:
            optional.pop()
    runs = [
        Run(chip, ink(speaker.ink, on=speaker.chip, bold=True)),
        Run(" ", ink()),
        Run(name, ink(speaker.ink, bold=True)),
        Run(details(), ink("muted")),
    ]
    return with_tasks(frame.line_row(runs, "name", 0), index, frame.grid.right)


def _as_id(name: str) -> str:
    """Return a name as services make ids of it, so that `Long writer` is `long-writer`."""
    return name.casefold().replace(" ", "-")


def day_rows(day: str, frame: Frame) -> list[Row]:
    """Return the line above the first turn of a day, with the space around it."""
    line = _ruled_row([Run(_cut(day, frame), frame.ground("muted"))], frame)
    return [frame.blank, line] if frame.edged else [line, frame.blank]


def new_row(new: str, frame: Frame) -> Row:
    """Return the line above what is new since the last visit."""
    dot = Run(f"{frame.signs.unread} ", frame.ground("accent"))
    return _ruled_row([dot, Run(_cut(new, frame), frame.ground())], frame)


def _ruled_row(label: Sequence[Run], frame: Frame) -> Row:
    line, hairline = frame.ground("line"), frame.signs.hairline
    rest = max(0, frame.grid.reading - 5 - sum(cells(run.text) for run in label))
    runs = [Run(f"{hairline * 3} ", line), *label, Run(f" {hairline * rest}", line)]
    row = frame.line_row(runs, "name", DAY)
    row.kind, row.left, row.right = "blank", 0, 0
    return row


def try_rows(turn: Turn, index: int, frame: Frame) -> list[Row]:
    """Return a line for each reply before the selected one, which opens its details. A single refusal is shown next
    to the user's message instead, and whole answers are counted below the reply.
    """
    if len(turn.earlier) == 1 and turn.earlier[0].state == "failed" and turn.shown:
        return []
    muted, dot = frame.ground("muted"), frame.signs.dot
    failed, whole = Run(frame.signs.failed, frame.ground("error")), Run(dot, muted)
    rows: list[Row] = []
    for number, (reply, following) in enumerate(pairwise(turn.replies[: len(turn.earlier) + 1])):
        if turn.has_variants and reply.state in ("finished", "stopped"):
            continue
        verdict = "" if reply.verdict is None else f" {dot} marked {reply.verdict}"
        text = _cut(f"{try_line(reply, following)}{verdict} {dot} Details", frame)
        mark = whole if reply.state == "finished" else failed
        rows.append(frame.line_row([Run(text, muted, FoldedTarget(index, f"try {number}"))], "below", 0, mark=mark))
    return rows


def reasoning_rows(reply: Reply, index: int, frame: Frame) -> list[Row]:
    """Return a muted line for the model's reasoning, and one for each tool call. Pressing them shows everything."""
    muted, dot = frame.ground("muted"), frame.signs.dot
    rows: list[Row] = []
    thought = sum(bubble.size for bubble in reply.reasoning.values())
    if thought:
        end = next(bubble for bubble in reply.reasoning.values() if bubble.size)
        beginning = formats.line(end.text[:400], max(10, frame.grid.text - 34), frame.signs)
        text = f"Reasoning, {formats.counted(thought, 'character')} {dot} {beginning}"
        rows.append(frame.line_row([Run(_cut(text, frame), muted, FoldedTarget(index, "reasoning"))], "below", 0))
    for call in islice(reply.tool_calls.values(), AT_ONCE):
        arguments = formats.line(call.arguments, frame.grid.text, frame.signs)
        text = f"Tool {formats.line(call.name, 60, frame.signs) or 'call'}({arguments})"
        rows.append(frame.line_row([Run(_cut(text, frame), muted, FoldedTarget(index, "tools"))], "below", 0))
    if len(reply.tool_calls) > AT_ONCE:
        text = f"{formats.counted(len(reply.tool_calls) - AT_ONCE, 'more call')} {dot} Enter shows all"
        rows.append(frame.line_row([Run(_cut(text, frame), muted, FoldedTarget(index, "tools"))], "below", 0))
    return rows


def below_rows(turn: Turn, index: int, frame: Frame, showing: Showing, shown: Shown, bubbles: int) -> list[Row]:
    """Return what is below the bubbles, of which the reply has `bubbles`: a line for hidden ones, the writing line or
    a notice, and suggestions.
    """
    reply = turn.reply
    assert reply is not None
    ink, rows, notice = frame.ground, list[Row](), showing.notice
    if not bubbles:
        rows += _alone_rows(reply, index, frame, shown, muted=showing.silent)
    if (hidden := bubbles - shown.bubbles) > 0:
        text = f"{formats.counted(hidden, 'more bubble')} {frame.signs.dot} Enter shows some"
        more = Run(text, ink("accent"), MoreTarget((index, -1, MORE_BUBBLES)))
        rows += [frame.line_row(line.runs, "below", shown.bubbles - 1) for line in wrap([more], frame.grid.text)]
    if notice is not None:
        rows += _notice_rows(notice, index, frame, showing.offered, bubbles)
    elif reply.live and showing.status:
        head, _, rest = showing.status.partition(" ")
        part: Part = "muted" if showing.silent else "accent"
        runs = [Run(head, ink(part)), Run(formats.own(f" {rest}", frame.signs) if rest else "", ink("muted"))]
        rows += _wrapped(runs, frame, Run(frame.signs.here, ink(part)))
    elif reply.state == "finished" and not bubbles and reply.empty:
        empty = "The reply is empty. A person may have taken over."
        rows += _wrapped([Run(empty, ink("muted"))], frame, Run(frame.signs.dot, ink("muted")))
    marked = (reply.verdict is not None or reply.note) and not frame.grid.noted
    if marked:
        sign, *words = mark_runs(reply, index, frame)
        rows += _wrapped(words, frame, sign)
    if turn.has_variants and not reply.live:
        rows += [frame.blank] if notice is not None or marked else []
        rows.append(_variants_row(turn, index, frame))
    if reply.suggestions:
        if notice is not None or marked or turn.has_variants:
            rows.append(frame.blank)
        offset = 0 if notice is None else len(notice.buttons)
        faces = _suggestion_faces(reply, index, showing.offered, offset, frame.signs, shown.suggestions)
        rows += _button_rows(faces, frame, showing.offered)
    return rows


def _variants_row(turn: Turn, index: int, frame: Frame) -> Row:
    """Return `← 2 of 3 →` for the replies to a message, with a target to compare two of them."""
    signs, muted, accent = frame.signs, frame.ground("muted"), frame.ground("accent")
    at, count = turn.number + 1, len(turn.replies)
    left = FoldedTarget(index, "previous_variant") if at > 1 else None
    right = FoldedTarget(index, "next_variant") if at < count else None
    runs = [
        Run(f"{signs.left} ", accent if left else muted, left),
        Run(f"{at:,} of {count:,}", muted),
        Run(f" {signs.right}", accent if right else muted, right),
        Run("   ", muted),
        Run("Compare", accent, FoldedTarget(index, "compare_variants")),
    ]
    if turn.reply is not None and turn.reply.edited_message is not None:
        runs.append(Run(f"   {signs.dot} to an edited message", muted))
    return frame.line_row(runs, "below", 0)


def _alone_rows(reply: Reply, index: int, frame: Frame, shown: Shown, *, muted: bool) -> list[Row]:
    """Return the bubble of a reply without text: its files, or the cursor that waits for its text."""
    lines, cursor = file_lines(reply, index, frame, shown.files), None
    if reply.live:
        lines, cursor = lines or [Line(())], frame.bot("muted" if muted else "accent")
    if not lines:
        return []
    sheet = frame.sheet("text", frame.grid.hug(max(line.width for line in lines)), 0)
    rows = frame.with_edges(sheet, frame.rows(sheet, lines, cursor=cursor))
    if reply.live:
        return rows[:-1] if frame.edged else rows
    return rows if frame.edged else [*rows, frame.blank]


def _button_rows(faces: Sequence[Face], frame: Frame, offered: Offered) -> list[Row]:
    rows: list[Row] = []
    for line in button_lines(faces, frame.ground, frame.grid.reading - 2, pressable=offered == "focused"):
        if rows and frame.edged:
            rows.append(frame.blank)
        rows.append(frame.line_row(line.runs, "below", 0))
    return rows


def _suggestion_faces(
    reply: Reply, index: int, offered: Offered, offset: int, signs: Signs, shown: int
) -> list[Face]:
    faces: list[Face] = []
    for number, text in enumerate(suggestion_label(item, signs) for item in reply.suggestions[:shown]):
        target = SuggestionTarget(index, number)
        match offered:
            case "live" | "focused":
                if not reply.chosen:
                    key = str(offset + number + 1)
                    faces.append(Face(text, target, key if len(key) == 1 else "", "live"))
                    continue
            case "past":
                pass
            case _:
                assert_never(offered)
        faces.append(Face(text, target, state="spent" if number in reply.chosen else "past"))
    if (hidden := len(reply.suggestions) - shown) > 0:
        live = offered != "past" and not reply.chosen
        more = MoreItemsTarget(index, "suggestions")
        faces.append(Face(f"{hidden:,} more", more, state="live" if live else "past"))
    return faces


def file_lines(reply: Reply, index: int, frame: Frame, shown: int) -> list[Line]:
    """Return the lines of a reply's files, which are in its last bubble."""
    ink = frame.bot
    before, after = ("[", "]") if frame.look.theme.flat else (PAD, PAD)
    lines: list[Line] = []
    for number, item in enumerate(reply.attachments[:shown]):
        file = attachment(item, frame.signs)
        target = AttachmentTarget(index, number, file.address.url, file.name) if file.address else None
        named = ink("accent", underline=True) if file.address else ink()
        runs = [
            Run(f"{before}{file.tag}{after}", ink("text", on="tag", bold=True), target),
            Run("  ", ink(), target),
            Run(file.name, named, target),
            Run(f"  {file.detail}", ink("muted"), target),
        ]
        lines += wrap(runs, frame.grid.text)
    if (hidden := len(reply.attachments) - shown) > 0:
        text = f"{formats.counted(hidden, 'more file')} {frame.signs.dot} Enter shows some"
        lines += wrap([Run(text, ink("accent"), MoreItemsTarget(index, "files"))], frame.grid.text)
    return lines


def _notice_rows(notice: Notice, index: int, frame: Frame, offered: Offered, bubble: int) -> list[Row]:
    """Return the rows of a notice. A filled one is a separate bubble with the number `bubble`."""
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
    sign: str = getattr(frame.signs, notice.mark)  # marks have the names of signs
    if notice.filled:
        strong = ink(notice.tone, bold=True)
        lines = wrap([Run(f"{sign} {_own(notice.headline, frame)}", strong)], frame.grid.text)
        if notice.text:
            lines += wrap([Run(_own(notice.text, frame), ink())], frame.grid.text)
        if notice.countdown:
            lines += wrap([Run(_own(notice.countdown, frame), ink("warn", bold=True))], frame.grid.text)
        sheet = frame.sheet("error", frame.grid.hug(max(line.width for line in lines)), bubble)
        rows = frame.with_edges(sheet, frame.rows(sheet, lines))
        if faces and not frame.edged:
            rows.append(frame.blank)
    else:
        runs = [Run(_own(notice.headline, frame), ink(notice.tone))]
        if notice.text:
            runs.append(Run(f" {_own(notice.text, frame)}", ink("muted")))
        rows = _wrapped(runs, frame, Run(sign, ink(notice.tone, bold=notice.mark == "failed")))
    rows += _button_rows(faces, frame, offered)
    if notice.below:
        muted = frame.ground("muted")
        rows += _wrapped([Run(_own(notice.below, frame), muted)], frame, Run(frame.signs.dot, muted))
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
