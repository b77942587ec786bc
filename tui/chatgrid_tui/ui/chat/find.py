"""Find on the page: the field over the composer, the places in the transcript, and the words about them."""

from __future__ import annotations

from chatgrid_tui.ui.transcript.pane import Transcript
from chatgrid_tui.ui.transcript.pane_messages import FindChanged
from chatgrid_tui.ui.widgets.composer import Composer
from chatgrid_tui.ui.widgets.find_field import FindField

_LONGEST_QUOTE = 24


class Find:
    """Opens, steps and closes, and knows what is to be said of it."""

    def __init__(self, transcript: Transcript, composer: Composer) -> None:
        self.field = FindField(composer, self._typed, self.step, id="find")
        self._transcript = transcript
        self.status = ""
        """What is to be said: `3 of 17`."""

    @property
    def is_open(self) -> bool:
        """Whether one is looking for something."""
        return self.field.is_open

    def open(self) -> None:
        """Open it, with what was looked for last."""
        self.field.show()
        self.field.focus()
        self._transcript.begin_find()
        self._transcript.find(self.field.words)

    def close(self) -> None:
        """Close it. What is read stays in view."""
        if self.is_open:
            self.field.show(shown=False)
            self.status = ""
            self._transcript.end_find()

    def step(self, step: int) -> None:
        """Go to the next place above (-1) or below (1); open it first where it is closed."""
        if self.is_open:
            self._transcript.find_next(step)
        else:
            self.open()

    def told(self, event: FindChanged) -> None:
        """Keep what is to be said."""
        self.status = _words(event) if self.is_open else ""

    def _typed(self, words: str) -> None:
        if self.is_open:
            self._transcript.find(words)


def _words(event: FindChanged) -> str:
    if not event.words:
        return ""
    if event.looked < event.turns:
        return f"Searching, {event.looked:,} of {event.turns:,}"
    if event.total:
        return f"{event.number:,} of {event.total:,}" if event.number else f"{event.total:,} found"
    words = event.words if len(event.words) <= _LONGEST_QUOTE else f"{event.words[: _LONGEST_QUOTE - 1]}…"
    return f'Nothing matches "{words}".'
