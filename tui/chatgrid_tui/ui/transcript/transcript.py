"""The transcript: a conversation in one widget, in which text can be pressed, copied and selected."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from itertools import islice
from typing import ClassVar

from textual import events
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.scroll_view import ScrollView
from textual.selection import Selection as ScreenSelection
from textual.strip import Strip

from chatgrid_tui.model.hue import Hue
from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.session.tasks import Steps, cooperatively
from chatgrid_tui.ui.actions.parts import CURSOR_ACTIONS
from chatgrid_tui.ui.transcript.cursor import Cursor
from chatgrid_tui.ui.transcript.find.finder import Finder
from chatgrid_tui.ui.transcript.layout.document import Document, Placed
from chatgrid_tui.ui.transcript.linking import Links
from chatgrid_tui.ui.transcript.presses import Presses
from chatgrid_tui.ui.transcript.render.paint import Overlay
from chatgrid_tui.ui.transcript.reply_parts import Explain
from chatgrid_tui.ui.transcript.selection import Selection, line_of, selected_texts
from chatgrid_tui.ui.transcript.targets import MoreItemsTarget, MoreTarget, Target, is_offer
from chatgrid_tui.ui.transcript.transcript_messages import BeginningNeared, FollowChanged, NothingDone, TaskRequested
from chatgrid_tui.ui.transcript.viewport import FRAME_BUDGET, STEPS_AT_ONCE, Viewport
from chatgrid_tui.ui.transcript.viewport_painter import ViewportPainter
from chatgrid_tui.ui.widgets.cells import tinted


class Transcript(ScrollView, can_focus=True, inherit_bindings=False):
    """Shows the turns of a conversation without changing them. Presses are posted as messages.

    The document holds the rows, the viewport places them, and the cursor, the selection and find keep positions in
    them.
    """

    ALLOW_SELECT = False  # Textual selects only what is in view
    DEFAULT_CSS = """
    Transcript {
        overflow-y: scroll;
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        height: 1fr;
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False, id="transcript.up"),
        Binding("down", "move(1)", "Down", show=False, id="transcript.down"),
        Binding("left", "beside(-1)", "Left", show=False, id="transcript.left"),
        Binding("right", "beside(1)", "Right", show=False, id="transcript.right"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="transcript.page_up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="transcript.page_down"),
        Binding("home", "oldest", "Oldest", show=False, id="transcript.oldest"),
        Binding("end", "newest", "Newest", id="transcript.newest"),
        Binding("tab", "step(1)", "Next", show=False, id="transcript.next"),
        Binding("shift+tab", "step(-1)", "Previous", show=False, id="transcript.previous"),
        # No letters: typing here starts a message.
        *(action.binding for action in CURSOR_ACTIONS),
        Binding("ctrl+y", "copy_code", "Copy code", show=False, id="transcript.copy_code"),
        Binding("shift+up", "select(0, -1)", "Select up", show=False, id="transcript.select_up"),
        Binding("shift+down", "select(0, 1)", "Select down", show=False, id="transcript.select_down"),
        Binding("shift+left", "select(-1, 0)", "Select left", show=False, id="transcript.select_left"),
        Binding("shift+right", "select(1, 0)", "Select right", show=False, id="transcript.select_right"),
    ]

    def __init__(
        self,
        explain: Explain,
        *,
        frame_budget: float = FRAME_BUDGET,
        id: str | None = None,  # noqa: A002 - Textual's own name for it
    ) -> None:
        """`frame_budget`: seconds after which a frame starts no further step of a long text."""
        super().__init__(id=id)
        self.document = Document(explain)
        self.viewport = Viewport(self.document, self._view_changed, frame_budget=frame_budget)
        self.cursor = Cursor(self.viewport)
        self.selection = Selection(self, self.viewport)
        self.finder = Finder(self, self.viewport)
        self.links = Links(self.viewport)
        self._listeners = (self.cursor, self.selection, self.finder, self.links)
        self.presses = Presses(self.cursor, self.viewport)
        self._painter = ViewportPainter(self, self.viewport, self._overlay)
        self._reported = FollowChanged(True, 0)

    # What is shown

    def show(self, turns: Sequence[Turn], *, at_end: bool = True) -> None:
        """Show another conversation, at its newest or its oldest turn."""
        for listener in self._listeners:
            listener.turns_shown()
        self.viewport.show(turns, at_end=at_end)

    def turn_added(self, index: int) -> None:
        """Show the turns up to `index`. If the focus is elsewhere, the cursor starts at the newest one next time."""
        if not self.has_focus:
            self.cursor.clear()
        self.viewport.turn_added(index)
        self._redraw(index)

    def turn_changed(self, turn: Turn) -> None:
        """Draw the changes of a turn in the next frame. Turns that are not shown are ignored."""
        if (index := self.document.index_of(turn)) is not None:
            self._redraw(index)

    def turns_replaced(self, first: int) -> None:
        """Show the turns from `first` on, which may be different: a queued message was taken back or is sent."""
        self.viewport.turns_replaced(first)
        for listener in self._listeners:
            listener.turns_replaced(first)

    def turns_merged(self, turns: Sequence[Turn]) -> None:
        """Show turns to which others were added. What is read, selected and focused stays."""
        moved = self.viewport.merge(turns)
        for listener in self._listeners:
            listener.turns_merged(moved)
        self._look_for_older()

    def tick(self, now: datetime) -> None:
        """Update the durations on the screen. Call this twice a second. `now` is aware."""
        self._redraw(*self.document.tick(now))

    def set_today(self, today: date) -> None:
        """Set the local date."""
        if today != self.document.today:
            self._redraw(*self.document.day_changed(today))

    def mark_new(self, replies: int) -> None:
        """Show a line above the newest replies, those since the last visit."""
        self._redraw(*self.document.mark_new(replies))

    def set_hue(self, hue: Hue | None) -> None:
        """Set the hue of the bot."""
        if hue != self._painter.hue:
            self._painter.hue = hue
            self.look_changed()

    def look_changed(self) -> None:
        """Draw everything in other colours or signs, at the same position."""
        if self.viewport.frame is not None:
            self.viewport.restyle(self._painter.frame())
            self.finder.turns_replaced(0)
            self._painter.set_colours()

    def _redraw(self, *turns: int) -> None:
        for turn in turns:
            self.viewport.redraw(turn)
            for listener in self._listeners:
                listener.turn_changed(turn)
        self._painter.plan()

    # Drawing

    def render_lines(self, crop: Region) -> list[Strip]:
        """Overrides `Widget.render_lines`."""
        return tinted(self._painter.lines(crop), self)

    def render_line(self, y: int) -> Strip:
        """Overrides `Widget.render_line`."""
        return self._painter.line(y)

    def _overlay(self, placed: Placed) -> Overlay:
        cursor, bubble, focused = self.cursor, (placed.turn, placed.row.bubble), self.has_focus
        selection = self.text_selection
        return Overlay(
            hovered=cursor.hovered == bubble,
            cursor=focused and cursor.is_on(placed.turn, placed.row),
            focus=cursor.target if focused else None,
            mouse=cursor.mouse,
            selected=None if selection is None else selection.get_span(line_of(placed)),
            found=(*self.finder.highlights(placed), *self.links.highlights(placed)),
        )

    def _view_changed(self, first_line: int | None) -> None:
        if first_line is not None and self.finder.needle is not None:
            first_line = 0  # a match may end in an unchanged row
        self._painter.update(first_line)
        state = FollowChanged(self.viewport.following, 0 if self.viewport.following else self.viewport.new_lines)
        if state != self._reported:
            self._reported = state
            self.post_message(state)

    # Scrolling and size

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Overrides `ScrollView.watch_scroll_y`: draw what scrolled into view."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self.viewport.height = self.size.height  # a pane that grew is scrolled before its resize is handled
            self.viewport.scroll(round(new_value))
            self._look_for_older()

    def _look_for_older(self) -> None:
        if self.scroll_y < self.size.height:
            self.post_message(BeginningNeared())

    def on_resize(self, event: events.Resize) -> None:
        """Draw everything at another width."""
        if self.viewport.frame is None:
            self._painter.set_colours()
        if self.viewport.resize(self._painter.frame(), self.size.height):
            self.selection.clear()
            self.finder.turns_replaced(0)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll without an animation, which would be wrong as soon as a height is corrected."""
        event.stop()
        event.prevent_default()
        self.scroll_relative(y=-3, animate=False)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll without an animation."""
        event.stop()
        event.prevent_default()
        self.scroll_relative(y=3, animate=False)

    def action_oldest(self) -> None:
        """Scroll to the first turn."""
        self.scroll_to(y=0, animate=False)

    def action_newest(self) -> None:
        """Scroll to the newest text and follow it."""
        self.viewport.go_to_end()

    def action_page(self, step: int) -> None:
        """Scroll a page up (-1) or down (1), keeping two rows in view."""
        if step > 0:
            self.scroll_relative(y=max(1, self.size.height - 2), animate=False)
            return
        steps = self.viewport.page_up()
        for _ in islice(steps, STEPS_AT_ONCE):
            pass
        self.run_worker(self._page_up(steps), group="page", exclusive=True)

    async def _page_up(self, steps: Steps[None]) -> None:
        await cooperatively(steps)
        self._look_for_older()

    # Keyboard

    def action_move(self, step: int) -> None:
        """Move to the bubble above (-1) or below (1), or between buttons."""
        if is_offer(self.cursor.target) and self.cursor.beside(0, step):
            self._cursor_moved()
            return
        if not self.document.turns:
            return
        self.selection.clear()
        if self.cursor.move(step):
            self.scroll_to(y=self.cursor.scroll_row, animate=False)
        elif step > 0:
            self.viewport.go_to_end()
        self._cursor_moved()

    def action_beside(self, step: int) -> None:
        """Move to the button at the left (-1) or right (1)."""
        if self.cursor.beside(step, 0):
            self._cursor_moved()
        elif not is_offer(self.cursor.target):
            self.post_message(NothingDone("There is no button beside this."))

    def action_step(self, step: int) -> None:
        """Move to the next (1) or previous (-1) target. At the end, leave the transcript."""
        moved = self.cursor.step(step)
        if self.cursor.turn >= 0 and (row := self.cursor.target_row()) is not None:
            self.viewport.bring_near(self.cursor.turn, row)
            self.viewport.release()
        self._cursor_moved()
        if not moved:
            _ = self.screen.focus_next() if step > 0 else self.screen.focus_previous()

    def action_press(self) -> None:
        """Press the target, else show the rest of the bubble with the cursor, or its menu."""
        if (target := self.cursor.pressed()) is not None:
            self._press(target)
        else:
            self.post_message(TaskRequested("menu"))

    def on_key(self, event: events.Key) -> None:
        """Press a button by its digit while a button has the focus."""
        if (target := self.cursor.numbered(event.character or "")) is not None:
            event.stop()
            event.prevent_default()
            self._press(target)

    def focus_suggestions(self) -> bool:
        """Focus the newest suggestions. Return whether there are any."""
        offered = self.cursor.select_offer()
        if offered:
            self.focus(scroll_visible=False)
            self.viewport.go_to_end()
            self._cursor_moved()
        return offered

    def watch_has_focus(self, has_focus: bool) -> None:
        """Start with the cursor in view when the focus comes, and remove the target when it goes."""
        super().watch_has_focus(has_focus)
        if has_focus:
            self.cursor.begin()
        else:
            self.cursor.target = None
        self._cursor_moved()

    def _cursor_moved(self) -> None:
        live = self.cursor.turn == self.viewport.offering
        if self.viewport.focus_offers(focused=self.has_focus and is_offer(self.cursor.target) and live):
            self._painter.plan()
        self.presses.report(self.post_message)
        self.refresh()

    # Mouse and presses

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Select text while a button is held down, else highlight what is under the mouse."""
        if not self.selection.drag(event.offset) and self.cursor.point(event.x, event.y):
            self.refresh()

    def on_leave(self, event: events.Leave) -> None:
        """Remove the highlight of the mouse."""
        self.cursor.hovered = self.cursor.mouse = None
        self.refresh()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Start a click or a drag."""
        if event.button == 1:
            self.selection.press(event.offset)
            self.capture_mouse()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """End a drag."""
        self.selection.release()
        self.release_mouse()

    def on_click(self, event: events.Click) -> None:
        """Press the target, once however often it is clicked; otherwise select the bubble, a word or a line."""
        placed = self.viewport.row(event.y)
        if event.offset != self.selection.pressed_at or event.button != 1 or placed is None:
            return
        self.cursor.point(event.x, event.y)
        target = self.cursor.mouse
        if target is not None and event.chain == 1:
            self._press(target)
        elif event.chain > 1 and not is_offer(target):
            self.selection.select_piece(placed, event.x, whole=event.chain > 2)
        elif target is None and placed.turn >= 0 and placed.row.bubble >= -1:
            self.cursor.select((placed.turn, placed.row.bubble))
            self.links.point(placed, event.x)
        self._cursor_moved()

    def focus_on_click(self) -> bool:
        """Overrides `Widget.focus_on_click`: a button or a link does not take the focus."""
        return self.cursor.mouse is None

    def _press(self, target: Target) -> None:
        if isinstance(target, MoreTarget | MoreItemsTarget):
            self._redraw(self.cursor.show_more(target))
        elif (message := self.presses.press(target)) is not None:
            self.post_message(message)

    # Copying and selecting

    def action_copy(self) -> None:
        """Copy the selection, else the target, else the bubble with the cursor."""
        if not self.selection.copy():
            if (message := self.presses.copy()) is None:
                raise SkipAction
            self.post_message(message)

    def action_copy_code(self) -> None:
        """Copy the code block with the focus, else one in view. Repeated, copy the next one of its bubble."""
        self.post_message(self.presses.copy_code())

    def get_selection(self, selection: ScreenSelection) -> tuple[str, str] | None:
        """Overrides `Widget.get_selection`."""
        text = "\n\n".join(selected_texts(selection, self.document))
        return (text, "\n") if text else None

    def action_select(self, across: int, down: int) -> None:
        """Extend the selection by characters or rows. A new one starts at the bubble with the cursor, or at one in
        view.
        """
        if self.text_selection is None:
            self.cursor.begin()
        self.selection.extend(across, down, self.cursor.bubble_or_newest)

    def action_select_all(self) -> None:
        """Select the bubble with the cursor. Repeated, select the whole conversation."""
        if self.document.turns:
            self.selection.select_all(self.cursor.bubble_or_newest)
        else:
            self.post_message(NothingDone("There is nothing to select yet."))
