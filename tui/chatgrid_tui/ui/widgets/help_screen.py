"""All keys, on one page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.strip import Strip

from chatgrid_tui.ui.look import Look, look_of
from chatgrid_tui.ui.widgets.cells import cut, filled, width_of
from chatgrid_tui.ui.widgets.header import Header
from chatgrid_tui.ui.widgets.key_bar import KeyBar, KeyHint, key_name
from chatgrid_tui.ui.widgets.line_view import LineView, draw_heading
from chatgrid_tui.ui.widgets.overlay import OverlayScreen

_KEYS_WIDTH = 26
_FRAME_ROWS = 6


@dataclass(frozen=True, slots=True)
class KeyGroup:
    """Keys that belong together. `keys` of a hint are all shown."""

    title: str
    hints: tuple[KeyHint, ...]


class _KeyList(LineView, can_focus=True):
    """Draws the groups; the arrows and page keys scroll."""

    def __init__(self, groups: Sequence[KeyGroup]) -> None:
        super().__init__()
        self._shown: list[KeyHint | str] = []
        for group in groups:
            self._shown += ["", group.title] if self._shown else [group.title]
            self._shown += group.hints
        self.virtual_size = Size(0, len(self._shown))

    @property
    def lines_in_all(self) -> int:
        """How many lines there are."""
        return len(self._shown)

    def render_line(self, y: int) -> Strip:
        """Return a line of the list as it is on the screen (Textual asks for it)."""
        look, width = look_of(self), self.size.width
        at = y + self.scroll_offset.y
        line = self._shown[at] if at < len(self._shown) else ""
        fill = look.style("text", "overlay")
        if isinstance(line, KeyHint):
            return filled(self._hint(line, look, width), width, fill)
        if not line:
            return Strip.blank(width, fill)
        return draw_heading(line, look, width, surface="overlay", start=1)

    def _hint(self, hint: KeyHint, look: Look, width: int) -> list[Segment]:
        names = " or ".join(key_name(key, look.signs) for key in hint.keys)
        keys = [Segment(f" {names}  ", look.style("text", "overlay"))]
        column = min(_KEYS_WIDTH, max(1, width // 2))
        keys.append(Segment(" " * max(0, column - width_of(keys)), look.style("text", "overlay")))
        room = max(0, width - 1 - width_of(keys))
        return [*keys, Segment(cut(hint.label, room, look.signs.more), look.style("muted", "overlay"))]


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
        self._list.styles.height = max(1, min(self._list.lines_in_all, height - 2 * top - _FRAME_ROWS))

    async def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        """Do what the entry says."""
        event.stop()
        if event.action:
            await self.run_action(event.action)
