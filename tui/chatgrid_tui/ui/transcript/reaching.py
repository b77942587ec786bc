"""A page that can be taken to any of its rows, and be made to stand still."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Final, assert_never

from textual.selection import Selection

from chatgrid_tui.session.tasks import Steps, cooperatively
from chatgrid_tui.ui.transcript.layout.document import Document, Placed
from chatgrid_tui.ui.transcript.press_targets import MoreItemsTarget, MoreTarget, SuggestionTarget, Target
from chatgrid_tui.ui.transcript.view import TranscriptView

_AT_ONCE: Final = 8
"""Steps of drawing that a key waits for; more of them are taken bit by bit."""


class ReachingView(TranscriptView, inherit_bindings=False):
    """What finding and selecting ask of a page: which row stands where, and going to others, drawn or not."""

    @property
    def document(self) -> Document:
        """The conversation as rows."""
        return self._document

    def placed_at(self, y: int) -> Placed | None:
        """Return the row at line `y` of the view."""
        return self._placed(y)

    def last_placed(self) -> Placed | None:
        """Return the last row of the view that there is."""
        window = self._viewport.window(self.scroll_offset.y, self.size.height)
        return window[-1] if window else None

    def bottom(self) -> tuple[int, int]:
        """Return where the view ends: a turn, and the row in it."""
        last = self.last_placed()
        return (0, 0) if last is None else last[:2]

    def hold(self) -> None:
        """Stand still from now on, whatever comes."""
        self._following = False
        self._tell()

    def release(self) -> None:
        """Follow again what comes, if this is the end."""
        if not self._following and self.scroll_y >= self.max_scroll_y:
            self._following, self._new_lines = True, 0
            self._tell()

    def move_view(self, rows: int) -> None:
        """Scroll by so many rows, now; at the end new text is followed again, unless something holds it."""
        end = max(0, self._viewport.total - self.size.height)
        self._read = None
        self._stand_at(max(0, min(self.scroll_offset.y + rows, end)))
        self._settle()
        self.refresh()

    def bring_near(self, turn: int, offset: int) -> None:
        """Scroll as little as brings a row into view."""
        row, top, height = self._document.heights.before(turn) + offset, self.scroll_offset.y, self.size.height
        if row < top or row >= top + height:
            self.hold()
            self.move_view(row - top if row < top else row - top - height + 1)

    def draw_on(self, turn: int) -> bool:
        """Draw some more of a turn; return whether all of it is drawn. What is read stays in its place."""
        document = self._document
        if turn >= document.count:
            return True
        top, end = self.scroll_offset.y, document.heights.before(turn) + document.heights[turn]
        _, grown = document.draw(turn)
        document.row_cache.trim(self.size.height)
        if grown and end <= top:
            self._stand_at(top + grown)
        return document.turn_layout(turn).exact

    def bring(self, turn: int, offset: int) -> Steps[None]:
        """Bring a row of a turn into view, and some rows around it; takes a step for each part still to be drawn."""
        height = self.size.height
        around = min(2, (height - 1) // 2)

        def top_for(row: int) -> int:
            top = self.scroll_offset.y
            return top if top + around <= row < top + height - around else row - height // 3

        yield from self._stand_with(turn, offset, top_for)

    def action_page(self, step: int) -> None:
        """Go a page up (-1) or down (1), keeping two rows of the old one."""
        kept = self.placed_at(0)
        if step > 0 or kept is None or kept.turn < 0:
            self.scroll_relative(y=step * max(1, self.size.height - 2), animate=False)
            return
        # What is above may turn out taller or lower than thought: the row that is kept is what counts.
        steps = self._stand_with(kept.turn, kept.offset, lambda row: row - max(1, self.size.height - 2), follow=True)
        for _ in islice(steps, _AT_ONCE):
            pass
        self.run_worker(cooperatively(steps), group="page", exclusive=True)

    def show_more(self, target: MoreTarget | MoreItemsTarget) -> Target | None:
        """Show more of what was too long to be shown at once; return the first suggestion that came, if one did."""
        turn = target.place[0] if isinstance(target, MoreTarget) else target.turn
        if turn >= self._document.count:
            return None
        layout, first = self._document.turn_layout(turn), None
        match target:
            case MoreTarget(place):
                layout.show_more(place)
            case MoreItemsTarget(_, what):
                shown = layout.show_more_items(what)
                first = SuggestionTarget(turn, shown) if what == "suggestions" else None
            case _:
                assert_never(target)
        self.redraw(turn)
        return first

    def _stand_with(
        self, turn: int, offset: int, top_for: Callable[[int], int], *, follow: bool = False
    ) -> Steps[None]:
        """Stand where `top_for` says for a row of a turn. Whatever is in view above the row is drawn before, so that
        it does not move afterwards. `follow`: the end is a place to follow from.
        """
        heights = self._document.heights
        while turn < len(heights):
            before, end = heights.total, self._viewport.total - self.size.height
            top = max(0, min(top_for(heights.before(turn) + offset), end))
            for above in range(heights.at(top)[0], turn + 1):
                while not self.draw_on(above):
                    yield
            if heights.total == before:
                self._read = None
                self._following = follow and top >= end
                self._stand_at(top)
                break
            yield
        self._settle()
        self.refresh()

    def select(self, selection: Selection) -> None:
        """Have a part of the conversation selected, and nothing else."""
        self.screen.selections = {self: selection}
