"""The scroll bar: plain cells, without a track, and without partial blocks, which some fonts lack."""

from __future__ import annotations

from math import ceil
from typing import ClassVar

from rich.color import Color
from rich.segment import Segment, Segments
from rich.style import Style
from textual.scrollbar import ScrollBarRender
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
        start = end = 0
        if window_size and size and virtual_size > window_size:
            length = min(size, max(1, ceil(size * window_size / virtual_size)))
            start = round((size - length) * min(1.0, position / (virtual_size - window_size)))
            end = start + length
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


def use_plain_scroll_bar(widget: Widget) -> None:
    """Use a plain scroll bar in `widget`. Textual documents setting it per instance."""
    renderer = PlainScrollBar if look_of(widget).signs == UNICODE_SIGNS else _AsciiScrollBar
    widget.vertical_scrollbar.renderer = renderer  # type: ignore[misc]  # although declared a ClassVar
