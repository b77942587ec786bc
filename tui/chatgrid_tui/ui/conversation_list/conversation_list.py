"""The list of conversations: one widget on the line API, for any number of them.

A widget for each conversation takes seconds and hundreds of megabytes for a few thousand. Here, only the rows in view
are drawn, and drawn rows are cached.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Final

from rich.segment import Segment
from textual import events
from textual.binding import BindingType
from textual.geometry import Offset, Size
from textual.message import Message
from textual.strip import Strip

from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.appearance import Look, look_of
from chatgrid_tui.ui.conversation_list.list_keys import LIST_KEYS, RowTask
from chatgrid_tui.ui.conversation_list.list_notice import ListNotice
from chatgrid_tui.ui.conversation_list.list_row import DrawnRows, RowState
from chatgrid_tui.ui.conversation_list.row_layout import DRAWN_LINES, RowLayout
from chatgrid_tui.ui.conversation_list.row_marks import RowMarks
from chatgrid_tui.ui.conversation_list.row_source import GivenRows, RowSource
from chatgrid_tui.ui.widgets.cells import cut, filled, is_tall
from chatgrid_tui.ui.widgets.line_view import LineView
from chatgrid_tui.ui.widgets.tone import Tone

_EMPTY: Final = ListNotice("No conversations yet. The first one is kept here as soon as you send a message.")
_MARGIN: Final = 2
_MENU_INDENT: Final = 6
_RIGHT: Final = 3


class ConversationList(LineView, can_focus=True, inherit_bindings=False):
    """Shows two lines per conversation, in groups by day, in the given order, with more space on a tall screen."""

    BINDINGS: ClassVar[list[BindingType]] = list(LIST_KEYS)

    @dataclass
    class Opened(Message):
        """A conversation was chosen, by Enter or a click."""

        conversation_id: int

    @dataclass
    class Asked(Message):
        """Something should be done with conversations: the marked ones, or the one at the cursor."""

        task: RowTask
        conversation_ids: Sequence[int]

    @dataclass
    class MenuAsked(Message):
        """The menu of these conversations should be opened at a cell of the screen."""

        conversation_ids: Sequence[int]
        at: Offset

    class FilterAsked(Message):
        """The filter should be opened."""

    class ArchiveAsked(Message):
        """The archived conversations should be shown, or the others again."""

    class NoticePressed(Message):
        """The notice below the rows was clicked."""

    class MarksChanged(Message):
        """Other rows are marked."""

    @dataclass
    class SeenTo(Message):
        """This is about the last conversation in view: those after it may be needed next."""

        conversation_id: int

    @dataclass
    class Highlighted(Message):
        """The keys now act on another conversation."""

        conversation_id: int

    def __init__(self, now: Callable[[], datetime], *, id: str | None = None) -> None:  # noqa: A002
        """`now` returns the current time, aware, in the local time zone."""
        super().__init__(id=id)
        self._now = now
        self._rows: RowSource = GivenRows()
        self._is_loaded = False  # until then, the list is not called empty
        self._layout = RowLayout()
        self._grouped_on: date | None = None
        self._open_id: int | None = None
        self._cursor = 0
        self._marks = RowMarks()
        self._is_active = False
        self._hovered: int | None = None
        self._notice = ListNotice()
        self._drawn = DrawnRows()

    # Content ------------------------------------------------------------------------------------------------

    @property
    def rows(self) -> RowSource:
        """The rows in display order."""
        return self._rows

    def set_rows(self, rows: RowSource) -> None:
        """Show these conversations in this order.

        The cursor stays on its conversation, and moves to the open one when that appears in the list.
        """
        had_open, before = self._place_of(self._open_id) is not None, self.highlighted
        self._rows, self._is_loaded = rows, True
        opened = None if had_open else self._place_of(self._open_id)
        place = self._place_of(before) if opened is None else opened
        self._cursor = max(0, min(self._cursor if place is None else place, len(self._rows) - 1))
        self._hovered = None
        self._marks.keep(rows)
        self._group()
        if self.is_attached:
            if opened is not None:
                self.call_after_refresh(self._bring_into_view)
            self._report_seen()

    def refresh_row(self, conversation_id: int) -> None:
        """Draw the row of a conversation again, if it has one, since its content changed."""
        self._repaint(self._place_of(conversation_id))

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
    def marked(self) -> frozenset[int]:
        """The ids of the marked rows."""
        return self._marks.ids

    @property
    def highlighted(self) -> int | None:
        """The conversation that keys act on; None if the list is empty."""
        return self._rows[self._cursor].id if self._rows else None

    def set_active(self, is_active: bool) -> None:
        """Set whether keys act on the list although another widget has the focus."""
        self._is_active = is_active
        self._repaint(self._cursor)

    def notice(self, text: str, tone: Tone = "quiet") -> None:
        """Show a text below the rows, such as loading, offline, nothing matches. An empty text removes it."""
        at_end = self.scroll_offset.y >= self.max_scroll_y > 0
        self._notice = ListNotice(clean_line(text), tone)
        self._resize_contents()
        if at_end and text:
            self.scroll_end(animate=False, immediate=True)

    def look_changed(self) -> None:
        """Draw again after the colours or signs changed."""
        self._drawn = DrawnRows()
        super().look_changed()

    # Drawing ------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """Return a row of the widget. Overrides `Widget.render_line`."""
        look, width = look_of(self), self.size.width
        line = y + self.scroll_offset.y
        if line >= self._layout.end:
            return self._text_below.line(line - self._layout.end, look, width)
        row, fill = self._layout.row_at(line), look.style("text", "panel")
        if row is not None:
            index, part = row
            return self._row(index, look, width)[part] if part < DRAWN_LINES else Strip.blank(width, fill)
        heading = cut(self._layout.heading_at(line), max(0, width - 2 * _MARGIN), look.signs.more)
        return filled([Segment(" " * _MARGIN, fill), Segment(heading, look.style("muted", "panel"))], width, fill)

    def _row(self, index: int, look: Look, width: int) -> tuple[Strip, Strip]:
        row = self._rows[index]
        state = RowState(
            is_open=row.id == self._open_id,
            at_cursor=(self.has_focus or self._is_active) and index == self._cursor,
            under_mouse=index == self._hovered,
            is_marked=row.id in self._marks.ids,
        )
        return self._drawn.draw(row, state, look, width, self._now())

    # Size and place -----------------------------------------------------------------------------------------

    def _group(self) -> None:
        now = self._now()
        self._grouped_on = now.date()
        spaced = self.is_attached and is_tall(self)
        self._layout = RowLayout(self._rows.groups(now), len(self._rows), spaced=spaced)
        self._resize_contents()

    def _resize_contents(self) -> None:
        is_drawn = self.is_attached and self.size.width
        below = self._text_below.height(look_of(self), self.size.width) if is_drawn else 0
        self.virtual_size = Size(0, self._layout.end + below)
        self.refresh()

    @property
    def _text_below(self) -> ListNotice:
        return self._notice if self._notice.text or self._rows or not self._is_loaded else _EMPTY

    def _index_at(self, y: int) -> int | None:
        """Return the index of the row whose text is at a line of the widget."""
        row = self._layout.row_at(y + self.scroll_offset.y)
        return row[0] if row is not None and row[1] < DRAWN_LINES else None

    def _place_of(self, conversation_id: int | None) -> int | None:
        return None if conversation_id is None else self._rows.place_of(conversation_id)

    def _repaint(self, index: int | None) -> None:
        if index is not None and index < len(self._rows):
            self.refresh_lines(self._layout.line_of(index), DRAWN_LINES)

    # Moving -------------------------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """Move the cursor by a number of conversations."""
        self._move_to(self._cursor + by)

    def action_page(self, direction: int) -> None:
        """Move the cursor by about a screen."""
        self._move_to(self._cursor + direction * max(1, self.size.height // self._layout.row_lines - 1))

    def action_go(self, place: int) -> None:
        """Move the cursor to the first (0) or last (-1) conversation."""
        self._move_to(place if place >= 0 else len(self._rows) + place)

    def action_open(self) -> None:
        """Open the conversation at the cursor."""
        if (conversation_id := self.highlighted) is not None:
            self.post_message(self.Opened(conversation_id))

    def action_ask(self, task: RowTask) -> None:
        """Ask for something to be done with the marked conversations, or the one at the cursor."""
        if self.highlighted is not None:
            of_one = task in ("rename", "memory")
            self.post_message(self.Asked(task, [self.highlighted] if of_one else self._chosen))

    def action_menu(self) -> None:
        """Ask for the menu of the marked conversations, or the one at the cursor, below its row."""
        if self.highlighted is not None:
            line = self._layout.line_of(self._cursor) + DRAWN_LINES - self.scroll_offset.y
            self.post_message(self.MenuAsked(self._chosen, self.region.offset + Offset(_MENU_INDENT, line)))

    @property
    def _chosen(self) -> Sequence[int]:
        return self._marks.in_order(self._rows) or self._rows.ids(self._cursor, self._cursor + 1)

    def action_mark(self) -> None:
        """Mark the conversation at the cursor, or take its mark away."""
        if self.highlighted is not None:
            self._marks.toggle(self.highlighted)
            self._marks_changed()

    def action_mark_to(self, by: int) -> None:
        """Move the cursor, and mark what it passes."""
        if self._rows:
            before = self._cursor
            self._move_to(before + by)
            self._mark_from(before)

    def _mark_from(self, before: int) -> None:
        self._marks.extend(self._rows, before, self._cursor)
        self._marks_changed()

    def action_mark_all(self) -> None:
        """Mark all conversations that are listed, or none if all are marked."""
        self._marks.mark_all(self._rows)
        self._marks_changed()

    def clear_marks(self) -> bool:
        """Take all marks away. Return whether there were any."""
        if cleared := self._marks.clear():
            self._marks_changed()
        return cleared

    def _marks_changed(self) -> None:
        self.refresh()
        self.post_message(self.MarksChanged())

    def action_show_archive(self) -> None:
        """Ask for the archive, or the list again."""
        self.post_message(self.ArchiveAsked())

    def action_filter(self) -> None:
        """Ask for the filter."""
        self.post_message(self.FilterAsked())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Report how far down the list was read. Overrides `Widget.watch_scroll_y`."""
        super().watch_scroll_y(old_value, new_value)
        self._report_seen()

    def _report_seen(self) -> None:
        """Report the last row in view and a screen more, so that the next rows are loaded in time."""
        if not self._rows or not self.size.height:
            return
        line = min(2 * self.size.height + self.scroll_offset.y, self._layout.end - 1)
        row = self._layout.row_at(line)
        self.post_message(self.SeenTo(self._rows[len(self._rows) - 1 if row is None else row[0]].id))

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
        top = self._layout.top_of(self._cursor)
        bottom = self._layout.line_of(self._cursor) + DRAWN_LINES
        if self._cursor == len(self._rows) - 1:
            bottom = self.virtual_size.height  # with the notice below the rows
        offset, height = self.scroll_offset.y, self.size.height
        if top < offset:
            self.scroll_to(y=top, animate=False)
        elif bottom > offset + height:
            self.scroll_to(y=bottom - height, animate=False)

    def on_mount(self) -> None:
        """Wait for midnight, when `Today` becomes `Yesterday`."""
        self.set_interval(60.0, self.follow_the_day)

    def follow_the_day(self) -> None:
        """Group again if the rows were grouped on another day."""
        if self._now().date() != self._grouped_on:
            self._group()

    def on_resize(self) -> None:
        """Place the rows and wrap the notice again, and keep the cursor in view."""
        self._group()
        if self.has_focus:
            self._bring_into_view()

    def on_focus(self) -> None:
        """Show the cursor."""
        self._repaint(self._cursor)

    def on_blur(self) -> None:
        """Hide the cursor, which goes back to the open conversation."""
        self._repaint(self._cursor)
        if (place := self._place_of(self._open_id)) is not None:
            self._cursor = place

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Highlight the row under the mouse."""
        self._hover(self._index_at(event.y))

    def on_leave(self) -> None:
        """Remove the highlight of the mouse."""
        self._hover(None)

    def _hover(self, index: int | None) -> None:
        if index != self._hovered:
            before, self._hovered = self._hovered, index
            self._repaint(before)
            self._repaint(index)

    def on_click(self, event: events.Click) -> None:
        """Open the conversation that was clicked; mark it with Ctrl or Shift; open its menu with the right button."""
        if event.y + self.scroll_offset.y > self._layout.end:
            self.post_message(self.NoticePressed())
        event.stop()
        if (index := self._index_at(event.y)) is None:
            return
        before = self._cursor
        self._move_to(index)
        if event.button == _RIGHT:
            if self.highlighted not in self._marks.ids:
                self.clear_marks()
            self.post_message(self.MenuAsked(self._chosen, event.screen_offset))
        elif event.ctrl:
            self.action_mark()
        elif event.shift:
            self._mark_from(before)
        else:
            self.action_open()
