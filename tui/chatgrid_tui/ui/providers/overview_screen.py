"""All providers on one page: their health, the keys in use, and the credits that are left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Final, Protocol

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from chatgrid_tui.ui.appearance import look_of
from chatgrid_tui.ui.form.form_screen import STYLES
from chatgrid_tui.ui.form.results import ResultLine, Results
from chatgrid_tui.ui.key_labels import either_case
from chatgrid_tui.ui.overlays.overlay import OVERLAY_STYLES
from chatgrid_tui.ui.overlays.picker import ListScreen
from chatgrid_tui.ui.overlays.picker_list import PickerGroup, PickerList, StateOf
from chatgrid_tui.ui.widgets.cells import is_tall
from chatgrid_tui.ui.widgets.key_bar import KeyHint

ADD: Final = "add a provider"
_TICK: Final = 1.0
_TICK_REDUCED: Final = 2.0
_FRAME_ROWS: Final = 6
_DETAIL_ROWS: Final = 6
_LEFT_BELOW: Final = 6
_HINTS: Final = (
    KeyHint("close", ("escape",), "Close"),
    KeyHint("edit", ("enter",), "Edit"),
    KeyHint("test", ("t",), "Test"),
    KeyHint("remove", ("delete",), "Remove"),
)


class ProvidersWork(Protocol):
    """What is done with a provider, by its name."""

    def edit(self, provider: str) -> None: ...
    def test(self, provider: str) -> None: ...
    def remove(self, provider: str) -> None: ...
    def seen_again(self) -> None: ...
    def tick(self) -> None: ...


class ProvidersScreen(ListScreen[None]):
    """Lists the providers, with details of the chosen one below."""

    CSS_PATH = [OVERLAY_STYLES, STYLES]  # noqa: RUF012 (declared by Textual)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,f9", "edit", "Edit", show=False),
        Binding(either_case("t"), "test", "Test", show=False),
        Binding("delete", "remove", "Remove", show=False),
    ]

    def __init__(
        self,
        groups: Sequence[PickerGroup],
        chosen: str,
        work: ProvidersWork,
        state_of: StateOf,
        details_of: Callable[[str], tuple[str, Sequence[ResultLine]]],
    ) -> None:
        """`details_of` returns the title and the lines about the chosen provider."""
        super().__init__("Providers and keys", groups, chosen, _HINTS, state_of)
        self._work = work
        self._details_of = details_of
        self._details, self._results = Results(), Results()

    def compose(self) -> ComposeResult:
        """Overrides `Screen.compose`."""
        with self.overlay:
            yield self._header
            yield self._list
            yield self._details
            yield self._results
            yield self._keys

    def on_mount(self) -> None:
        """Show the health of all, and keep it up to date."""
        self._show()
        self.set_interval(_TICK_REDUCED if look_of(self).reduced_motion else _TICK, self._tick)

    def on_screen_resume(self) -> None:
        """Update the list, as an overlay may have changed the providers."""
        self._work.seen_again()

    def put(self, groups: Sequence[PickerGroup]) -> None:
        """Replace the list."""
        self._list.put(groups)
        self._show()
        self.on_resize()

    def show_results(self, title: str, lines: Sequence[ResultLine] = ()) -> None:
        """Show the results of a test; an empty title removes them."""
        self._results.show(title, lines)
        self.call_after_refresh(self.on_resize)

    def fit(self, top: int, height: int) -> None:
        """Give the list the room that the details leave."""
        tall = is_tall(self)
        below = _DETAIL_ROWS + (self._results.size.height + 1 if self._results.display else 0)
        room = height - top - _FRAME_ROWS - below - (_LEFT_BELOW if tall else top)
        self._list.space(tall)
        self._list.styles.height = max(2, min(self._list.height, room))
        self.call_after_refresh(self._list.show_chosen)

    def action_edit(self) -> None:
        """Edit the chosen provider, or add one."""
        if self.chosen is not None:
            self._work.edit(self.chosen)

    def action_test(self) -> None:
        """Test the chosen provider."""
        if self.chosen is not None:
            self._work.test(self.chosen)

    def action_remove(self) -> None:
        """Remove the chosen provider."""
        if self.chosen is not None:
            self._work.remove(self.chosen)

    @on(PickerList.Chosen)
    def _another_chosen(self, event: PickerList.Chosen) -> None:
        event.stop()
        self.show_results("")
        self._show()

    @on(PickerList.Picked)
    def _row_clicked(self, event: PickerList.Picked) -> None:
        event.stop()
        if event.id == ADD:
            self._work.edit(event.id)

    def _tick(self) -> None:
        self._work.tick()
        self._show()

    def _show(self) -> None:
        """Show the current state of all."""
        if self.is_attached:
            self._header.show(self._title, f"{self._list.counts[1]:,}")
            self._details.show(*self._details_of(self.chosen or ""))
            self._list.look_changed()
