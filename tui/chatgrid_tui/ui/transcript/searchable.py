"""A page in which one can find."""

from __future__ import annotations

from collections.abc import Sequence

from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.ui.transcript.find.finder import Finder
from chatgrid_tui.ui.transcript.find.marking import Found
from chatgrid_tui.ui.transcript.layout.document import Placed
from chatgrid_tui.ui.transcript.notices import Explain
from chatgrid_tui.ui.transcript.pane_messages import FindChanged
from chatgrid_tui.ui.transcript.reaching import ReachingView


class SearchableView(ReachingView, inherit_bindings=False):
    """Opens and closes find, and tells it what changes."""

    FindChanged = FindChanged

    def __init__(
        self,
        explain: Explain,
        *,
        filled: bool = True,
        id: str | None = None,  # noqa: A002 - Textual's own name for it
        classes: str | None = None,
    ) -> None:
        super().__init__(explain, filled=filled, id=id, classes=classes)
        self._finder = Finder(self)

    def show(self, turns: Sequence[Turn], *, at_end: bool = True) -> None:
        """Show another conversation, at its newest turn or at its oldest."""
        self.end_find()
        super().show(turns, at_end=at_end)

    def turns_replaced(self, first: int) -> None:
        """Other turns may stand from `first` on."""
        super().turns_replaced(first)
        self._finder.replaced(first)

    def turns_merged(self, turns: Sequence[Turn]) -> None:
        """These are the turns now; those that were there are among them."""
        self._finder.merged(self._document.turns, turns)
        super().turns_merged(turns)

    def turn_added(self, index: int) -> None:
        """A turn stands at `index` of the sequence now, the last one."""
        super().turn_added(index)
        self._finder.changed(index)

    def redraw(self, index: int) -> None:
        """Draw what changed of the turn at `index` with the next frame."""
        super().redraw(index)
        self._finder.changed(index)

    def drawn_anew(self) -> None:
        """All is drawn in another width or another look."""
        self._finder.replaced()

    def begin_find(self) -> None:
        """Find has been opened; nothing is looked for yet."""
        self._finder.begin()

    def find(self, words: str) -> None:
        """Look for words in the whole conversation, and go to the newest place at or above what is in view.

        `FindChanged` tells what is found, now and as more is said.
        """
        self._finder.look_for(words)
        self._marking = self._finder.needle is not None

    def find_next(self, step: int) -> None:
        """Go to the next place above (-1) or below (1) the present one; behind the last comes the first."""
        self._finder.step(step)

    def end_find(self) -> None:
        """Find has been closed. What is read stays where it is."""
        if self._finder.active:
            self._finder.end()
            self._marking = False
            self.release()

    def found(self, placed: Placed) -> Sequence[Found]:
        """Return which characters of a row in view are found."""
        if self._finder.needle is None:
            return ()
        return self._finder.found(placed, self._viewport.window(self.scroll_offset.y, self.size.height))
