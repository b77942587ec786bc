"""Words over the page: what is to be known, in full."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.strip import Strip

from chatgrid_tui.text import clean
from chatgrid_tui.ui.look import look_of
from chatgrid_tui.ui.overlays.overlay import OverlayScreen
from chatgrid_tui.ui.widgets.cells import filled, wrapped
from chatgrid_tui.ui.widgets.header import Header
from chatgrid_tui.ui.widgets.key_bar import KeyBar, KeyHint
from chatgrid_tui.ui.widgets.line_view import LineView

_FRAME_ROWS = 6
_HINTS = (KeyHint("close", ("escape",), "Close"),)


class _Words(LineView, can_focus=True):
    """Draws the words, wrapped; the arrows and page keys scroll."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self._words = clean(words)
        self._lines: list[str] = []

    def put(self, words: str) -> None:
        """Show other words."""
        self._words = clean(words)
        self.refresh()

    def wrap(self, width: int) -> int:
        """Wrap to `width` cells, of which the last stays free, and return the number of lines."""
        room = max(1, width - 1)
        self._lines = [line for part in self._words.split("\n") for line in wrapped(part, room) or [""]]
        self.virtual_size = Size(0, len(self._lines))
        return len(self._lines)

    def render_line(self, y: int) -> Strip:
        """Return a line as it is on the screen (Textual asks for it)."""
        fill = look_of(self).style("text", "overlay")
        at = y + self.scroll_offset.y
        line = self._lines[at] if at < len(self._lines) else ""
        return filled([Segment(line, fill)], self.line_width, fill)


class WordsScreen(OverlayScreen[None]):
    """Shows some words until somebody has read them. Esc, Enter or a click beside them closes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter", "close", "Close", show=False, priority=True),
    ]

    def __init__(self, title: str, words: str) -> None:
        super().__init__()
        self.said = title, words
        self._header = Header(title, surface="overlay", margins=(1, 1))
        self._words = _Words(words)
        self._keys = KeyBar(surface="overlay", margin=2)
        self._keys.show(_HINTS)

    def compose(self) -> ComposeResult:
        """Put the overlay together."""
        with self.overlay:
            yield self._header
            yield self._words
            yield self._keys

    def on_mount(self) -> None:
        """Let the keys scroll."""
        self._words.focus()

    def put(self, words: str) -> None:
        """Show other words under the same title."""
        self.said = self.said[0], words
        self._words.put(words)
        if self.is_attached:
            self._put_in_place()

    def fit(self, top: int, height: int) -> None:
        """Take as many rows as the words need, as far as there is room."""
        width = min(84, self.app.size.width - 4) - 4
        lines = self._words.wrap(width)
        self._words.styles.height = max(1, min(lines, height - top - _FRAME_ROWS))
