"""Words over the page: what is to be known, in full."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import ClassVar

from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.selection import Selection
from textual.strip import Strip

from chatgrid_tui.text import clean
from chatgrid_tui.ui.appearance import look_of
from chatgrid_tui.ui.overlays.overlay import OverlayScreen
from chatgrid_tui.ui.terminal.clipboard import copy, selection_name
from chatgrid_tui.ui.widgets.cells import filled, wrapped
from chatgrid_tui.ui.widgets.header import Header
from chatgrid_tui.ui.widgets.key_bar import KeyBar, KeyHint
from chatgrid_tui.ui.widgets.line_view import LineView

_FRAME_ROWS = 6
_AHEAD = 400
"""Lines that are wrapped at once, so that a text of megabytes opens as quickly as any."""
_STRETCH = 5_000
"""Characters of one line that are wrapped at once."""
_HINTS = (KeyHint("close", ("escape",), "Close"), KeyHint("copy", ("ctrl+c",), "Copy"))


class _Words(LineView, can_focus=True):
    """Draws the words, wrapped; the arrows and page keys scroll, and the mouse selects."""

    ALLOW_SELECT = True

    def __init__(self, words: str) -> None:
        super().__init__()
        self._words = clean(words)
        self._lines: list[str] = []
        self._rest: Iterator[str] = iter(())
        """Lines that are wrapped when somebody scrolls near to them."""

    def put(self, words: str) -> None:
        """Show other words."""
        self._words = clean(words)
        self.refresh()

    def wrap(self, width: int) -> int:
        """Wrap to `width` cells, of which the last stays free, and return the number of lines."""
        self._lines, self._rest = [], _lines(self._words, max(1, width - 1))
        self._wrap_to(0)
        return len(self._lines)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Overrides `Widget.watch_scroll_y`: wrap what comes next."""
        super().watch_scroll_y(old_value, new_value)
        self._wrap_to(round(new_value))

    def _wrap_to(self, top: int) -> None:
        """Wrap the text some way beyond the line at the top of the view."""
        if len(self._lines) < top + _AHEAD:
            self._lines.extend(islice(self._rest, _AHEAD))
            self.virtual_size = Size(0, len(self._lines))

    def render_line(self, y: int) -> Strip:
        """Return a line as it is on the screen (Textual asks for it)."""
        look = look_of(self)
        fill = look.style("text", "overlay")
        at = y + self.scroll_offset.y
        line = self._lines[at] if at < len(self._lines) else ""
        segments = [Segment(line, fill)]
        span = None if self.text_selection is None else self.text_selection.get_span(at)
        if span is not None and line:
            start, end = span[0], len(line) if span[1] < 0 else span[1]
            marked = look.style("text", "select", reverse=look.theme.flat)
            segments = [Segment(line[:start], fill), Segment(line[start:end], marked), Segment(line[end:], fill)]
        return filled(segments, self.line_width, fill).apply_offsets(0, at)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Overrides `Widget.get_selection`."""
        text = "\n".join([*self._lines, ""])
        return selection.extract(f"{text} ").rstrip(" "), "\n"  # the blank keeps empty lines at the end

    def selection_updated(self, selection: Selection | None) -> None:
        """Overrides `Widget.selection_updated`."""
        self.refresh()


class WordsScreen(OverlayScreen[None]):
    """Shows some words until somebody has read them. Esc, Enter or a click beside them closes. Ctrl+C copies what is
    selected, or all of it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c,super+c", "copy", "Copy", show=False),
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

    def action_copy(self) -> None:
        """Copy the selected text, or all of it."""
        # Of the app: closing this screen must not stop the copying.
        self.app.run_worker(self._copy(self.get_selected_text()), group="copy dialog", exclusive=True)

    async def _copy(self, selected: str | None) -> None:
        title, text = self.said
        what = selection_name(selected) if selected else "all of it"
        self._header.show(title, await copy(self.app, selected or text, what))

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


def _lines(words: str, width: int) -> Iterator[str]:
    """Yield the lines of a text, wrapped to `width` cells."""
    for part in words.split("\n"):
        start = 0
        while start < len(part) or not start:
            end = len(part) if len(part) - start <= _STRETCH else part.rfind(" ", start, start + _STRETCH) + 1
            end = end if end > start else start + _STRETCH
            yield from wrapped(part[start:end], width) or [""]
            start = end or 1
