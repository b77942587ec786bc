"""Slow work that continues when the screen that started it is closed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Iterator
from typing import Final

from textual.app import App
from textual.worker import Worker

from chatgrid_tui.errors import ChatgridError
from chatgrid_tui.ui.chat_page import Page

logger = logging.getLogger(__name__)

LEADS: Final = "leads to another place"
"""The name of workers that end by showing another screen or conversation."""


class Work:
    """Runs slow work in workers of the app, so that it does not end with a screen or widget."""

    def __init__(self, page: Page) -> None:
        """Errors are shown on `page`."""
        self._page = page

    def do(
        self, work: Callable[[], Coroutine[object, object, None]], group: str, *, leads: bool = False
    ) -> Worker[None]:
        """Run `work`, and return its worker. A `ChatgridError` becomes an alert; other errors are not handled.

        `leads`: the work ends by showing another screen or conversation, to which keys belong that are typed
        meanwhile.
        """

        async def saying() -> None:
            try:
                await work()
            except ChatgridError as problem:
                logger.warning("%s in %s", type(problem).__name__, group, exc_info=True)
                self._page.notices.add(str(problem))

        return self._page.app.run_worker(saying, name=LEADS if leads else group, group=group, exit_on_error=True)


def leading(app: App[int]) -> Iterator[Worker[object]]:
    """Yield the running workers that lead to another screen or conversation, including the start of the app."""
    return (worker for worker in app.workers if worker.name == LEADS and not worker.is_finished)
