"""Where one types what is to be found in the conversation: over the composer, so that nothing moves."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Self

from rich.segment import Segment
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from chatgrid_tui.ui.appearance import look_of
from chatgrid_tui.ui.widgets.cells import both_ends, cut, is_tall, side_margin, width_of
from chatgrid_tui.ui.widgets.plain_input import PlainInput

_LABEL = "Find "
_LEAST_ROOM = 12
"""Cells that stay free for what is typed."""


class _FindLine(PlainInput):
    """The line that is typed."""

    DEFAULT_CSS = """
    _FindLine {
        background: $cg-raised;
    }
    """


class FindField(Widget):
    """One line to type, in a block as tall as the composer that it lies on. While closed it keeps what was typed."""

    DEFAULT_CSS = """
    FindField {
        display: none;
        layout: vertical;
        width: 1fr;
        height: 1;
        background: $cg-ground;
    }
    FindField.-open {
        display: block;
    }
    """
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        # Before the input, which takes Enter for itself.
        Binding("enter,up", "step(-1)", "Next", show=False, priority=True, id="find.next"),
        Binding("shift+enter,down", "step(1)", "Previous", show=False, priority=True, id="find.previous"),
    ]

    def __init__(
        self,
        covered: Widget,
        typed: Callable[[str], None],
        stepped: Callable[[int], None],
        *,
        id: str | None = None,  # noqa: A002 (Textual's own name)
    ) -> None:
        """`covered` is the composer that it lies on. `typed` is told other words that are to be found, `stepped` that
        the next place above (-1) or below (1) is wanted.
        """
        super().__init__(id=id)
        self._covered = covered
        self._words_typed = typed
        self._stepped = stepped
        self.input = _FindLine(placeholder="in this conversation")
        self._status = ""

    def compose(self) -> ComposeResult:
        """Put the input into the block."""
        yield self.input

    @property
    def words(self) -> str:
        """What is typed."""
        return self.input.value

    @property
    def is_open(self) -> bool:
        """Whether it is to be seen."""
        return self.has_class("-open")

    def show(self, *, shown: bool = True) -> None:
        """Open or close it."""
        self._lie_on_it()
        self.set_class(shown, "-open")

    def focus(self, scroll_visible: bool = True) -> Self:
        """Give the focus to the line, with all of it selected: typing replaces it."""
        self.input.focus(scroll_visible)
        self.input.select_all()
        return self

    def say(self, words: str) -> None:
        """Say something at the right end of the line: how many places there are, where no header can say it."""
        if words != self._status:
            self._status = words
            self._fit()
            self.refresh()

    def look_changed(self) -> None:
        """Draw anew with other colours or signs."""
        self.refresh()
        self.input.notify_style_update()
        self.input.refresh()

    def render_line(self, y: int) -> Strip:
        """Return a row of the block; the line lies on top of it (Textual asks for it)."""
        look, width, margin, tall = look_of(self), self.size.width, side_margin(self), is_tall(self)
        page, fill = look.style("text", "ground"), look.style("text", "raised")
        rows = self.size.height - tall
        if y >= rows:
            return Strip.blank(width, page)
        room = max(0, width - 2 * margin)
        bar = Segment(look.signs.here, look.style("accent" if self.input.has_focus else "edge", "raised"))
        edge = Segment(" " * margin, page)
        line = look.signs.hairline if look.theme.flat and tall and y in (0, rows - 1) else " "
        left, right = [bar, Segment(line * max(0, room - 1), fill)], list[Segment]()
        if y == int(tall):
            left = [bar, Segment(" ", fill), Segment(_LABEL, look.style("muted", "raised"))]
            said = self._said()
            right = [Segment(f"{said} ", look.style("text", "raised"))] if said else []
        return both_ends([edge, *both_ends(left, right, room, fill)], [edge], width, page)

    def _said(self) -> str:
        room = self.size.width - 2 * side_margin(self) - len(_LABEL) - _LEAST_ROOM - 4
        return cut(self._status, room, look_of(self).signs.more) if self._status and room > 0 else ""

    def _fit(self) -> None:
        """Leave the line the room that is its own."""
        margin = side_margin(self)
        said = width_of([Segment(self._said())])
        self.input.styles.margin = (
            int(is_tall(self)),
            margin + 1 + (said + 1 if said else 0),
            0,
            margin + 2 + len(_LABEL),
        )

    def action_step(self, step: int) -> None:
        """Ask for the next place above (-1) or below (1)."""
        self._stepped(step)

    def on_click(self, event: events.Click) -> None:
        """A click anywhere on the block is meant for the line."""
        self.input.focus()

    def on_mount(self) -> None:
        """Stay as tall as what it lies on, whatever happens to that."""
        self.screen.screen_layout_refresh_signal.subscribe(self, self._screen_differs)

    def on_resize(self) -> None:
        """The room is another."""
        self._fit()

    def _screen_differs(self, screen: Screen[object]) -> None:
        self._lie_on_it()

    def _lie_on_it(self) -> None:
        self.styles.height = self._covered.size.height

    def on_descendant_focus(self) -> None:
        """Show where one is."""
        self.refresh()

    def on_descendant_blur(self) -> None:
        """Show that one is elsewhere."""
        self.refresh()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._words_typed(event.value)
