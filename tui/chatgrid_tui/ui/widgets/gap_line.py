"""The row above the composer: the way back to the newest text, and short words that pass."""

from __future__ import annotations

from dataclasses import dataclass

from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer

from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.appearance import Look, Part
from chatgrid_tui.ui.widgets.cells import both_ends, cut, side_margin, width_of
from chatgrid_tui.ui.widgets.one_line import OneLine

_TOAST_SECONDS = 3.0


class GapLine(OneLine):
    """Empty most of the time; nothing else ever stands here, so it covers nothing and moves nothing."""

    @dataclass
    class NewestAsked(Message):
        """The way to the newest text was clicked."""

    surface: Part = "ground"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's own name)
        super().__init__(id=id)
        self._below = 0
        self._toast = ""
        self._timer: Timer | None = None
        self._way: range = range(0)
        """The cells of the way to the newest text."""

    def show_below(self, lines: int) -> None:
        """Say how many new lines are below what is in view; 0 takes it away."""
        if lines != self._below:
            self._below = lines
            self.refresh()

    def toast(self, words: str, seconds: float = _TOAST_SECONDS) -> None:
        """Show a few words for a while. Not for errors: they pass."""
        if self._timer is not None:
            self._timer.stop()
        self._toast = clean_line(words)
        self._timer = self.set_timer(seconds, self._end_toast)
        self.refresh()

    def drawn(self, look: Look, width: int) -> Strip:
        """Return the row."""
        fill = look.style("text", "ground")
        margin = side_margin(self) + 1
        edge = Segment(" " * margin, fill)
        right = [*self._newest(look), edge]
        self._way = range(width - width_of(right), width - margin)
        room = width - 2 * margin - width_of(right)
        left = [edge]
        if self._toast and room > 0:
            left.append(Segment(f" {cut(self._toast, room, look.signs.more)} ", look.style("text", "panel")))
        return both_ends(left, right, width, fill)

    def on_click(self, event: events.Click) -> None:
        """Take the way to the newest text."""
        if event.x in self._way:
            event.stop()
            self.post_message(self.NewestAsked())

    def _newest(self, look: Look) -> list[Segment]:
        if not self._below:
            return []
        lines = "new line" if self._below == 1 else "new lines"
        words = f" {look.signs.below} {self._below:,} {lines} {look.signs.dot} End "
        return [Segment(words, look.style("on_accent", "accent", bold=True, reverse=look.theme.flat))]

    def _end_toast(self) -> None:
        self._toast = ""
        self._timer = None
        self.refresh()
