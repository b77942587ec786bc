"""The list of conversations: one widget on the line API, whatever their number.

A widget per conversation costs seconds and hundreds of megabytes at a few thousand; here only the rows in
view are drawn, and drawn rows are kept.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.appearance import Look, look_of
from chatgrid_tui.ui.key_labels import either_case
from chatgrid_tui.ui.widgets.cells import filled, wrapped
from chatgrid_tui.ui.widgets.line_view import LineView, draw_heading
from chatgrid_tui.ui.widgets.list_row import ListRow, RowState, draw_row
from chatgrid_tui.ui.widgets.row_source import GivenRows, RowSource
from chatgrid_tui.ui.widgets.tone import Tone, part_of, with_sign

_ROW_LINES = 2
_HEADING_LINES = 2
"""A blank line and the heading."""
_EMPTY = "No conversations yet. The first one is kept here as soon as you send a message."
_A_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class _Group:
    heading: str
    line: int
    """The line of the list where its blank line stands."""
    first: int
    """The index of its first row."""


class ConversationList(LineView, can_focus=True, inherit_bindings=False):
    """Two lines a conversation, in groups by day. The rows are shown in the order they are given."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False, id="list.up"),
        Binding("down", "move(1)", "Down", show=False, id="list.down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="list.page_up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="list.page_down"),
        Binding("home", "go(0)", "First", show=False, id="list.first"),
        Binding("end", "go(-1)", "Last", show=False, id="list.last"),
        Binding("enter", "open", "Open", show=False, id="list.open"),
        Binding(either_case("r"), "ask('rename')", "Rename", show=False, id="list.rename"),
        Binding("delete,backspace", "ask('delete')", "Delete", show=False, id="list.delete"),
        Binding(either_case("m"), "ask('memory')", "Memory", show=False, id="list.memory"),
    ]

    @dataclass
    class Opened(Message):
        """A conversation was chosen, by Enter or by a click."""

        conversation_id: int

    @dataclass
    class Asked(Message):
        """Something is to be done with a conversation: `rename`, `delete` or `memory`."""

        task: str
        conversation_id: int

    @dataclass
    class SeenTo(Message):
        """This is the last conversation that is in view, or nearly so: those after it will be looked at next."""

        conversation_id: int

    @dataclass
    class Highlighted(Message):
        """The keys now act on another conversation."""

        conversation_id: int

    def __init__(self, now: Callable[[], datetime], *, id: str | None = None) -> None:  # noqa: A002
        """`now` returns the time, aware, in the zone that times are shown in."""
        super().__init__(id=id)
        self._now = now
        self._rows: RowSource = GivenRows()
        self._groups: list[_Group] = []
        self._group_lines: list[int] = []
        self._grouped_on: date | None = None
        self._open_id: int | None = None
        self._cursor = 0
        self._hovered: int | None = None
        self._notice: tuple[str, Tone] = ("", "quiet")
        self._drawn: LRUCache[tuple[object, ...], tuple[Strip, Strip]] = LRUCache(512)

    # What it shows ------------------------------------------------------------------------------------------

    @property
    def rows(self) -> Sequence[ListRow]:
        """The rows, in the order shown."""
        return self._rows

    def set_rows(self, rows: Sequence[ListRow]) -> None:
        """Show these conversations, in this order.

        The cursor stays with its conversation, and goes to the open one when that comes into the list.
        """
        had_open = self._place_of(self._open_id) is not None
        at_cursor = self.highlighted if had_open or self._open_id is None else self._open_id
        self._rows = rows if isinstance(rows, RowSource) else GivenRows(rows)
        place = self._place_of(at_cursor)
        self._cursor = max(0, min(self._cursor if place is None else place, len(self._rows) - 1))
        self._hovered = None
        self._group()
        if not had_open and self._place_of(self._open_id) is not None and self.is_attached:
            self.call_after_refresh(self._bring_into_view)
        if self.is_attached:
            self._tell_seen()

    def update_row(self, row: ListRow) -> None:
        """Show `row` in the place of the one with its id; where none is shown, nothing changes."""
        index = self._place_of(row.id)
        if index is not None and self._rows.changed(index, row):
            self._repaint(index)

    @property
    def open_id(self) -> int | None:
        """The conversation on the page."""
        return self._open_id

    @open_id.setter
    def open_id(self, conversation_id: int | None) -> None:
        if conversation_id == self._open_id:
            return
        before, self._open_id = self._open_id, conversation_id
        for changed in (before, conversation_id):
            self._repaint(self._place_of(changed))
        if (place := self._place_of(conversation_id)) is not None:
            self._move_to(place)

    @property
    def highlighted(self) -> int | None:
        """The conversation that the keys act on, None where there is none."""
        return self._rows[self._cursor].id if self._rows else None

    def notice(self, words: str, tone: Tone = "quiet") -> None:
        """Say something below the rows: loading, offline, nothing matches. Empty words take it away."""
        at_end = self.scroll_offset.y >= self.max_scroll_y > 0
        self._notice = (clean_line(words), tone)
        self._resize_contents()
        if at_end and words:
            self.scroll_end(animate=False, immediate=True)

    def look_changed(self) -> None:
        """Draw anew with other colours or signs."""
        self._drawn.clear()
        super().look_changed()

    # Drawing ------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """Return a row of the list as it is on the screen (Textual asks for it)."""
        look, width = look_of(self), self.size.width
        line = y + self.scroll_offset.y
        group_at = bisect_right(self._group_lines, line) - 1
        if group_at < 0 or line >= self._rows_end:
            return self._notice_line(line - self._rows_end, look, width)
        group = self._groups[group_at]
        within = line - group.line
        if within == 0:
            return Strip.blank(width, look.style("text", "panel"))
        if within == 1:
            return draw_heading(group.heading, look, width, surface="panel", start=2)
        place, half = divmod(within - _HEADING_LINES, _ROW_LINES)
        return self._row(group.first + place, look, width)[half]

    def _row(self, index: int, look: Look, width: int) -> tuple[Strip, Strip]:
        row = self._rows[index]
        state = RowState(
            is_open=row.id == self._open_id,
            at_cursor=self.has_focus and index == self._cursor,
            under_mouse=index == self._hovered,
        )
        now = self._now()
        key = (row, state, look, width, now.date())
        strips = self._drawn.get(key)
        if strips is None:
            strips = self._drawn[key] = draw_row(row, state, look, width, now)
        return strips

    def _notice_line(self, line: int, look: Look, width: int) -> Strip:
        words, tone = self._said_below
        lines = self._notice_lines(words, tone, look, width)
        fill = look.style("text", "panel")
        if not 1 <= line <= len(lines):
            return Strip.blank(width, fill)
        style = look.style(part_of(tone), "panel")
        return filled([Segment("  ", fill), Segment(lines[line - 1], style)], width, fill)

    @property
    def _said_below(self) -> tuple[str, Tone]:
        return self._notice if self._notice[0] or self._rows else (_EMPTY, "quiet")

    def _notice_lines(self, words: str, tone: Tone, look: Look, width: int) -> list[str]:
        """A sentence a line where there are two, as the first is the news and the second the advice."""
        sentences = with_sign(tone, words, look.signs).replace(". ", ".\n")
        return wrapped(sentences, width - 3)

    # Size and place -----------------------------------------------------------------------------------------

    @property
    def _rows_end(self) -> int:
        return len(self._rows) * _ROW_LINES + len(self._groups) * _HEADING_LINES

    def _group(self) -> None:
        now = self._now()
        self._grouped_on = now.date()
        self._groups = [
            _Group(group.heading, group.first * _ROW_LINES + number * _HEADING_LINES, group.first)
            for number, group in enumerate(self._rows.groups(now))
        ]
        self._group_lines = [group.line for group in self._groups]
        self._resize_contents()

    def _resize_contents(self) -> None:
        notice = 0
        if self._said_below[0] and self.is_attached and self.size.width:
            notice = 1 + len(self._notice_lines(*self._said_below, look_of(self), self.size.width))
        self.virtual_size = Size(0, self._rows_end + notice)
        self.refresh()

    def _line_of(self, index: int) -> int:
        group_at = bisect_right([group.first for group in self._groups], index) - 1
        group = self._groups[group_at]
        return group.line + _HEADING_LINES + (index - group.first) * _ROW_LINES

    def _index_at(self, y: int) -> int | None:
        line = y + self.scroll_offset.y
        group_at = bisect_right(self._group_lines, line) - 1
        if group_at < 0 or line >= self._rows_end:
            return None
        group = self._groups[group_at]
        within = line - group.line - _HEADING_LINES
        return group.first + within // _ROW_LINES if within >= 0 else None

    def _place_of(self, conversation_id: int | None) -> int | None:
        return None if conversation_id is None else self._rows.place_of(conversation_id)

    def _repaint(self, index: int | None) -> None:
        if index is not None and index < len(self._rows):
            self.refresh_lines(self._line_of(index), _ROW_LINES)

    # Moving -------------------------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """Move the cursor by so many conversations."""
        self._move_to(self._cursor + by)

    def action_page(self, direction: int) -> None:
        """Move the cursor by about a screen."""
        self._move_to(self._cursor + direction * max(1, self.size.height // _ROW_LINES - 1))

    def action_go(self, place: int) -> None:
        """Move the cursor to the first (0) or last (-1) conversation."""
        self._move_to(place if place >= 0 else len(self._rows) + place)

    def action_open(self) -> None:
        """Open the conversation at the cursor."""
        if self.highlighted is not None:
            self.post_message(self.Opened(self.highlighted))

    def action_ask(self, task: str) -> None:
        """Ask that something is done with the conversation at the cursor."""
        if self.highlighted is not None:
            self.post_message(self.Asked(task, self.highlighted))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Tell how far down one looks."""
        super().watch_scroll_y(old_value, new_value)
        self._tell_seen()

    def _tell_seen(self) -> None:
        """Tell the last row in view and a screen further, so that what comes next is there in time."""
        if self._rows and self.size.height:
            last = self._index_at(min(2 * self.size.height, self._rows_end - 1 - self.scroll_offset.y))
            self.post_message(self.SeenTo(self._rows[len(self._rows) - 1 if last is None else last].id))

    def _move_to(self, index: int) -> None:
        if not self._rows:
            return
        before, self._cursor = self._cursor, max(0, min(index, len(self._rows) - 1))
        self._repaint(before)
        self._repaint(self._cursor)
        self._bring_into_view()
        if before != self._cursor:
            self.post_message(self.Highlighted(self._rows[self._cursor].id))

    def _bring_into_view(self) -> None:
        if not self._rows:
            return
        top = self._line_of(self._cursor)
        bottom = top + _ROW_LINES
        if self._cursor == len(self._rows) - 1:
            bottom = self.virtual_size.height  # with what is said below the rows
        if any(group.first == self._cursor for group in self._groups):
            top -= _HEADING_LINES
        offset, height = self.scroll_offset.y, self.size.height
        if top < offset:
            self.scroll_to(y=top, animate=False)
        elif bottom > offset + height:
            self.scroll_to(y=bottom - height, animate=False)

    # Events -------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Begin to watch for midnight, when `Today` becomes `Yesterday`."""
        self.set_interval(_A_MINUTE, self.follow_the_day)

    def follow_the_day(self) -> None:
        """Group anew where the day is another one than when the rows were grouped."""
        if self._now().date() != self._grouped_on:
            self._group()

    def on_resize(self) -> None:
        """Wrap the notice anew, and keep in view where the keys act."""
        self._resize_contents()
        if self.has_focus:
            self._bring_into_view()

    def on_focus(self) -> None:
        """Show where the keys act."""
        self._repaint(self._cursor)

    def on_blur(self) -> None:
        """Show that the keys act elsewhere; the cursor goes back to the open conversation."""
        self._repaint(self._cursor)
        if (place := self._place_of(self._open_id)) is not None:
            self._cursor = place

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Follow the mouse."""
        self._hover(self._index_at(event.y))

    def on_leave(self) -> None:
        """The mouse went away."""
        self._hover(None)

    def _hover(self, index: int | None) -> None:
        if index != self._hovered:
            before, self._hovered = self._hovered, index
            self._repaint(before)
            self._repaint(index)

    def on_click(self, event: events.Click) -> None:
        """Open what was clicked."""
        index = self._index_at(event.y)
        if index is not None:
            event.stop()
            self._move_to(index)
            self.post_message(self.Opened(self._rows[index].id))
