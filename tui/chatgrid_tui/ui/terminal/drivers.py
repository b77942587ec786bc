"""Textual's driver for Linux and macOS, with our reading of the terminal."""

from __future__ import annotations

import contextlib
import os
import queue
import select
import selectors
import sys
from typing import Final

from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver

from chatgrid_tui.ui.terminal.input_events import InputEvents

_READ_SIZE: Final = 65_536


class TerminalDriver(LinuxDriver):
    """Textual's driver for Linux and macOS."""

    def __init__(
        self, app: App[object], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        """Begin with the size that the terminal has now, if none is given."""
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._file = sys.__stdout__  # a terminal; Textual writes to standard error, which may be a file or closed
        self._size = size or self._get_terminal_size()

    def _get_terminal_size(self) -> tuple[int, int]:
        """Return the terminal's size. Textual would take COLUMNS and LINES instead, also after a resize."""
        with contextlib.suppress(OSError):
            size = os.get_terminal_size(self.fileno)
            if size.columns and size.lines:
                return size.columns, size.lines
        return super()._get_terminal_size()

    def discard_blocked_output(self) -> bool:
        """Discard what is to be written if the terminal is gone or takes nothing, so that nobody waits to write more.
        Return whether anything was discarded.
        """
        writer = self._writer_thread
        if writer is None:
            return False
        with contextlib.suppress(OSError, ValueError):
            if writer.is_alive() and select.select([], [writer.fileno()], [], 0)[1]:
                return False
        discarded = False
        with contextlib.suppress(queue.Empty):
            while True:
                writer._queue.get_nowait()
                discarded = True
        return discarded

    def run_input_thread(self) -> None:
        """Read what comes, and hand on the events of it (Textual runs this in a thread of its own)."""
        inputs = InputEvents()
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(inputs.timeout):
                    data = os.read(self.fileno, _READ_SIZE)
                    if not data:
                        raise EOFError("The terminal was closed.")
                    for event in inputs.feed(data):
                        self.process_message(event)
                for event in inputs.tick():
                    self.process_message(event)


def driver_for(driver: type[Driver]) -> type[Driver]:
    """Return the driver to use in place of the one that Textual would use."""
    if driver is LinuxDriver:
        return TerminalDriver
    if driver.__module__ == "textual.drivers.web_driver":
        from chatgrid_tui.ui.terminal.browser_driver import BrowserDriver

        return BrowserDriver
    return driver
