"""Lines that a server prints while it goes on serving."""

from __future__ import annotations

import asyncio
import io
import threading

from chatgrid_tui.cli.serving import MOST_WAITING, LinePrinter
from quiet import PATIENCE


class HeldUp(io.StringIO):
    """An output that nobody reads until `released` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = threading.Event()
        self.released = threading.Event()

    def write(self, text: str) -> int:
        """Write when somebody reads."""
        self.begun.set()
        assert self.released.wait(PATIENCE)
        return super().write(text)


async def test_an_output_that_nobody_reads_holds_up_nothing_else() -> None:
    out = HeldUp()
    printer = LinePrinter(out)
    printing = asyncio.create_task(printer.run())
    printer.add("first")
    assert await asyncio.to_thread(out.begun.wait, PATIENCE)
    for number in range(MOST_WAITING + 5):
        printer.add(f"sec\x1bond {number}")
    printer.close()
    assert not printing.done()
    out.released.set()
    await printing
    first, *others, last = out.getvalue().splitlines()
    assert first == "first"
    assert len(others) == MOST_WAITING
    assert "\x1b" not in others[0]
    assert last == "5 lines left out: the output was not read in time."
