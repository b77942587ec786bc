"""Textual's input, without its border."""

from __future__ import annotations

from typing import ClassVar

from textual.widgets import Input


class PlainInput(Input, inherit_css=False):
    """One line to type, which looks like the field that it lies in."""

    DEFAULT_CSS = """
    PlainInput {
        width: 1fr;
        height: 1;
        border: none;
        padding: 0;
        overflow: hidden hidden;
        scrollbar-size: 0 0;
        background: $cg-field;
        color: $cg-text;

        & > .input--cursor {
            background: $cg-accent;
            color: $cg-on-accent;
        }
        & > .input--selection {
            background: $cg-select;
        }
        & > .input--placeholder {
            color: $cg-muted;
        }
        &:ansi > .input--cursor, &:ansi > .input--selection {
            text-style: reverse;
        }
    }
    """
    # Lost with the inherited style sheet.
    COMPONENT_CLASSES: ClassVar[set[str]] = Input.COMPONENT_CLASSES

    def __init__(self, *, placeholder: str = "", password: bool = False, max_length: int = 0) -> None:
        """`placeholder` is shown while nothing is typed; `password` shows dots; a `max_length` of 0 is any length."""
        super().__init__(placeholder=placeholder, password=password, max_length=max_length, select_on_focus=False)
        self.cursor_blink = False
