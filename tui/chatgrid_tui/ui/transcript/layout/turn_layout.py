"""A turn as rows: the user's bubble, the name line, the bot's bubbles, files, notices and buttons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Literal, TypeAlias, assert_never

from rich.segment import Segment
from textual.strip import Strip

from chatgrid_tui.model.bubble import Bubble
from chatgrid_tui.model.finish import completeness
from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.wording.refusal_kinds import not_sent
from chatgrid_tui.ui.transcript.layout.bubble_layout import BubbleLayout
from chatgrid_tui.ui.transcript.layout.live_tail import TextPlace
from chatgrid_tui.ui.transcript.layout.row_cache import RowCache
from chatgrid_tui.ui.transcript.render.frame import Frame
from chatgrid_tui.ui.transcript.render.mine import MINE_SHOWN, mine_rows
from chatgrid_tui.ui.transcript.render.notes import note_strips
from chatgrid_tui.ui.transcript.render.rows import Outline, Row
from chatgrid_tui.ui.transcript.render.turn_parts import (
    AT_ONCE,
    MORE_BUBBLES,
    Showing,
    Shown,
    below_rows,
    day_rows,
    file_lines,
    name_row,
    new_row,
    reasoning_rows,
    try_rows,
)
from chatgrid_tui.ui.transcript.targets import Place

EntryPlace: TypeAlias = tuple[int, TextPlace]
"""One of the bot's bubbles, or what is above or below them, and the place in it."""
_HEAD, _FOOT = -1, -2
_STEP = 5_000
"""The most characters that are drawn in one step, for all bubbles together."""
_BUBBLE = 150
"""The number of characters that any bubble counts as at least."""


