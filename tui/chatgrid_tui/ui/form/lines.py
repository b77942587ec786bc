"""A field of several lines in a form."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.widgets import TextArea

from chatgrid_tui.text import clean, mend_surrogates
from chatgrid_tui.ui.form.text import CommandPasted, is_command
from chatgrid_tui.ui.form.typed import TypedField
from chatgrid_tui.ui.widgets.cluster_text_area import ClusterTextArea
from chatgrid_tui.ui.widgets.scroll_bar import use_plain_scroll_bar

_LONGEST = 100_000


class _FormLines(ClusterTextArea, inherit_css=False):
    """Textual's text area, without its border."""

    DEFAULT_CSS = """
    _FormLines {
        width: 1fr;
        height: 3;
        margin: 0 0 0 2;
        overflow-x: hidden;
        overflow-y: auto;
        border: none;
        padding: 0;
        background: $cg-field;
        color: $cg-text;
        scrollbar-size-vertical: 1;
        scrollbar-size-horizontal: 0;
        scrollbar-color: $cg-edge;
        scrollbar-color-hover: $cg-edge;
        scrollbar-color-active: $cg-accent;
        scrollbar-background: $cg-field;
        scrollbar-background-hover: $cg-field;
        scrollbar-background-active: $cg-field;

        & .text-area--cursor {
            background: $cg-accent;
            color: $cg-on-accent;
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
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+j", "new_line", "New line", show=False)]

    def __init__(self) -> None:
        super().__init__(highlight_cursor_line=False, tab_behavior="focus", max_checkpoints=20)
        self.cursor_blink = False
        self.match_cursor_bracket = False

    def on_mount(self) -> None:
        """Use the plain scroll bar, which cannot be created before the app."""
        use_plain_scroll_bar(self)

    def action_new_line(self) -> None:
        """Begin a new line."""
        self.take("\n")

    def action_cursor_up(self, select: bool = False) -> None:
        """Move up, from the first row to the field above."""
        if not select and self.cursor_at_first_line:
            raise SkipAction
        super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        """Move down, from the last row to the field below."""
        if not select and self.cursor_at_last_line:
            raise SkipAction
        super().action_cursor_down(select)

    def action_paste(self) -> None:
        """Insert what this app copied last."""
        self.take(self.app.clipboard)

    def on_paste(self, event: events.Paste) -> None:
        """Insert what the terminal pasted. A cURL command is passed to the form."""
        event.stop()
        event.prevent_default()
        self.take(event.text)

    def take(self, pasted: str) -> None:
        """Insert text at the cursor."""
        if is_command(pasted):
            self.post_message(CommandPasted(pasted))
        elif pasted:
            start, end = self.selection
            self.replace(clean(mend_surrogates(pasted))[:_LONGEST], start, end, maintain_selection_offset=False)


class FormLines(TypedField):
    """A field of three rows, which scroll."""

    DEFAULT_CSS = """
    FormLines {
        height: 3;
    }
    """

    def __init__(self) -> None:
        self.lines = _FormLines()
        super().__init__(self.lines)

    @property
    def value(self) -> str:
        """The text."""
        return self.lines.text

    def put(self, value: str) -> None:
        """Replace the text without posting `Changed`."""
        if value != self.lines.text:
            with self.lines.prevent(TextArea.Changed):
                self.lines.load_text(value)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Post `Changed`."""
        event.stop()
        self.post_message(self.Changed(self))
