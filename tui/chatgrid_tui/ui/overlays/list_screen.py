"""A list over the page: the arrows choose, and what the keys below it do is done with the chosen row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, TypeVar

from textual.binding import Binding, BindingType

from chatgrid_tui.ui.overlays.overlay import OverlayScreen
from chatgrid_tui.ui.overlays.picker_list import PickerGroup, PickerList, StateOf
from chatgrid_tui.ui.widgets.header import Header
from chatgrid_tui.ui.widgets.key_bar import KeyBar, KeyHint

Result = TypeVar("Result")


class ListScreen(OverlayScreen[Result]):
    """Groups of rows with a title above and keys below. Subclasses put the parts together."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("pageup", "move(-8)", "Page up", show=False),
        Binding("pagedown", "move(8)", "Page down", show=False),
        Binding("home", "move(-1_000_000)", "First", show=False),
        Binding("end", "move(1_000_000)", "Last", show=False),
        Binding("escape", "close", "Close", show=False),
    ]

    def __init__(
        self,
        title: str,
        groups: Sequence[PickerGroup],
        chosen: str | None,
        hints: Sequence[KeyHint],
        state_of: StateOf | None,
    ) -> None:
        """`chosen` is the id of the row to begin on. `hints` names the keys; their actions are run on this screen.
        `state_of` says what stands at the right end of a row, where that changes while it is shown.
        """
        super().__init__()
        self._title = title
        self._header = Header(title, surface="overlay", margins=(2, 2))
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

    def look_changed(self) -> None:
        """Draw anew with other colours or signs."""
        super().look_changed()
        for part in (self._header, self._list, self._keys):
            part.look_changed()
