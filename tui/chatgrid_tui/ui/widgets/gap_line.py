"""The row above the composer: a link to the newest text, what the text below is, and short messages.

A message that is longer than the row lies over the last rows of the transcript as well, so that nothing is moved.
"""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.style import Style
from textual.timer import Timer
from textual.widgets import Static

from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.appearance import Look, look_of
from chatgrid_tui.ui.widgets.cells import cut
from chatgrid_tui.ui.widgets.covering import Covering
from chatgrid_tui.ui.widgets.one_line import OneLine

_TOAST_SECONDS = 3.0
_LONGEST_TOAST = 300


class LongToast(Covering, Static):
    """A message with no room in the row above the composer. It lies over the row and what is above."""

    ALLOW_SELECT = False

    def show(self, words: str) -> None:
        """Show a message; nothing if it is empty."""
        self.update(Content(words))
        self.display = bool(words)


class GapLine(OneLine):
    """Empty most of the time. Nothing else is ever drawn in this row, so its text covers and moves nothing."""

    @dataclass
    class NewestAsked(Message):
        """The link to the newest text was clicked."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's own name)
        super().__init__(id=id)
        self.long_toast = LongToast()
        """Shows what is longer than the row. It belongs below the row."""
        self._below = 0
        self._toast = ""
        self._note = ""
        self._timer: Timer | None = None

    def note(self, words: str) -> None:
        """Show words that stay, empty for none. They end a message that is shown; a later one takes their place for
        a while.
        """
        if words != self._note:
            self._note = words
            if words:
                self._end_toast()
            self.refresh()

    def show_below(self, lines: int) -> None:
        """Show how many new lines are below those in view; 0 for none."""
        if lines != self._below:
            self._below = lines
            self.refresh()

    def toast(self, words: str, seconds: float = _TOAST_SECONDS) -> None:
        """Show a message for a while, twice as long if it takes several rows. Not for errors, which must stay."""
        self._end_toast()
        self._toast = clean_line(words, _LONGEST_TOAST)
        self._show_long()
        self._timer = self.set_timer(seconds * (1 + self.long_toast.display), self._end_toast)
        self.refresh()

    def ends(self, look: Look, room: int) -> tuple[Content, Content]:
        """Overrides `OneLine.ends`."""
        right = self._newest(look)
        toast = cut(self._toast or self._note, room - right.cell_length - 3, look.signs.more)
        left = Content.styled(f" {toast} ", "$cg-text on $cg-panel") if toast else Content()
        return Content.assemble(" ", left), Content.assemble(right, " ")

    def on_resize(self) -> None:
        """Show the message in the row, or over it, as it fits now."""
        self._show_long()

    def _show_long(self) -> None:
        room = self.content_size.width - self._newest(look_of(self)).cell_length - 3
        self.long_toast.show(self._toast if cell_len(self._toast) > room else "")

    def on_click(self, event: events.Click) -> None:
        """Ask for the newest text."""
        if event.style.meta.get("newest"):
            event.stop()
            self.post_message(self.NewestAsked())

    def _newest(self, look: Look) -> Content:
        if not self._below:
            return Content()
        lines = "new line" if self._below == 1 else "new lines"
        label = f" {look.signs.below} {self._below:,} {lines} {look.signs.dot} End "
        style = "bold reverse" if look.theme.flat else "bold $cg-on-accent on $cg-accent"
        return Content.styled(label, style).stylize(Style.from_meta({"newest": True}))

    def _end_toast(self) -> None:
        self._toast = ""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self.long_toast.show("")
        self.refresh()
