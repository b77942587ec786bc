"""Lines that a server prints while it goes on serving."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TextIO

from chatgrid_tui.text import clean


class LinePrinter:
    """Prints lines in their order, in a thread: making one can take long, and the output may be read slowly."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._lines: asyncio.Queue[Callable[[], str] | None] = asyncio.Queue()

    def add(self, line: Callable[[], str]) -> None:
        """Print what `line` returns, which is called in the thread."""
        self._lines.put_nowait(line)

    def close(self) -> None:
        """Let `run` end after printing what is queued."""
        self._lines.put_nowait(None)

    async def run(self) -> None:
        """Print until this is closed.

        Raises:
            OSError: a line cannot be printed.
        """
        while (line := await self._lines.get()) is not None:
            await asyncio.to_thread(self._print, line)

    def _print(self, line: Callable[[], str]) -> None:
        self._out.write(f"{clean(line())}\n")
        self._out.flush()
