"""A list over the page, to pick from: a place to go to, a command."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from chatgrid_tui.ui.overlays.filter_field import FilterField
from chatgrid_tui.ui.overlays.list_screen import ListScreen
from chatgrid_tui.ui.overlays.picker_list import PickerGroup, PickerList, StateOf
from chatgrid_tui.ui.widgets.cells import is_tall
from chatgrid_tui.ui.widgets.key_bar import KeyHint

_FRAME_ROWS = 8
"""Rows of the overlay that are not the list: padding, title, field, keys, and the blank rows between."""
_LEFT_BELOW = 6
"""Rows of the page that a tall screen keeps below the overlay."""

_HINTS = (
    KeyHint("close", ("escape",), "Close"),
    KeyHint("pick", ("enter",), "Open"),
)


class PickerScreen(ListScreen[str]):
    """Shows groups of rows and gives back the id of the one that was picked, None where none was.

    Typing finds; the arrows choose; Enter or a click picks; Esc closes.
    """

    def __init__(
        self,
        title: str,
        groups: Sequence[PickerGroup],
        chosen: str | None = None,
        *,
        hints: Sequence[KeyHint] = _HINTS,
        state_of: StateOf | None = None,
    ) -> None:
        """`chosen` is the id of the row to begin on. `hints` names the keys; their actions are run on this screen.
        `state_of` says what stands at the right end of a row, where that changes while it is shown.
        """
        super().__init__(title, groups, chosen, hints, state_of)
        self._field = FilterField()
        self._tallest = 0

    def compose(self) -> ComposeResult:
        """Put the overlay together."""
        with self.overlay:
            yield self._header
            yield self._field
            yield self._list
            yield self._keys

    def on_mount(self) -> None:
        """Begin with the filter empty."""
        self._count()
        self._field.input.focus()
        self.call_later(self._make_ready)

    @property
    def typed(self) -> str:
        """What was typed to find something."""
        return self._field.input.value

    def put(self, groups: Sequence[PickerGroup]) -> None:
        """Show other groups. What was typed and the chosen row stay."""
        self._list.put(groups)
        if self.is_mounted:
            self._count()
            if self._list.height > self._tallest:
                self.on_resize()
            self.call_later(self._make_ready)

    def fit(self, top: int, height: int) -> None:
        """Show as many rows as there is room for, with the lowest rows of the page left in sight."""
        tall = is_tall(self)
        room = height - top - _FRAME_ROWS - (_LEFT_BELOW if tall else 2 * top)
        self._list.space(tall)
        self._tallest = max(self._tallest, self._list.height)  # it does not shrink under what is typed
        self._list.styles.height = max(1, min(self._tallest, room))
        self.call_after_refresh(self._list.show_chosen)

    def action_pick(self) -> None:
        """Give back the chosen row."""
        if self._list.chosen is not None:
            self.dismiss(self._list.chosen)

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        event.stop()
        self._list.filter(event.value)
        self._count()
        if self._list.height > self._tallest:
            self.on_resize()

    @on(Input.Submitted)
    def _enter_was_pressed(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_pick()

    @on(PickerList.Picked)
    def _row_was_clicked(self, event: PickerList.Picked) -> None:
        event.stop()
        self.dismiss(event.id)

    def _make_ready(self) -> None:
        """Make the rows ready for being found, a part at a time: there may be tens of thousands."""
        if self.is_attached and not self._list.make_ready():
            self.call_later(self._make_ready)

    def _count(self) -> None:
        matching, total = self._list.counts
        words = f"{matching:,} of {total:,}" if self._field.input.value.strip() else f"{total:,}"
        self._header.show(self._title, words)
