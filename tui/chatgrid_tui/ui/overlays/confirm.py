"""Questions with a button for each answer."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Coroutine
from typing import ClassVar, TypeAlias

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Static

from chatgrid_tui.text import clean
from chatgrid_tui.ui.overlays.overlay import OverlayButton, OverlayScreen, Result, Title
from chatgrid_tui.ui.widgets.scroll_bar import use_plain_scroll_bar

_FRAME_ROWS = 6
"""Rows of the overlay that are not its text: title, one row of buttons, and the blank rows around them."""

_Answered: TypeAlias = Callable[[int | None], None] | Callable[[int | None], Coroutine[object, object, None]]


class ConfirmScreen(OverlayScreen[int]):
    """Asks a question and returns the index of the answer, or None if it was closed.

    The last answer is the one that changes nothing. It has the focus.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,up", "move(-1)", "Previous answer", show=False),
        Binding("right,down", "move(1)", "Next answer", show=False),
    ]

    def __init__(self, title: str, text: str, answers: tuple[str, ...] = ("Delete", "Keep")) -> None:
        """`text` says what each answer does."""
        super().__init__()
        self._question = f"{title}\n{text}"
        self._title = Title(title)
        self._text = VerticalScroll(Static(Content(clean(text))), can_focus=False, classes="text")
        self._buttons = [OverlayButton(answer) for answer in answers]
        self._row = Horizontal(*self._buttons, classes="buttons")
        self._width = sum(cell_len(answer) + 4 for answer in answers) - 2

    def compose(self) -> ComposeResult:
        """Overrides `Screen.compose`."""
        with self.overlay:
            yield self._title
            yield self._text
            yield self._row

    def on_mount(self) -> None:
        """Focus the answer that changes nothing."""
        use_plain_scroll_bar(self._text)
        self._buttons[-1].focus()

    def fit(self, top: int, height: int) -> None:
        """Put the buttons below each other if they have no room in a row; a text without room scrolls."""
        stacked = self._width > self.app.size.width - 6
        self._row.set_class(stacked, "-stacked")
        rows = len(self._buttons) if stacked else 1
        self._text.styles.max_height = max(1, height - 2 * top - _FRAME_ROWS - rows)

    @property
    def whole_text(self) -> str:
        """Overrides `OverlayScreen.whole_text`."""
        return self._question

    def action_move(self, by: int) -> None:
        """Focus another answer."""
        at = self._buttons.index(self.focused) if isinstance(self.focused, OverlayButton) else len(self._buttons) - 1
        self._buttons[max(0, min(at + by, len(self._buttons) - 1))].focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Return the answer."""
        event.stop()
        assert isinstance(event.button, OverlayButton)
        self.dismiss(self._buttons.index(event.button))


class UnsavedScreen(OverlayScreen[Result]):
    """Asks before something that is not saved is lost: when it is closed, and when the program ends."""

    _question: ConfirmScreen | None = None

    @property
    @abstractmethod
    def touched(self) -> bool:
        """Whether it has unsaved changes."""

    @abstractmethod
    def forget(self) -> None:
        """Treat the current content as saved."""

    def action_close(self) -> None:
        """Close without a result, after a question if something was typed."""
        if self.touched:
            text = "What you typed here is not saved yet. It is lost when this is closed."
            self._ask("Close without saving?", text, "Discard", self._close_if)
        else:
            self.dismiss(None)

    def ask_before_quitting(self) -> bool:
        """Ask whether what was typed may be lost. Return whether there is anything to lose."""
        if self.touched:
            text = "What you typed here is not saved yet. It is lost when the program ends."
            self._ask("Quit without saving?", text, "Quit", self._quit_if)
        return self.touched

    def _ask(self, title: str, text: str, discard: str, answered: _Answered) -> None:
        if self._question is None or self._question not in self.app.screen_stack:
            self._question = ConfirmScreen(title, text, (discard, "Keep editing"))
            self.app.push_screen(self._question, answered)

    def _close_if(self, answer: int | None) -> None:
        if answer == 0:
            self.dismiss(None)

    async def _quit_if(self, answer: int | None) -> None:
        if answer == 0:
            self.forget()
            await self.app.run_action("quit")
