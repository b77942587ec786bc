"""Find in a conversation: what is looked for, which of the places found is the present one, and how it is reached."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine, Generator, Mapping, Sequence
from time import monotonic
from typing import Final, NamedTuple

from textual.timer import Timer
from textual.widget import Widget
from textual.worker import Worker

from chatgrid_tui.session.tasks import Steps, cooperatively
from chatgrid_tui.ui.transcript.find.marking import Found, Marking, Spot
from chatgrid_tui.ui.transcript.find.match_counter import MatchCounter, order_from
from chatgrid_tui.ui.transcript.find.matching import Needle, spell
from chatgrid_tui.ui.transcript.layout.document import Placed
from chatgrid_tui.ui.transcript.pane_messages import FindChanged
from chatgrid_tui.ui.transcript.turns_listener import TurnsListener
from chatgrid_tui.ui.transcript.viewport import Viewport

_PATIENCE: Final = 0.5
"""Seconds from which on it is told how far the search has come, and how often."""
_AGAIN: Final = 0.2
"""Seconds after which what has been said meanwhile is looked at."""
_SHARE: Final = 4
"""Looking again is put off by so many times what it took."""


class _Present(NamedTuple):
    turn: int
    number: int
    """Which of the turn's, counted from 0."""


class Finder(TurnsListener):
    """Finds in the conversation of a widget. What takes time is done in slices, by workers of the widget.

    It finds what rows say, so that whatever is counted can be shown; turns are counted in drawings of their own.
    """

    def __init__(self, widget: Widget, viewport: Viewport) -> None:
        self._widget = widget
        self._viewport = viewport
        self._document = viewport.document
        self._counter = MatchCounter(viewport.document)
        self._marking = Marking(viewport.document)
        self._anchor = (0, 0)
        """The turn, and the row in it, that the view ended with when looking began."""
        self._shown: Placed | None = None
        """What stood at the top of the view when a place had been reached."""
        self._present: _Present | None = None
        self._spot: Spot | None = None
        self._wanted: deque[int] = deque()
        self._looker: Worker[None] | None = None
        self._mover: Worker[None] | None = None
        self._again: Timer | None = None
        self._began = self._told = self._took = 0.0
        self.active = False
        """Whether find is open."""

    @property
    def needle(self) -> Needle | None:
        """What is looked for."""
        return self._counter.needle if self.active else None

    def open(self) -> None:
        """Find has been opened: read the conversation already, while nothing is typed."""
        if not self.active:
            self.active = True
            self._look()

    def close(self) -> None:
        """Find has been closed: nothing is marked any more, and nothing kept. What is read stays where it is."""
        if not self.active:
            return
        self._stop()
        self.active = False
        self._present = self._spot = self._shown = None
        self._counter.look_for(None)
        self._counter.forget()
        self._mark_anew()
        self._viewport.release()

    def find(self, words: str) -> None:
        """Look for other words, from where one reads."""
        needle = Needle.of(words)
        if not self.active or needle == self._counter.needle:
            return
        self._stop()
        window = self._viewport.window
        if not window or self._shown is None or window[0][:2] != self._shown[:2]:
            self._anchor = window[-1][:2] if window else (0, 0)
        self._counter.look_for(needle)
        self._present = self._spot = None
        self._mark_anew()
        self._look()

    def step(self, step: int) -> None:
        """Go to the next place above (-1) or below (1)."""
        if self.needle is not None:
            self._wanted.append(step)
            self._move()

    def found(self, placed: Placed) -> Sequence[Found]:
        """Return what is found in a row of the window."""
        needle = self.needle
        return () if needle is None else self._marking.found(placed, self._viewport.window, needle, self._spot)

    # Turns

    def turns_shown(self) -> None:
        """Overrides `TurnsListener.turns_shown`."""
        self.close()

    def turn_changed(self, index: int) -> None:
        """Overrides `TurnsListener.turn_changed`."""
        if self.active:
            self._counter.changed(index)
            self._later()

    def turns_replaced(self, first: int) -> None:
        """Overrides `TurnsListener.turns_replaced`."""
        if self.active:
            self._counter.forget(first)
            self._later()

    def turns_merged(self, moved: Mapping[int, int]) -> None:
        """Overrides `TurnsListener.turns_merged`. The present place stays what it was."""
        if self._present is not None:
            self._present = self._present._replace(turn=moved.get(self._present.turn, 0))
        if self._spot is not None:
            self._spot = self._spot._replace(turn=moved.get(self._spot.turn, 0))
        self._anchor = (moved.get(self._anchor[0], 0), self._anchor[1])
        self.turns_replaced(0)

    # Looking

    @property
    def _turns(self) -> int:
        return self._document.count

    def _look(self) -> None:
        self._began = monotonic()
        self._looker = self._run(self._looks, "find")

    def _later(self) -> None:
        if self._again is None:
            self._again = self._widget.set_timer(max(_AGAIN, _SHARE * self._took), self._look_again)

    def _look_again(self) -> None:
        self._again = None
        if self.active:
            if _runs(self._looker):
                self._later()
            else:
                self._look()

    async def _looks(self) -> None:
        """Count everywhere, and go to the first place as soon as it is known."""
        turn = -1 if self._present is None else self._present.turn
        moved = turn >= 0 and (self._counter.is_stale(turn) or self._counter.count(turn) is None)
        await cooperatively(self._counter.steps(order_from(self._anchor[0], self._turns)), self._progress)
        self._took = monotonic() - self._began
        self._told = 0.0
        self._progress()
        if moved:
            await self._looks_where_it_is()

    def _progress(self) -> None:
        if self._present is None and self._counter.total:
            self._move()
        if monotonic() - self._told > _PATIENCE / 5:
            self._tell()

    async def _looks_where_it_is(self) -> None:
        """A text has changed: the present place may stand elsewhere, or be no more."""
        present = self._present
        if present is None or _runs(self._mover):
            return
        count = self._counter.count(present.turn) or 0
        if present.number >= count:
            self._present = _Present(present.turn, count - 1) if count else None
            self._tell()
        if self._present is not None:
            await cooperatively(self._reach(self._present))
        else:
            self._spot = None
        self._mark_anew()

    def _mark_anew(self) -> None:
        self._marking.forget()
        self._widget.refresh()

    # Going there

    def _move(self) -> None:
        if not _runs(self._mover):
            self._mover = self._run(self._moves, "find move")

    async def _moves(self) -> None:
        while self.needle is not None:
            if self._present is None:
                self._wanted.clear()
                await cooperatively(self._first())
            elif self._wanted:
                await cooperatively(self._next(self._wanted.popleft()))
            else:
                return
            if self._present is None:
                return
            await cooperatively(self._show(self._present))

    def _first(self) -> Steps[None]:
        """The newest place at or above the end of the view is the first one, else the oldest below it."""
        (anchor, offset), counter, turns = self._anchor, self._counter, self._turns
        for turn in range(min(anchor, turns - 1), -1, -1):
            above = counter.count(turn) or 0
            if above and turn == anchor:
                above = min(above, (yield from self._above(turn, offset)))
            if above:
                self._present = _Present(turn, above - 1)
                return
        if counter.sifted:
            below = next((turn for turn in range(anchor, turns) if counter.count(turn)), None)
            self._present = None if below is None else _Present(below, 0)

    def _above(self, turn: int, offset: int) -> Generator[None, None, int]:
        """Count in the rows of a turn down to `offset`."""
        layout, needle, count = self._document.turn_layout(turn), self.needle, 0
        for number, said in enumerate(spell(layout.rows(0, min(offset + 1, layout.height)))):
            count += 0 if needle is None else needle.count(said.text)
            if number % 50 == 49:
                yield
        return count

    def _next(self, step: int) -> Steps[None]:
        """Make the next place above or below the present one; behind the last comes the first."""
        present, counter, turns = self._present, self._counter, self._turns
        assert present is not None, "there is a place to go on from"
        if 0 <= present.number + step < (counter.count(present.turn) or 0):
            self._present = _Present(present.turn, present.number + step)
            return
        for distance in range(1, turns + 1):
            turn = (present.turn + step * distance) % turns
            if counter.count(turn) is None:
                yield from counter.look_at(turn)
            if count := counter.count(turn):
                self._present = _Present(turn, count - 1 if step < 0 else 0)
                return

    def _show(self, present: _Present) -> Steps[None]:
        self._viewport.hold()
        yield from self._reach(present)
        if (spot := self._spot) is not None:
            yield from self._viewport.bring(spot.turn, spot.offset)
            self._shown = self._viewport.row(0)
        self._mark_anew()
        self._tell()

    def _reach(self, present: _Present) -> Steps[None]:
        """Find where a place stands; what is folded away before it or around it is unfolded."""
        turn, needle, document = present.turn, self.needle, self._document
        at = counted = 0
        spot: Spot | None = None
        folded = True
        while folded and spot is None and needle is not None and turn < self._turns:
            while not self._viewport.draw_on(turn):
                yield
            folded, layout = False, document.turn_layout(turn)
            for number, said in enumerate(spell(layout.rows(at, layout.height), at)):
                if said.fold is not None and layout.show_more(said.fold.place):
                    at, folded = said.row, True
                    document.stale(turn)
                    break
                spans = needle.spans(said.text)
                if counted + len(spans) > present.number:
                    mark = next(said.marks(*spans[present.number - counted]))
                    spot = Spot(turn, mark.row, mark.start)
                    break
                counted += len(spans)
                if number % 50 == 49:
                    yield
        self._spot = spot

    # Telling, and work

    def _tell(self) -> None:
        """Tell how many places there are. Until all is known, that only where it takes long."""
        counter, present, needle, turns = self._counter, self._present, self.needle, self._turns
        if needle is None:
            self._widget.post_message(FindChanged("", 0, 0, 0, 0))
            return
        known = counter.complete or (counter.sifted and counter.total > 0)
        if not known and monotonic() - self._began < _PATIENCE:
            return
        self._told = monotonic()
        number = 0 if present is None else counter.before(present.turn) + present.number + 1
        looked = turns if known else min(counter.looked, turns)
        self._widget.post_message(FindChanged(needle.words, number, counter.total, looked, turns))

    def _run(self, work: Callable[[], Coroutine[None, None, None]], group: str) -> Worker[None]:
        worker: Worker[None] = self._widget.run_worker(work, group=group, exclusive=True, exit_on_error=True)
        return worker

    def _stop(self) -> None:
        self._wanted.clear()
        for worker in (self._looker, self._mover):
            if worker is not None:
                worker.cancel()
        self._looker = self._mover = None
        if self._again is not None:
            self._again.stop()
            self._again = None


def _runs(worker: Worker[None] | None) -> bool:
    return worker is not None and not worker.is_finished
