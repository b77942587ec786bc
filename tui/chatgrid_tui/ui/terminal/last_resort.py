"""Handle signals and end the process at a deadline, even if the rest of it is blocked.

A terminal that is gone or not read blocks every writer: Textual's output thread, then the event loop, then the
interpreter's shutdown. Python's own handlers wait for the main thread, so signals are read from a socket, to which
they are written at once.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Final

if sys.platform != "win32":
    import termios

_LOOKS_APART: Final = 0.05
_BLOCKED_AFTER: Final = 0.5
"""Seconds after which the program counts as blocked, if it has not ended by then."""
_RESTORE_WITHIN: Final = 0.2
_RESTORE: Final = (
    "\x1b[?2026l\x1b[?2004l\x1b[?7h\x1b[?2048l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l"
    "\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l"
)
"""Resets every mode that Textual may have set."""


class LastResort:
    """A thread that nothing else can block. Once it is armed, the process ends at the deadline at the latest."""

    def __init__(
        self,
        on_signal: Callable[[int], None],
        unblock: Callable[[], bool],
        leave: Callable[[int], None] = os._exit,
    ) -> None:
        """`on_signal` is called with each watched signal, and `unblock` repeatedly when the program is late; both in
        the thread. `unblock` returns whether it discarded output.
        """
        self.message = ""
        """What to print on stderr at the end, if the program cannot do it itself."""
        self.discarded = False
        """Whether output was discarded, so that the terminal may be in the wrong state."""
        self._on_signal = on_signal
        self._unblock = unblock
        self._leave = leave
        self._lock = threading.Lock()
        self._code = 0
        self._armed_at = 0.0
        self._deadline: float | None = None
        self._numbers, self._wake = socket.socketpair()
        self._wake.setblocking(False)
        self._watched: frozenset[int] = frozenset()
        self._terminal = sys.__stdout__.fileno() if sys.__stdout__ is not None else -1
        self._modes = None
        if sys.platform != "win32":
            with contextlib.suppress(termios.error, OSError):
                self._modes = termios.tcgetattr(self._terminal)
        threading.Thread(target=self._run, name="last resort", daemon=True).start()

    def watch(self, numbers: Iterable[int]) -> None:
        """Handle these signals from now on. Does nothing outside the main thread."""
        self._watched = frozenset(numbers)
        with contextlib.suppress(ValueError):
            signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
            for number in self._watched:
                signal.signal(number, _do_nothing)

    def arm(self, code: int, within: float) -> None:
        """End the process with `code` after `within` seconds, or earlier if an earlier call says so."""
        now = time.monotonic()
        with self._lock:
            self._code = code
            if self._deadline is None:
                self._armed_at, self._deadline = now, now + within
            self._deadline = min(self._deadline, now + within)
        with contextlib.suppress(BlockingIOError):  # it is about to wake up anyway
            self._wake.send(b"\0")

    def _run(self) -> None:
        while True:
            with self._lock:
                deadline, late_at = self._deadline, self._armed_at + _BLOCKED_AFTER
            now = time.monotonic()
            if deadline is not None and now >= deadline:
                break
            if deadline is not None and now >= late_at:
                self.discarded = self._unblock() or self.discarded
            self._numbers.settimeout(None if deadline is None else min(_LOOKS_APART, deadline - now))
            with contextlib.suppress(TimeoutError):
                for number in self._numbers.recv(64):
                    if number in self._watched:
                        self._on_signal(number)
        self._restore()
        self._leave(self._code)

    def _restore(self) -> None:
        """Try to restore the terminal, without waiting for one that accepts no output."""
        if sys.platform != "win32":
            with contextlib.suppress(termios.error, OSError, ValueError):
                if not select.select([], [self._terminal], [], 0)[1]:
                    termios.tcflow(self._terminal, termios.TCOON)
                    termios.tcflush(self._terminal, termios.TCOFLUSH)
        writing = threading.Thread(target=self._write, daemon=True)
        writing.start()
        writing.join(_RESTORE_WITHIN)

    def _write(self) -> None:
        with contextlib.suppress(OSError):
            os.write(self._terminal, _RESTORE.encode())
            if sys.platform != "win32" and self._modes is not None:
                with contextlib.suppress(termios.error):
                    termios.tcsetattr(self._terminal, termios.TCSANOW, self._modes)
        with contextlib.suppress(OSError):
            os.write(2, self.message.encode("utf-8", "replace"))


def _do_nothing(number: int, frame: FrameType | None) -> None:
    """Serve as a handler: without one, the signal would not be written to the socket."""
