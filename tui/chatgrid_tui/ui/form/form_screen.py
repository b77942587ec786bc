"""A form over the page: its title, rows that scroll, and buttons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widget import Widget
from textual.widgets import Input, Label

from chatgrid_tui.ui.actions.parts import SAVE_FORM
from chatgrid_tui.ui.appearance import look_of
from chatgrid_tui.ui.form.results import Results
from chatgrid_tui.ui.form.row import FormRow
from chatgrid_tui.ui.overlays.confirm import UnsavedScreen
from chatgrid_tui.ui.overlays.overlay import OVERLAY_STYLES, OverlayButton, Result, Title
from chatgrid_tui.ui.widgets.cells import TINY_BELOW, is_tall, own_words
from chatgrid_tui.ui.widgets.scroll_bar import use_plain_scroll_bar

STYLES: Final = str(Path(__file__).with_name("form.tcss"))
_SLIM_BELOW: Final = 70
"""Columns of the screen below which results do not fit next to outcomes."""
_MESSAGE_FROM: Final = 100
"""Columns of the screen from which on a message fits next to the buttons."""
_FRAME_ROWS: Final = 7
"""Rows of the overlay apart from the fields, on a tall screen."""
_FRAME_ROWS_LOW: Final = 4


class FormScreen(UnsavedScreen[Result]):
    """Shows rows and buttons. Subclasses handle `Button.Pressed` and `FormRow.Changed`."""

    CSS_PATH = [OVERLAY_STYLES, STYLES]  # noqa: RUF012 (declared by Textual)
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "app.focus_previous", "Field above", show=False),
        Binding("down", "app.focus_next", "Field below", show=False),
        Binding("left", "app.focus_previous", "Button at the left", show=False),
        Binding("right", "app.focus_next", "Button at the right", show=False),
        Binding("pageup", "scroll(-8)", "Page up", show=False),
        Binding("pagedown", "scroll(8)", "Page down", show=False),
        SAVE_FORM.binding,
    ]

    def __init__(self, title: str, note: str, rows: Sequence[FormRow], buttons: Sequence[OverlayButton]) -> None:
        super().__init__()
        self.rows = {row.row_name: row for row in rows}
        self.results = Results()
        self.fields = VerticalScroll(id="fields", can_focus=False)
        self._title, self._note, self._message_text = title, note, ""
        self._title_row = Title(title)
        self._buttons = tuple(buttons)
        self._message = Label("", id="message", markup=False)

    def compose(self) -> ComposeResult:
        """Overrides `Screen.compose`."""
        with self.overlay:
            yield self._title_row
            with self.fields:
                yield from self.compose_rows()
                yield self.results
            with Horizontal(id="buttons"):
                yield from self._buttons
                yield self._message

    def compose_rows(self) -> Iterable[Widget]:
        """Yield what scrolls."""
        yield from self.rows.values()

    def on_mount(self) -> None:
        """Use the plain scroll bar, which cannot be created before the app."""
        use_plain_scroll_bar(self.fields)

    def fit(self, top: int, height: int) -> None:
        """Give the fields the room that is left; the rest scrolls."""
        width, low = self.app.size.width, not is_tall(self)
        self.set_class(low, "-low")
        self.set_class(width < TINY_BELOW, "-tiny")
        self.set_class(width < _SLIM_BELOW, "-slim")
        for button in self._buttons:
            button.show_key(shown=width >= TINY_BELOW)
        self.fields.styles.max_height = max(2, height - top - (_FRAME_ROWS_LOW if low else _FRAME_ROWS))
        self._place_message()

    def show_message(self, text: str, *, failed: bool = False) -> None:
        """Show a message next to the buttons, or next to the title on a narrow screen."""
        signs = look_of(self).signs
        shown = f"{signs.failed} {own_words(text, signs)}" if failed else own_words(text, signs)
        if shown != self._message_text:
            self._message_text = shown
            self._message.set_class(failed, "-failed")
            self._place_message()

    def _place_message(self) -> None:
        beside_buttons = self.app.size.width >= _MESSAGE_FROM
        note = own_words(self._note, look_of(self).signs)
        self._message.update(self._message_text if beside_buttons else "")
        self._title_row.show(self._title, note if beside_buttons else self._message_text or note)

    def action_scroll(self, rows: int) -> None:
        """Scroll the fields."""
        self.fields.scroll_relative(y=rows, animate=False)

    @on(Input.Submitted)
    def _enter_pressed(self, event: Input.Submitted) -> None:
        event.stop()
        self.focus_next()

    def on_paste(self, event: events.Paste) -> None:
        """Ignore what is pasted outside a field. Subclasses may use it."""
        event.stop()
