"""A question that is answered with a name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Static

from chatgrid_tui.text import clean, clean_line
from chatgrid_tui.ui.actions.keys import KeyHint
from chatgrid_tui.ui.overlays.overlay import OverlayScreen, Title
from chatgrid_tui.ui.widgets.key_bar import KeyBar
from chatgrid_tui.ui.widgets.plain_input import PlainInput


class NameScreen(OverlayScreen[str]):
    """Asks for a name and returns it, or None if that was given up. An empty name is the one before."""

    def __init__(
        self,
        title: str,
        name: str = "",
        *,
        asked: str = "Name",
        help_text: str = "",
        verb: str = "Save",
        make: Callable[[str], Awaitable[str]] | None = None,
        report: Callable[[str], object] = lambda problem: None,
    ) -> None:
        """`asked` is shown in the empty field. `make` makes what has the name, and returns what is wrong, or an empty
        text. It is run by the app. Until it succeeds the question stays open; if it was closed meanwhile, `report` is
        called with what is wrong.
        """
        super().__init__()
        self._before = clean_line(name)
        self._header = Title(title)
        self._field = PlainInput(placeholder=asked)
        self._help = help_text
        self._note = Static(classes="note")
        self._make = make
        self._report = report
        self._busy = False
        self._keys = KeyBar(surface="overlay", margin=2)
        self._keys.show((KeyHint("close", ("escape",), "Cancel"), KeyHint("submit", ("enter",), verb)))

    def compose(self) -> ComposeResult:
        """Overrides `Screen.compose`."""
        with self.overlay:
            yield self._header
            yield self._field
            yield self._note
            yield self._keys

    def on_mount(self) -> None:
        """Select the name, so that typing replaces it."""
        self._show_note(self._help)
        self._field.value = self._before
        self._field.focus()
        self._field.action_select_all()

    def action_submit(self) -> None:
        """Return the name, once what it names was made."""
        name = self._field.value.strip() or self._before
        if not name:
            self._show_note("It needs a name.", wrong=True)
        elif self._make is None:
            self.dismiss(name)
        elif not self._busy:
            self._busy = True
            self._show_note("Working on it.")
            self.app.run_worker(self._try(self._make, name), group="naming", exit_on_error=True)

    async def _try(self, make: Callable[[str], Awaitable[str]], name: str) -> None:
        problem = await make(name)
        self._busy = False
        if not problem:
            self.dismiss(name)
        elif not self.is_attached:
            self._report(problem)
        else:
            self._show_note(f"! {problem}", wrong=True)

    def _show_note(self, text: str, *, wrong: bool = False) -> None:
        self._note.display = bool(text)
        self._note.set_class(wrong, "-wrong")
        self._note.update(Content(clean(text)))

    @on(Input.Changed)
    def _name_was_changed(self, event: Input.Changed) -> None:
        event.stop()
        if not self._busy:
            self._show_note(self._help)

    @on(Input.Submitted)
    def _enter_was_pressed(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_submit()
