"""One line to type over the page: another title."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.overlays.filter_field import FilterField
from chatgrid_tui.ui.overlays.overlay import OverlayScreen
from chatgrid_tui.ui.widgets.header import Header
from chatgrid_tui.ui.widgets.key_bar import KeyBar, KeyHint

_HINTS = (KeyHint("close", ("escape",), "Cancel"), KeyHint("save", ("enter",), "Save"))


class TitleScreen(OverlayScreen[str]):
    """Gives back the title, which may be the old one; None where it was given up. Enter saves, Esc cancels."""

    DEFAULT_CSS = """
    TitleScreen Overlay {
        max-width: 66;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Cancel", show=False, priority=True),
    ]

    def __init__(self, title: str) -> None:
        """`title` is what is there to begin with."""
        super().__init__()
        self._before = clean_line(title)
        self._header = Header("Rename", surface="overlay", margins=(2, 2))
        self._field = FilterField()
        self._keys = KeyBar(surface="overlay", margin=2)
        self._keys.show(_HINTS)

    def compose(self) -> ComposeResult:
        """Put the overlay together."""
        with self.overlay:
            yield self._header
            yield self._field
            yield self._keys

    def on_mount(self) -> None:
        """Begin behind the old title."""
        self._field.input.value = self._before
        self._field.input.cursor_position = len(self._before)
        self._field.input.focus()

    def action_save(self) -> None:
        """Give the title back. An empty one would be none, so the old one stays."""
        self.dismiss(self._field.input.value.strip() or self._before)

    @on(Input.Submitted)
    def _enter_was_pressed(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_save()
