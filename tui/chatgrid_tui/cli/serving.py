"""What the commands that serve have in common: how they begin to listen, and when they stop."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

from chatgrid_tui.errors import UsageProblem

if TYPE_CHECKING:
    from chatgrid_tui.http_server.loopback_server import Server


async def listen(server: Server, port: int) -> None:
    """Start a server that was made for a port.

    Raises:
        UsageProblem: the port cannot be used.
    """
    try:
        await server.start()
    except OSError as problem:
        raise UsageProblem(f"Cannot listen on port {port}: {problem.strerror}.") from problem


def stop_event() -> asyncio.Event:
    """Return an event that Ctrl+C and SIGTERM set in the running loop."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError, RuntimeError, ValueError):  # on Windows, and outside the main thread
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    return stopped
