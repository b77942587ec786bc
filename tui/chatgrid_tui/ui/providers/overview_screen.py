"""All providers on one page: their health, the keys in use, and the credits that are left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Final, Protocol

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from chatgrid_tui.ui.appearance import look_of
from chatgrid_tui.ui.form.findings import FormFindings, FoundLine
from chatgrid_tui.ui.key_labels import either_case
from chatgrid_tui.ui.overlays.picker import ListScreen
from chatgrid_tui.ui.overlays.picker_list import PickerGroup, PickerList, StateOf
from chatgrid_tui.ui.widgets.cells import is_tall
from chatgrid_tui.ui.widgets.key_bar import KeyHint

ADD: Final = "add a provider"
_TICK: Final = 1.0
_TICK_REDUCED: Final = 2.0
_FRAME_ROWS: Final = 6
_ABOUT_ROWS: Final = 6
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

    DEFAULT_CSS = """
    ProvidersScreen FormFindings {
        margin: 1 3 0 3;
    }
    """
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
        about: Callable[[str], tuple[str, Sequence[FoundLine]]],
    ) -> None:
        """`about` returns the title and the lines about the chosen provider."""
        super().__init__("Providers and keys", groups, chosen, _HINTS, state_of)
        self._work = work
        self._about = about
        self._below, self._findings = FormFindings(), FormFindings()

    def compose(self) -> ComposeResult:
        """Overrides `Screen.compose`."""
        with self.overlay:
            yield self._header
            yield self._list
            yield self._below
            yield self._findings
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

    def found(self, title: str, lines: Sequence[FoundLine] = ()) -> None:
        """Show the results of a test; an empty title removes them."""
        self._findings.show(title, lines)
        self.call_after_refresh(self.on_resize)

    def fit(self, top: int, height: int) -> None:
        """Give the list the room that the details leave."""
        tall = is_tall(self)
        below = _ABOUT_ROWS + (self._findings.size.height + 1 if self._findings.display else 0)
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
    def _another_was_chosen(self, event: PickerList.Chosen) -> None:
        event.stop()
        self.found("")
        self._show()

    @on(PickerList.Picked)
    def _row_was_clicked(self, event: PickerList.Picked) -> None:
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
            self._below.show(*self._about(self.chosen or ""))
            self._list.look_changed()

    def look_changed(self) -> None:
        """Draw again after the colours or signs changed."""
        super().look_changed()
        for part in (self._below, self._findings):
            part.look_changed()
