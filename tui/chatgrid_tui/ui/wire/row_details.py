"""The lower part of the wire pane: one view of the chosen row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rich.segment import Segment
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from chatgrid_tui.ui.appearance import Look, look_of
from chatgrid_tui.ui.widgets.cells import cut, filled, width_of, wrapped
from chatgrid_tui.ui.widgets.line_view import DirectLines
from chatgrid_tui.ui.wire.row_views import VIEWS, RowView, View

_MARGIN: Final = 2
_FRAME: Final = 5
"""Rows outside the box: the title, the views, both edges, and the sentence."""
_LONGEST_LINE: Final = 2_000


class RowDetails(DirectLines):
    """Draws a view of the chosen row. A click on the name of another view shows it."""

    ALLOW_SELECT = False

    @dataclass
    class ViewPressed(Message):
        """The user selected another view."""

        view: View

    def __init__(self) -> None:
        super().__init__()
        self._title = self._place = ""
        self._view: View = "raw"
        self._content = RowView("")
        self._places: list[tuple[int, int, View]] = []
        self._drawn: list[Strip] = []
        self._drawn_for: tuple[Look, Size] | None = None

    def show(self, title: str, view: View, content: RowView, place: str) -> None:
        """Show a view of a row. `place` is a sentence on when it arrived."""
        self._title, self._view, self._content, self._place = title, view, content, place
        self._drawn_for = None
        self.refresh()

    @property
    def has_content(self) -> bool:
        """Whether a row is shown."""
        return bool(self._title)

    def clear(self) -> None:
        """Show no row."""
        self._title = ""
        self._drawn_for = None
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Overrides `Widget.render_line`."""
        look, width = look_of(self), self.size.width
        if (look, self.size) != self._drawn_for:
            self._drawn_for = (look, self.size)
            self._drawn = [self._line(y, look) for y in range(self.size.height)]
        return self._drawn[y] if y < len(self._drawn) else Strip.blank(width, look.style("text", "panel"))

    def _line(self, y: int, look: Look) -> Strip:
        width, height = self.size
        fill = look.style("text", "panel")
        if not self._title or y >= height:
            return Strip.blank(width, fill)
        margin = Segment(" " * _MARGIN, fill)
        room = max(1, width - 2 * _MARGIN)
        box_rows = max(1, height - _FRAME)
        match y:
            case 0:
                title = Segment(f"{self._title} ", look.style("strong", "panel", bold=True))
                line = look.signs.hairline * max(0, room - width_of([title]))
                return filled([margin, title, Segment(line, look.style("line", "panel"))], width, fill)
            case 1:
                return self._views(look, width)
            case _ if y in (2, 3 + box_rows):
                return _edge(look, room, width, is_upper=y == 2)
            case _ if y < 3 + box_rows:
                return self._box_line(y - 3, box_rows, room, look, width)
            case _ if y == 4 + box_rows:
                place = Segment(cut(self._place, room, look.signs.more), look.style("muted", "panel"))
                return filled([margin, place], width, fill)
            case _:
                return Strip.blank(width, fill)

    def on_click(self, event: events.Click) -> None:
        """Show the view under the mouse."""
        for start, end, view in self._places:
            if event.y == 1 and start <= event.x < end:
                event.stop()
                self.post_message(self.ViewPressed(view))

    def look_changed(self) -> None:
        """Redraw with other colours or signs."""
        self.refresh()

    def _views(self, look: Look, width: int) -> Strip:
        fill = look.style("text", "panel")
        segments, self._places = [Segment(" " * _MARGIN, fill)], []
        for view in VIEWS:
            chosen = view == self._view
            start = width_of(segments)
            style = look.style("strong" if chosen else "muted", "panel", bold=chosen, underline=chosen)
            segments.append(Segment(view.capitalize(), style))
            self._places.append((start, width_of(segments), view))
            segments.append(Segment("   ", fill))
        return filled(segments, width, fill)

    def _box_line(self, number: int, rows: int, room: int, look: Look, width: int) -> Strip:
        lines = _shown_lines(self._content.text, room - 2, rows + 1)
        text = lines[number] if number < len(lines) else ""
        if number == rows - 1 and len(lines) > rows:
            text = cut(text, room - 4, "") + look.signs.more
        code, margin = look.style("text", "code"), Segment(" " * _MARGIN, look.style("text", "panel"))
        segments = [Segment(" ", code), *_with_link(text, self._content.linked, look)]
        box = filled(segments, room, code)
        return filled([margin, *box], width, look.style("text", "panel"))


def _shown_lines(text: str, width: int, count: int) -> list[str]:
    """Return the first lines of a text, wrapped."""
    lines: list[str] = []
    for line in text.split("\n", count)[:count]:
        lines += wrapped(line[:_LONGEST_LINE].expandtabs(4), width) or [""]
        if len(lines) >= count:
            break
    return lines[:count]


def _with_link(text: str, linked: str, look: Look) -> list[Segment]:
    plain = look.style("text", "code")
    start = text.find(linked) if linked.strip() and len(linked) > 1 else -1
    if start < 0:
        return [Segment(text, plain)]
    marked = look.style("strong", "link_tint", underline=True)
    end = start + len(linked)
    return [Segment(text[:start], plain), Segment(text[start:end], marked), Segment(text[end:], plain)]


def _edge(look: Look, room: int, width: int, *, is_upper: bool) -> Strip:
    """Return an edge of the box."""
    fill = look.style("text", "panel")
    if look.theme.flat or look.signs.rule != "│":
        segments = [Segment(" " * _MARGIN, fill), Segment(look.signs.hairline * room, look.style("line", "panel"))]
        return filled(segments, width, fill)
    style = look.style("panel", "code") if is_upper else look.style("code", "panel")
    return filled([Segment(" " * _MARGIN, fill), Segment("▀" * room, style)], width, fill)
