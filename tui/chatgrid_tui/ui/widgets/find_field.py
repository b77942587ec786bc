"""The find bar. It covers the composer, so that nothing moves."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Self

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, Static

from chatgrid_tui.ui.actions.parts import FIND_ACTIONS
from chatgrid_tui.ui.appearance import ASCII_SIGNS, look_of
from chatgrid_tui.ui.widgets.covering import Covering
from chatgrid_tui.ui.widgets.one_line import Edge
from chatgrid_tui.ui.widgets.plain_input import PlainInput


class _FindLine(PlainInput):
    """The input of the find bar."""

    DEFAULT_CSS = """
    _FindLine {
        background: $cg-raised;
    }
    """


class FindField(Covering, Vertical):
    """An input on a sheet as tall as the composer that it covers. It keeps its text while it is closed."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        # These come before the input, which uses Enter itself.
        *(action.binding for action in FIND_ACTIONS),
    ]

    def __init__(
        self,
        covered: Widget,
        typed: Callable[[str], None],
        stepped: Callable[[int], None],
        *,
        id: str | None = None,  # noqa: A002 (Textual's own name)
    ) -> None:
        """`covered` is the composer. `typed` is called with each text to find, `stepped` with -1 or 1 for the next
        match above or below.
        """
        super().__init__(id=id)
        self._covered = covered
        self._words_typed = typed
        self._stepped = stepped
        self.input = _FindLine(placeholder="in this conversation")
        self._sheet = Vertical(classes="sheet")
        self._status = Static(markup=False, classes="-status")

    def compose(self) -> ComposeResult:
        """Overrides `Widget.compose`."""
        yield Edge(classes="-above")
        with self._sheet, Horizontal():
            yield Static("Find ")
            yield self.input
            yield self._status
        yield Edge(classes="-below")

    @property
    def words(self) -> str:
        """The text to find."""
        return self.input.value

    @property
    def is_open(self) -> bool:
        """Whether it is shown."""
        return self.has_class("-open")

    def show(self, *, shown: bool = True) -> None:
        """Open or close it."""
        self._take_height()
        self.set_class(shown, "-open")

    def focus(self, scroll_visible: bool = True) -> Self:
        """Focus the input, with all of it selected so that typing replaces it."""
        self.input.focus(scroll_visible)
        self.input.select_all()
        return self

    def say(self, words: str) -> None:
        """Show words at the right end of the line: the number of matches, if no header shows it."""
        status = f"  {words}" if words else ""
        if status != self._status.content:  # an update causes a layout
            self._status.update(status)

    def look_changed(self) -> None:
        """Draw everything with other colours or signs."""
        self._sheet.set_class(look_of(self).signs is ASCII_SIGNS, "-ascii")
        self.input.notify_style_update()

    def action_step(self, step: int) -> None:
        """Ask for the next match above (-1) or below (1)."""
        self._stepped(step)

    def on_click(self, event: events.Click) -> None:
        """Give the focus to the line after a click anywhere."""
        self.input.focus()

    def on_mount(self) -> None:
        """Stay as tall as the composer."""
        self.look_changed()
        self.screen.screen_layout_refresh_signal.subscribe(self, self._screen_changed)

    def _screen_changed(self, screen: Screen[object]) -> None:
        if self.is_open:
            self._take_height()

    def _take_height(self) -> None:
        self.styles.height = self._covered.size.height

    @on(Input.Changed)
    def _text_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._words_typed(event.value)
