"""Count the matches in each turn of a conversation, in short steps."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from typing import Final

from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.session.tasks import Steps
from chatgrid_tui.ui.transcript.find.matching import Needle, lines_of
from chatgrid_tui.ui.transcript.layout.document import Document
from chatgrid_tui.ui.transcript.layout.row_cache import RowCache
from chatgrid_tui.ui.transcript.layout.turn_layout import TurnLayout
from chatgrid_tui.ui.transcript.render.frame import Frame
from chatgrid_tui.ui.transcript.render.turn_parts import Showing

_LINES_AT_ONCE: Final = 60
"""How many lines are read in one step."""


class TurnText:
    """The text of a turn with everything unfolded. Reading can continue when the turn has grown."""

    def __init__(self, index: int, frame: Frame) -> None:
        self._frame = frame
        self._row_cache = RowCache(0)
        self._layout = TurnLayout(index, self._row_cache)
        self._lines: list[tuple[int, str]] = []
        self._at = 0
        """The row from which to continue reading."""

    @property
    def text(self) -> str:
        """The lines that were read."""
        return "\n".join(text for _, text in self._lines)

    def read(self, turn: Turn) -> Steps[None]:
        """Read what is new."""
        layout = self._layout
        while True:
            changed = layout.update(turn, self._frame, Showing())
            if changed is not None:
                # The previous row may now wrap differently, although it looks the same.
                self._go_back(max(0, changed - 1))
            self._row_cache.trim(0)
            yield
            if layout.exact and not (yield from self._read_lines()):
                return

    def _read_lines(self) -> Generator[None, None, bool]:
        """Read to the end, or to a fold, which is unfolded. Return whether there was one."""
        layout = self._layout
        for number, line in enumerate(lines_of(layout.rows(self._at, layout.height), self._at)):
            if line.fold is not None and layout.show_more(line.fold.place):
                self._at = line.row
                return True
            self._lines.append((line.row, line.text))
            if number % _LINES_AT_ONCE == 0:
                self._row_cache.trim(0)
                yield
        self._at = layout.height
        return False

    def _go_back(self, row: int) -> None:
        """Forget the lines that reach `row`."""
        while self._lines and self._at > row:
            self._at = self._lines.pop()[0]
        self._at = min(self._at, row)
        while self._lines and self._lines[-1][0] >= self._at:  # other cells of the same table row
            self._lines.pop()


class MatchCounter:
    """Counts the matches of a needle in the turns of a document as displayed: rendered, wrapped, unfolded."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._texts: dict[int, str] = {}
        self._live: dict[int, TurnText] = {}
        """The texts of turns that are being written."""
        self._counts: dict[int, int] = {}
        self._stale: set[int] = set()
        self.needle: Needle | None = None
        self.total = 0
        """Matches found so far."""
        self.sifted = False
        """Whether all turns with matches in their source have been counted: nearly always all turns with matches."""

    def look_for(self, needle: Needle | None) -> None:
        """Count another needle from now on."""
        self.needle = needle
        self._counts.clear()
        self.total = 0
        self.sifted = False

    def forget(self, first: int = 0) -> None:
        """Forget the turns from `first` on."""
        self._texts = {turn: text for turn, text in self._texts.items() if turn < first}
        self._live = {turn: text for turn, text in self._live.items() if turn < first}
        self._counts = {turn: count for turn, count in self._counts.items() if turn < first}
        self._stale = {turn for turn in self._stale if turn < first}
        self.total = sum(self._counts.values())

    def changed(self, turn: int) -> None:
        """Count a turn again the next time it is needed. Until then its old count remains."""
        self._stale.add(turn)

    def is_current(self, turn: int) -> bool:
        """Return whether a turn was counted and has not changed since."""
        return turn in self._counts and turn not in self._stale

    @property
    def counted(self) -> int:
        """The number of turns that were counted."""
        return len(self._counts)

    @property
    def complete(self) -> bool:
        """Whether all turns were counted."""
        return len(self._counts) >= len(self._document.heights)

    def count(self, turn: int) -> int | None:
        """Return the number of matches in a turn; None if it was not counted."""
        return self._counts.get(turn)

    def before(self, turn: int) -> int:
        """Return the number of known matches above a turn."""
        return sum(count for number, count in self._counts.items() if number < turn)

    def count_all(self, order: Iterable[int]) -> Steps[None]:
        """Count in turns in this order, but first those with matches in their source. Without a needle, only read."""
        needle, rest = self.needle, []
        for turn in order:
            if self.is_current(turn) or turn >= len(self._document.turns):
                continue
            if needle is not None and (turn in self._texts or _is_likely(self._document.turns[turn], needle)):
                yield from self.count_in(turn)
            else:
                rest.append(turn)
            yield
        self.sifted = needle is not None
        for turn in rest:
            yield from self.count_in(turn)

    def count_in(self, turn: int) -> Steps[None]:
        """Read a turn, and count in it."""
        text = None if turn in self._stale else self._texts.get(turn)
        if text is None:
            frame, turns = self._document.frame, self._document.turns
            if frame is None or turn >= len(turns):
                return
            self._stale.discard(turn)
            held = turns[turn]
            # Stored only after reading: a cancelled search stops in the middle.
            turn_text = self._live.pop(turn, None) or TurnText(turn, frame)
            yield from turn_text.read(held)
            if held.reply is not None and held.reply.live:
                self._live[turn] = turn_text
            text = self._texts[turn] = turn_text.text
        if self.needle is not None:
            count = self.needle.count(text)
            self.total += count - self._counts.get(turn, 0)
            self._counts[turn] = count


def _is_likely(turn: Turn, needle: Needle) -> bool:
    bubbles = turn.reply.bubbles if turn.reply is not None else ()
    return needle.is_in(turn.shown) or any(needle.is_in(bubble.text) for bubble in bubbles)


def order_from(turn: int, turns: int) -> Iterator[int]:
    """Yield all turns: `turn` and those above it upwards, then those below it."""
    yield from range(min(turn, turns - 1), -1, -1)
    yield from range(turn + 1, turns)
