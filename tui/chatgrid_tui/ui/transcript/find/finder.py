"""Find in a conversation: search it, keep the current match, and scroll to it."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Mapping, Sequence
from time import monotonic
from typing import Final, NamedTuple

from textual.timer import Timer
from textual.widget import Widget
from textual.worker import Worker

from chatgrid_tui.session.tasks import Steps, cooperatively
from chatgrid_tui.ui.transcript.find.counter import MatchCounter, order_from
from chatgrid_tui.ui.transcript.find.matching import Highlight, Highlights, MatchPlace, Needle, lines_of
from chatgrid_tui.ui.transcript.layout.document import Placed
from chatgrid_tui.ui.transcript.transcript_messages import FindChanged
from chatgrid_tui.ui.transcript.turns_listener import TurnsListener
from chatgrid_tui.ui.transcript.viewport import Viewport

_QUIET: Final = 0.5
"""Seconds of searching before its progress is reported."""
_REPORT_EVERY: Final = 0.1
_PAUSE: Final = 0.2
"""The shortest pause in seconds before changed turns are searched again."""
_PAUSE_SHARE: Final = 4
"""The pause relative to the duration of the last search."""
_LINES_AT_ONCE: Final = 50


class _Match(NamedTuple):
    turn: int
    number: int
    """Counted from 0 within the turn."""


class Finder(TurnsListener):
    """Searches the conversation of a widget. One of the widget's workers searches and scrolls, in short steps.

    It matches rows as they are displayed, so that each counted match can be shown. Turns are counted in separate
    layouts, as those in view may be folded.
    """

    def __init__(self, widget: Widget, viewport: Viewport) -> None:
        self._widget = widget
        self._viewport = viewport
        self._document = viewport.document
        self._counter = MatchCounter(viewport.document)
        self._highlights = Highlights(viewport.document)
        self._origin = (0, 0)
        """The turn, and its row at the end of the view, when the search started."""
        self._reached: tuple[int, int] | None = None
        """The turn, and its row at the top of the view, when a match was reached."""
        self._current: _Match | None = None
        self._place: MatchPlace | None = None
        """Where the current match is."""
        self._steps: deque[int] = deque()
        """Steps to other matches that are still to be taken."""
        self._arriving = False
        """Whether the current match must still be scrolled to."""
        self._worker: Worker[None] | None = None
        self._pause: Timer | None = None
        self._began = self._reported = self._took = 0.0
        self._active = False

    @property
    def needle(self) -> Needle | None:
        """The text that is searched for."""
        return self._counter.needle if self._active else None

    def open(self) -> None:
        """Start reading the conversation, before anything is typed."""
        if not self._active:
            self._active = True
            self._start()

    def close(self) -> None:
        """Forget everything. The view does not change."""
        if self._active:
            self._stop()
            self._active = False
            self._current = self._place = self._reached = None
            self._counter.look_for(None)
            self._counter.forget()
            self._highlight()
            self._viewport.release()

    def find(self, text: str, origin: tuple[int, int] | None = None) -> None:
        """Search for a text, and scroll to the newest match at or above the end of the view, or at or above `origin`:
        a turn, and a row of it. `FindChanged` reports the matches, now and as text arrives.
        """
        needle = Needle.of(text)
        if not self._active or (needle == self._counter.needle and origin is None):
            return
        self._stop()
        window = self._viewport.window
        if origin is not None:
            self._origin = origin
        elif not window or window[0][:2] != self._reached:  # each typed letter searches from the same place
            self._origin = window[-1][:2] if window else (0, 0)
        self._counter.look_for(needle)
        self._current = self._place = None
        self._highlight()
        self._start()

    def step(self, step: int) -> None:
        """Move to the next match above (-1) or below (1), wrapping around the ends of the conversation."""
        if self.needle is not None:
            self._steps.append(step)
            if not self.is_searching:
                self._start()

    def highlights(self, placed: Placed) -> Sequence[Highlight]:
        """Return the matches in a row of the window."""
        needle = self.needle
        return () if needle is None else self._highlights.of(placed, self._viewport.window, needle, self._place)

    # Turns

    def turns_shown(self) -> None:
        """Overrides `TurnsListener.turns_shown`."""
        self.close()

    def turn_changed(self, index: int) -> None:
        """Overrides `TurnsListener.turn_changed`."""
        if self._active:
            self._counter.changed(index)
            self._search_later()

    def turns_replaced(self, first: int) -> None:
        """Overrides `TurnsListener.turns_replaced`."""
        if self._active:
            if self._worker is not None:
                self._worker.cancel()
            self._counter.forget(first)
            self._search_later()

    def turns_merged(self, moved: Mapping[int, int]) -> None:
        """Overrides `TurnsListener.turns_merged`."""
        if self._current is not None:
            self._current = self._current._replace(turn=moved.get(self._current.turn, 0))
        if self._place is not None:
            self._place = self._place._replace(turn=moved.get(self._place.turn, 0))
        self._origin = (moved.get(self._origin[0], 0), self._origin[1])
        self.turns_replaced(0)

    # Searching

    @property
    def is_searching(self) -> bool:
        """Whether the conversation is being read or searched."""
        return self._worker is not None and not self._worker.is_finished

    def _start(self) -> None:
        self._began = monotonic()
        self._worker = self._widget.run_worker(self._run, group="find", exclusive=True)

    def _stop(self) -> None:
        self._steps.clear()
        self._arriving = False
        if self._worker is not None:
            self._worker.cancel()
        if self._pause is not None:
            self._pause.stop()
            self._pause = None

    def _search_later(self) -> None:
        if self._pause is None:
            self._pause = self._widget.set_timer(max(_PAUSE, _PAUSE_SHARE * self._took), self._search_again)

    def _search_again(self) -> None:
        self._pause = None
        if self.is_searching:
            self._search_later()
        elif self._active:
            self._start()

    async def _run(self) -> None:
        await cooperatively(self._search(), self._progress)

    def _search(self) -> Steps[None]:
        """Count all matches. In the meantime, move to the first one, and take the requested steps."""
        counter, current, state = self._counter, self._current, (0, False)
        changed = current is not None and not counter.is_current(current.turn)
        for _ in counter.count_all(order_from(self._origin[0], self._document.count)):
            if self._steps or (self._current is None and state != (counter.total, counter.sifted)):
                state = (counter.total, counter.sifted)
                yield from self._move()
            yield
        self._took = monotonic() - self._began
        if changed:
            yield from self._relocate()
        yield from self._move()
        self._report()

    def _progress(self) -> None:
        if monotonic() - self._reported > _REPORT_EVERY:
            self._report()

    def _highlight(self) -> None:
        self._highlights.clear()
        self._widget.refresh()

    def _report(self) -> None:
        """Report the number of matches, or the progress of a long search."""
        counter, needle, turns = self._counter, self.needle, self._document.count
        if needle is None:
            self._widget.post_message(FindChanged("", 0, 0, 0, 0))
            return
        known = counter.complete or (counter.sifted and counter.total > 0)
        if known or monotonic() - self._began >= _QUIET:
            self._reported = monotonic()
            current = self._current
            number = 0 if current is None else counter.before(current.turn) + current.number + 1
            searched = turns if known else min(counter.counted, turns)
            self._widget.post_message(FindChanged(needle.text, number, counter.total, searched, turns))

    # Moving

    def _move(self) -> Steps[None]:
        """Move to the first match, or take the requested steps."""
        while self.needle is not None:
            if self._current is None:
                self._steps.clear()
                self._current = yield from self._first()
            elif self._steps:
                self._current = yield from self._next(self._current, self._steps.popleft())
            else:
                return
            if self._current is None:
                return
            yield from self._show(self._current)

    def _relocate(self) -> Steps[None]:
        """Locate the current match again after its turn changed. It may be gone."""
        current = self._current
        if current is None:
            return
        count = self._counter.count(current.turn) or 0
        if current.number >= count:
            self._current = current = _Match(current.turn, count - 1) if count else None
        if current is not None and self._arriving:
            yield from self._show(current)
        else:
            self._place = None if current is None else (yield from self._locate(current))
            self._highlight()

    def _first(self) -> Steps[_Match | None]:
        """Return the newest match at or above the origin, else the oldest one below it, or None so far."""
        (origin, offset), counter, turns = self._origin, self._counter, self._document.count
        for turn in range(min(origin, turns - 1), -1, -1):
            count = counter.count(turn) or 0
            if count and turn == origin:
                count = min(count, (yield from self._count_above(turn, offset)))
            if count:
                return _Match(turn, count - 1)
        below = (turn for turn in range(origin, turns) if counter.count(turn))
        turn = next(below, -1) if counter.sifted else -1
        return None if turn < 0 else _Match(turn, 0)

    def _count_above(self, turn: int, offset: int) -> Generator[None, None, int]:
        """Return the number of matches in the rows of a turn down to `offset`."""
        layout, needle, count = self._document.turn_layout(turn), self.needle, 0
        for number, line in enumerate(lines_of(layout.rows(0, min(offset + 1, layout.height)))):
            count += 0 if needle is None else needle.count(line.text)
            if number % _LINES_AT_ONCE == _LINES_AT_ONCE - 1:
                yield
        return count

    def _next(self, current: _Match, step: int) -> Steps[_Match]:
        """Return the match above (-1) or below (1) another, wrapping around the ends of the conversation."""
        counter, turns = self._counter, self._document.count
        if 0 <= current.number + step < (counter.count(current.turn) or 0):
            return current._replace(number=current.number + step)
        for distance in range(1, turns + 1):
            turn = (current.turn + step * distance) % turns
            if counter.count(turn) is None:
                yield from counter.count_in(turn)
            if count := counter.count(turn):
                return _Match(turn, count - 1 if step < 0 else 0)
        return current

    def _show(self, match: _Match) -> Steps[None]:
        """Scroll to a match."""
        self._arriving = True
        self._viewport.hold()
        self._place = place = yield from self._locate(match)
        if place is not None:
            yield from self._viewport.bring(place.turn, place.offset)
            window = self._viewport.window
            self._reached = window[0][:2] if window else None
        self._arriving = False
        self._highlight()
        self._report()

    def _locate(self, match: _Match) -> Steps[MatchPlace | None]:
        """Return where a match is, unfolding what is above it, or None if it is gone."""
        turn, needle, document = match.turn, self.needle, self._document
        row = counted = 0
        folded = True
        while folded and needle is not None and turn < document.count:
            while not self._viewport.draw_on(turn):
                yield
            folded, layout = False, document.turn_layout(turn)
            for number, line in enumerate(lines_of(layout.rows(row, layout.height), row)):
                if line.fold is not None and layout.show_more(line.fold.place):
                    row, folded = line.row, True
                    document.stale(turn)
                    break
                spans = needle.spans(line.text)
                if counted + len(spans) > match.number:
                    mark = next(line.marks(*spans[match.number - counted]))
                    return MatchPlace(turn, mark.row, mark.start)
                counted += len(spans)
                if number % _LINES_AT_ONCE == _LINES_AT_ONCE - 1:
                    yield
        return None
