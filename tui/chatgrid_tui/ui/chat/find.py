"""Find in the conversation: the field, the matches, and what is said about them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from textual.widget import Widget

from chatgrid_tui.ui.transcript.transcript import Transcript
from chatgrid_tui.ui.transcript.transcript_messages import FindChanged
from chatgrid_tui.ui.widgets.composer import Composer
from chatgrid_tui.ui.widgets.find_field import FindField

_LONGEST_QUOTE: Final = 24


class Find:
    """Opens, moves and closes find, and has its status."""

    def __init__(self, transcript: Transcript, composer: Composer, make_room: Callable[[], None]) -> None:
        """`make_room` brings the conversation into view if something hides it."""
        self.field = FindField(composer, self._typed, self.step, id="find")
        self._transcript = transcript
        self._make_room = make_room
        self.status = ""
        """The status to show: `3 of 17`."""

    @property
    def is_open(self) -> bool:
        """Whether find is open."""
        return self.field.is_open

    def open(self) -> None:
        """Open it with the previous search text."""
        self._make_room()
        self.field.show()
        self.field.focus()
        self._transcript.finder.open()
        self._transcript.finder.find(self.field.words)

    def show_matches(self, text: str, turn: int, row: int) -> None:
        """Open it with a text, without the focus, and go to the nearest match at or above a row of a turn."""
        self.field.show()
        self.field.input.value = text
        self._transcript.finder.open()
        self._transcript.finder.find(text, (turn, row))

    def open_or_step(self, focused: Widget | None) -> None:
        """Open find, or go to the next match if its field is `focused` already."""
        if self.is_open and focused is self.field.input:
            self.step(-1)
        else:
            self.open()

    def close(self) -> None:
        """Close it. What is in view stays in view."""
        if self.is_open:
            self.field.show(shown=False)
            self.status = ""
            self._transcript.finder.close()

    def step(self, step: int) -> None:
        """Go to the next match above (-1) or below (1). If find is closed, open it."""
        if self.is_open:
            self._transcript.finder.step(step)
        else:
            self.open()

    def told(self, event: FindChanged) -> None:
        """Update the status."""
        self.status = _status(event) if self.is_open else ""

    def _typed(self, text: str) -> None:
        if self.is_open:
            self._transcript.finder.find(text)


def _status(event: FindChanged) -> str:
    if not event.text:
        return ""
    if event.searched < event.turns:
        return f"Searching, {event.searched:,} of {event.turns:,}"
    if event.total:
        return f"{event.number:,} of {event.total:,}" if event.number else f"{event.total:,} found"
    words = event.text if len(event.text) <= _LONGEST_QUOTE else f"{event.text[: _LONGEST_QUOTE - 1]}…"
    return f'Nothing matches "{words}".'
