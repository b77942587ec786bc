"""The scroll bar: plain cells, without a track, and without partial blocks, which some fonts lack."""

from __future__ import annotations

from math import ceil
from typing import ClassVar

from rich.color import Color
from rich.segment import Segment, Segments
from rich.style import Style
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.widget import Widget

from chatgrid_tui.ui.appearance import UNICODE_SIGNS, look_of


class PlainScrollBar(ScrollBarRender):
    """Draws the thumb as a line of half cells."""

    sign: ClassVar[str] = "▐"

    @classmethod
    def render_bar(
        cls,
        size: int = 25,
        virtual_size: float = 50,
        window_size: float = 20,
        position: float = 0,
        thickness: int = 1,
        vertical: bool = True,
        back_color: Color = Color.default(),  # noqa: B008 (immutable)
        bar_color: Color = Color.default(),  # noqa: B008 (immutable)
    ) -> Segments:
        """Return the bar. The signature is Textual's. The metadata makes its cells react to the mouse."""
        start, end = _thumb(size, virtual_size, window_size, position)
        blank = " " * (thickness if vertical else 1)
        before = Segment(blank, Style(bgcolor=back_color, meta={"@mouse.down": "scroll_up"}))
        thumb = Segment(
            cls.sign * len(blank), Style(color=bar_color, bgcolor=back_color, meta={"@mouse.down": "grab"})
        )
        after = Segment(blank, Style(bgcolor=back_color, meta={"@mouse.down": "scroll_down"}))
        cells = [before] * start + [thumb] * (end - start) + [after] * (size - end)
        if vertical:
            return Segments(cells, new_lines=True)
        return Segments([*cells, Segment.line()] * thickness)


class _AsciiScrollBar(PlainScrollBar):
    sign = "|"


def _thumb(size: int, virtual_size: float, window_size: float, position: float) -> tuple[int, int]:
    """Return the first cell of the thumb in a bar of `size` cells, and the one after its last."""
    if not (window_size and size and virtual_size > window_size):
        return 0, 0
    length = min(size, max(1, ceil(size * window_size / virtual_size)))
    start = round((size - length) * min(1.0, position / (virtual_size - window_size)))
    return start, start + length


def move_scroll_bar(widget: Widget, *, lines: int, position: float) -> None:
    """Let the scroll bar of `widget` show that the first of its rows is at `position` of `lines`.

    It is drawn only if that moves a cell of the thumb: it costs more than the line that a reply grows by.
    """
    bar, height = widget.vertical_scrollbar, widget.size.height
    before = _thumb(bar.size.height, bar.window_virtual_size, bar.window_size, bar.position)
    bar.set_reactive(ScrollBar.window_virtual_size, lines)
    bar.set_reactive(ScrollBar.window_size, height)
    bar.set_reactive(ScrollBar.position, bar.validate_position(position))
    if _thumb(bar.size.height, lines, height, bar.position) != before:
        bar.refresh()


def use_plain_scroll_bar(widget: Widget) -> None:
    """Use a plain scroll bar in `widget`. Textual documents setting it per instance."""
    renderer = PlainScrollBar if look_of(widget).signs == UNICODE_SIGNS else _AsciiScrollBar
    widget.vertical_scrollbar.renderer = renderer  # type: ignore[misc]  # although declared a ClassVar
