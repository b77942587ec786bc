"""The scroll bar: plain cells, without a track and without the part-blocks that some fonts lack."""

from __future__ import annotations

from math import ceil

from rich.color import Color
from rich.segment import Segment, Segments
from rich.style import Style
from textual.scrollbar import ScrollBarRender
from textual.widget import Widget


class PlainScrollBar(ScrollBarRender):
    """Draws the thumb in whole cells."""

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
        """Return the bar; the signature is Textual's. The metas are what makes its cells answer the mouse."""
        start = end = 0
        if window_size and size and virtual_size > window_size:
            length = min(size, max(1, ceil(size * window_size / virtual_size)))
            start = round((size - length) * min(1.0, position / (virtual_size - window_size)))
            end = start + length
        blank = " " * (thickness if vertical else 1)
        before = Segment(blank, Style(bgcolor=back_color, meta={"@mouse.down": "scroll_up"}))
        thumb = Segment(blank, Style(color=bar_color, reverse=True, meta={"@mouse.down": "grab"}))
        after = Segment(blank, Style(bgcolor=back_color, meta={"@mouse.down": "scroll_down"}))
        cells = [before] * start + [thumb] * (end - start) + [after] * (size - end)
        if vertical:
            return Segments(cells, new_lines=True)
        return Segments([*cells, Segment.line()] * thickness)


def use_plain_scroll_bar(widget: Widget) -> None:
    """Let the scroll bar of `widget` be a plain one. (Textual documents this, per instance, as the way.)"""
    widget.vertical_scrollbar.renderer = PlainScrollBar  # type: ignore[misc]  # declared a ClassVar all the same
