"""Lines that a server prints while it goes on serving."""

from __future__ import annotations

import asyncio
import io
import threading

from chatgrid_tui.cli.line_printer import LinePrinter
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
    printer.add(lambda: "first")
    assert await asyncio.to_thread(out.begun.wait, PATIENCE)
    printer.add(lambda: "sec\x1bond")
    printer.close()
    assert not printing.done()
    out.released.set()
    await printing
    first, second = out.getvalue().splitlines()
    assert first == "first"
    assert "\x1b" not in second
