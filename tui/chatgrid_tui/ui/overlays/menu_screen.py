"""A small menu beside what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.geometry import Offset
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from chatgrid_tui.ui.actions.keys import key_name
from chatgrid_tui.ui.appearance import look_of
from chatgrid_tui.ui.overlays.overlay import OverlayScreen, Title
from chatgrid_tui.ui.overlays.picker_list import ChoiceList
from chatgrid_tui.ui.widgets.cells import cut
from chatgrid_tui.ui.widgets.scroll_bar import use_plain_scroll_bar

_NARROWEST: Final = 36
_WIDEST: Final = 64
_MARGIN: Final = 1
"""Cells between the border of the menu and its entries."""
_FRAME_ROWS: Final = 4
_DIGITS: Final = "123456789"


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """An entry. `detail` tells it from others, `keys` choose it, in Textual's names; the first one is shown. One that
    cannot work now is muted.
    """

    label: str
    detail: str = ""
    keys: tuple[str, ...] = ()
    works: bool = True


class MenuScreen(OverlayScreen[int]):
    """Returns the index of the entry that was chosen, or None. Enter, digits, a click and the keys of the entries
    choose. Esc or a click outside closes it.
    """

    def __init__(self, title: str, groups: Sequence[Sequence[MenuEntry]], at: Offset) -> None:
        """`at` is the cell of the screen beside which it opens."""
        super().__init__()
        self._entries = [entry for group in groups for entry in group]
        self._groups = groups
        self._at = at
        self._title = Title(title)
        self._list = ChoiceList()

    def compose(self) -> ComposeResult:
        """Overrides `Screen.compose`."""
        with self.overlay:
            yield self._title
            yield self._list

    def on_mount(self) -> None:
        """Focus the first entry."""
        use_plain_scroll_bar(self._list)
        self._list.focus()

    def fit(self, top: int, height: int) -> None:
        """Stand beside what the menu is about, within the screen."""
        screen = self.app.size
        rows = len(self._entries) + len(self._groups) - 1
        longest = max(self._line(entry, 0, 0).cell_length for entry in self._entries)
        width = max(1, min(max(_NARROWEST, longest + 2 * _MARGIN), _WIDEST, screen.width - 2))
        lines = max(1, min(rows, screen.height - _FRAME_ROWS))
        overlay = self.overlay.styles
        overlay.margin = 0
        overlay.width = width
        overlay.offset = (
            max(0, min(self._at.x, screen.width - width - 1)),
            max(0, min(self._at.y, screen.height - lines - _FRAME_ROWS)),
        )
        self._list.styles.height = lines
        self._fill(width - 2 * _MARGIN - (1 if lines < rows else 0))

    def on_key(self, event: events.Key) -> None:
        """Choose by a digit, or by the key of an entry."""
        chosen = next((n for n, entry in enumerate(self._entries) if event.key in entry.keys), None)
        if chosen is None and event.character and event.character in _DIGITS:
            chosen = _DIGITS.index(event.character)
        if chosen is not None and chosen < len(self._entries):
            event.stop()
            event.prevent_default()
            self.dismiss(chosen)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Choose the entry that Enter or the mouse pressed."""
        event.stop()
        self.dismiss(event.option_index)

    def _fill(self, width: int) -> None:
        """Put the entries into the list, `width` cells wide."""
        before = self._list.highlighted
        options: list[Option | None] = []
        number = 0
        for group in self._groups:
            if options:
                options.append(None)
            for entry in group:
                options.append(Option(self._line(entry, number, width)))
                number += 1
        self._list.clear_options()
        self._list.add_options(options)
        self._list.highlighted = before or 0

    def _line(self, entry: MenuEntry, number: int, width: int) -> Content:
        """Return the line of an entry, `width` cells wide; 0 for as wide as it needs."""
        signs = look_of(self).signs
        digit = f"  {_DIGITS[number]} " if number < len(_DIGITS) else "    "
        key = f"  {key_name(entry.keys[0], signs)} " if entry.keys else " "
        room = max(0, width - cell_len(key))
        head = f"{digit}{entry.label}"
        detail = f"  {entry.detail}" if entry.detail else ""
        if width and cell_len(head + detail) > room:
            detail = cut(detail, max(0, room - cell_len(head)), signs.more)
        padding = " " * max(0, room - cell_len(head + detail))
        label = entry.label if entry.works else (entry.label, "$cg-muted")
        return Content.assemble((digit, "$cg-muted"), label, (f"{detail}{padding}{key}", "$cg-muted"))
