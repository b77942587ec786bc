"""Where one is talking, with which key, how much is left, and how it goes: the row above the keys."""

from __future__ import annotations

from dataclasses import dataclass

from rich.segment import Segment
from textual.strip import Strip

from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.appearance import Look
from chatgrid_tui.ui.widgets.cells import both_ends, cut, own_words, side_margin, width_of
from chatgrid_tui.ui.widgets.one_line import OneLine
from chatgrid_tui.ui.widgets.tone import Tone, part_of, sign_of

_BETWEEN = 2
"""Cells between what stands left and the state at the right."""


@dataclass(frozen=True, slots=True)
class Status:
    """What the status line says."""

    provider: str = ""
    board: str = ""
    details: tuple[str, ...] = ()
    """Where the key comes from, credits, requests left: the last gives way first."""
    production: bool = False
    state: str = "Ready"
    state_short: str = ""
    """The state in fewer words, for where it does not fit; the same if empty."""
    tone: Tone = "quiet"
    first_short: str = ""
    """The first of the details in fewer words, for where it does not fit."""
    alarms: tuple[str, ...] = ()
    """What is wrong for as long as it is, in two or three words each. They never give way."""


class StatusLine(OneLine):
    """Draws a `Status`. What does not fit gives way; production, provider, board and state never do."""

    def __init__(self, status: Status = Status(), *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._status = status

    @property
    def status(self) -> Status:
        """What is shown."""
        return self._status

    def show(self, status: Status) -> None:
        """Show something else. Costs one row of drawing, and nothing where nothing changed."""
        if status != self._status:
            self._status = status
            self.refresh()

    def drawn(self, look: Look, width: int) -> Strip:
        """Return the row."""
        margin = Segment(" " * side_margin(self), look.style("text", "panel"))
        room = max(0, width - 2 * margin.cell_length)
        left, right = self._fitting(look, room)
        middle = both_ends(left, right, room, look.style("text", "panel"))
        return both_ends([margin, *middle], [margin], width, look.style("text", "panel"))

    def _fitting(self, look: Look, room: int) -> tuple[list[Segment], list[Segment]]:
        """Return both sides, with as many details as there is room for."""
        status = self._status
        long = self._state(look, status.state)
        short = self._state(look, status.state_short or status.state)
        details = list(status.details)
        shortest = [status.first_short] if status.first_short else details[:1]
        # The first detail outlives a long state: the key in use is given up last.
        tries = [(details[:count], long) for count in range(len(details), 0, -1)]
        tries += [(shortest, long), (shortest, short), ([], long), ([], short)]
        for kept, right in tries:
            left = self._place(look, kept)
            if width_of(left) + _BETWEEN + width_of(right) <= room:
                return left, right
        return self._squeezed(look, room - _BETWEEN - width_of(short)), short

    def _place(self, look: Look, details: list[str]) -> list[Segment]:
        status, muted = self._status, look.style("muted", "panel")
        parts = [Segment(clean_line(status.provider), look.style("text", "panel", bold=True))]
        for words in (status.board, *details):
            if words:
                parts.append(Segment(f" {look.signs.dot} {own_words(words, look.signs)}", muted))
        return self._warnings(look) + parts

    def _squeezed(self, look: Look, room: int) -> list[Segment]:
        """Return provider and board where even they are too long: both are cut, neither goes."""
        status, warning = self._status, self._warnings(look)
        room = max(0, room - width_of(warning))
        board = f" {look.signs.dot} {clean_line(status.board)}" if status.board else ""
        provider = cut(clean_line(status.provider), max(room - len(board), (room + 1) // 2), look.signs.more)
        name = Segment(provider, look.style("text", "panel", bold=True))
        rest = cut(board, max(0, room - name.cell_length), look.signs.more)
        return [*warning, name, Segment(rest, look.style("muted", "panel"))]

    def _warnings(self, look: Look) -> list[Segment]:
        gap = Segment("  ", look.style("text", "panel"))
        alarm, warn = look.style("error", "panel", bold=True), look.style("warn", "panel", bold=True)
        warnings = [Segment(f"{look.signs.failed} {words}", alarm) for words in self._status.alarms]
        if self._status.production:
            warnings.append(Segment(f"{look.signs.waiting} PRODUCTION", warn))
        return [part for warning in warnings for part in (warning, gap)]

    def _state(self, look: Look, words: str) -> list[Segment]:
        tone = self._status.tone
        sign = sign_of(tone, look.signs)
        coloured = look.style(part_of(tone), "panel")
        segments = [Segment(f"{sign} ", coloured)] if sign else []
        # While a reply is written, the sign alone has the accent: the words are figures to be read.
        style = look.style("text", "panel") if tone == "live" else coloured
        return [*segments, Segment(own_words(words, look.signs), style)]
