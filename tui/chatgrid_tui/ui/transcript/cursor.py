"""The cursor: the bubble with the keyboard focus, or the target in it, and what is under the mouse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from chatgrid_tui.ui.transcript.render.rows import Outline
from chatgrid_tui.ui.transcript.targets import (
    ButtonTarget,
    MoreItemsTarget,
    MoreTarget,
    Offer,
    SuggestionTarget,
    Target,
    TaskTarget,
    is_offer,
)
from chatgrid_tui.ui.transcript.turns_listener import TurnsListener
from chatgrid_tui.ui.transcript.viewport import Viewport

BubblePlace: TypeAlias = tuple[int, int]
"""A turn, and one of its bubbles: -1 is the user's, the bot's start at 0."""
_DIGITS: Final = frozenset("123456789")


class Cursor(TurnsListener):
    """Moves between bubbles, and between the targets of a turn."""

    def __init__(self, viewport: Viewport) -> None:
        self._viewport = viewport
        self.bubble: BubblePlace | None = None
        self.target: Target | None = None
        """What Enter presses, if that is not the bubble itself."""
        self.hovered: BubblePlace | None = None
        """The bubble under the mouse."""
        self.mouse: Target | None = None
        """The target under the mouse."""

    @property
    def turn(self) -> int:
        """The turn with the cursor, else the one whose buttons are live."""
        return self._viewport.offering if self.bubble is None else self.bubble[0]

    @property
    def bubble_or_newest(self) -> BubblePlace | None:
        """The bubble with the cursor, else the newest one."""
        turn = len(self._viewport.document.heights) - 1
        return (turn, self.bubbles(turn)[-1]) if self.bubble is None and turn >= 0 else self.bubble

    def clear(self) -> None:
        """Remove the cursor."""
        self.bubble = self.target = self.mouse = self.hovered = None

    def select(self, bubble: BubblePlace) -> None:
        """Move to a bubble."""
        self.bubble, self.target = bubble, None

    def is_on(self, turn: int, row: Outline) -> bool:
        """Return whether a row belongs to the bubble with the cursor, if no button has the focus. The name line
        belongs to all of its reply.
        """
        if self.bubble is None or self.bubble[0] != turn or is_offer(self.target):
            return False
        return self.bubble[1] == row.bubble or (row.kind == "name" and min(self.bubble[1], row.bubble) >= 0)

    # Turns

    def turns_shown(self) -> None:
        """Overrides `TurnsListener.turns_shown`."""
        self.clear()

    def turns_replaced(self, first: int) -> None:
        """Overrides `TurnsListener.turns_replaced`."""
        if self.bubble is not None and self.bubble[0] >= first:
            self.clear()

    def turns_merged(self, moved: Mapping[int, int]) -> None:
        """Overrides `TurnsListener.turns_merged`."""
        bubble, target = self.bubble, self.target
        self.clear()
        if bubble is not None and bubble[0] in moved:
            self.bubble = (moved[bubble[0]], bubble[1])
        match target:
            case SuggestionTarget(turn, index) if turn in moved:
                self.target = SuggestionTarget(moved[turn], index)
            case ButtonTarget(turn, button) if turn in moved:
                self.target = ButtonTarget(moved[turn], button)
            case _:
                pass

    # Mouse

    def point(self, x: int, y: int) -> bool:
        """Update what is under the mouse, at a place of the view. Return whether that changed."""
        placed = self._viewport.row(y)
        target = bubble = None
        if placed is not None:
            target = next((spot.target for spot in placed.row.spots if spot.start <= x < spot.end), None)
            if placed.row.bubble >= -1 and placed.row.kind in ("text", "mine", "name"):
                bubble = (placed.turn, placed.row.bubble)
        changed = (bubble, target) != (self.hovered, self.mouse)
        self.hovered, self.mouse = bubble, target
        return changed

    # Bubbles

    def bubbles(self, turn: int) -> list[int]:
        """Return the bubbles of a turn, from the top."""
        return sorted({row.bubble for row in self._viewport.outlines(turn) if row.bubble >= -1}) or [-1]

    @property
    def scroll_row(self) -> int:
        """The row to scroll to, which is the nearest one that brings the bubble with the cursor into view."""
        viewport, (top, end) = self._viewport, self._bubble_rows()
        first = viewport.document.heights.before(self.turn) + top
        if first < viewport.top or end - top > viewport.height:
            return first
        return max(viewport.top, first + end - top - viewport.height)

    def _bubble_rows(self) -> tuple[int, int]:
        """Return the first row of the bubble in its turn, and the row after it; (0, 0) if it has none."""
        bubble = -1 if self.bubble is None else self.bubble[1]
        rows = [number for number, row in enumerate(self._viewport.outlines(self.turn)) if row.bubble == bubble]
        return (rows[0], rows[-1] + 1) if rows else (0, 0)

    def move(self, step: int) -> bool:
        """Move to the next (1) or previous (-1) bubble, starting with the newest. Return whether there is one."""
        last = len(self._viewport.document.heights) - 1
        if last < 0:
            return False
        if self.bubble is None:
            self.select((last, self.bubbles(last)[-1]))
            return True
        turn = min(self.bubble[0], last)
        bubbles = self.bubbles(turn)
        at = (bubbles.index(self.bubble[1]) if self.bubble[1] in bubbles else len(bubbles) - 1) + step
        if 0 <= at < len(bubbles):
            self.select((turn, bubbles[at]))
        elif 0 <= turn + step <= last:
            self.select((turn + step, self.bubbles(turn + step)[0 if step > 0 else -1]))
        else:
            return False
        return True

    def begin(self) -> None:
        """Move into view: stay if the cursor is there already, else move to the last bubble."""
        window = [placed for placed in self._viewport.window if placed.turn >= 0 and placed.row.bubble >= -1]
        bubbles = [(placed.turn, placed.row.bubble) for placed in window]
        if self.target is None and bubbles and self.bubble not in bubbles:
            texts = [placed for placed in window if placed.row.kind in ("text", "mine", "error")]
            last = (texts or window)[-1]
            self.select((last.turn, last.row.bubble))

    # Targets

    def targets(self, turn: int) -> list[Target]:
        """Return the targets in a turn, each once, from the top."""
        spots = (spot.target for row in self._viewport.outlines(turn) for spot in row.spots)
        return list(dict.fromkeys(target for target in spots if not isinstance(target, TaskTarget)))

    def offers(self, turn: int) -> list[Offer]:
        """Return the buttons of a turn in order."""
        return [target for target in self.targets(turn) if is_offer(target)]

    def select_offer(self) -> bool:
        """Move to the first live button. Return whether there is one."""
        offers = self.offers(self._viewport.offering)
        if offers:
            self.bubble, self.target = None, offers[0]
        return bool(offers)

    def numbered(self, digit: str) -> Offer | None:
        """Return the button with a number, if a button of its row has the focus."""
        # Not `isdigit`: digits of other scripts and superscripts also have keys, but no button shows them.
        if digit not in _DIGITS or not is_offer(self.target) or self.turn != self._viewport.offering:
            return None
        offer = dict(enumerate(self.offers(self.turn), 1)).get(int(digit))
        return None if isinstance(offer, SuggestionTarget) and self.is_past(offer) else offer

    def is_past(self, suggestion: SuggestionTarget) -> bool:
        """Return whether a suggestion belongs to an earlier reply, or whether one of its reply was sent."""
        reply = self._viewport.document.turns[suggestion.turn].reply
        return suggestion.turn != self._viewport.offering or reply is None or bool(reply.chosen)

    def step(self, step: int) -> bool:
        """Move to the next (1) or previous (-1) target of the turn, starting from the bubble with the cursor. Return
        False at the end.
        """
        targets = self.targets(self.turn)
        at = targets.index(self.target) + step if self.target in targets else self._first_step(step, targets)
        self.target = targets[at] if 0 <= at < len(targets) else None
        if self.target is None:
            return False
        row = next((row for row in self._viewport.outlines(self.turn) if self._shows_target(row)), None)
        if row is not None and row.kind in ("text", "mine", "error"):
            self.bubble = self.turn, row.bubble
        return True

    def _first_step(self, step: int, targets: Sequence[Target]) -> int:
        """Return the index of the first target after the bubble's top, or of the last one before its end."""
        if self.bubble is None:
            return 0 if step > 0 else len(targets) - 1
        above = self._viewport.outlines(self.turn)[: self._bubble_rows()[0 if step > 0 else 1]]
        passed = {spot.target for row in above for spot in row.spots}
        if step > 0:
            return next((number for number, target in enumerate(targets) if target not in passed), len(targets))
        return max((number for number, target in enumerate(targets) if target in passed), default=-1)

    def target_row(self) -> int | None:
        """Return the first row of the turn that shows the target."""
        outlines = enumerate(self._viewport.outlines(self.turn))
        return next((number for number, row in outlines if self._shows_target(row)), None)

    def _shows_target(self, row: Outline) -> bool:
        return any(spot.target == self.target for spot in row.spots)

    def pressed(self) -> Target | None:
        """Return what Enter presses: the target, else the rest of the bubble if it is too long; or None."""
        if self.target is not None or self.bubble is None:
            return self.target
        turn, bubble = self.bubble
        own = [spot.target for row in self._viewport.outlines(turn) if row.bubble == bubble for spot in row.spots]
        return next((target for target in own if isinstance(target, MoreTarget)), None)

    def show_more(self, target: MoreTarget | MoreItemsTarget) -> int:
        """Show more of what is too long to be shown at once. The focus moves from `target` to the first suggestion
        that appears. Return the turn.
        """
        turn = target.place[0] if isinstance(target, MoreTarget) else target.turn
        if turn < self._viewport.document.count:
            layout = self._viewport.document.turn_layout(turn)
            if isinstance(target, MoreTarget):
                layout.show_more(target.place)
            else:
                shown = layout.show_more_items(target.what)
                if target.what == "suggestions" and self.target == target:
                    self.target = SuggestionTarget(turn, shown)
        return turn

    def beside(self, across: int, down: int) -> bool:
        """Move from a button to its neighbour. Return whether there is one."""
        offers = self.offers(self.turn)
        if self.target not in offers:
            return False
        if across:
            at = offers.index(self.target) + across
            if 0 <= at < len(offers):
                self.target = offers[at]
            return 0 <= at < len(offers)
        lines = [
            spots
            for row in self._viewport.outlines(self.turn)
            if (spots := [spot for spot in row.spots if is_offer(spot.target)])
        ]
        line, start = next(
            (number, spot.start) for number, spots in enumerate(lines) for spot in spots if spot.target == self.target
        )
        if not 0 <= line + down < len(lines):
            return False
        self.target = min(lines[line + down], key=lambda spot: abs(spot.start - start)).target
        return True
