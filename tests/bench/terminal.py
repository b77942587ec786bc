"""A program in a pseudo-terminal: what it writes, with the time of each piece, and the resources it uses."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import threading
import time
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from types import TracebackType
from typing import Final, Self

from bench.processes import cpu_seconds, memory_mib, peak_memory_mib

COLUMNS: Final = 120
ROWS: Final = 40
CTRL_Q: Final = b"\x11"
_PIECE: Final = 65_536
_PATIENCE: Final = 60.0
_ESCAPES: Final = re.compile(
    rb"\x1b(?:\][^\x07\x1b]*(?:\x07|\x1b\\)|P[^\x1b]*\x1b\\|\[[0-?]*[ -/]*[@-~]|[()][A-Z0-9]|[=>78cMDEHNOZ])"
)
_ANSWERS: Final = (
    (re.compile(rb"\x1b\[\?2026\$p"), b"\x1b[?2026;2$y"),  # synchronized output: known, and off
    (re.compile(rb"\x1b\[\?2048\$p"), b"\x1b[?2048;0$y"),  # resizes told in band: unknown
    (re.compile(rb"\x1b\[6n"), b"\x1b[1;1R"),
    (re.compile(rb"\x1b\[0?c"), b"\x1b[?62;22c"),
    (re.compile(rb"\x1b\]10;\?(?:\x07|\x1b\\)"), b"\x1b]10;rgb:ffff/ffff/ffff\x1b\\"),
    (re.compile(rb"\x1b\]11;\?(?:\x07|\x1b\\)"), b"\x1b]11;rgb:0000/0000/0000\x1b\\"),
)


class NotShown(Exception):
    """A program did not show in time what was waited for."""


@dataclass(frozen=True, slots=True)
class Written:
    """A stretch of what a program wrote, in pieces as they were read, each with its time (monotonic)."""

    times: tuple[float, ...]
    pieces: tuple[bytes, ...]

    def since(self, moment: float) -> Written:
        """Return what was written from `moment` on."""
        first = next((at for at, when in enumerate(self.times) if when >= moment), len(self.times))
        return Written(self.times[first:], self.pieces[first:])

    def until(self, moment: float) -> Written:
        """Return what was written before `moment`."""
        end = bisect_left(self.times, moment)
        return Written(self.times[:end], self.pieces[:end])

    @property
    def size(self) -> int:
        """The number of bytes."""
        return sum(map(len, self.pieces))

    def first_times(self, texts: Sequence[str]) -> list[float | None]:
        """Return for each of `texts` when it was first written, None if it never was."""
        whole = b"".join(self.pieces)
        ends = list(accumulate(map(len, self.pieces)))
        found = [(whole.find(data), len(data)) for data in (text.encode() for text in texts)]
        return [None if at < 0 else self.times[bisect_right(ends, at + size - 1)] for at, size in found]


class Terminal:
    """Run a program in a pseudo-terminal of its own, answer Textual's queries to the terminal, and record the output.
    Use it as a context manager; at the end the program is asked to quit, and killed if it does not.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._news = threading.Condition()
        self._times: list[float] = []
        self._pieces: list[bytes] = []
        self._ended = False
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.started = time.monotonic()
        self._process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=dict(environment), start_new_session=True
        )
        os.close(slave)
        threading.Thread(target=self._read, name="terminal", daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if not self._ended:
            self.type(CTRL_Q)
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._master)

    @property
    def cpu(self) -> float:
        """CPU seconds used so far."""
        return cpu_seconds(self._process.pid)

    @property
    def memory(self) -> float:
        """Resident memory in MiB."""
        return memory_mib(self._process.pid)

    @property
    def peak_memory(self) -> float:
        """The most resident memory so far, in MiB."""
        return peak_memory_mib(self._process.pid)

    @property
    def written(self) -> Written:
        """All that was written so far."""
        with self._news:
            return Written(tuple(self._times), tuple(self._pieces))

    def type(self, keys: bytes) -> float:
        """Type `keys` and return when (monotonic)."""
        moment = time.monotonic()
        os.write(self._master, keys)
        return moment

    def wait_for(self, *texts: str, after: float = 0.0, patience: float = _PATIENCE) -> float:
        """Wait until each of `texts` has been written since `after`, styles aside, and return when the last was.

        Raises:
            NotShown: that did not happen within `patience` seconds, or the program ended.
        """
        wanted = {text.encode() for text in texts}
        plain, seen = b"", 0
        deadline = time.monotonic() + patience
        while True:
            with self._news:
                while len(self._pieces) == seen and not self._ended and self._news.wait(patience):
                    pass
                news, moment = self._pieces[seen:], self._times[-1] if self._times else self.started
                fresh = [piece for piece, when in zip(news, self._times[seen:], strict=True) if when >= after]
                seen = len(self._pieces)
            plain = (plain + b"".join(fresh))[-_PIECE:]
            shown = _ESCAPES.sub(b"", plain)
            wanted = {text for text in wanted if text not in shown}
            if not wanted:
                return moment
            if self._ended or time.monotonic() > deadline:
                raise NotShown(f"{sorted(wanted)} never came; the last was {shown[-400:].decode(errors='replace')!r}")

    def echo(self, character: str) -> float:
        """Type a character that has not been on the screen yet; return the seconds until it is written.

        Raises:
            NotShown: that did not happen within a minute, or the program ended.
        """
        wanted = character.encode()
        with self._news:
            seen = len(self._pieces)
        moment = self.type(wanted)
        tail = b""
        while True:
            with self._news:
                while len(self._pieces) == seen and not self._ended and self._news.wait(_PATIENCE):
                    pass
                pieces, times = self._pieces[seen:], self._times[seen:]
                seen += len(pieces)
            for piece, when in zip(pieces, times, strict=True):
                if wanted in tail + piece:
                    return when - moment
                tail = piece[-len(wanted) :]
            if self._ended or time.monotonic() > moment + _PATIENCE:
                raise NotShown(f"{character} never came")

    def change(self, keys: bytes) -> float:
        """Type `keys` and return the seconds until anything is written, which the program has to do for them alone.

        Raises:
            NotShown: that did not happen within a minute, or the program ended.
        """
        with self._news:
            seen = len(self._pieces)
            moment = self.type(keys)
            changed = self._news.wait_for(lambda: len(self._pieces) > seen or self._ended, _PATIENCE)
            if not changed or self._ended:
                raise NotShown(f"nothing changed after {keys!r}")
            return self._times[seen] - moment

    def wait_for_end(self) -> None:
        """Wait until the program has ended, which it was asked for."""
        self._process.wait(timeout=_PATIENCE)

    def quiet(self, seconds: float) -> None:
        """Wait until nothing has been written for so long, counted from now at the earliest."""
        began = time.monotonic()
        while (now := time.monotonic()) < began + _PATIENCE and not self._ended:
            with self._news:
                rest = max(began, self._times[-1] if self._times else began) + seconds - now
            if rest <= 0:
                return
            time.sleep(rest)

    def idle(self, share: float = 0.1, step: float = 0.25) -> None:
        """Wait until for two steps running the program has used less than this share of a core."""
        deadline, calm, before = time.monotonic() + _PATIENCE, 0, self.cpu
        while calm < 2 and time.monotonic() < deadline and not self._ended:
            time.sleep(step)
            now = self.cpu
            calm = calm + 1 if now - before < share * step else 0
            before = now

    def _read(self) -> None:
        while True:
            try:
                piece = os.read(self._master, _PIECE)
            except OSError:  # the other side is closed
                piece = b""
            moment = time.monotonic()
            with self._news:
                self._ended = not piece
                if piece:
                    self._times.append(moment)
                    self._pieces.append(piece)
                self._news.notify_all()
            if not piece:
                return
            for question, answer in _ANSWERS:
                if question.search(piece):
                    os.write(self._master, answer)
