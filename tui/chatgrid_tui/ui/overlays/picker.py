"""Lists over the page: of places to go to, of commands, of providers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, OptionList

from chatgrid_tui.ui.actions.keys import KeyHint
from chatgrid_tui.ui.overlays.overlay import OverlayScreen, Title
from chatgrid_tui.ui.overlays.picker_list import PickerGroup, PickerList, StateOf
from chatgrid_tui.ui.widgets.cells import is_tall
from chatgrid_tui.ui.widgets.key_bar import KeyBar
from chatgrid_tui.ui.widgets.plain_input import PlainInput

Result = TypeVar("Result")

_FRAME_ROWS = 8
"""Rows of the overlay that are not the list: padding, title, field, keys, and the blank rows between."""
_LEFT_BELOW = 6
"""Rows of the page that a tall screen keeps below the overlay."""
_HINTS = (
    KeyHint("close", ("escape",), "Close"),
    KeyHint("pick", ("enter",), "Open"),
)


MOVES: Final[tuple[Binding, ...]] = (
    Binding("up", "move(-1)", "Up", show=False),
    Binding("down", "move(1)", "Down", show=False),
    Binding("pageup", "move(-8)", "Page up", show=False),
    Binding("pagedown", "move(8)", "Page down", show=False),
    Binding("home", "move(-1_000_000)", "First", show=False),
    Binding("end", "move(1_000_000)", "Last", show=False),
)
"""The keys that choose a row of a list, for screens with an action `move`."""


class ListScreen(OverlayScreen[Result]):
    """Groups of rows with a title above and keys below. The arrows choose a row. Subclasses compose the parts."""

    BINDINGS: ClassVar[list[BindingType]] = [*MOVES]

    def __init__(
        self,
        title: str,
        groups: Sequence[PickerGroup],
        chosen: str | None,
        hints: Sequence[KeyHint],
        state_of: StateOf | None,
    ) -> None:
        """`chosen` is the id of the row to begin on. `hints` names the keys, whose actions are run on this screen.
        `state_of` returns the text at the right end of a row, if it changes while it is shown.
        """
        super().__init__()
        self._title = title
        self._header = Title(title)
        self._list = PickerList(groups, chosen, state_of=state_of)
        self._keys = KeyBar(surface="overlay", margin=2)
        self._keys.show(hints)

    @property
    def chosen(self) -> str | None:
        """The id of the chosen row."""
        return self._list.chosen

    def action_move(self, by: int) -> None:
        """Choose another row."""
        self._list.move(by)


class FilterInput(PlainInput):
    """The line above a list, which is typed."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave keys that do nothing in the line to the list. Overrides `DOMNode.check_action`."""
        if action == "delete_right":
            return self.cursor_position < len(self.value) or not self.selection.is_empty
        return bool(self.value) or action not in ("home", "end")


class PickerScreen(ListScreen[str]):
    """Returns the id of the row that was picked, or None. Typing filters, Enter or a click picks.

    A row that is unavailable is not picked: its detail, which says why, is shown as a message.
    """

    def __init__(
        self,
        title: str,
        groups: Sequence[PickerGroup],
        chosen: str | None = None,
        *,
        hints: Sequence[KeyHint] = _HINTS,
        state_of: StateOf | None = None,
        placeholder: str = "",
    ) -> None:
        """`placeholder` is shown while nothing is typed. The others are those of `ListScreen`."""
        super().__init__(title, groups, chosen, hints, state_of)
        self._filter = FilterInput(placeholder=placeholder)
        self._tallest = 0

    def compose(self) -> ComposeResult:
        """Overrides `Screen.compose`."""
        with self.overlay:
            yield self._header
            yield self._filter
            yield self._list
            yield self._keys

    def on_mount(self) -> None:
        """Begin with an empty filter."""
        self._show_count()
        self._filter.focus()
        self.call_later(self._make_ready)

    @property
    def typed(self) -> str:
        """The text of the filter."""
        return self._filter.value

    def put(self, groups: Sequence[PickerGroup]) -> None:
        """Show other groups. The filter and the chosen row stay."""
        self._list.put(groups)
        if self.is_mounted:
            self._rows_changed()
            self.call_later(self._make_ready)

    def fit(self, top: int, height: int) -> None:
        """Show as many rows as there is room for, with the lowest rows of the page left in sight."""
        tall = is_tall(self)
        room = height - top - _FRAME_ROWS - (_LEFT_BELOW if tall else 2 * top)
        self._list.space(tall)
        self._tallest = max(self._tallest, self._list.height)  # it does not shrink while one types
        self._list.styles.height = max(1, min(self._tallest, room))
        self.call_after_refresh(self._list.show_chosen)

    def action_pick(self) -> None:
        """Return the chosen row, unless it is unavailable."""
        if (row := self._list.row) is None:
            return
        if row.unavailable:
            self.toast(row.detail)
        else:
            self.dismiss(row.id)

    @on(Input.Changed)
    def _filter_was_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._list.filter(event.value)
        self._rows_changed()

    @on(Input.Submitted)
    def _enter_was_pressed(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_pick()

    @on(OptionList.OptionSelected)
    def _row_was_clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_pick()

    def _rows_changed(self) -> None:
        self._show_count()
        if self._list.height > self._tallest:
            self.on_resize()

    def _make_ready(self) -> None:
        """Index the rows, a part at a time: there may be tens of thousands."""
        if self.is_attached and not self._list.make_ready():
            self.call_later(self._make_ready)

    def _show_count(self) -> None:
        matching, total = self._list.counts
        self._header.show(self._title, f"{matching:,} of {total:,}" if self.typed.strip() else f"{total:,}")
