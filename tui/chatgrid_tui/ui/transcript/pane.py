"""The message pane: a whole conversation in one widget, and all that can be pressed, copied and selected in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.geometry import Offset
from textual.selection import Selection

from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.session.tasks import cooperatively, gathered
from chatgrid_tui.ui.terminal.clipboard import selection_name
from chatgrid_tui.ui.transcript import pane_messages
from chatgrid_tui.ui.transcript.copying import Copying
from chatgrid_tui.ui.transcript.layout.document import Placed
from chatgrid_tui.ui.transcript.navigator import BubblePlace, Navigator
from chatgrid_tui.ui.transcript.notices import Explain
from chatgrid_tui.ui.transcript.press_targets import (
    AttachmentTarget,
    ButtonTarget,
    ChoiceTarget,
    CodeTarget,
    CopyTarget,
    FoldedTarget,
    LinkTarget,
    MoreItemsTarget,
    MoreTarget,
    SuggestionTarget,
    Target,
    is_offer,
)
from chatgrid_tui.ui.transcript.render.paint import Overlay
from chatgrid_tui.ui.transcript.searchable import SearchableView
from chatgrid_tui.ui.transcript.selecting import Selecting, line_of, selected_text, selected_texts


class Transcript(SearchableView, can_focus=True, inherit_bindings=False):
    """Shows the turns of a conversation; holds none of their state.

    The application calls `show`, `turn_added`, `turn_changed` and `tick`; presses come up as messages.
    """

    ALLOW_SELECT = False
    """Textual's own selecting knows only what is in view; `Selecting` knows all of it."""
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
        Binding("enter", "press", "Press", id="transcript.press"),
        # No letters: what is typed here is the beginning of a message.
        Binding("ctrl+c,super+c", "copy", "Copy", id="transcript.copy"),
        Binding("ctrl+y", "copy_code", "Copy code", show=False, id="transcript.copy_code"),
        Binding("shift+up", "select(0, -1)", "Select up", show=False, id="transcript.select_up"),
        Binding("shift+down", "select(0, 1)", "Select down", show=False, id="transcript.select_down"),
        Binding("shift+left", "select(-1, 0)", "Select left", show=False, id="transcript.select_left"),
        Binding("shift+right", "select(1, 0)", "Select right", show=False, id="transcript.select_right"),
        Binding("ctrl+a", "select_all", "Select all", show=False, id="transcript.select_all"),
    ]

    def __init__(
        self,
        explain: Explain,
        *,
        filled: bool = True,
        id: str | None = None,  # noqa: A002 - Textual's own name for it
        classes: str | None = None,
    ) -> None:
        super().__init__(explain, filled=filled, id=id, classes=classes)
        self._navigator = Navigator(self._viewport.rows_of)
        self._copying = Copying(self._navigator, self._viewport.rows_of, lambda turn: self._document.turns[turn])
        self._selecting = Selecting(self)
        self._down_at: Offset | None = None

    def show(self, turns: Sequence[Turn], *, at_end: bool = True) -> None:
        """Show another conversation, at its newest turn or at its oldest."""
        self._navigator.clear()
        super().show(turns, at_end=at_end)

    def turn_added(self, index: int) -> None:
        """There are turns up to `index` now. The keyboard, if it is elsewhere, comes to the newest one next."""
        if not self.has_focus:
            self._navigator.clear()
        super().turn_added(index)

    def turns_replaced(self, first: int) -> None:
        """Other turns may stand from `first` on. Where one is, and what is read, stays."""
        if self._navigator.cursor is not None and self._navigator.cursor[0] >= first:
            self._navigator.clear()
        super().turns_replaced(first)

    def turns_merged(self, turns: Sequence[Turn]) -> None:
        """These are the turns now. Cursor, keyboard and selection stay on what they were on."""
        self._navigator.merged(self._document.turns, turns)
        selection = self._selecting.merged(self._document.turns, turns)
        super().turns_merged(turns)
        if selection is not None:
            self.select(selection)

    def overlay(self, placed: Placed) -> Overlay:
        """Return the mouse, the cursor, the focus and the selection, as far as they concern a row."""
        navigator, here, focused = self._navigator, (placed.turn, placed.row.bubble), self.has_focus
        selection = self.text_selection
        return Overlay(
            hovered=navigator.hovered == here,
            cursor=focused and navigator.cursor == here,
            focus=navigator.target if focused else None,
            mouse=navigator.mouse,
            selected=None if selection is None else selection.get_span(line_of(placed)),
            found=self.found(placed),
        )

    def focus_suggestions(self) -> bool:
        """Take the focus to the newest offers; return False where there are none."""
        turn = self._viewport.offering
        offers = self._navigator.offers(turn)
        if not offers:
            return False
        self._navigator.cursor = None
        self._navigator.target = offers[0]
        self.focus(scroll_visible=False)
        self.go_to_end()
        self._focus_moved()
        return True

    def action_oldest(self) -> None:
        """Go to the first turn."""
        self.scroll_to(y=0, animate=False)

    def action_newest(self) -> None:
        """Go to the newest text."""
        self.go_to_end()

    # Keyboard

    @property
    def _target_turn(self) -> int:
        cursor = self._navigator.cursor
        return cursor[0] if cursor is not None else self._viewport.offering

    def action_move(self, step: int) -> None:
        """Go to the bubble above (-1) or below (1), or between buttons."""
        navigator = self._navigator
        if is_offer(navigator.target) and navigator.beside(self._target_turn, 0, step):
            self._focus_moved()
            return
        if not self._document.turns:
            return
        if self.text_selection is not None:
            self.screen.clear_selection()
        if navigator.move(step, len(self._document.heights)):
            self._show_cursor()
        elif step > 0:
            self.go_to_end()
        self._focus_moved()

    def action_beside(self, step: int) -> None:
        """Go to the button at the left (-1) or right (1)."""
        if self._navigator.beside(self._target_turn, step, 0):
            self._focus_moved()
        elif not is_offer(self._navigator.target):
            self.post_message(pane_messages.NothingDone("There is no button beside this."))

    def action_step(self, step: int) -> None:
        """Go to the next (1) or previous (-1) thing that can be pressed; at the end, out of the pane."""
        if not self.step_target(step):
            if step > 0:
                self.screen.focus_next()
            else:
                self.screen.focus_previous()

    def step_target(self, step: int) -> bool:
        """Go to the next (1) or previous (-1) thing that can be pressed; return False at the end."""
        turn = self._target_turn
        moved = self._navigator.step(turn, step)
        if turn >= 0 and (row := self._navigator.row_of_target(turn)) is not None:
            self.bring_near(turn, row)
            self.release()
        self._focus_moved()
        return moved

    def action_press(self) -> None:
        """Press what has the focus, else open what the bubble with the cursor has."""
        if (target := self._navigator.pressed()) is not None:
            self._press(target)
        else:
            self.post_message(pane_messages.NothingDone("There is nothing to open here."))

    def action_copy(self) -> None:
        """Copy what is selected, else the link or button with the focus, else the bubble with the cursor."""
        if not self.copy_selected():
            if (message := self._copying.at_focus()) is None:
                raise SkipAction
            self.post_message(message)

    def action_copy_code(self) -> None:
        """Copy the block of code with the focus, else one in view; again: the next one of its bubble."""
        block = self._copying.code(self._window)
        if block is None:
            self.post_message(pane_messages.NothingDone("There is no code block in view."))
            return
        self.post_message(block.copied)
        if not block.begins_in(self._window):
            self.bring_near(block.bubble[0], block.start)
        self._copying.was_copied(block, self._window)

    @property
    def _window(self) -> Sequence[Placed]:
        return self._viewport.window(self.scroll_offset.y, self.size.height)

    def on_key(self, event: events.Key) -> None:
        """Digits press while a button has the focus."""
        # Not `isdigit`: other scripts and raised digits have keys as well, and no button shows one.
        if not event.character or event.character not in "123456789" or not is_offer(self._navigator.target):
            return
        number = int(event.character)
        offers = self._navigator.offers(self._target_turn)
        if number <= len(offers):
            event.stop()
            event.prevent_default()
            self._press(offers[number - 1])

    def on_focus(self) -> None:
        """The keyboard came here: it begins in what is in view."""
        self._navigator.begin(self._window)
        self._focus_moved()

    def on_blur(self) -> None:
        """The keyboard left: no button has it any more."""
        self._navigator.target = None
        self._focus_moved()

    def _focus_moved(self) -> None:
        focused = self.has_focus and is_offer(self._navigator.target) and self._target_turn == self._viewport.offering
        if focused != self._document.focused:
            self._document.focused = focused
            self._viewport.draw_first_screen()
            if self._viewport.offering >= 0:
                self.redraw(self._viewport.offering)
        self.refresh()

    def _show_cursor(self) -> None:
        """Scroll only as far as the bubble with the cursor needs it."""
        cursor = self._navigator.cursor
        if cursor is None:
            return
        turn, bubble = cursor
        rows = self._viewport.rows_of(turn)
        mine = [number for number, row in enumerate(rows) if row.bubble == bubble]
        start = self._document.heights.before(turn)
        first, last = start + mine[0], start + mine[-1] + 1
        top, height = self.scroll_offset.y, self.size.height
        if first < top or last - first > height:
            self.scroll_to(y=first, animate=False)
        elif last > top + height:
            self.scroll_to(y=last - height, animate=False)

    # Mouse

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """What is under the mouse is raised; while a button is held down, text is selected."""
        if self._selecting.drag(event.offset):
            return
        placed, target = self._placed(event.y), self._target_at(event.x, event.y)
        hovered = None
        if placed is not None and placed.row.bubble >= -1 and placed.row.kind in ("text", "mine", "name"):
            hovered = (placed.turn, placed.row.bubble)
        if (hovered, target) != (self._navigator.hovered, self._navigator.mouse):
            self._navigator.hovered, self._navigator.mouse = hovered, target
            self.refresh()

    def on_leave(self, event: events.Leave) -> None:
        """The mouse left."""
        self._navigator.hovered = self._navigator.mouse = None
        self.refresh()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Remember where a press began: a drag selects text and presses nothing."""
        self._down_at = event.offset
        if event.button == 1:
            self._selecting.press(event.offset)
            self.capture_mouse()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """The button is not held down any more."""
        self._selecting.release()
        self.release_mouse()

    def on_click(self, event: events.Click) -> None:
        """Press what is under the mouse, once however often it is clicked; else put the cursor on the bubble, select
        a word (a double click) or a line (a triple one).
        """
        if event.offset != self._down_at or event.button != 1:
            return
        target, placed = self._target_at(event.x, event.y), self._placed(event.y)
        if target is not None and event.chain == 1:
            self._press(target)
        elif event.chain > 1 and placed is not None and not is_offer(target):
            self._selecting.piece(placed, event.x, whole=event.chain > 2)
        elif target is None and placed is not None and placed.turn >= 0 and placed.row.bubble >= -1:
            self._navigator.select((placed.turn, placed.row.bubble))
        self._focus_moved()

    def focus_on_click(self) -> bool:
        """Pressing a button or a link does not take the keyboard from where it is."""
        return self._navigator.mouse is None

    def _target_at(self, x: int, y: int) -> Target | None:
        placed = self._placed(y)
        if placed is None:
            return None
        return next((spot.target for spot in placed.row.spots if spot.start <= x < spot.end), None)

    # What presses do

    def _press(self, target: Target) -> None:
        match target:
            case SuggestionTarget(turn, index) if turn < len(self._document.turns):
                self.post_message(pane_messages.SuggestionPressed(self._document.turns[turn], index))
            case ButtonTarget(turn, button) | FoldedTarget(turn, button) if turn < len(self._document.turns):
                self.post_message(pane_messages.ButtonPressed(self._document.turns[turn], button))
            case LinkTarget(url, _, named):
                self.post_message(pane_messages.LinkOpened(url, named))
            case AttachmentTarget(_, _, url, name):
                self.post_message(pane_messages.AttachmentOpened(url, name))
            case ChoiceTarget(index):
                self.post_message(pane_messages.ChoicePressed(index))
            case CodeTarget():
                if (block := self._copying.code_at(target)) is not None:
                    self.post_message(block.copied)
            case CopyTarget(turn, bubble):
                self.post_message(self._copying.bubble(turn, bubble))
            case MoreTarget() | MoreItemsTarget():
                self._navigator.showed_more(target, self.show_more(target))

    def copy_selected(self) -> bool:
        """Copy what is selected, which may be all of a long conversation; return whether something was."""
        selection = self.text_selection
        if selection is not None:
            self.screen.clear_selection()
            self.run_worker(self._copy(selection), group="copy selection", exclusive=True)
        return selection is not None

    async def _copy(self, selection: Selection) -> None:
        texts: list[str] = []
        await cooperatively(gathered(selected_texts(selection, self._document), texts))
        if texts:
            text = "\n\n".join(texts).rstrip("\n")
            self.post_message(pane_messages.SourceCopied(text, selection_name(text)))

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the selected text: the source, where whole pieces of a text are selected."""
        text = selected_text(selection, self._document)
        return (text, "\n") if text else None

    def action_select(self, across: int, down: int) -> None:
        """Go on selecting by characters or by rows; begin at the bubble with the cursor, or at one in view."""
        if self.text_selection is None:
            self._navigator.begin(self._window)
        self._selecting.extend(across, down, self._bubble)

    def action_select_all(self) -> None:
        """Select the bubble with the cursor; once more, the whole conversation."""
        if self._document.turns:
            self._selecting.all(self._bubble)
        else:
            self.post_message(pane_messages.NothingDone("There is nothing to select yet."))

    @property
    def _bubble(self) -> BubblePlace | None:
        """The bubble with the cursor, else the newest."""
        if self._navigator.cursor is not None:
            return self._navigator.cursor
        turn = len(self._document.heights) - 1
        return (turn, self._navigator.bubbles(turn)[-1]) if turn >= 0 else None
