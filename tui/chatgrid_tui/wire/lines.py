"""Bytes into lines of text, whatever way the bytes were cut."""

from __future__ import annotations

from codecs import getincrementaldecoder

from chatgrid_tui.wire.record import LIMIT

_Utf8 = getincrementaldecoder("utf-8")


class Lines:
    """Cuts UTF-8 bytes into lines.

    Bad bytes become U+FFFD, and one byte order mark at the very start is dropped. A line ends at `\\n`; with
    `carriage_returns` also at `\\r\\n` and at a lone `\\r`, and then at once: the `\\n` that may follow in the
    next piece is passed over. The time is linear in the bytes, and what is kept is bounded: a line of more than
    `LIMIT` bytes sets `overflow`, and nothing comes after it.
    """

    def __init__(self, *, carriage_returns: bool) -> None:
        self._utf8 = _Utf8("replace")
        self._carriage_returns = carriage_returns
        self._skip_newline = False
        self._at_start = True
        self._open: list[str] = []
        self._open_bytes = 0
        self.overflow = False

    def feed(self, data: bytes) -> list[str]:
        """Return the lines that `data` completes."""
        return self._cut(self._utf8.decode(data))

    def close(self) -> str:
        """Return the unfinished line at the end of the bytes, empty if there is none."""
        self._cut(self._utf8.decode(b"", True))  # half a character at most, which ends no line
        rest = "".join(self._open)
        self._open.clear()
        return rest

    def _cut(self, text: str) -> list[str]:
        if not text or self.overflow:
            return []
        if self._at_start:
            self._at_start = False
            text = text.removeprefix("\ufeff")
        if self._carriage_returns:
            text = self._newlines_only(text)
        most_bytes = self._open_bytes + 4 * len(text)
        lines = text.split("\n")
        rest = lines.pop()
        if lines and self._open:
            lines[0] = "".join(self._open) + lines[0]
            self._open.clear()
            self._open_bytes = 0
        if rest:
            self._open.append(rest)
            self._open_bytes += _bytes_in(rest)
        return self._within_limit(lines) if most_bytes > LIMIT else lines

    def _newlines_only(self, text: str) -> str:
        if self._skip_newline and text.startswith("\n"):
            text = text[1:]
            self._skip_newline = False
            if not text:
                return text
        self._skip_newline = text.endswith("\r")
        return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text

    def _within_limit(self, lines: list[str]) -> list[str]:
        for number, line in enumerate(lines):
            if _bytes_in(line) > LIMIT:
                self._stop()
                return lines[:number]
        if self._open_bytes > LIMIT:
            self._stop()
        return lines

    def _stop(self) -> None:
        self.overflow = True
        self._open.clear()
        self._open_bytes = 0


def _bytes_in(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())
