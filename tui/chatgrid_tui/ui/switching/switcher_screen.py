"""The list of providers, boards and conversations to go to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final, Protocol

from textual.binding import Binding, BindingType

from chatgrid_tui.ui.actions.keys import KeyHint
from chatgrid_tui.ui.actions.parts import SWITCHER_ACTIONS
from chatgrid_tui.ui.appearance import look_of
from chatgrid_tui.ui.overlays.picker import PickerScreen
from chatgrid_tui.ui.overlays.picker_list import PickerGroup, StateOf

_TICK: Final = 0.5
_TICK_REDUCED: Final = 2.0
_PLACEHOLDER: Final = "A few letters of a conversation, a board or a provider"
_HINTS: Final = (
    KeyHint("close", ("escape",), "Close"),
    KeyHint("pick", ("enter",), "Go"),
    KeyHint("new_there", ("ctrl+n", "f5"), "New there", "chat.new"),
    KeyHint("edit", ("f9",), "Edit", "switcher.edit"),
)


class RowActions(Protocol):
    """Actions on a row, by its id, and updates of the rows."""

    def tick(self) -> None: ...
    def seen_again(self) -> None: ...
    def new_there(self, row_id: str) -> bool: ...
    def edit(self, row_id: str) -> None: ...
    def remove(self, row_id: str) -> None: ...


class SwitcherScreen(PickerScreen):
    """The picker of places. Their states are updated while it is open."""

    BINDINGS: ClassVar[list[BindingType]] = [
        # The key that opened it chooses the next row: three presses and Enter go three places back.
        Binding("ctrl+k,f4", "move(1)", "Next", show=False, priority=True, id="app.switch"),
        Binding("ctrl+n,f5", "new_there", "New conversation there", show=False, priority=True, id="chat.new"),
        *(action.binding for action in SWITCHER_ACTIONS),
    ]

    def __init__(
        self, groups: Sequence[PickerGroup], work: RowActions, state_of: StateOf, keymap: Mapping[str, str]
    ) -> None:
        """`work` runs the other actions on the chosen row. `keymap` has the changed keys."""
        hints = [hint.with_keys(keymap) for hint in _HINTS]
        super().__init__("Go to", groups, hints=hints, state_of=state_of, placeholder=_PLACEHOLDER)
        self._work = work

    def on_mount(self) -> None:
        """Keep the states up to date."""
        self.set_interval(_TICK_REDUCED if look_of(self).reduced_motion else _TICK, self._tick)

    def _tick(self) -> None:
        self._work.tick()
        self._list.update_states()

    def on_screen_resume(self) -> None:
        """Update the list, as an overlay may have changed the providers."""
        self._work.seen_again()

    def action_new_there(self) -> None:
        """Start a conversation where the chosen row leads."""
        if self.chosen is not None and self._work.new_there(self.chosen):
            self.dismiss(None)

    def action_edit(self) -> None:
        """Edit the provider of the chosen row."""
        if self.chosen is not None:
            self._work.edit(self.chosen)

    def action_remove(self) -> None:
        """Remove the provider of the chosen row, after a question."""
        if self.chosen is not None:
            self._work.remove(self.chosen)
