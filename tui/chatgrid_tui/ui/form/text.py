"""A field of one line in a form. A secret is shown as dots."""

from __future__ import annotations

import re
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

from chatgrid_tui.text import clean, mend_surrogates
from chatgrid_tui.ui.form.typed import TypedField
from chatgrid_tui.ui.widgets.plain_input import PlainInput

_LONGEST = 20_000


class CommandPasted(Message):
    """A cURL command was pasted into a field, which ignored it."""

    def __init__(self, command: str) -> None:
        super().__init__()
        self.command = command  # not in the repr: it may hold a key


def is_command(pasted: str) -> bool:
    """Return whether a pasted text is a cURL command."""
    words = pasted.lstrip(" \t\r\n$>").split(None, 1)
    return len(words) == 2 and words[0].lower() in ("curl", "curl.exe")


def is_address(pasted: str) -> bool:
    """Return whether a pasted text is a whole web address."""
    return re.fullmatch(r"(?i)\s*https?://\S+\s*", pasted) is not None


class _FormLine(PlainInput, inherit_bindings=False):
    """The input. It has its own list of keys, as Textual's takes some that belong to the app."""

    DEFAULT_CSS = """
    _FormLine {
        margin: 0 1 0 2;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "cursor_left", "Left", show=False),
        Binding("right", "cursor_right", "Right", show=False),
        Binding("shift+left", "cursor_left(True)", "Select left", show=False),
        Binding("shift+right", "cursor_right(True)", "Select right", show=False),
        Binding("ctrl+left", "cursor_left_word", "Word left", show=False),
        Binding("ctrl+right", "cursor_right_word", "Word right", show=False),
        Binding("home,ctrl+a", "home", "Start", show=False),
        Binding("end,ctrl+e", "end", "End", show=False),
        Binding("shift+home", "home(True)", "Select to start", show=False),
        Binding("shift+end", "end(True)", "Select to end", show=False),
        Binding("backspace", "delete_left", "Delete left", show=False),
        Binding("delete,ctrl+d", "delete_right", "Delete right", show=False),
        Binding("ctrl+w,ctrl+backspace,alt+backspace", "delete_left_word", "Delete word", show=False),
        Binding("ctrl+u", "delete_left_all", "Delete to start", show=False),
        Binding("enter", "submit", "Next", show=False),
        Binding("ctrl+c,super+c", "copy", "Copy", show=False),
        Binding("ctrl+x", "cut", "Cut", show=False),
        Binding("ctrl+v", "paste", "Paste", show=False),
    ]

    for_address = False
    """Whether a pasted address replaces the whole text."""

    def on_paste(self, event: events.Paste) -> None:
        """Insert what the terminal pasted, as one line. A cURL command is passed to the form."""
        event.stop()
        event.prevent_default()
        self.take(event.text)

    def action_paste(self) -> None:
        """Insert what this app copied last."""
        self.take(self.app.clipboard)

    def action_copy(self) -> None:
        """Copy the selection, unless it is a secret."""
        if not self.password:
            super().action_copy()

    def action_cut(self) -> None:
        """Cut the selection, unless it is a secret."""
        if not self.password:
            super().action_cut()

    def take(self, pasted: str) -> None:
        """Insert a pasted text at the cursor."""
        if is_command(pasted):
            self.post_message(CommandPasted(pasted))
            return
        # A secret is not cleaned: characters that do not belong in one are reported instead.
        lines = (pasted if self.password else clean(mend_surrogates(pasted))).strip().splitlines()
        text = " ".join(line.strip() for line in lines)[:_LONGEST]
        if self.for_address and is_address(text):
            self.replace(text, 0, len(self.value))
        elif text:
            self.replace(text, *sorted(self.selection))


class FormText(TypedField):
    """A field of one line."""

    DEFAULT_CSS = """
    FormText {
        height: 1;
    }
    """

    def __init__(self, *, secret: bool = False, for_address: bool = False) -> None:
        """`secret` shows dots; with `for_address` a pasted address replaces the whole text."""
        self.input = _FormLine(password=secret, max_length=_LONGEST)
        self.input.for_address = for_address
        super().__init__(self.input)

    @property
    def value(self) -> str:
        """The text."""
        return self.input.value

    def put(self, value: str) -> None:
        """Replace the text without posting `Changed`."""
        if value != self.input.value:
            with self.input.prevent(Input.Changed):
                self.input.value = value
            self.input.cursor_position = len(value)

    def paste(self, text: str) -> None:
        """Insert a text that was pasted outside the field."""
        self.input.take(text)

    def select_at_focus(self, select: bool) -> None:
        """Set whether the text is selected on focus, so that typing replaces it."""
        self.input.select_on_focus = select

    def hint(self, words: str) -> None:
        """Set the placeholder."""
        self.input.placeholder = words

    def on_input_changed(self, event: Input.Changed) -> None:
        """Post `Changed`."""
        event.stop()
        self.post_message(self.Changed(self))
