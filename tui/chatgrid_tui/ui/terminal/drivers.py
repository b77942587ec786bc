"""Textual's drivers with our reading of the terminal: pastes apart from keys, and nothing typed that is no key."""

from __future__ import annotations

import codecs
import contextlib
import os
import queue
import re
import select
import selectors
import sys
import time
from collections.abc import Iterable, Iterator
from typing import Final

from textual import constants, events
from textual._parser import Read1
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from chatgrid_tui.text import MARK, CleanText, clean
from chatgrid_tui.ui.terminal.input_filter import ESC, InputFilter, Paste, Token

_READ_SIZE: Final = 65_536
_POLL: Final = 0.1
"""Seconds between two looks at whether the driver was asked to stop reading."""
_CLEANED_AT_ONCE: Final = 65_536
_CUT: Final = re.compile("[\x20-\x7e]")
"""Before such a character nothing ends that is cleaned as one."""
_INTRODUCERS: Final = b"\x90\x98\x9b\x9c\x9d\x9e\x9f"


def _replace_byte(error: UnicodeError) -> tuple[str, int]:
    """Decode a byte that is no UTF-8: as U+FFFD, or as the control character with which a terminal may answer."""
    assert isinstance(error, UnicodeDecodeError)
    undecodable = error.object[error.start : error.end]
    is_control = len(undecodable) == 1 and undecodable in _INTRODUCERS
    return chr(undecodable[0]) if is_control else MARK, error.end


codecs.register_error("terminal", _replace_byte)


class _SequenceParser(XTermParser):
    """Textual's parser, for whole sequences: it waits for the rest of none."""

    @staticmethod
    def read1(timeout: float | None = None) -> Read1:  # type: ignore[override]
        return Read1(None if timeout is None else 0.0)


class InputEvents:
    """Turns bytes from a terminal into Textual's events."""

    def __init__(self) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8")("terminal").decode
        self._filter = InputFilter(constants.ESCAPE_DELAY)
        self._parser = _SequenceParser()

    def feed(self, data: bytes) -> Iterator[Message]:
        """Return the events that `data` completes."""
        return self._events(self._filter.feed(self._decode(data), time.monotonic()))

    def tick(self) -> Iterator[Message]:
        """Return the events that are complete because nothing more came in time."""
        return self._events(self._filter.tick(time.monotonic()))

    @property
    def timeout(self) -> float:
        """Seconds after which `tick` is to be called."""
        deadline = self._filter.deadline
        return _POLL if deadline is None else min(_POLL, max(0.0, deadline - time.monotonic()))

    def _events(self, tokens: Iterable[Token]) -> Iterator[Message]:
        for token in tokens:
            if isinstance(token, Paste):
                yield events.Paste(_cleaned(token.text))
            else:
                yield from self._parser.feed(token)
                if token[0] == ESC:
                    yield from self._parser.tick()


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


def _cleaned(text: str) -> CleanText:
    """Return `text` cleaned, a piece at a time: other threads run in between."""
    pieces: list[str] = []
    start = 0
    while start < len(text):
        cut = _CUT.search(text, start + _CLEANED_AT_ONCE)
        end = cut.start() if cut else len(text)
        pieces.append(clean(text[start:end]))
        start = end
    return CleanText("".join(pieces))
