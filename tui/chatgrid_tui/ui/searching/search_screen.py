"""The search over all conversations: a line to type in, and the hits below it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input, OptionList, Static

from chatgrid_tui.model.search import Hit, SearchQuery, SearchResults
from chatgrid_tui.model.search_filters import FILTERS
from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.actions.keys import KeyHint
from chatgrid_tui.ui.appearance import look_of
from chatgrid_tui.ui.overlays.overlay import OverlayScreen, Title
from chatgrid_tui.ui.overlays.picker import MOVES, FilterInput
from chatgrid_tui.ui.searching.hit_list import HitList
from chatgrid_tui.ui.widgets.cells import is_tall, own_words
from chatgrid_tui.ui.widgets.key_bar import KeyBar

_TITLE: Final = "Search all conversations"
_PLACEHOLDER: Final = "Words, or filters such as from:me has:error"
_HINTS: Final = (KeyHint("close", ("escape",), "Close"), KeyHint("pick", ("enter",), "Go to the message"))
_FRAME_ROWS: Final = 10
"""Rows of the overlay that are not hits: padding, title, field, note, keys, and the blank rows between."""
_LEFT_BELOW: Final = 6
"""Rows of the page that a tall screen keeps below the overlay."""
_AGAIN_AFTER: Final = 1.0
"""Seconds after which a search is repeated while the history is being indexed."""
_LONGEST_QUOTE: Final = 40


class SearchScreen(OverlayScreen[Hit]):
    """Returns the hit that was picked, or None. Each letter searches, and the newest search counts."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *MOVES,
        # The key that opened it chooses the next hit.
        Binding("ctrl+s,f11", "move(1)", "Next", show=False, priority=True, id="app.search"),
    ]

    def __init__(
        self,
        find: Callable[[SearchQuery], Awaitable[SearchResults]],
        local_now: Callable[[], datetime],
        keymap: Mapping[str, str],
        typed: str = "",
    ) -> None:
        """`find` searches; `typed` is the query to begin with."""
        super().__init__()
        self._find, self._local_now = find, local_now
        self._header = Title(_TITLE)
        self._field = FilterInput(placeholder=_PLACEHOLDER)
        self._field.value = typed
        self._list = HitList()
        self._note = Static(classes="note")
        self._note.styles.margin = (1, 3, 0, 4)
        self._keys = KeyBar(surface="overlay", margin=2)
        self._keys.show([hint.with_keys(keymap) for hint in _HINTS])
        self._tallest = 0
        self._again: Timer | None = None

    def compose(self) -> ComposeResult:
        """Overrides `Screen.compose`."""
        with self.overlay:
            yield self._header
            yield self._field
            yield self._list
            yield self._note
            yield self._keys

    def on_mount(self) -> None:
        """Begin with the query of the time before, which typing replaces."""
        self._list.display = False
        self._field.focus()
        self._field.select_all()
        self._search()

    @property
    def typed(self) -> str:
        """The query as it was typed."""
        return self._field.value

    def fit(self, top: int, height: int) -> None:
        """Show as many hits as there is room for."""
        tall = is_tall(self)
        room = height - top - _FRAME_ROWS - (_LEFT_BELOW if tall else top)
        self._tallest = max(self._tallest, self._list.height)  # it does not shrink while one types
        self._list.styles.height = max(2, min(self._tallest, room - room % 2))

    def action_move(self, by: int) -> None:
        """Choose another hit."""
        self._list.move(by)

    def action_pick(self) -> None:
        """Return the chosen hit."""
        if self._list.hit is not None:
            self.dismiss(self._list.hit)

    @on(Input.Changed)
    def _query_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._search()

    @on(Input.Submitted)
    def _enter_was_pressed(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_pick()

    @on(OptionList.OptionSelected)
    def _hit_was_clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_pick()

    def _search(self) -> None:
        """Search for what is typed now. A search that is still running is given up."""
        self.run_worker(self._search_now(SearchQuery.of(self.typed)), group="search", exclusive=True)

    async def _search_now(self, query: SearchQuery) -> None:
        results = await self._find(query)
        if self._again is not None:
            self._again.stop()
        self._again = self.set_timer(_AGAIN_AFTER, self._search) if results.unindexed else None
        self._show(results)

    def _show(self, results: SearchResults) -> None:
        hits = results.hits
        count = f"{len(hits):,} best" if results.more else f"{len(hits):,}"
        self._header.show(_TITLE, count if hits else "")
        self._list.put(hits, self._local_now())
        self._list.display = bool(hits)
        self._note.set_class(bool(results.problem), "-wrong")
        words = self._words(results)
        self._note.update(Content("\n".join(words)))
        self._note.display = bool(words)
        self.on_resize()

    def _words(self, results: SearchResults) -> list[str]:
        """Return what is said below the hits."""
        signs = look_of(self).signs
        if results.problem:
            return [own_words(results.problem, signs)]
        if results.query.is_empty:
            return [f"{name:<14} {what}" for name, what in FILTERS.items()]
        nothing = "" if results.hits else f'Nothing matches "{clean_line(self.typed, _LONGEST_QUOTE)}".'
        return [own_words(line, signs) for line in (nothing, results.progress) if line]