class TurnLayout:
    """The rows of one turn, drawn as far as needed. Rows are counted from 0 at the top of the turn."""

    def __init__(self, index: int, row_cache: RowCache) -> None:
        self.index = index
        self._row_cache = row_cache
        self._frame: Frame | None = None
        self._head: list[Row] = []
        self._files: list[Row] = []
        self._foot: list[Row] = []
        self._bubbles: list[BubbleLayout] = []
        self._mine: list[Row] = []
        self._mine_state: object = None
        self._head_state: object = None
        self._foot_state: object = None
        self._mine_shown = MINE_SHOWN
        self._shown = Shown()
        self._notes: list[Strip] = []
        self._notes_shown: object = None
        self._name_at = 0
        """The row of the name line, where the notes start."""
        self._waiting = False
        """Whether some bubbles still have to be drawn for the first time."""
        self._end: Literal["open", "bottom", "torn"] = "bottom"
        """The lower edge of the last bubble: open while the reply is being written, torn if it is incomplete."""

    @property
    def height(self) -> int:
        """The rows of the turn, including the space after it."""
        return sum(map(_height, self._parts()))

    @property
    def exact(self) -> bool:
        """Whether everything has been drawn once, so that the height is known."""
        return not self._waiting and all(bubble.exact for bubble in self._bubbles)

    @property
    def bubbles(self) -> int:
        """How many of the bot's bubbles are shown."""
        return len(self._bubbles)

    def update(self, turn: Turn, frame: Frame, showing: Showing) -> int | None:
        """Draw what is new, and return the first row that changed, or None."""
        if frame is not self._frame:
            self._frame = frame
            self._head_state = self._foot_state = None
        bubbles, end = len(self._bubbles), self._end
        self._end = _end_of(turn.reply)
        changes = [self._update_head(turn, frame, showing)]
        drawn = [*self._update_bubbles(turn, frame, showing)]
        changes += [self._top_of(number) + first for number, first in drawn]
        if self._update_foot(turn, frame, showing) or end != self._end:
            changes.append(self._end_of_text)
        if (frame, showing.notes) != self._notes_shown:
            self._notes_shown = (frame, showing.notes)
            self._notes = note_strips(showing.notes, frame)
            changes.append(self._name_at)
        if len(self._bubbles) != bubbles:
            changes.append(self._top_of(min(bubbles, len(self._bubbles))) - 2 if bubbles else len(self._head))
        return min((max(0, change) for change in changes if change is not None), default=None)

    def rows(self, start: int, stop: int) -> Iterator[Row]:
        """Yield the rows from `start` to `stop` (exclusive), with the notes next to them."""
        for number, row in enumerate(self._rows(start, stop), start - self._name_at):
            yield row.with_note(self._notes[number]) if 0 <= number < len(self._notes) else row

    def _rows(self, start: int, stop: int) -> Iterator[Row]:
        at = 0
        for part in self._parts():
            height = _height(part)
            first, last = max(0, start - at), min(height, stop - at)
            if first < last:
                yield from part.rows(first, last) if isinstance(part, BubbleLayout) else islice(part, first, last)
            at += height
            if at >= stop:
                return

    def outline(self) -> Iterator[Outline]:
        """Yield the outlines of all rows, without drawing them."""
        for part in self._parts():
            yield from part.outline() if isinstance(part, BubbleLayout) else part

    def pieces(self) -> Iterator[tuple[int, int, str]]:
        """Yield each finished piece of the bot's texts: its first row, the row after it, and its source."""
        for top, bubble in self._placed():
            for start, stop, source in bubble.pieces():
                yield top + start, top + stop, source

    def place_of(self, row: int) -> EntryPlace:
        """Return the place of a row, by which it is found again at another width."""
        if row < len(self._head):
            return _HEAD, (self._head[row].bubble, self._head[row].at)
        for number, (top, bubble) in enumerate(self._placed()):
            if row < top + bubble.height:
                return number, bubble.place_of(max(0, row - top))
        return _FOOT, (0, row - self._end_of_text)

    def row_at(self, place: EntryPlace) -> tuple[int, bool]:
        """Return the row of a place, and whether it has been drawn."""
        section, (start, at) = place
        if section == _HEAD:
            return next((n for n, row in reversed([*enumerate(self._head)]) if _stands(row, start, at)), 0), True
        if section == _FOOT or section >= len(self._bubbles):
            return max(0, min(self._end_of_text + at, self.height - 1)), self.exact
        row, known = self._bubbles[section].row_at((start, at))
        return self._top_of(section) + row, known and all(bubble.exact for bubble in self._bubbles[:section])

    def show_more(self, place: Place) -> bool:
        """Show more of a block that was too long. Return whether the place is in this turn."""
        if place == (self.index, -1, -1):
            self._mine_shown *= 2
            return True
        if place == (self.index, -1, MORE_BUBBLES):
            self._shown.bubbles += AT_ONCE
            self._waiting = True
            return True
        return any(bubble.show_more(place) for bubble in self._bubbles)

    def show_more_items(self, what: Literal["files", "suggestions"]) -> int:
        """Show more of the files or suggestions, and return how many were shown before."""
        match what:
            case "files":
                self._shown.files += AT_ONCE
                return self._shown.files - AT_ONCE
            case "suggestions":
                self._shown.suggestions += AT_ONCE
                return self._shown.suggestions - AT_ONCE
            case _:
                assert_never(what)

    def drop(self) -> None:
        """Forget what was drawn."""
        for bubble in self._bubbles:
            bubble.drop()

    def _parts(self) -> Iterator[list[Row] | BubbleLayout]:
        frame = self._frame
        assert frame is not None, "nothing is asked for before the first update"
        yield self._head
        last = len(self._bubbles) - 1
        for number, bubble in enumerate(self._bubbles):
            if frame.edged:
                yield [frame.edge(bubble.sheet, "top")]
            yield bubble
            if number < last:
                yield [frame.edge(bubble.sheet, "bottom") if frame.edged else frame.blank]
                continue
            yield self._files
            if self._end == "torn" or (self._end == "bottom" and frame.edged):
                yield [frame.edge(bubble.sheet, self._end)]
            elif self._end == "bottom":
                yield [frame.blank]
        yield self._foot
        if self._foot and not frame.edged and self._end != "open":
            yield [frame.blank]

    def _placed(self) -> Iterator[tuple[int, BubbleLayout]]:
        """Yield each bubble with its first row."""
        at = 0
        for part in self._parts():
            if isinstance(part, BubbleLayout):
                yield at, part
            at += _height(part)

    def _top_of(self, number: int) -> int:
        top = next((top for at, (top, _) in enumerate(self._placed()) if at == number), None)
        return self._end_of_text if top is None else top

    @property
    def _end_of_text(self) -> int:
        """Return the row after the last bubble's text."""
        return max((top + bubble.height for top, bubble in self._placed()), default=len(self._head))

    def _update_head(self, turn: Turn, frame: Frame, showing: Showing) -> int | None:
        reply = turn.reply
        state = (
            frame,
            showing.day,
            showing.new,
            (turn.number, len(turn.replies)),
            turn.shown,
            self._mine_shown,
            turn.queued,
            reply and (reply.state, reply.model, len(reply.numbered), reply.duration, reply.usage),
            reply and sum(bubble.size for bubble in reply.reasoning.values()),
            reply and len(reply.tool_calls),
            reply and [(call.name, call.given.size) for call in islice(reply.tool_calls.values(), AT_ONCE)],
        )
        if state == self._head_state:
            return None
        old, self._head_state = self._head, state
        unasked = reply is not None and not turn.shown
        self._head = [frame.blank] if self.index and turn.queued and not frame.edged else []
        self._head += day_rows(showing.day, frame) if showing.day else []
        self._head += [] if unasked else self._mine_rows(turn, frame)
        if reply is not None:
            # Without the user's bubble, or without edges, nothing else separates it from what is above.
            apart = self.index > 0 and not showing.day if unasked and frame.edged else not unasked and not frame.edged
            self._head += [frame.blank] if apart else []
            self._head += [new_row(showing.new, frame)] if showing.new else []
            self._head += try_rows(turn, self.index, frame)
            self._name_at = len(self._head)
            self._head += [name_row(reply, self.index, frame), *reasoning_rows(reply, self.index, frame)]
        for number, row in enumerate(self._head):
            if number >= len(old) or list(old[number].strip) != list(row.strip):
                return number
        return None if len(old) == len(self._head) else len(self._head)

    def _mine_rows(self, turn: Turn, frame: Frame) -> list[Row]:
        """Return the rows of the user's message, which do not change while the reply is written."""
        kept_back = turn.reply is not None and not_sent(turn.reply)
        tries = (turn.number, len(turn.replies))
        state = (frame, turn.shown, turn.queued, turn.sent_at, tries, kept_back, self._mine_shown)
        if state != self._mine_state:
            self._mine_state = state
            self._mine = mine_rows(turn, self.index, frame, self._mine_shown)
        return self._mine

    def _update_bubbles(self, turn: Turn, frame: Frame, showing: Showing) -> Iterator[tuple[int, int]]:
        """Draw what is new in the bubbles. Yield each bubble that changed, with its first changed row."""
        reply = turn.reply
        bubbles = _spoken(reply)
        count = len(bubbles)
        del bubbles[self._shown.bubbles :]
        while len(self._bubbles) > len(bubbles):
            self._bubbles.pop().drop()
        files = file_lines(reply, self.index, frame, self._shown.files) if reply is not None and bubbles else []
        room = _STEP
        self._waiting = False
        for number, bubble in enumerate(bubbles):
            if room <= 0:
                self._waiting = True
                break
            if number == len(self._bubbles):
                self._bubbles.append(BubbleLayout((self.index, number), self._row_cache))
            live = reply is not None and reply.live
            writing = live and number == count - 1
            changed = self._bubbles[number].update(
                bubble,
                frame,
                live=live,
                writing=writing,
                muted=writing and showing.silent,
                beside=files if number == len(bubbles) - 1 else (),
            )
            if changed is not None:
                room -= self._bubbles[number].drawn + _BUBBLE
                yield number, changed
        old, self._files = self._files, frame.rows(self._bubbles[-1].sheet, files) if files else []
        if list(map(_cells, old)) != list(map(_cells, self._files)):
            yield len(self._bubbles), 0

    def _update_foot(self, turn: Turn, frame: Frame, showing: Showing) -> bool:
        reply = turn.reply
        spoken = _spoken(reply)
        state = (
            frame,
            showing,
            turn.queued,
            (turn.number, len(turn.replies)),
            len(spoken),
            replace(self._shown),
            reply
            and (
                reply.state,
                reply.chosen,
                len(reply.attachments),
                len(reply.suggestions),
                reply.verdict,
                reply.note,
            ),
        )
        if state == self._foot_state:
            return False
        self._foot_state = state
        self._foot = []
        if reply is not None:
            self._foot = below_rows(turn, self.index, frame, showing, self._shown, len(spoken))
        return True


def _height(part: list[Row] | BubbleLayout) -> int:
    return part.height if isinstance(part, BubbleLayout) else len(part)


def _cells(row: Row) -> list[Segment]:
    return list(row.strip)


def _end_of(reply: Reply | None) -> Literal["open", "bottom", "torn"]:
    """Return the lower edge of the last bubble of a reply."""
    if reply is None:
        return "bottom"
    if reply.live:
        return "open"
    whole = reply.state == "finished" and completeness(reply.finish_reason) == "whole"
    return "bottom" if whole or not reply.characters else "torn"


def _spoken(reply: Reply | None) -> list[Bubble]:
    """Return the bubbles of a reply that contain text."""
    return [bubble for bubble in reply.bubbles if bubble.size] if reply is not None else []


def _stands(row: Row, bubble: int, at: int) -> bool:
    """Return whether a row above the bot's bubbles starts at or before a place."""
    return row.bubble == bubble and row.at <= at
