"""The window onto a conversation: which rows are in view, and how they stay in place while text arrives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import Final, TypeAlias

from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.session.tasks import Steps
from chatgrid_tui.ui.transcript.layout.document import Document, Placed
from chatgrid_tui.ui.transcript.layout.turn_layout import EntryPlace
from chatgrid_tui.ui.transcript.render.frame import Frame
from chatgrid_tui.ui.transcript.render.rows import Outline, Row
from chatgrid_tui.ui.transcript.render.welcome import Welcome, welcome_rows

FIRST_SCREEN: Final = -1
"""The turn number of the first screen."""
FRAME_BUDGET: Final = 0.01
"""Seconds after which a frame starts no further step of a long text. The rest follows in the next frames."""
STEPS_AT_ONCE: Final = 8
"""How many steps of drawing a long text a key press or a resize waits for. The rest is drawn later."""

Reading: TypeAlias = tuple[int, EntryPlace]
"""A turn, and the place of a line in it that does not depend on the width."""


class Viewport:
    """A window of `height` rows that starts at row `top` of a document.

    At the end it follows new text, and elsewhere it keeps the line that is being read. The heights of turns that were
    never in view are estimates: when one above the window is corrected, `top` changes accordingly.
    """

    def __init__(
        self,
        document: Document,
        changed: Callable[[int | None], None],
        *,
        frame_budget: float = FRAME_BUDGET,
    ) -> None:
        """`changed` is called after each change, with the first line of the window that looks different, if any."""
        self.document = document
        self.top = 0
        self.height = 0
        self.following = True
        """Whether new text is scrolled into view."""
        self.new_lines = 0
        """The number of rows that arrived below the window while it did not follow."""
        self.dirty: set[int] = set()
        """The turns to draw in the next frame."""
        self._changed = changed
        self._frame_budget = frame_budget
        self._welcome: Welcome | None = None
        self._first_screen: list[Row] = []
        self._window: list[Placed] = []
        self._window_key: tuple[int, int] | None = None
        self._reading: Reading | None = None
        self._reading_drawn = True
        """Whether the line that is being read has been drawn at this width."""

    # What is in view

    @property
    def frame(self) -> Frame | None:
        """What rows are drawn with; None before the size is known."""
        return self.document.frame

    @property
    def total(self) -> int:
        """The number of rows to scroll through."""
        return self.document.heights.total if self.document.turns else len(self._first_screen)

    @property
    def end(self) -> int:
        """The last row at which the window can start."""
        return max(0, self.total - self.height)

    @property
    def offering(self) -> int:
        """The turn whose buttons are live, or the first screen."""
        return self.document.newest if self.document.turns else FIRST_SCREEN

    @property
    def window(self) -> Sequence[Placed]:
        """The rows in view; the same object until something changes."""
        if self._window_key != (self.top, self.height):
            self._window_key = (self.top, self.height)
            self._window = self._rows_between(self.top, self.top + self.height)
        return self._window

    def row(self, y: int) -> Placed | None:
        """Return the row at line `y` of the window."""
        window = self.window
        return window[y] if 0 <= y < len(window) else None

    def outlines(self, turn: int) -> Sequence[Outline]:
        """Return the outlines of all rows of a turn, or of the first screen."""
        if turn == FIRST_SCREEN or not self.document.turns:
            return self._first_screen
        if self.frame is None or turn >= self.document.count:
            return ()
        return list(self.document.turn_layout(turn).outline())

    def _rows_between(self, start: int, stop: int) -> list[Placed]:
        if self.frame is None:
            return []
        if self.document.turns:
            return list(self.document.rows(start, stop))
        return [Placed(FIRST_SCREEN, number, row) for number, row in enumerate(self._first_screen)][start:stop]

    # What is shown

    def show(self, turns: Sequence[Turn], *, at_end: bool) -> None:
        """Show another conversation, at its newest or its oldest turn."""
        self.dirty.clear()
        self._reading = None
        self.top, self.following, self.new_lines = 0, at_end, 0
        self.document.show(turns, self.frame)
        self._draw_first_screen()
        self._settle()

    def show_welcome(self, welcome: Welcome) -> None:
        """Set the first screen, which is shown while there are no turns."""
        self._welcome = welcome
        self._draw_first_screen()
        self._settle()

    def turn_added(self, index: int) -> None:
        """Add the turns up to `index`."""
        if self.frame is not None:
            before = self.document.heights.total
            self.document.added(index)
            self._count_new(self.document.heights.total - before)
            self.redraw(index)

    def turns_replaced(self, first: int) -> None:
        """Update the turns from `first` on, which may be different."""
        if self.frame is not None:
            before = self.document.heights.total
            self.document.replaced(first)
            self._count_new(self.document.heights.total - before)
            self._draw_first_screen()
            self._settle()

    def merge(self, turns: Sequence[Turn]) -> Mapping[int, int]:
        """Show turns to which others were added. The line that is being read stays in place.

        Return the new index of each old turn that still exists. Only what is in view is drawn.
        """
        indexes = {id(turn): index for index, turn in enumerate(turns)}
        former = self.document.turns
        moved = {before: indexes[id(turn)] for before, turn in enumerate(former) if id(turn) in indexes}
        self.dirty.clear()
        if self.frame is None:
            self.document.show(turns, None)
            return moved
        reading = None if self.following else self._reading or self._read()
        self.document.show(turns, self.frame)
        self._draw_first_screen()
        self._reading = None
        if reading is not None and reading[0] in moved:
            self._reading = (moved[reading[0]], reading[1])
            self._return_to_reading()
        elif not self.following:
            self.top = 0
        heights = self.document.heights
        if (last := moved.get(len(former) - 1)) is not None:
            self._count_new(heights.total - heights.before(last + 1))
        self._settle()
        return moved

    def restyle(self, frame: Frame) -> None:
        """Draw everything in another look of the same width."""
        self.document.restyle(frame)
        self._draw_first_screen()
        self._settle()

    def resize(self, frame: Frame, height: int) -> bool:
        """Set the size. The line that is being read stays in view. Return whether everything must be drawn again."""
        former, self.height = self.frame, height
        redrawn = former is None or former.grid != frame.grid
        if redrawn:
            if former is not None and not self.following:
                self._reading = self._reading or self._read()
            self.document.show(self.document.turns, frame)
            self._draw_first_screen()
            self._return_to_reading()
        self._settle()
        return redrawn

    def focus_offers(self, *, focused: bool) -> bool:
        """Set whether the live buttons have the focus. Return whether that changed."""
        if focused == self.document.focused:
            return False
        self.document.focused = focused
        self._draw_first_screen()
        if self.offering >= 0:
            self.redraw(self.offering)
        return True

    def _draw_first_screen(self) -> None:
        self._first_screen = []
        if self._welcome is not None and self.frame is not None and not self.document.turns:
            self._first_screen = welcome_rows(self._welcome, self.frame, pressable=self.document.focused)
        self._window_key = None

    def _count_new(self, rows: int) -> None:
        if not self.following:
            self.new_lines = max(0, self.new_lines + rows)

    # Drawing

    def redraw(self, index: int) -> None:
        """Draw the changes of a turn in the next frame."""
        if index < len(self.document.heights):
            self.dirty |= self.document.stale(index)

    def draw_changes(self) -> None:
        """Draw the changes of the dirty turns, for no longer than a frame may take."""
        dirty, self.dirty = sorted(self.dirty), set()
        deadline = monotonic() + self._frame_budget
        changed: list[int] = []
        for number, index in enumerate(dirty):
            if number and monotonic() >= deadline:
                self.dirty.update(dirty[number:])
                break
            if (row := self._draw_turn(index)) is not None:
                changed.append(row)
        if not self._reading_drawn:
            self._return_to_reading()
            changed.append(0)
        self._settle(deadline, min(changed, default=None))

    def _draw_turn(self, index: int) -> int | None:
        """Draw the changes of a turn. Return the first row of the document that changed."""
        heights = self.document.heights
        if index >= len(heights):
            return None
        start = heights.before(index)
        end = start + heights[index]
        reading = self._read() if not self.following and start < self.top < end else None
        changed, grown = self.document.draw(index)
        if grown and not self.following:
            top = self.top
            if end <= top:
                self.top += grown
            elif reading is not None:  # text above the line that is being read may also have changed
                self.top = self._row_of(reading, steps=0)[0]
            self._count_new(grown - (self.top - top))
        return None if changed is None else start + changed

    def _settle(self, deadline: float | None = None, first: int | None = 0) -> None:
        """Draw what is in view, correct `top`, and report the change; `first` is its first row."""
        if self.frame is None:
            return
        if deadline is None:
            deadline = monotonic() + self._frame_budget
        total = -1
        while self.document.turns and total != self.total:
            total = self.total
            top = self.end if self.following else min(self.top, self.end)
            self.top = self.document.settle(top, self.height, go_on=lambda: monotonic() < deadline)
        if self.following and self.document.turns:  # the first screen is read from the top
            self.top = self.end
        self._window_key = None
        self.dirty.update(self.document.behind)
        self._changed(None if first is None else max(0, first - self.top))

    # The line that is being read

    def _read(self) -> Reading | None:
        """Return what is being read: the line at the top of the window."""
        placed = self.row(0)
        if placed is None or placed.turn < 0:
            return None
        return placed.turn, self.document.turn_layout(placed.turn).place_of(placed.offset)

    def _row_of(self, reading: Reading, *, steps: int = STEPS_AT_ONCE) -> tuple[int, bool]:
        """Return the row of what is being read, and whether the text is drawn that far, for which at most `steps`
        steps are done.
        """
        turn, place = reading
        turn = min(turn, len(self.document.heights) - 1)
        self.document.draw(turn)
        row, drawn = self.document.turn_layout(turn).row_at(place)
        while not drawn and steps > 0:
            steps -= 1
            self.document.draw(turn)
            row, drawn = self.document.turn_layout(turn).row_at(place)
        return self.document.heights.before(turn) + row, drawn

    def _return_to_reading(self) -> None:
        if self._reading is not None:
            self.top, self._reading_drawn = self._row_of(self._reading)

    # Scrolling

    def scroll(self, top: int) -> None:
        """Scroll to a row on the user's request. At the end, follow new text."""
        self._reading = None
        self.top = top
        self.following = top >= self.end
        if self.following:
            self.new_lines = 0
        self._settle()

    def go_to_end(self) -> None:
        """Scroll to the newest text and follow it."""
        self.following, self.new_lines = True, 0
        if not self.document.turns:
            self.top = self.end
        self._settle()

    def hold(self) -> None:
        """Stop following."""
        self.following = False
        self._changed(None)

    def release(self) -> None:
        """Follow again if the window is at the end."""
        if not self.following and self.top >= self.end:
            self.following, self.new_lines = True, 0
            self._changed(None)

    def move(self, rows: int) -> None:
        """Scroll by a number of rows, without following new text at the end."""
        self._reading = None
        self.top = max(0, min(self.top + rows, self.end))
        self._settle()

    def bring_near(self, turn: int, offset: int) -> None:
        """Scroll as little as possible to bring a row into view."""
        row = self.document.heights.before(turn) + offset
        if not self.top <= row < self.top + self.height:
            self.hold()
            self.move(row - self.top if row < self.top else row - self.top - self.height + 1)

    def bring(self, turn: int, offset: int) -> Steps[None]:
        """Bring a row and some rows around it into view, drawing the necessary parts step by step."""
        around = min(2, (self.height - 1) // 2)

        def top_for(row: int) -> int:
            near = self.top + around <= row < self.top + self.height - around
            return self.top if near else row - self.height // 3

        yield from self._place(turn, offset, top_for)

    def page_up(self) -> Steps[None]:
        """Scroll up by a page, so that exactly two rows stay in view."""
        placed, step = self.row(0), max(1, self.height - 2)
        if placed is None or placed.turn < 0:
            self.scroll(max(0, self.top - step))
        else:
            yield from self._place(placed.turn, placed.offset, lambda row: row - step, follow=True)

    def draw_on(self, turn: int) -> bool:
        """Draw more of a turn, without moving what is being read. Return whether all of it is drawn."""
        document = self.document
        if turn >= document.count:
            return True
        end = document.heights.before(turn) + document.heights[turn]
        _, grown = document.draw(turn)
        document.row_cache.trim(self.height)
        if grown and end <= self.top:
            self.top += grown
            self._changed(0)
        return document.turn_layout(turn).exact

    def _place(self, turn: int, offset: int, top_for: Callable[[int], int], *, follow: bool = False) -> Steps[None]:
        """Scroll so that a row of a turn is where `top_for` puts it. What is in view above the row is drawn first, so
        that the row does not move afterwards. `follow`: follow new text if that is the end.
        """
        heights = self.document.heights
        while turn < len(heights):
            before, end = heights.total, self.end
            top = max(0, min(top_for(heights.before(turn) + offset), end))
            for above in range(heights.at(top)[0], turn + 1):
                while not self.draw_on(above):
                    yield
            if heights.total == before:
                self._reading = None
                self.following = follow and top >= end
                self.top = top
                break
            yield
        self._settle()
