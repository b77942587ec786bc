"""When a service is asked what it stored, and how its messages are read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Final

from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.model.provider import KnownMessages, RemoteMessage

if TYPE_CHECKING:
    from chatgrid_tui.engine.client import Client

ASK_AFTER: Final = (0.0, 2.0, 10.0)
"""Seconds after the end of a reply: services may store it late."""
_MOST_PAGES: Final = 20


async def ask_times(clock: Clock) -> AsyncIterator[float]:
    """Wait for each time to ask, and yield the number of seconds since the start."""
    began = clock.monotonic()
    for after in ASK_AFTER:
        if (wait := began + after - clock.monotonic()) > 0:
            await clock.sleep(wait)
        yield clock.monotonic() - began


async def read_back(client: Client, board: str, conversation: str) -> AsyncIterator[KnownMessages]:
    """Read the stored messages of a conversation page by page, the newest first, and yield what is known after each.

    Raises:
        ChatgridError: the service does not return them.
    """
    if client.dialect.remote_messages is not None:
        yield KnownMessages(await client.conversation_messages(conversation), complete=True)
        return
    messages: list[RemoteMessage] = []
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        page = await client.messages(board, conversation, cursor)
        messages = [*reversed(page.items), *messages]
        complete = page.cursor is None or page.cursor == cursor or not page.items
        yield KnownMessages(messages, complete)
        if complete:
            return
        cursor = page.cursor
