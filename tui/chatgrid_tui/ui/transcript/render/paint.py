"""What is laid over a row just now: the mouse, the cursor, the focus, the selection. Kept rows stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from chatgrid_tui.ui.appearance import Part
from chatgrid_tui.ui.transcript.find.matching import Highlight
from chatgrid_tui.ui.transcript.render.rows import Frame, Row
from chatgrid_tui.ui.transcript.render.wrap import cells
from chatgrid_tui.ui.transcript.targets import AttachmentTarget, Target, is_offer

_ACTIONS = (("Ctrl+C", " Copy"),)


@dataclass(frozen=True, slots=True)
class Overlay:
    """What is laid over one row."""

    hovered: bool = False
    cursor: bool = False
    focus: Target | None = None
    mouse: Target | None = None
    selected: tuple[int, int] | None = None
    """Characters of the row that are selected; an end of -1 is the end of its text."""
    found: Sequence[Highlight] = ()

    @property
    def empty(self) -> bool:
        """Whether the row looks as it was kept."""
        return not (self.hovered or self.cursor or self.focus or self.mouse or self.selected or self.found)


PLAIN = Overlay()


def paint(row: Row, overlay: Overlay, frame: Frame) -> Strip:
    """Return the row's strip with what is laid over it."""
    strip = row.strip
    if overlay.empty:
        return strip
    if overlay.hovered or overlay.cursor:
        strip = _bubble(strip, row, overlay, frame)
    for spot in row.spots:
        if overlay.focus is not None and spot.target == overlay.focus:
            strip = _focused(strip, spot.start, spot.end, spot.target, frame)
        elif overlay.mouse is not None and spot.target == overlay.mouse:
            strip = _on(strip, spot.start, spot.end, "select", frame)
    for start, end, present in overlay.found:
        strip = _found(strip, start, end, frame, present=present)
    if overlay.selected is not None:
        strip = _selected(strip, row, overlay.selected, frame)
    return strip


def _bubble(strip: Strip, row: Row, overlay: Overlay, frame: Frame) -> Strip:
    grid, signs = frame.grid, frame.signs
    if row.kind == "text":
        raised: Part = "raised" if frame.filled else "panel"
        plain, fill = frame.bot().bgcolor, _colour(frame, raised)
        strip = _restyle(strip, grid.margin, grid.margin + grid.bot, lambda style: _swap(style, plain, fill))
        if overlay.cursor:
            bar = Strip([Segment(signs.here, frame.look.style("accent", raised))], 1)
            strip = _put(strip, grid.margin, bar)
    elif row.kind == "error" and overlay.cursor:
        style = frame.look.style("accent", "error_tint", reverse=frame.look.theme.flat)
        strip = _put(strip, grid.margin, Strip([Segment(signs.here, style)], 1))
    elif row.kind == "mine" and overlay.cursor:
        at = cells(strip.text.rstrip()) - 1
        strip = _put(strip, at, Strip([Segment(signs.mine, frame.look.style("accent", "mine"))], 1))
    elif row.kind == "name":
        strip = _with_actions(strip, row, frame)
    return strip


def _with_actions(strip: Strip, row: Row, frame: Frame) -> Strip:
    """Show what can be done with the bubble, at the free end of its name line."""
    ink = frame.ground
    segments: list[Segment] = []
    for key, word in _ACTIONS:
        segments += [Segment(key, ink("accent", bold=True)), Segment(word, ink("muted"))]
    actions = Strip(segments)
    if row.bubble < 0:
        start = cells(strip.text[: row.left]) - actions.cell_length - 3
    else:
        start = frame.grid.margin + frame.grid.bot - actions.cell_length
        if start <= cells(strip.text[: row.right]) + 1:
            return strip
    return _put(strip, start, actions) if start >= 0 else strip


def _focused(strip: Strip, start: int, end: int, target: Target, frame: Frame) -> Strip:
    if frame.look.theme.flat:
        return _restyle(strip, start, end, lambda style: style + Style(reverse=True))
    if is_offer(target):
        accent = frame.look.style("on_accent", "accent", bold=True)
        return _restyle(strip, start, end, lambda style: accent)
    if isinstance(target, AttachmentTarget):
        strip = _on(strip, start, frame.grid.margin + frame.grid.bot, "select", frame)
        return _put(strip, frame.grid.margin, Strip([Segment(frame.signs.here, frame.bot("accent"))], 1))
    return _on(strip, start, end, "select", frame)


def _found(strip: Strip, start: int, end: int, frame: Frame, *, present: bool) -> Strip:
    text, look = strip.text, frame.look
    if look.theme.flat:
        mark = Style(reverse=present, underline=not present)
    elif present:
        mark = Style(color=look.colour("on_accent"), bgcolor=look.colour("accent"), underline=False)
    else:
        mark = Style(color=look.colour("text"), bgcolor=look.colour("link_tint"), underline=True)
    return _restyle(strip, cells(text[:start]), cells(text[:end]), lambda style: style + mark)


def _selected(strip: Strip, row: Row, span: tuple[int, int], frame: Frame) -> Strip:
    first, last = span
    text = strip.text
    first = max(first, row.left)
    last = row.right if last < 0 else min(last, row.right)
    if first >= last:
        return strip
    return _on(strip, cells(text[:first]), cells(text[:last]), "select", frame)


def _on(strip: Strip, start: int, end: int, part: Part, frame: Frame) -> Strip:
    if frame.look.theme.flat:
        return _restyle(strip, start, end, lambda style: style + Style(reverse=True))
    surface = Style(bgcolor=frame.look.colour(part))
    return _restyle(strip, start, end, lambda style: style + surface)


def _colour(frame: Frame, part: Part) -> Color | None:
    return None if frame.look.theme.flat else Color.parse(frame.look.colour(part))


def _swap(style: Style, plain: Color | None, fill: Color | None) -> Style:
    if fill is None or style.bgcolor != plain:
        return style
    return style + Style(bgcolor=fill)


def _restyle(strip: Strip, start: int, end: int, change: Callable[[Style], Style]) -> Strip:
    width = strip.cell_length
    start, end = max(0, start), min(end, width)
    if start >= end:
        return strip
    middle = strip.crop(start, end)
    changed = Strip([Segment(text, change(style or Style())) for text, style, _ in middle], end - start)
    return _put(strip, start, changed)


def _put(strip: Strip, start: int, piece: Strip) -> Strip:
    end = start + piece.cell_length
    return Strip.join([strip.crop(0, start), piece, strip.crop(end, strip.cell_length)])
