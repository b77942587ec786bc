"""The whole conversation as one column of rows. Only those near the view have been drawn."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from typing import NamedTuple

from chatgrid_tui.model.finish import completeness
from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.wording.failures import silence_of
from chatgrid_tui.session.wording.truth import stored_otherwise
from chatgrid_tui.ui.transcript.layout.heights import Heights
from chatgrid_tui.ui.transcript.layout.row_cache import RowCache
from chatgrid_tui.ui.transcript.layout.turn_layout import TurnLayout
from chatgrid_tui.ui.transcript.render import formats
from chatgrid_tui.ui.transcript.render.figures import SILENT_AFTER, live_rate
from chatgrid_tui.ui.transcript.render.frame import Frame
from chatgrid_tui.ui.transcript.render.notes import Margin, NoMargin, Note, Pulse, notes_of
from chatgrid_tui.ui.transcript.render.rows import Row
from chatgrid_tui.ui.transcript.render.turn_parts import AT_ONCE, Offered, Showing
from chatgrid_tui.ui.transcript.reply_parts import STALL, Explain, Notice

_ENTRIES = 20
"""How many layouts of turns are kept in addition to those in view. The row cache bounds their rows."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""The time of messages that arrived without one."""


class Placed(NamedTuple):
    """A row and its position: its turn, and its index in the turn."""

    turn: int
    offset: int
    row: Row


