"""Things that take time, done apart from the screen that asked for them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Iterator
from typing import Final

from textual.app import App
from textual.worker import Worker

from chatgrid_tui.errors import ChatgridError
from chatgrid_tui.ui.chat_page import ChatPage

logger = logging.getLogger(__name__)

LEADS: Final = "leads to another place"
"""The name of workers that end with another screen or conversation."""


class Work:
    """Runs what takes time in workers of the app, so that a screen or a widget that goes away ends nothing."""

    def __init__(self, page: ChatPage) -> None:
        """Say on `page` what goes wrong."""
        self._page = page

    def do(
        self, work: Callable[[], Coroutine[object, object, None]], group: str, *, leads: bool = False
    ) -> Worker[None]:
        """Run `work`, and return what stops it. A `ChatgridError` becomes an alert; nothing else is caught.

        `leads`: it ends with another screen or conversation, to which belongs what is typed meanwhile.
        """

        async def saying() -> None:
            try:
                await work()
            except ChatgridError as problem:
                logger.warning("%s in %s", type(problem).__name__, group, exc_info=True)
                self._page.alert(str(problem))

        return self._page.app.run_worker(saying, name=LEADS if leads else group, group=group, exit_on_error=True)


def leading(app: App[int]) -> Iterator[Worker[object]]:
    """Give the work that is under way and leads to another screen or conversation; the beginning is such, too."""
    return (worker for worker in app.workers if worker.name == LEADS and not worker.is_finished)
