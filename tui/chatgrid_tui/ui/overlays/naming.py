"""A question that is answered with one line: the name of something that is made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

from rich.segment import Segment
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from chatgrid_tui.text import clean
from chatgrid_tui.ui.appearance import Part, look_of
from chatgrid_tui.ui.overlays.filter_field import FilterField
from chatgrid_tui.ui.overlays.overlay import OverlayScreen
from chatgrid_tui.ui.widgets.cells import filled, wrapped
from chatgrid_tui.ui.widgets.header import Header
from chatgrid_tui.ui.widgets.key_bar import KeyBar, KeyHint


class _Note(Widget):
    """A line of help under the field, or what is wrong in its place."""

    DEFAULT_CSS = """
    _Note {
        width: 1fr;
        height: auto;
        margin: 0 2 0 4;
        background: $cg-overlay;
    }
    """
    ALLOW_SELECT = False

    def __init__(self, words: str) -> None:
        super().__init__()
        self._words = clean(words)
        self._part: Part = "muted"

    def say(self, words: str, part: Part) -> None:
        """Say something else."""
        self._words, self._part = clean(words), part
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the rows that the words take (Textual asks for it)."""
        return max(1, len(wrapped(self._words, width)))

    def render_line(self, y: int) -> Strip:
        """Return a row (Textual asks for it)."""
        look, width = look_of(self), self.size.width
        lines = wrapped(self._words, width)
        line = lines[y] if y < len(lines) else ""
        return filled([Segment(line, look.style(self._part, "overlay"))], width, look.style("text", "overlay"))


class NamingScreen(OverlayScreen[str]):
    """Asks for a name and gives it back once what it names was made; None where that was given up.

    Where it cannot be made, that is said under the field, and the name stays to be tried again.
    """

    DEFAULT_CSS = """
    NamingScreen Overlay {
        max-width: 64;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", "Cancel", show=False)]

    def __init__(
        self, title: str, words: str, make: Callable[[str], Awaitable[str]], *, doing: str = "Making it."
    ) -> None:
        """`words` help; `make` makes it and returns what is wrong, as sentences, or nothing. It is run by the app."""
        super().__init__()
        self._header = Header(title, surface="overlay", margins=(2, 2))
        self._field = FilterField()
        self._note = _Note(words)
        self._words = words
        self._make = make
        self._doing = doing
        self._busy = False
        self._keys = KeyBar(surface="overlay", margin=2)
        self._keys.show((KeyHint("make", ("enter",), "Create"), KeyHint("close", ("escape",), "Cancel")))

    def compose(self) -> ComposeResult:
        """Put the overlay together."""
        with self.overlay:
            yield self._header
            yield self._field
            yield self._note
            yield self._keys

    def on_mount(self) -> None:
        """Begin with the name empty."""
        self._field.input.focus()

    def action_make(self) -> None:
        """Make it."""
        name = self._field.input.value.strip()
        if not name:
            self._note.say("It needs a name.", "error")
        elif not self._busy:
            self._busy = True
            self._note.say(self._doing, "muted")
            self.app.run_worker(self._try(name), group="naming", exit_on_error=True)

    async def _try(self, name: str) -> None:
        problem = await self._make(name)
        self._busy = False
        if not self.is_attached:
            return
        if problem:
            self._note.say(f"! {problem}", "error")
        else:
            self.dismiss(name)

    @on(Input.Changed)
    def _name_was_changed(self, event: Input.Changed) -> None:
        event.stop()
        if not self._busy:
            self._note.say(self._words, "muted")

    @on(Input.Submitted)
    def _enter_was_pressed(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_make()
