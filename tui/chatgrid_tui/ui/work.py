"""Things that take time, done apart from the screen that asked for them."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Final

from textual.app import App
from textual.worker import Worker

from chatgrid_tui.errors import ChatgridError
from chatgrid_tui.ui.page import Page

_LEADS_ON: Final = frozenset({"show", "configure", "upkeep"})
"""The groups of what ends with something else on the screen, where what is typed meanwhile belongs."""


def leads_on(app: App[int]) -> bool:
    """Whether work is under way that leads to another screen or conversation."""
    return any(worker.group in _LEADS_ON and not worker.is_finished for worker in app.workers)


class Work:
    """Runs what takes time in workers of the app, so that a screen or a widget that goes away ends nothing."""

    def __init__(self, page: Page) -> None:
        """Say on `page` what goes wrong."""
        self._page = page

    def do(self, work: Callable[[], Coroutine[object, object, None]], group: str) -> None:
        """Run `work`. What goes wrong on purpose is said, and nothing else is caught."""

        async def saying() -> None:
            try:
                await work()
            except ChatgridError as problem:
                self._page.say("That did not work", str(problem))

        _: Worker[None] = self._page.app.run_worker(saying, group=group, exit_on_error=True)
