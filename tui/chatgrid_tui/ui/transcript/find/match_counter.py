"""How many times something stands in each turn of a conversation, counted a little at a time."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from itertools import chain

from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.session.tasks import Steps
from chatgrid_tui.ui.transcript.find.matching import Needle, spell
from chatgrid_tui.ui.transcript.layout.document import Document
from chatgrid_tui.ui.transcript.layout.row_cache import RowCache
from chatgrid_tui.ui.transcript.layout.turn_layout import TurnLayout
from chatgrid_tui.ui.transcript.render.rows import Frame
from chatgrid_tui.ui.transcript.render.turn_parts import Showing

_ROWS_AT_ONCE = 60
"""Rows that are looked at in one step."""


class TurnText:
    """Says how a turn reads, with nothing folded away. It goes on where the turn has grown."""

    def __init__(self, index: int, frame: Frame) -> None:
        self._frame = frame
        self._row_cache = RowCache(0)
        self._layout = TurnLayout(index, self._row_cache)
        self._lines: list[tuple[int, str]] = []
        self._at = 0

    @property
    def text(self) -> str:
        """The lines that were told, one below the other."""
        return "\n".join(text for _, text in self._lines)

    def steps(self, turn: Turn) -> Steps[None]:
        """Tell what is new; to be called until it ends."""
        layout = self._layout
        while True:
            changed = layout.update(turn, self._frame, Showing())
            if changed is not None:
                # The row before may be broken off otherwise, though it looks as it did.
                self._return_to(max(0, changed - 1))
            self._row_cache.trim(0)
            yield
            if layout.exact and not (yield from self._read()):
                return

    def _read(self) -> Generator[None, None, bool]:
        """Read on. Returns whether something was unfolded, so that more is to be drawn."""
        layout = self._layout
        lines = spell(layout.rows(self._at, layout.height), self._at)
        for number, said in enumerate(lines):
            if said.fold is not None and layout.show_more(said.fold.place):
                self._at = said.row
                return True
            self._lines.append((said.row, said.text))
            if number % _ROWS_AT_ONCE == 0:
                self._row_cache.trim(0)
                yield
        self._at = layout.height
        return False

    def _return_to(self, row: int) -> None:
        """Forget the lines that reach to `row` or behind it."""
        while self._lines and self._at > row:
            self._at = self._lines.pop()[0]
        self._at = min(self._at, row)
        while self._lines and self._lines[-1][0] >= self._at:  # other cells of the same row of a table
            self._lines.pop()


class MatchCounter:
    """Counts a needle in the turns of a column, as they are read: rendered, wrapped, unfolded."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._texts: dict[int, str] = {}
        self._tellers: dict[int, TurnText] = {}
        """Of turns that are being written."""
        self._counts: dict[int, int] = {}
        self._stale: set[int] = set()
        self.needle: Needle | None = None
        self.total = 0
        """Times that it was found so far."""
        self.sifted = False
        """Whether it was counted wherever the source holds it, which is all but always everywhere."""

    def look_for(self, needle: Needle | None) -> None:
        """Look for something else from now on."""
        self.needle = needle
        self._counts.clear()
        self.total = 0
        self.sifted = False

    def forget(self, first: int = 0) -> None:
        """Other turns may stand from `first` on, or all of them look otherwise."""
        self._texts = {turn: text for turn, text in self._texts.items() if turn < first}
        self._tellers = {turn: teller for turn, teller in self._tellers.items() if turn < first}
        self._counts = {turn: count for turn, count in self._counts.items() if turn < first}
        self._stale = {turn for turn in self._stale if turn < first}
        self.total = sum(self._counts.values())

    def changed(self, turn: int) -> None:
        """A turn says something else now. What was counted in it holds until it is looked at again."""
        self._stale.add(turn)

    def is_stale(self, turn: int) -> bool:
        """Whether a turn says something else than when it was counted."""
        return turn in self._stale

    @property
    def looked(self) -> int:
        """In how many turns it was counted."""
        return len(self._counts)

    @property
    def complete(self) -> bool:
        """Whether it was counted everywhere."""
        return len(self._counts) >= len(self._document.heights)

    def count(self, turn: int) -> int | None:
        """Return how many times it stands in a turn, None where that is not known yet."""
        return self._counts.get(turn)

    def before(self, turn: int) -> int:
        """Return how many times it stands above a turn, as far as that is known."""
        return sum(count for number, count in self._counts.items() if number < turn)

    def steps(self, order: Iterable[int]) -> Steps[None]:
        """Count in turns, in this order, those first whose source holds the needle. Without one, only read."""
        rest: list[int] = []
        needle = self.needle
        for turn in order:
            if (turn in self._counts and turn not in self._stale) or turn >= len(self._document.turns):
                continue
            if needle is not None and (turn in self._texts or _is_likely(self._document.turns[turn], needle)):
                yield from self.look_at(turn)
            else:
                rest.append(turn)
            yield
        self.sifted = needle is not None
        for turn in rest:
            yield from self.look_at(turn)

    def look_at(self, turn: int) -> Steps[None]:
        """Read a turn, and count in it."""
        text = None if turn in self._stale else self._texts.get(turn)
        if text is None:
            frame = self._document.frame
            if frame is None or turn >= len(self._document.turns):
                return
            held = self._document.turns[turn]
            self._stale.discard(turn)
            teller = self._tellers.pop(turn, None) or TurnText(turn, frame)
            if held.reply is not None and held.reply.live:
                self._tellers[turn] = teller
            yield from teller.steps(held)
            text = self._texts[turn] = teller.text
        if self.needle is not None:
            self.total -= self._counts.get(turn, 0)
            self._counts[turn] = self.needle.count(text)
            self.total += self._counts[turn]


def _is_likely(turn: Turn, needle: Needle) -> bool:
    bubbles = turn.reply.bubbles if turn.reply is not None else ()
    return any(needle.is_in(text) for text in chain((turn.shown,), (bubble.text for bubble in bubbles)))


def order_from(turn: int, turns: int) -> Iterator[int]:
    """Yield all turns: from one upwards, then those below it."""
    yield from range(min(turn, turns - 1), -1, -1)
    yield from range(turn + 1, turns)
