"""A program in a real pseudo-terminal: its screen, every byte it wrote, and how it ended."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import pyte

TUI: Final = Path(__file__).resolve().parents[2] / "tui"
PATIENCE: Final = 60.0
"""Seconds until what did not come counts as not coming."""

ENTER, ESCAPE, F1 = b"\r", b"\x1b", b"\x1bOP"
CTRL_C, CTRL_K, CTRL_L, CTRL_P, CTRL_Q, CTRL_U = b"\x03", b"\x0b", b"\x0c", b"\x10", b"\x11", b"\x15"

_ANSWERS: Final = ((b"\x1b[?2026$p", b"\x1b[?2026;2$y"), (b"\x1b[?2048$p", b"\x1b[?2048;0$y"))
"""What a terminal answers when it is asked for modes it does not have."""
_END_OF_FRAME: Final = b"\x1b[?2026l"
_UNKNOWN_TO_PYTE: Final = re.compile(
    rb"\x1b\[(?:[<>=][0-9;]*[a-zA-Z]|\??[0-9;]*\$p)|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[_P][^\x1b]*\x1b\\"
)
_UNFINISHED_STRING: Final = re.compile(rb"\x1b[_P][^\x1b]*\x1b?\Z")

ALLOWED: Final = re.compile(
    rb"\x1b\[[0-9;:]*[Hm]"  # where, and in which style
    rb"|\x1b\[[0-3]?[JK]"
    rb"|\x1b\[\?(?:7|25|1000|1003|1004|1006|1015|1016|1049|2004|2026|2048)[hl]"
    rb"|\x1b\[\?(?:2026|2048)\$p|\x1b\[>[0-9]+u|\x1b\[<u"  # what a terminal is asked, and the kitty protocol
    rb"|\x1b\]22;[a-z-]*(?:\x1b\\|\x07)"  # the shape of the mouse pointer
    rb"|\x1b\]8;[a-z0-9=;]*https?://[\x21-\x7e]*\x1b\\|\x1b\]8;;\x1b\\"
    rb"|[\n\r]"
)
"""All that may be written beside text: what Textual itself needs, and nothing that text could have brought."""
_CONTROLS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]")


class Terminal:
    """A program in its own pseudo-terminal; it is ended with the block."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        size: tuple[int, int] = (100, 30),
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        self.raw = b""
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self._unfinished = b""
        self._frames: list[str] | None = None
        self._code: int | None = None
        own = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        variables = {**own, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
        variables |= environment or {}
        self.pid, self.master = pty.fork()
        if not self.pid:
            if folder is not None:
                os.chdir(folder)
            os.execvpe(command[0], list(command), variables)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))

    @property
    def text(self) -> str:
        """What is on the screen."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    def frames(self, keys: bytes | str, *words: str) -> list[str]:
        """Send keys, wait for words and for the output right after them, and return every screen that was drawn."""
        self._frames = []
        self.presses(keys)
        self.sees(*words)
        self._read(0.3)
        frames, self._frames = self._frames, None
        return frames

    def presses(self, keys: bytes | str) -> None:
        """Send keys as a terminal does."""
        os.write(self.master, keys.encode() if isinstance(keys, str) else keys)

    def sees(self, *words: str, within: float = PATIENCE) -> float:
        """Wait until all words are on the screen, and return the seconds this took."""
        return self.until(lambda: all(each in self.text for each in words), " and ".join(words), within)

    def until(self, done: Callable[[], bool], what: str, within: float = PATIENCE) -> float:
        """Wait for a condition and return the seconds that took."""
        begun = time.monotonic()
        while not done():
            self._read(0.02)
            if self.has_ended() or time.monotonic() - begun > within:
                self._read(0.1)
                if not done():
                    raise AssertionError(f"never came: {what} (exit code {self._code})\n{self.text}")
        return time.monotonic() - begun

    def resizes(self, width: int, height: int, cell: tuple[int, int] = (0, 0)) -> None:
        """Give the terminal another size, in cells of this size in pixels."""
        self._screen.resize(height, width)
        size = struct.pack("HHHH", height, width, width * cell[0], height * cell[1])
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, size)

    def forgets(self, keys: bytes = b"") -> None:
        """Lose what is on the screen, and ask for it with keys, else by the signal of another size."""
        self._screen.reset()
        self.presses(keys) if keys else self.signals(signal.SIGWINCH)

    def signals(self, number: signal.Signals) -> None:
        """Send a signal to the program."""
        os.kill(self.pid, number)

    def hangs_up(self) -> None:
        """Take the terminal away, as closing its window does."""
        os.close(self.master)
        self.master = -1

    def ends(self, within: float = PATIENCE) -> int:
        """Wait until the program has ended and return its exit code, negative for the signal that killed it."""
        begun = time.monotonic()
        while not self.has_ended():
            self._read(0.02)
            if time.monotonic() - begun > within:
                raise AssertionError(f"still running after {within} s\n{self.text}")
        self._read(0.1)
        assert self._code is not None
        return self._code

    def has_ended(self) -> bool:
        """Return whether the program has ended."""
        if self._code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self._code = os.waitstatus_to_exitcode(status) if pid else None
        return self._code is not None

    def close(self) -> None:
        """End the program by any means."""
        if self._code is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self._code = -signal.SIGKILL
        if self.master >= 0:
            os.close(self.master)
            self.master = -1
        # Looked through with all else that was written, once the tests are through (planted.py).
        Path(os.environ["HOME"], f"terminal-{self.pid}.raw").write_bytes(self.raw)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _read(self, seconds: float) -> None:
        if self.master < 0:
            time.sleep(seconds)
            return
        while select.select([self.master], [], [], seconds)[0]:
            try:
                data = os.read(self.master, 65_536)
            except OSError:  # Linux says so when the program has gone
                time.sleep(seconds)
                return
            if not data:
                return
            self.raw += data
            for question, answer in _ANSWERS:
                if question in data:
                    os.write(self.master, answer)
            self._draw(data)
            seconds = 0

    def _draw(self, data: bytes) -> None:
        """Draw the output, one frame at a time if frames are recorded."""
        if self._frames is None:
            self._feed(data)
            return
        *frames, rest = (self._unfinished + data).split(_END_OF_FRAME)
        self._unfinished = b""
        for frame in frames:
            self._feed(frame)
            self._frames.append(self.text)
        self._feed(rest)

    def _feed(self, data: bytes) -> None:
        data = self._unfinished + data
        string = _UNFINISHED_STRING.search(data)
        cut = string.start() if string is not None else data.rfind(b"\x1b", max(0, len(data) - 64))
        is_ended = data.endswith(b"\x1b\\") or re.search(rb"[@-~]", data[cut + 2 :]) is not None
        whole = string is None and (cut < 0 or is_ended)
        self._unfinished = b"" if whole else data[cut:]
        self._stream.feed(_UNKNOWN_TO_PYTE.sub(b"", data if whole else data[:cut]))


def app(folder: Path, *arguments: str, **more: str) -> Terminal:
    """Open the app from the checkout, with configuration and history in `folder`."""
    places = ("--config", str(folder / "config.toml"), "--data-dir", str(folder / "data"))
    command = (sys.executable, "-m", "chatgrid_tui", *places, *arguments)
    return Terminal(command, environment={"PYTHONPATH": str(TUI), **more}, folder=folder)


def not_allowed(raw: bytes) -> list[str]:
    """Return every control character that is not part of an allowed sequence, with its surroundings. Call it after
    the program has ended: before, the output may stop within a sequence.
    """
    left = ALLOWED.sub(b"", raw).decode("utf-8", "replace")
    return [repr(left[max(0, found.start() - 20) : found.end() + 20]) for found in _CONTROLS.finditer(left)]


def is_restored(raw: bytes) -> bool:
    """Whether the terminal was left as it was found: every mode that was set last was taken back."""
    off = [b"\x1b[?%dl" % mode for mode in (1049, 1000, 1003, 1006, 2004, 1004)] + [b"\x1b[?25h", b"\x1b[?7h"]
    on = [b"\x1b[?%dh" % mode for mode in (1049, 1000, 1003, 1006, 2004, 1004)] + [b"\x1b[?25l", b"\x1b[?7l"]
    return all(raw.rfind(back) > raw.rfind(set_) for back, set_ in zip(off, on, strict=True))
