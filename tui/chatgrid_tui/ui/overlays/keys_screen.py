"""All keys, on one page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import ClassVar, Final

from rich.cells import set_cell_size
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from chatgrid_tui.ui.actions.keys import KeyHint, key_name
from chatgrid_tui.ui.appearance import Signs, look_of
from chatgrid_tui.ui.overlays.overlay import OverlayScreen, Title
from chatgrid_tui.ui.textual_theme import PREFIX
from chatgrid_tui.ui.widgets.cells import TINY_BELOW, own_words, wrapped
from chatgrid_tui.ui.widgets.key_bar import KeyBar
from chatgrid_tui.ui.widgets.scroll_bar import use_plain_scroll_bar

_KEYS_WIDTH: Final = 26
_FRAME_ROWS: Final = 6
_WIDEST: Final = 84
_MARGINS: Final = 4
"""The width of an overlay, and the cells beside it."""
_FRAME_CELLS: Final = 6
"""The cells of the overlay that are not its text."""


@dataclass(frozen=True, slots=True)
class KeyGroup:
    """Keys that belong together, all keys of a hint, and commands that have no key: their label and description."""

    title: str
    hints: tuple[KeyHint, ...] = ()
    commands: tuple[tuple[str, str], ...] = ()


class KeysScreen(OverlayScreen[None]):
    """Shows all keys. Esc, F1, Enter or a click outside closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1,enter", "close", "Close", show=False, priority=True),
    ]

    def __init__(self, groups: Sequence[KeyGroup], title: str = "Keys") -> None:
        super().__init__()
        self._groups = groups
        self._header = Title(title)
        self._page = Static()
        self._scroll = VerticalScroll(self._page, classes="text")
        self._keys = KeyBar(surface="overlay", margin=2)
        self._keys.show([KeyHint("close", ("escape",), "Close"), KeyHint("", ("up down",), "Scroll")])

    def compose(self) -> ComposeResult:
        """Overrides `Screen.compose`."""
        with self.overlay:
            yield self._header
            yield self._scroll
            yield self._keys

    def on_mount(self) -> None:
        """Let the arrows scroll at once."""
        use_plain_scroll_bar(self._scroll)
        self._scroll.focus()

    def fit(self, top: int, height: int) -> None:
        """Wrap the page, each group in two columns, and show as many lines as there is room for."""
        self._scroll.styles.max_height = max(1, height - 2 * top - _FRAME_ROWS)
        # Not after the layout: a key that scrolls may follow at once.
        width = (
            min(_WIDEST, self.app.size.width - (_MARGINS if self.app.size.width >= TINY_BELOW else 0)) - _FRAME_CELLS
        )
        self._page.update(Content("\n").join(_lines(self._groups, max(4, width), look_of(self).signs)))


def _lines(groups: Sequence[KeyGroup], width: int, signs: Signs) -> Iterator[Content]:
    """Yield the lines of the page in `width` cells."""
    column = min(_KEYS_WIDTH, width // 2)
    for number, group in enumerate(groups):
        if number:
            yield Content()
        label = own_words(group.title, signs)
        hairline = signs.hairline * (width - len(label) - 1)
        yield Content.assemble((f"{label} ", f"${PREFIX}muted"), (hairline, f"${PREFIX}line"))
        rows = [(" or ".join(key_name(key, signs) for key in hint.keys), hint.label) for hint in group.hints]
        for left, right in (*rows, *group.commands):
            both = zip_longest(
                wrapped(left, column - 2), wrapped(own_words(right, signs), width - column), fillvalue=""
            )
            for one, other in both:
                yield Content.assemble(set_cell_size(one, column), (other, f"${PREFIX}muted"))
