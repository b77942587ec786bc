"""Paint the mouse, the cursor, the focus and the selection over rows, which are not changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from chatgrid_tui.ui.appearance import Part
from chatgrid_tui.ui.transcript.find.matching import Highlight
from chatgrid_tui.ui.transcript.render.bubble_tasks import show_tasks
from chatgrid_tui.ui.transcript.render.frame import Frame
from chatgrid_tui.ui.transcript.render.rows import Row
from chatgrid_tui.ui.transcript.render.styles import Colour
from chatgrid_tui.ui.transcript.render.wrap import cells
from chatgrid_tui.ui.transcript.targets import AttachmentTarget, ChoiceTarget, CodeTarget, Target, is_offer

COPY_CODE = ("Ctrl+Y", " Copy")


@dataclass(frozen=True, slots=True)
class Overlay:
    """What is painted over one row."""

    hovered: bool = False
    cursor: bool = False
    focus: Target | None = None
    mouse: Target | None = None
    selected: tuple[int, int] | None = None
    """The selected characters of the row; an end of -1 is the end of its text."""
    found: Sequence[Highlight] = ()

    @property
    def empty(self) -> bool:
        """Whether the row is shown as it is."""
        return not (self.hovered or self.cursor or self.focus or self.mouse or self.selected or self.found)


PLAIN = Overlay()


def paint(row: Row, overlay: Overlay, frame: Frame) -> Strip:
    """Return the strip of a row with its overlay."""
    strip = row.strip
    if overlay.empty:
        return strip
    if overlay.hovered or overlay.cursor:
        strip = _bubble(strip, row, overlay, frame)
    for spot in row.spots:
        if overlay.focus is not None and spot.target == overlay.focus:
            strip = _focused(strip, row, spot.start, spot.end, spot.target, frame)
        elif overlay.mouse is not None and spot.target == overlay.mouse:
            if isinstance(spot.target, CodeTarget):
                strip = _named_key(strip, spot.start, spot.end, frame)
            else:
                strip = _on(strip, spot.start, spot.end, "select", frame)
    for start, end, present in overlay.found:
        strip = _found(strip, start, end, frame, present=present)
    if overlay.selected is not None:
        strip = _selected(strip, row, overlay.selected, frame)
    return strip


def _bubble(strip: Strip, row: Row, overlay: Overlay, frame: Frame) -> Strip:
    left, right = row.sheet
    raised: Colour = "panel" if frame.look.bubbles == "plain" else frame.speaker.hi
    plain, fill = frame.bot().bgcolor, frame.bot(on=raised).bgcolor
    if row.kind in ("text", "edge") and row.bubble >= 0 and fill is not None:
        strip = _restyle(strip, left, right, lambda style: _swap(style, plain, fill))
    if overlay.cursor and row.kind in ("text", "mine", "error"):
        surface = {"mine": frame.mine.surface, "error": frame.error.surface}.get(row.kind, raised)
        style = frame.look.style("accent", surface, reverse=frame.look.theme.flat and row.kind == "error")
        strip = _put(strip, left, Strip([Segment(frame.signs.here, style)], 1))
    return show_tasks(strip, row, frame, make_room=overlay.cursor) if row.tasks_end else strip


def _focused(strip: Strip, row: Row, start: int, end: int, target: Target, frame: Frame) -> Strip:
    if frame.look.theme.flat:
        return _restyle(strip, start, end, lambda style: style + Style(reverse=True))
    if isinstance(target, ChoiceTarget) and start == frame.grid.left:  # a row of the first screen
        strip = _on(strip, start, end, "select", frame)
        return _put(strip, start, Strip([Segment(frame.signs.here, frame.look.style("accent", "select"))], 1))
    if isinstance(target, AttachmentTarget):
        strip = _on(strip, start, row.sheet[1], "select", frame)
        return _put(strip, row.sheet[0], Strip([Segment(frame.signs.here, frame.bot("accent"))], 1))
    if isinstance(target, CodeTarget):
        return _named_key(strip, start, end, frame)
    accent = frame.look.style("on_accent", "accent", bold=is_offer(target))
    return _restyle(strip, start, end, lambda style: accent)


def _named_key(strip: Strip, start: int, end: int, frame: Frame) -> Strip:
    """Show how to copy a code block, in place of its language."""
    key, word = COPY_CODE
    accent, muted = frame.look.style("accent", "code", bold=True), frame.look.style("muted", "code")
    if end - start < cells(key + word):
        return _on(strip, start, end, "select", frame)
    return _put(strip, end - cells(key + word), Strip([Segment(key, accent), Segment(word, muted)]))


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


def _swap(style: Style, plain: Color | None, fill: Color) -> Style:
    if style.bgcolor == plain:
        return style + Style(bgcolor=fill)
    return style + Style(color=fill) if style.color == plain else style


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
