"""What the commands that serve have in common: how they listen, what they accept and print, and when they stop."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TextIO
from urllib.parse import urlsplit

from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.text import clean, clean_line
from chatgrid_tui.units import counted

if TYPE_CHECKING:
    from chatgrid_tui.http_server.loopback_server import Server
MOST_WAITING: Final = 10_000
"""The maximum number of lines that wait to be printed. Further lines are only counted."""


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


def check_origin(text: str) -> None:
    """Raise `UsageProblem` if a text is neither empty nor the origin of a web page."""
    if text and not _is_origin(text):
        raise UsageProblem(f"{clean_line(text, 200)} is not an origin. An origin looks like https://shop.example.")


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return (
            text == f"{parts.scheme}://{parts.netloc}" and parts.scheme in ("http", "https") and bool(parts.hostname)
        )
    except ValueError:
        return False


class LinePrinter:
    """Prints lines in their order, in a thread: the output may be read slowly, or not at all."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._left_out = 0

    def add(self, line: str) -> None:
        """Print a line. If too many are waiting, leave it out, and say so in its place."""
        if self._lines.qsize() >= MOST_WAITING:
            self._left_out += 1
            return
        self._say_left_out()
        self._lines.put_nowait(line)

    def close(self) -> None:
        """Let `run` end after printing what is queued."""
        self._say_left_out()
        self._lines.put_nowait(None)

    async def run(self) -> None:
        """Print until this is closed.

        Raises:
            OSError: a line cannot be printed.
        """
        while (line := await self._lines.get()) is not None:
            await asyncio.to_thread(self._print, line)

    def _say_left_out(self) -> None:
        if self._left_out:
            self._lines.put_nowait(f"{counted(self._left_out, 'line')} left out: the output was not read in time.")
            self._left_out = 0

    def _print(self, line: str) -> None:
        self._out.write(f"{clean(line)}\n")
        self._out.flush()