class Document:
    """Turns, their heights, and the layouts of those that were in view."""

    def __init__(self, explain: Explain) -> None:
        self.turns: Sequence[Turn] = ()
        self.heights = Heights()
        self.row_cache = RowCache()
        self.frame: Frame | None = None
        self.today: date | None = None
        """The local date; None while it is not known."""
        self.focused = False
        """Whether the keyboard focus is on the newest buttons."""
        self.margin: Margin = NoMargin()
        """What margin notes say in addition to what a reply knows itself."""
        self.takes_answers = True
        """Whether a suggestion can be sent."""
        self._explain = explain
        self._layouts: OrderedDict[int, TurnLayout] = OrderedDict()
        self._stale: set[int] = set()
        self._offering = -1
        self._status: dict[int, tuple[str, float, Showing]] = {}
        self._now: datetime | None = None
        self._new: tuple[Turn, str] | None = None
        self._pulses: OrderedDict[Reply, Pulse] = OrderedDict()

    @property
    def drawn(self) -> int:
        """How many turns have a layout."""
        return len(self._layouts)

    @property
    def count(self) -> int:
        """How many turns can be drawn. A removed turn has a height until `replaced` is called."""
        return min(len(self.heights), len(self.turns))

    @property
    def behind(self) -> list[int]:
        """The turns that are only partly drawn."""
        return [index for index, layout in self._layouts.items() if not layout.exact]

    @property
    def newest(self) -> int:
        """The last turn with a reply, whose buttons are live, or -1."""
        for index in range(len(self.turns) - 1, -1, -1):
            if self.turns[index].reply is not None:
                return index
        return -1

    def index_of(self, turn: Turn) -> int | None:
        """Return the index of a turn, or None if it is not shown. Turns near the end are found at once."""
        return next((index for index in range(self.count - 1, -1, -1) if self.turns[index] is turn), None)

    def show(self, turns: Sequence[Turn], frame: Frame | None) -> None:
        """Show another conversation or use another width. Nothing that was drawn is kept."""
        self.turns = turns
        self._offering = self.newest
        self.frame = frame
        self._layouts.clear()
        self._status.clear()
        self._stale.clear()
        self.row_cache.clear()
        self.heights = Heights(self._estimate(turn) for turn in turns) if frame is not None else Heights()

    def mark_new(self, replies: int) -> list[int]:
        """Show a line above the newest replies, those since the last visit. Return the turns that must be drawn
        again.
        """
        answered = [turn for turn in self.turns if turn.reply is not None][-replies:] if replies else []
        self._new = (answered[0], f"{len(answered):,} new{self._since(answered[0])}") if answered else None
        self._status.clear()
        self._stale.update(self._layouts)
        return list(self._layouts)

    def _since(self, turn: Turn) -> str:
        """Return since when there are new replies, of which that of `turn` is the first."""
        began = _EPOCH if turn.reply is None else turn.reply.started_at
        if began <= _EPOCH:
            return ""
        day, time = began.astimezone().date(), formats.clock(began)
        match 0 if self.today is None else (self.today - day).days:
            case 0:
                return f" since {time}"
            case 1:
                return f" since yesterday, {time}"
            case _:
                return f" since {formats.day(day, self.today)}, {time}"

    def restyle(self, frame: Frame) -> None:
        """Draw everything again in another look of the same width, so that heights are kept."""
        self.frame = frame
        self._status.clear()
        self._stale.update(self._layouts)

    def added(self, index: int) -> None:
        """Add heights for the turns up to `index`."""
        if self.frame is None:
            return
        for number in range(len(self.heights), min(index + 1, len(self.turns))):
            self.heights.append(self._estimate(self.turns[number]))

    def replaced(self, first: int) -> None:
        """Forget what was drawn from the turn `first` on, as turns were replaced."""
        while len(self.heights) > first:
            self.heights.pop()
        for number in [number for number in self._layouts if number >= first]:
            self._layouts.pop(number).drop()
        self._stale = {number for number in self._stale if number < first}
        self._status = {number: known for number, known in self._status.items() if number < first}
        self._offering = min(self._offering, self.newest)
        self.added(len(self.turns) - 1)

    def stale(self, index: int) -> set[int]:
        """Mark a turn as changed; it is drawn the next time it is needed. Return the turns that look different: a new
        reply makes the buttons of earlier ones past.
        """
        changed = {index}
        if self.newest != self._offering:
            changed.update(number for number in self._layouts if number >= self._offering)
            self._offering = self.newest
        changed = {number for number in changed if number < len(self.turns)}
        for number in changed:
            reply = self.turns[number].reply
            if reply is None or not reply.live:  # the notice under a finished reply may have changed
                self._status.pop(number, None)
        self._stale |= changed
        return changed

    def tick(self, now: datetime) -> list[int]:
        """Update live durations. Return the turns whose text changed."""
        self._now = now
        changed: list[int] = []
        for index in range(max(0, self.newest - 3), len(self.turns)):
            reply = self.turns[index].reply
            if reply is None or index not in self._status:
                continue
            before = self._status.pop(index)[2]
            if self._showing(index) != before:
                self._stale.add(index)
                changed.append(index)
        return changed

    def day_changed(self, today: date) -> list[int]:
        """Set the current date. Return the drawn turns, whose days may have other names now."""
        self.today = today
        self._status.clear()
        self._stale.update(self._layouts)
        return list(self._layouts)

    def draw(self, index: int, *, go_on: bool = True) -> tuple[int | None, int]:
        """Draw what is new of a turn. Return its first changed row, or None, and by how many rows it grew.

        `go_on`: do another step in a partly drawn turn, even if nothing is new.
        """
        assert self.frame is not None, "nothing is drawn before the width is known"
        layout = self._layouts.get(index)
        if index >= len(self.turns):  # just removed, but `replaced` was not called yet
            return None, 0
        if layout is None:
            layout = self._layouts[index] = TurnLayout(index, self.row_cache)
        elif index not in self._stale and (layout.exact or not go_on):
            self._layouts.move_to_end(index)
            return None, 0
        self._stale.discard(index)
        self._feel_pulse(self.turns[index].reply)
        changed = layout.update(self.turns[index], self.frame, self._showing(index))
        return changed, self.heights.change(index, layout.height)

    def settle(self, top: int, height: int, *, go_on: Callable[[], bool] = lambda: True) -> int:
        """Draw the turns from row `top` on. Return the new position of the row at the top. `go_on` is called for each
        turn, and means the same as for `draw`.

        If a turn that starts above the view turns out taller than estimated, the top moves accordingly, so that what
        the user is reading stays in place.
        """
        if not self.heights or self.frame is None:
            return 0
        first, offset = self.heights.at(top)
        index, start = first, top - offset
        while index < len(self.heights) and start < top + height:
            unseen = index not in self._layouts
            _, grown = self.draw(index, go_on=go_on())
            if unseen and start < top:
                top = max(start, top + grown)
            start += self.heights[index]
            index += 1
        self.row_cache.trim(height)
        self._forget(index - first)
        return top

    def rows(self, start: int, stop: int) -> Iterator[Placed]:
        """Yield the rows from `start` to `stop` (exclusive), which must have been settled."""
        if not self.heights:
            return
        index, offset = self.heights.at(start)
        at = start - offset
        while index < self.count and at < stop:
            height = self.heights[index]
            layout = self.turn_layout(index)
            first = max(0, start - at)
            for number, row in enumerate(layout.rows(first, min(height, stop - at)), first):
                yield Placed(index, number, row)
            at += height
            index += 1

    def turn_layout(self, index: int) -> TurnLayout:
        """Return the layout of a turn, and create it if necessary."""
        if index not in self._layouts:
            self.draw(index)
        return self._layouts[index]

    def notice(self, index: int) -> Notice | None:
        """Return the notice under a reply."""
        return self._showing(index).notice

    def _forget(self, in_view: int) -> None:
        while len(self._layouts) > _ENTRIES + in_view:
            index, layout = self._layouts.popitem(last=False)
            layout.drop()
            self._stale.discard(index)

    def _showing(self, index: int) -> Showing:
        reply = self.turns[index].reply
        if reply is None:
            return Showing(day=self._day(index))
        key = f"{reply.state} {self.focused if index == self.newest else '-'} {reply.chosen}"
        known = self._status.get(index)
        if known is not None and known[0] == key and not (known[2].silent and known[1] != reply.last_data):
            return known[2] if known[2].offered == self._offered(index) else self._keep(index, key, reply)
        return self._keep(index, key, reply)

    def _offered(self, index: int) -> Offered:
        if index != self.newest or not self.takes_answers:
            return "past"
        return "focused" if self.focused else "live"

    def _keep(self, index: int, key: str, reply: Reply) -> Showing:
        elapsed = self._elapsed(reply)
        silent = elapsed - reply.last_data if reply.live else 0.0
        notice = None
        turn = self.turns[index]
        special = turn.note or index == self.newest or (turn.copied and not self.turns[index + 1].copied)
        quiet = not (special or reply.warnings or stored_otherwise(reply))
        whole = completeness(reply.finish_reason) == "whole"
        went_well = reply.state == "finished" and whole and reply.characters and quiet
        if silent >= STALL or not (reply.live or went_well):
            notice = self._explain(turn, reply, silent=silent)
        status = _status(reply, elapsed, silent) if reply.live else ""
        muted = silent >= SILENT_AFTER and reply.state == "writing"
        notes: tuple[Note, ...] = ()
        if self.frame is not None and self.frame.grid.noted:
            signs, pulse = self.frame.signs, self._pulses.get(reply)
            report = self.margin.report(turn, reply)
            hint = self.margin.hint(signs) if index == self.newest and not turn.remote else ""
            notes = notes_of(turn, reply, elapsed, pulse, signs, report, hint)
        new = self._new[1] if self._new is not None and self._new[0] is turn else ""
        showing = Showing(self._offered(index), notice, status, muted, self._day(index), new, notes)
        self._status[index] = (key, reply.last_data, showing)
        return showing

    def _feel_pulse(self, reply: Reply | None) -> None:
        """Record how much of a reply has arrived."""
        if reply is not None and reply.live and self.frame is not None and self.frame.grid.noted:
            pulse = self._pulses.setdefault(reply, Pulse())
            pulse.add(reply.last_data, reply.characters)
            if len(self._pulses) > _ENTRIES:
                self._pulses.popitem(last=False)

    def _day(self, index: int) -> str:
        """Return the name of the day that starts with a turn, or an empty string. A conversation of today needs none
        at its top.
        """
        day = _local_date(self.turns[index])
        if day is None:
            return ""
        dates = (_local_date(self.turns[number]) for number in range(index - 1, -1, -1))
        before = next((date for date in dates if date is not None), self.today)
        return "" if before is None or day == before else formats.day(day, self.today)

    def _elapsed(self, reply: Reply) -> float:
        if self._now is None:
            return reply.last_data
        return max(reply.last_data, (self._now - reply.started_at).total_seconds())

    def _estimate(self, turn: Turn) -> int:
        assert self.frame is not None
        grid = self.frame.grid
        rows = (6 if self.frame.edged else 4) + len(turn.earlier) + len(turn.shown) // grid.mine_text
        if turn.reply is not None:
            rows += 2 + min(len(turn.reply.attachments), AT_ONCE) + 2 * bool(turn.reply.suggestions)
            for bubble in islice(turn.reply.numbered.values(), AT_ONCE):
                rows += 1 + self.frame.edged + bubble.size // grid.text + bubble.text.count("\n")
        return rows


def _local_date(turn: Turn) -> date | None:
    """Return the local date of a turn, or None if the service did not send its time."""
    return turn.sent_at.astimezone().date() if turn.sent_at > _EPOCH else None


def _status(reply: Reply, elapsed: float, silent: float) -> str:
    if reply.state == "waiting":
        return f"Sent. Waiting for the first token, {elapsed:.1f} s"
    parts = ["Writing"]
    if silent >= SILENT_AFTER:
        parts = [silence_of(reply, elapsed)]
    elif reply.first_token is not None:
        parts.append(f"first token {formats.seconds(reply.first_token)}")
        if pace := live_rate(reply):
            parts.append(pace)
    parts.append(formats.counted(reply.deltas, "chunk"))
    parts.append("Esc stops")
    return " · ".join(parts)
