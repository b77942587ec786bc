"""The rows of the wire pane as a widget: the cursor, scrolling, filters and holding."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events
from textual.binding import BindingType
from textual.cache import LRUCache
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from chatgrid_tui.engine.stream_report import STALL
from chatgrid_tui.model.hue import Hue
from chatgrid_tui.ui.appearance import Look, look_of
from chatgrid_tui.ui.widgets.line_view import DirectLines, LineView
from chatgrid_tui.ui.widgets.scroll_bar import move_scroll_bar
from chatgrid_tui.ui.wire.row_drawing import Columns, RowState, columns_for, draw_gap, draw_row
from chatgrid_tui.ui.wire.row_keys import ROW_KEYS

if TYPE_CHECKING:  # loaded when the pane is opened
    from chatgrid_tui.ui.wire.effects import Group
    from chatgrid_tui.ui.wire.request_actions import RequestTask
    from chatgrid_tui.ui.wire.wire_log import WireLog, WireRow

_SEARCHED: Final = 16 * 1024
"""Bytes of a row that are searched for a pattern."""


class WireRows(LineView, DirectLines, can_focus=True, inherit_bindings=False):
    """One line for each row that passes the filters, and one for each gap of more than a second.

    Rows are listed by `scan`, in steps, as the log grows. Only rows in view are drawn.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*ROW_KEYS]
    DEFAULT_CSS = """
    WireRows {
        overflow-y: scroll;
    }
    """

    @dataclass
    class Chosen(Message):
        """The cursor moved to another row."""

        row: int

    @dataclass
    class RequestWanted(Message):
        """A key requests an action on the request that a row belongs to."""

        task: RequestTask
        row: WireRow

    @dataclass
    class Wanted(Message):
        """A key requests an action of the pane: `show`, `full`, `filter`, `type`, `copy`, `next view`, `previous
        view`, `save`, `keep`, `try`, `held` or `no mark`.
        """

        what: str

    def __init__(self) -> None:
        super().__init__()
        self._log: WireLog | None = None
        self._lines = array("q")
        """Twice the number of each row in view plus one; for the line of the gap before it, one less."""
        self._scanned = 0
        self._group: Group | None = None
        self._matches: Callable[[bytes], bool] | None = None
        self._held: int | None = None
        self._cursor = 0
        self._following = False
        self._hovered: int | None = None
        self._total = 0.0
        self._hue: Hue | None = None
        self._drawn: LRUCache[tuple[int, RowState], Strip] = LRUCache(512)
        self._drawn_for: tuple[Columns, Look] | None = None
        self.notice_rows: Sequence[int] = ()
        """The rows with notices."""

    # What it shows

    def show(self, log: WireLog | None, *, hue: Hue | None, follow: bool) -> None:
        """List the rows of another reply; `follow` keeps the newest row in view."""
        self._log, self._hue, self._following = log, hue, follow
        self._cursor, self._held, self._total = 0, None, 0.0
        self._drawn.clear()
        self._start_again()
        self.scroll_to(y=0, animate=False)

    def show_only(self, group: Group | None, text: str) -> None:
        """List only the rows of a group, or those that a regular expression matches."""
        self._group = group
        pattern = _pattern(text)
        self._matches = None if pattern is None else lambda data: pattern.search(data, 0, _SEARCHED) is not None
        self._start_again()

    def scan(self) -> Iterator[None]:
        """List the rows that arrived since the last call, one step for each."""
        log = self._log
        if log is None:
            return
        matching = log.matching(self._group, self._matches, self._scanned)
        lines, plain = self._lines, self._group is None and self._matches is None
        for row in matching:
            if lines is not self._lines or log is not self._log:
                return  # the filter or the reply changed
            if row >= 0:
                if plain and log.gap(row) > STALL:
                    lines.append(2 * row)
                lines.append(2 * row + 1)
            self._scanned += 1
            yield

    def grown(self, total: float) -> None:
        """Show the newly listed rows. `total` is the seconds from sending to the end, or until now."""
        self._total = total
        if self._log is not None and self._held is None and self._following and self._lines:
            self._cursor_to(self._lines[-1] // 2)
        elif self._lines and self._cursor < self._scanned:
            self._cursor_to(self._lines[self._line_of_cursor()] // 2)  # to the next one if a filter left it out
        self._extent()
        self.refresh()

    @property
    def is_following(self) -> bool:
        """Whether the cursor moves to each new row."""
        return self._following

    @property
    def held(self) -> int | None:
        """The number of rows that arrived since the view was held; None if it is not held."""
        return None if self._held is None else len(self._lines) - self._held

    @property
    def chosen(self) -> WireRow | None:
        """The row with the cursor."""
        log = self._log
        return log.row(self._cursor) if log is not None and self._cursor < len(log) else None

    def choose(self, row: int) -> None:
        """Put the cursor on a row, and bring it into view."""
        self._following = False
        self._cursor_to(row)
        self._bring_into_view()

    def look_changed(self) -> None:
        """Redraw with other colours or signs."""
        self.refresh()

    # Drawing

    def render_line(self, y: int) -> Strip:
        """Overrides `Widget.render_line`."""
        look, width, log = look_of(self), self.size.width, self._log
        line = y + self.scroll_offset.y
        if log is None or line >= self._count:
            return Strip.blank(width, look.style("text", "panel"))
        row, is_row = divmod(self._lines[line], 2)
        if not is_row:
            return draw_gap(log.gap(row), self._columns, look)
        columns, state = self._columns, self._state(log, line, row)
        if (columns, look) != self._drawn_for:
            self._drawn_for = (columns, look)
            self._drawn.clear()
        strip = self._drawn.get((row, state))
        if strip is None:
            strip = draw_row(log.row(row), state, columns, look, look.speaker(self._hue).ink).adjust_cell_length(
                width
            )
            self._drawn[row, state] = strip
        return strip

    def _state(self, log: WireLog, line: int, row: int) -> RowState:
        first, following = log.rows_of_read(row)
        above = self._lines[line - 1] if line else -1
        below = self._lines[line + 1] if line + 1 < self._count else -1
        return RowState(
            total=self._total,
            chosen=row == self._cursor,
            focused=self.has_focus,
            hovered=line == self._hovered,
            goes_on=above >= 0 and above % 2 == 1 and first <= above // 2 < row,
            read_rows=following - first,
            ends_read=below < 0 or below // 2 >= following,
            has_characters=bool(log.char_spans(row)),
        )

    @property
    def _count(self) -> int:
        return len(self._lines) if self._held is None else min(self._held, len(self._lines))

    @property
    def _columns(self) -> Columns:
        return columns_for(self.size.width - 1, 0 if self._log is None else len(self._log))

    def _start_again(self) -> None:
        self._lines = array("q")
        self._scanned = 0
        self._held = None
        self._extent()
        self.refresh()

    def _extent(self) -> None:
        """Tell Textual the height to scroll, without a layout of the screen."""
        size = Size(self.size.width, self._count)
        if size != self.virtual_size:
            self.set_reactive(Widget.virtual_size, size)
        move_scroll_bar(self, lines=self._count, position=self.scroll_y)
        if (self._following and self._held is None) or self.scroll_y > max(0, self._count - self.size.height):
            self._scroll(max(0, self._count - self.size.height))

    def _scroll(self, top: int) -> None:
        if top != self.scroll_y:
            self.set_reactive(Widget.scroll_y, float(top))
            self.set_reactive(Widget.scroll_target_y, float(top))
            move_scroll_bar(self, lines=self._count, position=top)
            self.refresh()

    # Moving

    def action_move(self, by: int) -> None:
        """Move the cursor by a number of rows."""
        self._go(self._line_of_cursor() + by, by)

    def action_page(self, direction: int) -> None:
        """Move the cursor by about a screen."""
        self._go(self._line_of_cursor() + direction * max(1, self.size.height - 1), direction)

    def action_first(self) -> None:
        """Go to the first row."""
        self._go(0, 1)

    def action_last(self) -> None:
        """Go to the newest row, and follow it."""
        self._go(self._count - 1, -1)
        self._following = self._held is None

    def action_view(self, step: int) -> None:
        """Show the next (1) or previous (-1) view of the chosen row."""
        self.post_message(self.Wanted("next view" if step > 0 else "previous view"))

    def action_show_in_reply(self) -> None:
        """Show in the reply what the chosen row added."""
        self.post_message(self.Wanted("show"))

    def action_view_in_full(self) -> None:
        """Show the chosen row in full."""
        self.post_message(self.Wanted("full"))

    def action_copy(self) -> None:
        """Copy the bytes of the chosen row as text."""
        self.post_message(self.Wanted("copy"))

    def action_use_request(self, task: RequestTask) -> None:
        """Copy the request of the chosen row, or send it again."""
        if (row := self.chosen) is not None:
            self.post_message(self.RequestWanted(task, row))

    def action_want(self, what: str) -> None:
        """Request an action of the pane."""
        self.post_message(self.Wanted(what))

    def action_filter(self) -> None:
        """Ask for a pattern."""
        self.post_message(self.Wanted("filter"))

    def action_next_type(self) -> None:
        """List only the rows of the next type."""
        self.post_message(self.Wanted("type"))

    def action_hold(self) -> None:
        """Hold the view, or release it. The stream continues in either case."""
        self._held = len(self._lines) if self._held is None else None
        self._extent()
        self.refresh()
        self.post_message(self.Wanted("held"))

    def action_mark(self, step: int) -> None:
        """Move to the next (1) or previous (-1) row with an anomaly."""
        if self._log is None:
            return
        rows = [_nearest(marks, self._cursor, step) for marks in (self._log.marks, self.notice_rows)]
        if nearest := [row for row in rows if row is not None]:
            self.choose(min(nearest) if step > 0 else max(nearest))
        else:
            self.post_message(self.Wanted("no mark"))

    def _go(self, line: int, direction: int) -> None:
        """Move the cursor to the row of a line, or past a gap in the direction of the movement."""
        if not self._count:
            return
        line = max(0, min(line, self._count - 1))
        if not self._lines[line] % 2 and direction < 0 and line:
            line -= 1
        self._following = False
        self._cursor_to(self._lines[line] // 2)
        self._bring_into_view()

    def _cursor_to(self, row: int) -> None:
        if row != self._cursor:
            self._cursor = row
            self.refresh()
            self.post_message(self.Chosen(row))

    def _line_of_cursor(self) -> int:
        line = bisect_left(self._lines, 2 * self._cursor + 1, 0, self._count)
        return max(0, min(line, self._count - 1))

    def _bring_into_view(self) -> None:
        line, height = self._line_of_cursor(), max(1, self.size.height)
        top = line - (line > 0 and not self._lines[line - 1] % 2)  # with the gap before it
        if top < self.scroll_offset.y:
            self._scroll(top)
        elif line >= self.scroll_offset.y + height:
            self._scroll(line - height + 1)

    # Events

    def on_resize(self) -> None:
        """Keep the cursor in view."""
        self._extent()
        if self.has_focus and self._count:
            self._bring_into_view()

    def on_focus(self) -> None:
        """Show that keys act here."""
        self.refresh()

    def on_blur(self) -> None:
        """Show that keys act elsewhere."""
        self.refresh()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Overrides `Widget._on_mouse_scroll_up`: scroll at once."""
        event.stop()
        event.prevent_default()
        self._following = False
        self._scroll(max(0, self.scroll_offset.y - 3))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Overrides `Widget._on_mouse_scroll_down`: scroll at once."""
        event.stop()
        event.prevent_default()
        self._scroll(max(0, min(self.scroll_offset.y + 3, self._count - self.size.height)))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Highlight the row under the mouse."""
        self._hover(event.y + self.scroll_offset.y)

    def on_leave(self) -> None:
        """The mouse left."""
        self._hover(None)

    def _hover(self, line: int | None) -> None:
        if line != self._hovered:
            self._hovered = line
            self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Choose the row under the mouse."""
        line = event.y + self.scroll_offset.y
        if line < self._count:
            event.stop()
            self._following = False
            self._cursor_to(self._lines[line] // 2)


def _nearest(rows: Sequence[int], row: int, step: int) -> int | None:
    """Return the first of some rows after another one (1), or the last before it (-1)."""
    place = bisect_right(rows, row) if step > 0 else bisect_left(rows, row) - 1
    return rows[place] if 0 <= place < len(rows) else None


def _pattern(text: str) -> re.Pattern[bytes] | None:
    """Return the pattern that was typed; an invalid regular expression is matched literally."""
    if not text:
        return None
    encoded = text.encode("utf-8", "replace")
    try:
        return re.compile(encoded, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError):
        return re.compile(re.escape(encoded), re.IGNORECASE)
