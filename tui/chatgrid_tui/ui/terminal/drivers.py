"""Textual's driver for Linux and macOS, with our own parsing of input."""

from __future__ import annotations

import contextlib
import os
import queue
import select
import selectors
import sys
from collections.abc import Mapping
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
        """By default, start with the current size of the terminal. GNU screen has no mouse here: while it reports the
        mouse, it holds Esc back until the next key.
        """
        super().__init__(app, debug=debug, mouse=mouse and not _is_in_gnu_screen(os.environ), size=size)
        self._file = sys.__stdout__  # a terminal; Textual uses standard error, which may be a file or closed
        self._size = size or self._get_terminal_size()
        self._is_suspended = False

    def _get_terminal_size(self) -> tuple[int, int]:
        """Return the terminal's size. Textual would use COLUMNS and LINES instead, even after a resize."""
        with contextlib.suppress(OSError):
            size = os.get_terminal_size(self.fileno)
            if size.columns and size.lines:
                return size.columns, size.lines
        return super()._get_terminal_size()

    def suspend_application_mode(self) -> None:
        """Leave the terminal to another program. The app goes on, but what it draws is discarded: Textual's queue
        would be full after a few frames, and block it.
        """
        super().suspend_application_mode()
        self._is_suspended = True

    def resume_application_mode(self) -> None:
        """Take the terminal back. Overrides `Driver.resume_application_mode`."""
        self._is_suspended = False
        super().resume_application_mode()

    def write(self, data: str) -> None:
        """Write to the terminal, unless another program has it. Overrides `LinuxDriver.write`."""
        if not self._is_suspended:
            super().write(data)

    def discard_blocked_output(self) -> bool:
        """Discard output if the terminal is gone or accepts none, so that writing does not block. Return whether
        anything was discarded.
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
        """Read input and pass on its events. Textual runs this in a separate thread."""
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


def _is_in_gnu_screen(environment: Mapping[str, str]) -> bool:
    """Return whether GNU screen passes the keys on, rather than a tmux within it."""
    return bool(environment.get("STY")) and not environment.get("TMUX")


def driver_for(driver: type[Driver]) -> type[Driver]:
    """Return the driver to use instead of Textual's choice."""
    if driver is LinuxDriver:
        return TerminalDriver
    if driver.__module__ == "textual.drivers.web_driver":
        from chatgrid_tui.ui.terminal.browser_driver import BrowserDriver

        return BrowserDriver
    return driver
