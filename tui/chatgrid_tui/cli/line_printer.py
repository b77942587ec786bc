"""Lines that a server prints while it goes on serving."""

from __future__ import annotations

import asyncio
from typing import Final, TextIO

from chatgrid_tui.text import clean
from chatgrid_tui.units import counted

MOST_WAITING: Final = 10_000
"""The maximum number of lines that wait to be printed. Further lines are only counted."""


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
