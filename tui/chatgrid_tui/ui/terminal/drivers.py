"""Textual's driver for Linux and macOS, with our own parsing of input."""

from __future__ import annotations

import contextlib
import fcntl
import os
import queue
import select
import selectors
import struct
import sys
import termios
from collections.abc import Callable, Mapping, Set
from typing import Final

from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Resize
from textual.geometry import Size
from textual.message import Message

from chatgrid_tui.ui.terminal.device_attributes import QUERY, DeviceAttributes
from chatgrid_tui.ui.terminal.input_events import InputEvents

_READ_SIZE: Final = 65_536
_LEAST_CELL: Final = 2
_MOST_CELL: Final = 200
"""The most pixels per side of a cell; there is no such font."""


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
        self.attributes: Set[int] | None = None
        """The device attributes of the terminal, once it has been asked and has answered."""
        self._when_known: Callable[[], object] | None = None
        self._reported: tuple[Size, Size] | None = None
        """The last size that the terminal reported, in cells and in pixels."""

    @property
    def cell_pixels(self) -> Size | None:
        """The size of a cell in pixels, if the terminal tells its own size in pixels."""
        with contextlib.suppress(OSError):
            rows, columns, width, height = struct.unpack(
                "HHHH", fcntl.ioctl(self.fileno, termios.TIOCGWINSZ, bytes(8))
            )
            if cell := _cell(Size(columns, rows), Size(width, height)):
                return cell
        return None if self._reported is None else _cell(*self._reported)

    def query_attributes(self, when_known: Callable[[], object]) -> None:
        """Ask the terminal for its `attributes`. `when_known` is called in the app once it has answered."""
        self._when_known = when_known
        self.write(QUERY)

    def process_message(self, message: Message) -> None:
        """Keep what the terminal tells about itself. Overrides `LinuxDriver.process_message`."""
        if isinstance(message, DeviceAttributes):
            self.attributes = message.attributes
            if self._when_known is not None:
                self._app.call_later(self._when_known)
                self._when_known = None
            return
        if isinstance(message, Resize) and message.pixel_size:
            self._reported = message.size, message.pixel_size
        super().process_message(message)

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


def _cell(cells: Size, pixels: Size) -> Size | None:
    """Return the size of one of these cells in pixels, unless it is a mistake of the terminal."""
    if not cells or not pixels:
        return None
    cell = Size(pixels.width // cells.width, pixels.height // cells.height)
    return cell if min(cell) >= _LEAST_CELL and max(cell) <= _MOST_CELL else None


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
