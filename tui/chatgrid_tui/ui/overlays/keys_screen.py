"""All keys, on one page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import ClassVar, Final, NamedTuple

from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.strip import Strip

from chatgrid_tui.ui.appearance import Signs, look_of
from chatgrid_tui.ui.overlays.overlay import OverlayScreen
from chatgrid_tui.ui.widgets.cells import TINY_BELOW, filled, own_words, wrapped
from chatgrid_tui.ui.widgets.header import Header
from chatgrid_tui.ui.widgets.key_bar import KeyBar, KeyHint, key_name
from chatgrid_tui.ui.widgets.line_view import LineView, draw_heading

_KEYS_WIDTH: Final = 26
_FRAME_ROWS: Final = 6
_WIDEST: Final = 84
"""The cells of an overlay, where there are so many."""
_MARGINS: Final = 4
"""The cells beside an overlay, and those in it beside the list."""


@dataclass(frozen=True, slots=True)
class KeyGroup:
    """Keys that belong together. `keys` of a hint are all shown."""

    title: str
    hints: tuple[KeyHint, ...]


class _Line(NamedTuple):
    """A row of the page: the title of a group, or keys and what they do, each as far as there is room for it."""

    title: str = ""
    keys: str = ""
    words: str = ""


class _KeyList(LineView, can_focus=True):
    """Draws the groups; the arrows and page keys scroll."""

    def __init__(self, groups: Sequence[KeyGroup]) -> None:
        super().__init__()
        self._groups = groups
        self._lines: list[_Line] = []
        self._column = 1
        """The cells of the keys, with the blanks at both sides of them."""

    def wrap(self, width: int) -> int:
        """Wrap to `width` cells and return the number of lines."""
        self._column = min(_KEYS_WIDTH, max(1, width // 2))
        self._lines = self._wrapped(max(1, width), look_of(self).signs)
        self.virtual_size = Size(0, len(self._lines))
        return len(self._lines)

    def _wrapped(self, width: int, signs: Signs) -> list[_Line]:
        lines: list[_Line] = []
        for group in self._groups:
            lines += [_Line(), _Line(title=group.title)] if lines else [_Line(title=group.title)]
            for hint in group.hints:
                names = " or ".join(key_name(key, signs) for key in hint.keys)
                keys = wrapped(names, max(1, self._column - 3))
                words = wrapped(own_words(hint.label, signs), max(1, width - self._column - 1))
                lines += [_Line(keys=one, words=other) for one, other in zip_longest(keys, words, fillvalue="")]
        return lines

    def render_line(self, y: int) -> Strip:
        """Return a line of the list as it is on the screen (Textual asks for it)."""
        look, width = look_of(self), self.line_width
        at = y + self.scroll_offset.y
        line = self._lines[at] if at < len(self._lines) else _Line()
        fill = look.style("text", "overlay")
        if line.title:
            return draw_heading(line.title, look, width, surface="overlay", start=1)
        keys = Strip([Segment(f" {line.keys}", fill)]).adjust_cell_length(self._column, fill)
        return filled([*keys, Segment(line.words, look.style("muted", "overlay"))], width, fill)


class KeysScreen(OverlayScreen[None]):
    """Shows all keys. Esc, F1, Enter or a click beside it closes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1,enter", "close", "Close", show=False, priority=True),
    ]

    def __init__(self, groups: Sequence[KeyGroup], title: str = "Keys") -> None:
        super().__init__()
        self._header = Header(title, surface="overlay", margins=(2, 2))
        self._list = _KeyList(groups)
        self._keys = KeyBar(surface="overlay", margin=2)
        self._keys.show([KeyHint("close", ("escape",), "Close"), KeyHint("", ("up down",), "Scroll")])

    def compose(self) -> ComposeResult:
        """Put the overlay together."""
        with self.overlay:
            yield self._header
            yield self._list
            yield self._keys

    def on_mount(self) -> None:
        """Let the arrows scroll at once."""
        self._list.focus()

    def fit(self, top: int, height: int) -> None:
        """Show as many lines as there is room for."""
        width = self.app.size.width
        lines = self._list.wrap(min(_WIDEST, width - (_MARGINS if width >= TINY_BELOW else 0)) - _MARGINS)
        self._list.styles.height = max(1, min(lines, height - 2 * top - _FRAME_ROWS))
