"""Split bytes into lines of text, however the bytes were chunked."""

from __future__ import annotations

from typing import Final

from chatgrid_tui.wire.record import LIMIT

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_RETURN: Final = ord("\r")


class Lines:
    """Splits UTF-8 bytes into lines.

    Invalid bytes become U+FFFD, and one byte order mark at the start is dropped. A line ends at `\\n`; with
    `carriage_returns` also at `\\r\\n` and at a lone `\\r`, and then immediately: a `\\n` at the start of the next
    piece is skipped. The time is linear in the number of bytes, and memory is bounded: a line of more than `LIMIT`
    bytes sets `overflow`, and nothing follows.

    Bytes are split before they are decoded: no UTF-8 character contains the byte of a line end, and a character that
    is cut off is invalid wherever the line ends. So there is no decoder state to keep.
    """

    def __init__(self, *, carriage_returns: bool) -> None:
        self._carriage_returns = carriage_returns
        self._skip_newline = False
        self._at_start = True
        self._open: list[bytes] = []
        self._open_bytes = 0
        self.overflow = False

    @property
    def pending(self) -> int:
        """Bytes of the line that has not ended yet."""
        return self._open_bytes

    def feed(self, data: bytes) -> list[str]:
        """Return the lines that `data` completes."""
        if self.overflow:
            return []
        if self._at_start:
            data = self._without_mark(data)
        if self._carriage_returns and (self._skip_newline or _RETURN in data):
            data = self._newlines_only(data)
        if self._open_bytes + len(data) > LIMIT:
            data = self._within_limit(data)
        ended, newline, rest = data.rpartition(b"\n")
        if newline and self._open:
            ended = b"".join((*self._open, ended))
            self._open.clear()
            self._open_bytes = 0
        if rest:
            self._open.append(rest)
            self._open_bytes += len(rest)
        return ended.decode("utf-8", "replace").split("\n") if newline else []

    def close(self) -> str:
        """Return the unfinished line at the end of the bytes, or an empty string."""
        rest = b"".join(self._open).decode("utf-8", "replace")
        self._open.clear()
        return rest

    def _without_mark(self, data: bytes) -> bytes:
        """Drop a byte order mark; its possible start is held back until the rest arrives."""
        data = b"".join((*self._open, data))
        self._open.clear()
        if len(data) < len(_BYTE_ORDER_MARK) and _BYTE_ORDER_MARK.startswith(data):
            self._open.append(data)
            return b""
        self._at_start = False
        return data.removeprefix(_BYTE_ORDER_MARK)

    def _newlines_only(self, data: bytes) -> bytes:
        if self._skip_newline and data.startswith(b"\n"):
            data = data[1:]
            self._skip_newline = False
            if not data:
                return data
        self._skip_newline = data.endswith(b"\r")
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _within_limit(self, data: bytes) -> bytes:
        """Return the bytes before the first line that is too long, or all of them."""
        start, before = 0, self._open_bytes
        while True:
            end = data.find(b"\n", start)
            if before + (len(data) if end < 0 else end) - start > LIMIT:
                self.overflow = True
                break
            if end < 0:
                return data
            start, before = end + 1, 0
        if not start:
            self._open.clear()
            self._open_bytes = 0
        return data[:start]
