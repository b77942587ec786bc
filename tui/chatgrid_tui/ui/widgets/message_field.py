"""The text area of the composer: Textual's, with the keys of a chat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import TextArea

from chatgrid_tui.text import clean, mend_surrogates
from chatgrid_tui.ui.actions.parts import MESSAGE_ACTIONS
from chatgrid_tui.ui.widgets.cluster_text_area import ClusterTextArea
from chatgrid_tui.ui.widgets.folded_texts import Folds
from chatgrid_tui.ui.widgets.scroll_bar import use_plain_scroll_bar


def _quiet(keys: str, action: str, description: str) -> Binding:
    return Binding(keys, action, description, show=False)


class MessageField(ClusterTextArea, inherit_bindings=False, inherit_css=False):
    """A text area that sends on Enter.

    It lists all its keys and inherits none: Textual's include Ctrl+K, F6 and others of the app. Keys without a
    meaning in an empty or short text are passed on, so that they scroll the transcript.
    """

    DEFAULT_CSS = """
    MessageField {
        width: 1fr;
        height: 1;
        overflow-x: hidden;
        overflow-y: hidden;
        border: none;
        padding: 0;
        background: $cg-raised;
        color: $cg-text;
        pointer: text;
        scrollbar-size-vertical: 1;
        scrollbar-size-horizontal: 0;
        scrollbar-color: $cg-edge;
        scrollbar-color-hover: $cg-edge;
        scrollbar-color-active: $cg-accent;
        scrollbar-background: $cg-raised;
        scrollbar-background-hover: $cg-raised;
        scrollbar-background-active: $cg-raised;

        & .text-area--cursor {
            background: $cg-accent;
            color: $cg-on-accent;
        }
        & .text-area--placeholder {
            color: $cg-muted;
        }
        & .text-area--selection {
            background: $cg-select;
        }
        &:ansi .text-area--cursor, &:ansi .text-area--selection {
            text-style: reverse;
        }
    }
    """

    # Lost with the inherited style sheet.
    COMPONENT_CLASSES: ClassVar[set[str]] = TextArea.COMPONENT_CLASSES

    BINDINGS: ClassVar[list[BindingType]] = [
        # These come first: the text area itself uses Enter for a new line.
        *(action.binding for action in MESSAGE_ACTIONS),
        _quiet("up", "cursor_up", "Cursor up"),
        _quiet("down", "cursor_down", "Cursor down"),
        _quiet("left", "cursor_left", "Cursor left"),
        _quiet("right", "cursor_right", "Cursor right"),
        _quiet("ctrl+left", "cursor_word_left", "Word left"),
        _quiet("ctrl+right", "cursor_word_right", "Word right"),
        _quiet("home,ctrl+a", "cursor_line_start", "Start of line"),
        _quiet("end,ctrl+e", "cursor_line_end", "End of line"),
        _quiet("pageup", "cursor_page_up", "Page up"),
        _quiet("pagedown", "cursor_page_down", "Page down"),
        _quiet("shift+left", "cursor_left(True)", "Select left"),
        _quiet("shift+right", "cursor_right(True)", "Select right"),
        _quiet("shift+up", "cursor_up(True)", "Select up"),
        _quiet("shift+down", "cursor_down(True)", "Select down"),
        _quiet("shift+home", "cursor_line_start(True)", "Select to start of line"),
        _quiet("shift+end", "cursor_line_end(True)", "Select to end of line"),
        _quiet("ctrl+shift+left", "cursor_word_left(True)", "Select word left"),
        _quiet("ctrl+shift+right", "cursor_word_right(True)", "Select word right"),
        _quiet("f7", "select_all", "Select all"),
        _quiet("backspace", "delete_left", "Delete left"),
        _quiet("delete,ctrl+d", "delete_right", "Delete right"),
        _quiet("ctrl+w,ctrl+backspace,alt+backspace", "delete_word_left", "Delete word left"),
        _quiet("alt+delete", "delete_word_right", "Delete word right"),
        _quiet("ctrl+u", "delete_to_start_of_line", "Delete to start of line"),
        _quiet("ctrl+x,super+x", "cut", "Cut"),
        _quiet("ctrl+c,super+c", "copy", "Copy"),
        _quiet("ctrl+v", "paste", "Paste"),
        _quiet("ctrl+z,super+z", "undo", "Undo"),
        _quiet("ctrl+y,super+y", "redo", "Redo"),
    ]

    @dataclass
    class SendAsked(Message):
        """Enter was pressed on this text; more may be typed before the message arrives."""

        text: str

    @dataclass
    class Copied(Message):
        """Text was copied or cut. `text` has the long texts that the field shows as labels."""

        text: str

    @dataclass
    class LongTextPressed(Message):
        """The label of a long text was clicked."""

        text: str

    class Wrapped(Message):
        """The number of rows of the text may have changed."""

    def __init__(self) -> None:
        self.recall: Callable[[int], None] = lambda step: None
        """Called with -1 to put the message before into the field, and with 1 for the one after. This is no Textual
        message, as the next keys belong to the recalled text.
        """
        self.is_recalled = False
        """Whether the text was recalled, so that Up and Down at its ends recall others."""
        self.folds = Folds()
        super().__init__(highlight_cursor_line=False, tab_behavior="focus")
        self.cursor_blink = False
        self.match_cursor_bracket = False

    def on_mount(self) -> None:
        """Use the plain scroll bar, which needs a running app."""
        use_plain_scroll_bar(self)

    @property
    def whole_text(self) -> str:
        """The text, including the long texts that are shown as labels."""
        return self.folds.unfold(self.text)

    @property
    def rows(self) -> int:
        """The number of rows of the whole text at this width."""
        return max(1, self.wrapped_document.height)

    def action_send(self) -> None:
        """Ask for the text to be sent, after the keys that were pressed before."""
        self.call_later(lambda: self.post_message(self.SendAsked(self.whole_text)))

    def action_new_line(self) -> None:
        """Insert a new line at the cursor."""
        self.call_later(self._put, "\n")

    def action_cursor_up(self, select: bool = False) -> None:
        """Move up, or recall the message before if there is no text. Overrides `TextArea.action_cursor_up`."""
        is_first = self.is_recalled and not select and self.navigator.is_first_wrapped_line(self.cursor_location)
        if is_first or not self.text:
            self.recall(-1)
        else:
            super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        """Move down, or from a recalled text to the one after it. Overrides `TextArea.action_cursor_down`."""
        if self.is_recalled and not select and self.navigator.is_last_wrapped_line(self.cursor_location):
            self.recall(1)
        else:
            super().action_cursor_down(select)

    def action_cursor_line_end(self, select: bool = False) -> None:
        """Move to the end of the line. Without text the key is passed on."""
        if not self.text:
            raise SkipAction
        super().action_cursor_line_end(select)

    def action_cursor_line_start(self, select: bool = False) -> None:
        """Move to the start of the line. Without text the key is passed on."""
        if not self.text:
            raise SkipAction
        super().action_cursor_line_start(select)

    def action_cursor_page_up(self) -> None:
        """Move up by a page. If the whole text is in view, the key is passed on."""
        if self.rows <= self.size.height:
            raise SkipAction
        super().action_cursor_page_up()

    def action_cursor_page_down(self) -> None:
        """Move down by a page. If the whole text is in view, the key is passed on."""
        if self.rows <= self.size.height:
            raise SkipAction
        super().action_cursor_page_down()

    def action_undo(self) -> None:
        """Undo what was typed. If nothing was, the key is passed on."""
        if not self.history.undo_stack:
            raise SkipAction
        super().action_undo()

    def action_delete_right(self) -> None:
        """Delete the character at the cursor. Without text the key is passed on."""
        if not self.text:
            raise SkipAction
        super().action_delete_right()

    def action_delete_to_start_of_line(self) -> None:
        """Delete to the start of the line. Without text the key is passed on."""
        if not self.text:
            raise SkipAction
        super().action_delete_to_start_of_line()

    def action_redo(self) -> None:
        """Redo what was undone last. With nothing to redo the key is passed on, and copies code."""
        before = self.text
        super().action_redo()
        if self.text == before:
            raise SkipAction

    def action_copy(self) -> None:
        """Copy the selected text. Overrides `TextArea.action_copy`."""
        super().action_copy()
        self.post_message(self.Copied(self.folds.unfold(self.app.clipboard)))

    def action_cut(self) -> None:
        """Copy the selected text, or the line, and delete it. Overrides `TextArea.action_cut`."""
        super().action_cut()
        self.post_message(self.Copied(self.folds.unfold(self.app.clipboard)))

    def action_paste(self) -> None:
        """Insert what this app copied last, cleaned: it may be from a bot."""
        self.paste(self.app.clipboard)

    def on_paste(self, event: events.Paste) -> None:
        """Insert what the terminal pasted, cleaned. It is only text: it presses no keys and does not send."""
        event.stop()
        event.prevent_default()
        self.paste(event.text)

    def paste(self, text: str) -> None:
        """Insert `text`, cleaned, instead of the selection."""
        self._put(self.folds.fold(clean(mend_surrogates(text)), self.text))

    def start_of(self, row: int, column: int) -> int:
        """Return the start of the label or the cluster at `column`."""
        label = self.folds.span_around(self.document.get_line(row), column)
        return label[0] if label else super().start_of(row, column)

    def end_of(self, row: int, column: int) -> int:
        """Return the end of the label or the cluster at `column`."""
        label = self.folds.span_around(self.document.get_line(row), column)
        return label[1] if label else super().end_of(row, column)

    def get_line(self, line_index: int) -> Text:
        """Return a line with its labels in bold. Overrides `TextArea.get_line`."""
        line = super().get_line(line_index)
        for start, end in self.folds.spans(line.plain):
            line.stylize("bold", start, end)
        return line

    @property
    def long_text(self) -> str:
        """The long text whose label is at the cursor or next to it, else the first one; empty if there is none."""
        row, column = self.cursor_location
        line = self.document.get_line(row)
        near = self.folds.text_at(line, column) or self.folds.text_at(line, column - 1)
        lines = (self.document.get_line(row) for row in range(self.document.line_count))
        others = (self.folds.text_at(line, span[0]) for line in lines for span in self.folds.spans(line))
        return near or next(others, "")

    def on_click(self, event: events.Click) -> None:
        """Report a click on a label."""
        row, column = self.get_target_document_location(event)
        text = self.folds.text_at(self.document.get_line(row), column)
        if text and self.selection.is_empty:
            self.post_message(self.LongTextPressed(text))

    def on_resize(self) -> None:
        """Report the new number of rows, once the text is wrapped to the new width."""
        self.call_next(self.post_message, self.Wrapped())

    def _put(self, text: str) -> None:
        if text and not self.read_only:
            start, end = self.selection
            self.replace(text, start, end, maintain_selection_offset=False)
