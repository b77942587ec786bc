"""A conversation drawn and scrolled: the pane without what can be done in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from time import monotonic
from typing import Final

from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.ui.appearance import look_of
from chatgrid_tui.ui.transcript.layout.document import Placed
from chatgrid_tui.ui.transcript.notices import Explain
from chatgrid_tui.ui.transcript.pane_messages import BeginningNeared, FollowChanged
from chatgrid_tui.ui.transcript.render.grid import grid_for
from chatgrid_tui.ui.transcript.render.paint import PLAIN, Overlay, paint
from chatgrid_tui.ui.transcript.render.rows import Frame
from chatgrid_tui.ui.transcript.render.welcome import Welcome
from chatgrid_tui.ui.transcript.viewport import Reading, Viewport

_FRAME_BUDGET: Final = 0.01
"""Seconds after which a frame begins no other step of a long text; the rest comes with the next frames."""
_NEXT_FRAME: Final = 1 / 30
"""Seconds until the rest of a long text is drawn."""
_REDUCED_FRAME: Final = 1 / 2
"""Seconds between two frames with reduced motion."""


class TranscriptView(ScrollView, inherit_bindings=False):
    """Draws turns and follows them as they grow.

    Nothing is laid out while a reply streams: rows are drawn where they changed, and the extent of the page is
    set past Textual's layout. `scroll_y` counts in rows of which those far away are estimates; where an estimate
    is put right above the view, the page is moved along, so that what is read stays.
    """

    def __init__(
        self,
        explain: Explain,
        *,
        filled: bool = True,
        id: str | None = None,  # noqa: A002 - Textual's own name for it
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._filled = filled
        self._viewport = Viewport(explain)
        self._document = self._viewport.document
        self._next_frame: Timer | None = None
        self._drawn_at = 0.0
        self._dirty: set[int] = set()
        self._following = True
        self._new_lines = 0
        self._told = (True, 0)
        self._read: Reading | None = None
        self._arrived = True
        """The line that is read has been drawn at this width."""
        self._marking = False
        """Rows that stay may look otherwise when others change."""

    # What the application calls

    @property
    def following(self) -> bool:
        """Whether new text keeps coming into view."""
        return self._following

    @property
    def drawn(self) -> int:
        """How many turns are drawn just now; the others have estimated heights."""
        return self._document.drawn

    def show(self, turns: Sequence[Turn], *, at_end: bool = True) -> None:
        """Show another conversation, at its newest turn or at its oldest."""
        self._dirty.clear()
        self._read = None
        self._following, self._new_lines = at_end, 0
        self._document.show(turns, self._viewport.frame)
        if self.is_attached:
            self.screen.clear_selection()
        self._viewport.draw_first_screen()
        self._stand_at(0)
        self._settle()
        self.refresh()

    def welcome(self, welcome: Welcome) -> None:
        """Give what stands where there are no turns."""
        self._viewport.welcome = welcome
        self._viewport.draw_first_screen()
        self._settle()
        self.refresh()

    def turn_added(self, index: int) -> None:
        """A turn stands at `index` of the sequence now, the last one."""
        if self._viewport.frame is None:
            return
        before = self._document.heights.total
        self._document.added(index)
        if not self._following:
            self._new_lines += self._document.heights.total - before
        self._dirty |= self._document.stale(index)
        self._plan()

    def turns_replaced(self, first: int) -> None:
        """Other turns may stand from `first` on: a queued message was taken back, or goes out now."""
        if self._viewport.frame is None:
            return
        before = self._document.heights.total
        self._document.replaced(first)
        if not self._following:
            self._new_lines = max(0, self._new_lines + self._document.heights.total - before)
        self._viewport.draw_first_screen()
        self._settle()
        self.refresh()

    def turns_merged(self, turns: Sequence[Turn]) -> None:
        """These are the turns now; those that were there are among them. The row at the top stays where it is."""
        if self._viewport.frame is None:
            return
        self._dirty.clear()
        self.screen.clear_selection()
        reading = (
            None if self._following else self._read or self._viewport.reading(self.scroll_offset.y, self.size.height)
        )
        self._read, behind = self._viewport.merged(turns, reading)
        if self._read is not None:
            self._stand_where_read()
        elif not self._following:
            self._stand_at(0)
        self._new_lines += 0 if self._following else behind
        self._settle()
        self.refresh()
        self._look_for_older()

    def turn_changed(self, turn: Turn) -> None:
        """Draw what changed of a turn with the next frame. Turns that are not shown are ignored."""
        index = self._document.index_of(turn)
        if index is not None:
            self.redraw(index)

    def redraw(self, index: int) -> None:
        """Draw what changed of the turn at `index` with the next frame."""
        if index < len(self._document.heights):
            self._dirty |= self._document.stale(index)
            self._plan()

    def tick(self, now: datetime) -> None:
        """Count on what counts: to be called twice a second. `now` is aware."""
        if self._viewport.frame is not None:
            for index in self._document.tick(now):
                self.redraw(index)

    def set_today(self, today: date) -> None:
        """Say which date it is where the reader is."""
        if today != self._document.today:
            for index in self._document.day_changed(today):
                self.redraw(index)

    def look_changed(self) -> None:
        """The theme, the signs or the setting for motion changed: draw all anew, at the same place."""
        if self._viewport.frame is not None:
            self._document.restyle(self._new_frame())
            self.drawn_anew()
            self._colours()
            self._viewport.draw_first_screen()
            self._settle()
            self.refresh()

    def go_to_end(self) -> None:
        """Go to the newest text and follow it."""
        self._following, self._new_lines = True, 0
        if not self._document.turns:
            self._stand_at(max(0, self._viewport.total - self.size.height))
        self._settle()
        self.refresh()

    # Drawing

    def overlay(self, placed: Placed) -> Overlay:
        """Return what is laid over a row just now."""
        return PLAIN

    def drawn_anew(self) -> None:
        """All is drawn in another width or another look."""

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the strips of a part of the view. Kept strips go out as they are, past Textual's own cache."""
        filters = self.get_line_filters()
        background = self.background_colors[1]
        strips = [self._painted(y) for y in crop.line_range]
        for line_filter in filters:
            strips = [strip.apply_filter(line_filter, background) for strip in strips]
        if crop.column_span != (0, self.region.width):
            strips = [strip.crop(crop.x, crop.right) for strip in strips]
        return strips

    def render_line(self, y: int) -> Strip:
        """Return one row of the view."""
        return self._painted(y)

    def _painted(self, y: int) -> Strip:
        placed, frame = self._placed(y), self._viewport.frame
        if frame is None:
            return Strip.blank(self.region.width, Style.null())  # filters cannot do with none at all
        return frame.blank.strip if placed is None else paint(placed.row, self.overlay(placed), frame)

    def _placed(self, y: int) -> Placed | None:
        return self._viewport.placed(y, self.scroll_offset.y, self.size.height)

    def _new_frame(self) -> Frame:
        return Frame(grid_for(self.region.width, self.app.size.width), look_of(self), filled=self._filled)

    def _colours(self) -> None:
        look = look_of(self)
        ground, line = look.colour("ground"), look.colour("line")
        if look.theme.flat:
            ground, line = "ansi_default", "ansi_white"  # the terminal's own: no other colour is asked for
        self.styles.background = ground
        for name in ("", "_hover", "_active"):
            setattr(self.styles, f"scrollbar_background{name}", ground)
            setattr(self.styles, f"scrollbar_color{name}", line)

    # Frames

    def _plan(self, *, later: bool = False) -> None:
        """Draw what changed: now, or in the next frame if it must be `later`, or motion is reduced."""
        if self._next_frame is not None:
            return
        wait = _NEXT_FRAME if later else 0.0
        if look_of(self).reduced_motion:
            wait = max(wait, self._drawn_at + _REDUCED_FRAME - monotonic())
        if wait > 0:
            self._next_frame = self.set_timer(wait, self._draw_changes)
        else:
            self._draw_changes()

    def _draw_changes(self) -> None:
        """Draw what changed of the turns that changed, and show as much of that as is in view."""
        self._next_frame = None
        dirty, self._dirty = sorted(self._dirty), set()
        first: int | None = None
        top = self.scroll_offset.y
        until = monotonic() + _FRAME_BUDGET
        for number, index in enumerate(dirty):
            if number and monotonic() >= until:
                self._dirty.update(dirty[number:])
                break
            if index >= len(self._document.heights):
                continue
            start = self._document.heights.before(index)
            end = start + self._document.heights[index]
            inside = not self._following and start < top < end
            reading = self._viewport.reading(top, self.size.height) if inside else None
            changed, grown = self._document.draw(index)
            if grown and not self._following:
                before = top
                if end <= top:
                    top += grown
                elif reading is not None:  # what is above the line being read may have changed as well
                    top = self._viewport.row_of(reading, at_most=0)[0]
                self._stand_at(top)
                self._new_lines = max(0, self._new_lines + grown - (top - before))
            if changed is not None and (first is None or start + changed < first):
                first = start + changed
        if not self._arrived:
            self._stand_where_read()
            self.refresh()
        self._settle(until)
        top, size = self.scroll_offset.y, self.size
        if self._marking and dirty:
            self.refresh()
        elif first is not None and first < top + size.height:
            y = max(0, first - top)
            self.refresh(Region(0, y, size.width, size.height - y))
        self._drawn_at = monotonic()

    def _stand_where_read(self) -> None:
        """Go back to the line that was read before the width changed."""
        if self._read is not None:
            row, self._arrived = self._viewport.row_of(self._read)
            self._stand_at(row)

    def _settle(self, until: float | None = None) -> None:
        """Draw what is in view, set the extent, and scroll to the right row. No long text is drawn any further
        after `until`.
        """
        view, document, height = self._viewport, self._document, self.size.height
        if view.frame is None:
            return
        total, until = -1, monotonic() + _FRAME_BUDGET if until is None else until
        while document.turns and total != view.total:
            total = view.total
            end = max(0, total - height)
            top = end if self._following else min(self.scroll_offset.y, end)
            self._stand_at(document.settle(top, height, go_on=lambda: monotonic() < until))
        if self._following and document.turns:  # the first screen is read from its beginning
            self._stand_at(max(0, view.total - height))
        self._extent(view.total, height)
        view.changed()
        self._dirty.update(document.behind)
        if self._dirty:
            self._plan(later=True)
        self._tell()

    def _stand_at(self, top: int) -> None:
        """Scroll without anybody noticing: heights above were put right, or the text grew."""
        if top != self.scroll_y:
            self.set_reactive(Widget.scroll_y, float(top))
            self.set_reactive(Widget.scroll_target_y, float(top))
            self._viewport.changed()
            self.refresh()

    def _extent(self, total: int, height: int) -> None:
        """Tell Textual how much there is to scroll, without a layout of the whole screen."""
        size = Size(max(0, self.region.width - 1), total)
        if size != self.virtual_size:
            self.set_reactive(Widget.virtual_size, size)
        bar = self.vertical_scrollbar
        bar.window_virtual_size, bar.window_size, bar.position = total, height, self.scroll_y

    def _tell(self) -> None:
        state = (self._following, 0 if self._following else self._new_lines)
        if state != self._told:
            self._told = state
            self.post_message(FollowChanged(*state))

    # Scrolling and size

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The reader scrolled: draw what came into view; at the bottom new text is followed again."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self._read = None
            self._following = new_value >= self.max_scroll_y
            if self._following:
                self._new_lines = 0
            self._settle()
            self._look_for_older()

    def _look_for_older(self) -> None:
        """Tell that the beginning is near: there may be more before it."""
        if self.scroll_y < self.size.height:
            self.post_message(BeginningNeared())

    def on_resize(self, event: events.Resize) -> None:
        """Another size: all is drawn anew, and the line being read stays in view."""
        before, frame = self._viewport.frame, self._new_frame()
        if before is None or before.grid != frame.grid:
            if before is None:
                self._colours()
            elif not self._following:
                self._read = self._read or self._viewport.reading(self.scroll_offset.y, self.size.height)
            self.screen.clear_selection()
            self._document.show(self._document.turns, frame)
            self.drawn_anew()
            self._viewport.draw_first_screen()
            self._stand_where_read()
        self._settle()
        self.refresh()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll at once: a movement in between would be wrong as soon as a height is put right."""
        event.stop()
        event.prevent_default()
        self.scroll_relative(y=-3, animate=False)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll at once."""
        event.stop()
        event.prevent_default()
        self.scroll_relative(y=3, animate=False)
