"""The list of completions above the composer."""

from __future__ import annotations

from typing import Final

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from chatgrid_tui.ui.appearance import ASCII_SIGNS, look_of
from chatgrid_tui.ui.overlays.picker_list import PickerList
from chatgrid_tui.ui.widgets.cells import own_words
from chatgrid_tui.ui.widgets.covering import Covering

_MOST_ROWS: Final = 10
_LEFT_ABOVE: Final = 2
"""Rows of the page that stay in sight above the list."""
_HINT: Final = "Tab chooses · Enter takes it · Esc closes"


class CompletionView(Covering, Vertical):
    """The list above the composer. It covers the end of the conversation, so that nothing moves."""

    ALLOW_SELECT = False

    def __init__(self, covered: Widget) -> None:
        """`covered` is the composer, above which it is."""
        super().__init__(id="completions")
        self.list = PickerList([], chooses_first=False)
        self.list.space(False)
        self._composer = covered
        self._hint = Static(markup=False, classes="hint")

    def compose(self) -> ComposeResult:
        """Overrides `Widget.compose`."""
        with Vertical(classes="box"):
            yield self.list
            yield self._hint

    def on_mount(self) -> None:
        """Stay above the composer."""
        self.look_changed()
        self.screen.screen_layout_refresh_signal.subscribe(self, self._screen_changed)

    @property
    def is_open(self) -> bool:
        """Whether it is shown."""
        return self.has_class("-open")

    def show(self, *, shown: bool) -> None:
        """Show or hide it."""
        self.set_class(shown, "-open")
        if shown:
            self._fit()

    def look_changed(self) -> None:
        """Draw everything with other colours or signs."""
        signs = look_of(self).signs
        self.set_class(signs is ASCII_SIGNS, "-ascii")
        self._hint.update(Content(own_words(_HINT, signs)))

    def _screen_changed(self, screen: Screen[object]) -> None:
        if self.is_open:
            self._fit()

    def _fit(self) -> None:
        below = self._composer.size.height
        parent = self.parent
        height = parent.size.height if isinstance(parent, Widget) else 0
        self.styles.margin = (0, 0, below, 0)
        self.list.styles.height = max(1, min(self.list.height, _MOST_ROWS, height - below - _LEFT_ABOVE))
