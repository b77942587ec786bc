"""Where the keyboard is: which bubble the cursor is on, and which of the things that can be pressed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.ui.transcript.layout.document import Placed
from chatgrid_tui.ui.transcript.press_targets import (
    AttachmentTarget,
    ButtonTarget,
    CopyTarget,
    FoldedTarget,
    MoreTarget,
    Offer,
    SuggestionTarget,
    Target,
    is_offer,
)
from chatgrid_tui.ui.transcript.render.rows import Outline

BubblePlace: TypeAlias = tuple[int, int]
"""A turn, and a bubble of it: -1 is mine, the bot's count from 0."""


class Navigator:
    """Moves between bubbles and between targets. `rows_of` outlines all rows of a turn, -1 being the first screen."""

    def __init__(self, rows_of: Callable[[int], Sequence[Outline]]) -> None:
        self._rows_of = rows_of
        self.cursor: BubblePlace | None = None
        self.target: Target | None = None
        self.mouse: Target | None = None
        """What is under the mouse."""
        self.hovered: BubblePlace | None = None

    def clear(self) -> None:
        """Stand nowhere."""
        self.cursor = self.target = self.mouse = self.hovered = None

    def merged(self, old: Sequence[Turn], turns: Sequence[Turn]) -> None:
        """Stand on the same bubble or offer in `turns` as in `old`."""
        cursor, target = self.cursor, self.target
        self.clear()
        if cursor is not None and (place := _moved(cursor[0], old, turns)) is not None:
            self.cursor = (place, cursor[1])
        match target:
            case SuggestionTarget(turn, index) if (place := _moved(turn, old, turns)) is not None:
                self.target = SuggestionTarget(place, index)
            case ButtonTarget(turn, button) if (place := _moved(turn, old, turns)) is not None:
                self.target = ButtonTarget(place, button)
            case _:
                return

    def select(self, place: BubblePlace | None) -> None:
        """Put the cursor on a bubble."""
        self.cursor, self.target = place, None

    def move(self, step: int, turns: int) -> bool:
        """Go `step` (1 or -1) bubbles on; the first step goes to the newest. Return whether it went anywhere."""
        if not turns:
            return False
        if self.cursor is None:
            bubbles = self.bubbles(turns - 1)
            self.select((turns - 1, bubbles[-1]))
            return True
        turn, bubble = self.cursor
        turn = min(turn, turns - 1)
        bubbles = self.bubbles(turn)
        at = (bubbles.index(bubble) if bubble in bubbles else len(bubbles) - 1) + step
        if at < 0 and turn > 0:
            self.select((turn - 1, self.bubbles(turn - 1)[-1]))
        elif at >= len(bubbles) and turn + 1 < turns:
            self.select((turn + 1, self.bubbles(turn + 1)[0]))
        elif 0 <= at < len(bubbles):
            self.select((turn, bubbles[at]))
        else:
            return False
        return True

    def bubbles(self, turn: int) -> list[int]:
        """Return the bubbles of a turn, from above."""
        return sorted({row.bubble for row in self._rows_of(turn) if row.bubble >= -1}) or [-1]

    def step(self, turn: int, step: int) -> bool:
        """Go to the next (1) or previous (-1) target of a turn, at first that of the bubble with the cursor; return
        False at its end.
        """
        targets = self.targets(turn)
        at = targets.index(self.target) + step if self.target in targets else self._first_step(turn, step, targets)
        if not 0 <= at < len(targets):
            self.target = None
            return False
        self.target = targets[at]
        return True

    def _first_step(self, turn: int, step: int, targets: Sequence[Target]) -> int:
        """Return which target comes first from the bubble with the cursor on: below its top, or above its end."""
        if self.cursor is None or self.cursor[0] != turn:
            return 0 if step > 0 else len(targets) - 1
        rows = self._rows_of(turn)
        mine = [number for number, row in enumerate(rows) if row.bubble == self.cursor[1]]
        above = rows[: (mine[0] if step > 0 else mine[-1] + 1)] if mine else ()
        passed = {spot.target for row in above for spot in row.spots}
        if step > 0:
            return next((number for number, target in enumerate(targets) if target not in passed), len(targets))
        return max((number for number, target in enumerate(targets) if target in passed), default=-1)

    def row_of_target(self, turn: int) -> int | None:
        """Return the first row of a turn in which the target with the keyboard stands."""
        places = (number for number, row in enumerate(self._rows_of(turn)) if self._in(row))
        return next(places, None)

    def _in(self, row: Outline) -> bool:
        return any(spot.target == self.target for spot in row.spots)

    def pressed(self) -> Target | None:
        """Return what Enter presses: what has the keyboard, else the rest of the bubble with the cursor, what is
        folded in its reply, its file, or the details of its reply.
        """
        if self.target is not None or self.cursor is None:
            return self.target
        turn, bubble = self.cursor
        own = [spot.target for row in self._rows_of(turn) if row.bubble == bubble for spot in row.spots]
        candidates: list[Target] = [target for target in own if isinstance(target, MoreTarget)]
        if bubble >= 0:
            candidates += [target for target in self.targets(turn) if isinstance(target, FoldedTarget)]
            candidates += [target for target in own if isinstance(target, AttachmentTarget)]
            candidates.append(FoldedTarget(turn, "details"))
        return candidates[0] if candidates else None

    def showed_more(self, pressed: Target, first: Target | None) -> None:
        """Go from what showed more to the first thing that came; nowhere where the mouse pressed it."""
        if first is not None and self.target == pressed:
            self.target = first

    def begin(self, window: Sequence[Placed]) -> None:
        """Stand somewhere in what is in view: where the cursor is, or else on the last bubble."""
        there = [placed for placed in window if placed.turn >= 0 and placed.row.bubble >= -1]
        bubbles = [(placed.turn, placed.row.bubble) for placed in there]
        if self.target is None and bubbles and self.cursor not in bubbles:
            said = [
                (placed.turn, placed.row.bubble) for placed in there if placed.row.kind in ("text", "mine", "error")
            ]
            self.select(said[-1] if said else bubbles[-1])

    def targets(self, turn: int) -> list[Target]:
        """Return what can be pressed in a turn, from above, each once."""
        found: dict[Target, None] = {}
        for row in self._rows_of(turn):
            for spot in row.spots:
                if not isinstance(spot.target, CopyTarget):
                    found.setdefault(spot.target)
        return list(found)

    def offers(self, turn: int) -> list[Offer]:
        """Return the buttons of a turn in their order."""
        return [target for target in self.targets(turn) if is_offer(target)]  # type: ignore[misc]

    def beside(self, turn: int, across: int, down: int) -> bool:
        """Go from one button to its neighbour; return False where there is none."""
        offers = self.offers(turn)
        if self.target not in offers:
            return False
        if across:
            at = offers.index(self.target) + across
            if not 0 <= at < len(offers):
                return False
            self.target = offers[at]
            return True
        lines = [spots for row in self._rows_of(turn) if (spots := [s for s in row.spots if is_offer(s.target)])]
        here = next(number for number, spots in enumerate(lines) if any(s.target == self.target for s in spots))
        if not 0 <= here + down < len(lines):
            return False
        document = next(spot.start for spot in lines[here] if spot.target == self.target)
        self.target = min(lines[here + down], key=lambda spot: abs(spot.start - document)).target
        return True


def _moved(turn: int, old: Sequence[Turn], turns: Sequence[Turn]) -> int | None:
    """Return where a turn of `old` is in `turns`, None where it is not."""
    return turns.index(old[turn]) if 0 <= turn < len(old) and old[turn] in turns else None
