"""Two replies, compared word by word: to the same message, or on the two sides of the page."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual.binding import Binding, BindingType

from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.ui.actions.keys import KeyHint
from chatgrid_tui.ui.overlays.text_screen import TextScreen


class VariantsScreen(TextScreen):
    """Compares the reply that counts with another one, at first the one before it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("alt+left", "other(-1)", "Earlier", show=False, priority=True, id="chat.previous_variant"),
        Binding("alt+right", "other(1)", "Later", show=False, priority=True, id="chat.next_variant"),
    ]

    def __init__(self, turn: Turn) -> None:
        """`turn` has at least two replies."""
        self._turn = turn
        self._number = turn.number
        self._other = turn.number - 1 if turn.number else 1
        hints = (KeyHint("other(-1)", ("alt+left",), "Earlier"), KeyHint("other(1)", ("alt+right",), "Later"))
        super().__init__(self._heading, "", more_hints=hints if len(turn.replies) > 2 else ())

    @property
    def _heading(self) -> str:
        return f"Reply {self._number + 1} of {len(self._turn.replies)}, compared with {self._other + 1}"

    def on_mount(self) -> None:
        """Compare the replies."""
        self._compare()

    def action_other(self, step: int) -> None:
        """Compare with the reply before (-1) or after (1) the one that it is compared with."""
        other = self._other + step
        if other == self._number:
            other += step
        if other in range(len(self._turn.replies)):
            self._other = other
            self._compare()

    def _compare(self) -> None:
        self.retitle(self._heading)
        self.run_worker(self._show_changes(), group="compare", exclusive=True)

    async def _show_changes(self) -> None:
        from chatgrid_tui.session.turns.variants import compare_replies

        first, second = sorted((self._number, self._other))
        self.put(await asyncio.to_thread(compare_replies, self._turn, first, second))


class SidesScreen(TextScreen):
    """Compares two replies with their figures."""

    def __init__(self, title: str, left: Turn, right: Turn) -> None:
        """Both turns have a reply."""
        super().__init__(title, "")
        self._turns = left, right

    def on_mount(self) -> None:
        """Compare the replies."""
        self.run_worker(self._show_changes())

    async def _show_changes(self) -> None:
        from chatgrid_tui.session.turns.variants import compare_sides

        self.put(await asyncio.to_thread(compare_sides, *self._turns))
