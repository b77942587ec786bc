"""The text of one bubble, as it grows."""

from __future__ import annotations

from itertools import chain
from typing import Final

_PIECES: Final = 256
"""The number of pieces after which pieces are joined."""


class Bubble:
    """A text that grows at its end. Its pieces are joined when it is read."""

    __slots__ = ("_chunks", "_joined", "_pieces", "edition", "size")

    def __init__(self, text: str = "") -> None:
        self._joined = text
        # Most bubbles are old and never grow: no lists for each.
        self._chunks: list[str] | None = None
        self._pieces: list[str] | None = None
        self.size = len(text)
        """Characters so far."""
        self.edition = 0
        """How often the text was replaced by one that does not continue it."""

    def append(self, text: str) -> None:
        """Add `text` at the end."""
        if self._pieces is None:
            self._pieces = []
        self._pieces.append(text)
        self.size += len(text)
        if len(self._pieces) >= _PIECES:  # a small string takes fifty bytes more than its text
            if self._chunks is None:
                self._chunks = []
            self._chunks.append("".join(self._pieces))
            self._pieces.clear()
            if len(self._chunks) >= _PIECES:  # thousands of chunks would leave as many holes in the heap
                self._join()

    def replace(self, text: str) -> None:
        """Set the whole text. That is a new edition unless the text continues the old one."""
        before = self.text
        self._joined, self._chunks, self._pieces = text, None, None
        self.size = len(text)
        if not text.startswith(before):
            self.edition += 1

    @property
    def text(self) -> str:
        """The whole text."""
        self._join()
        return self._joined

    def since(self, size: int) -> str:
        """The text after the first `size` characters. Takes time only for what it returns, unless `text` was read."""
        missing = self.size - size
        if missing <= 0:
            return ""
        pieces: list[str] = []
        for piece in chain(reversed(self._pieces or ()), reversed(self._chunks or ()), (self._joined,)):
            pieces.append(piece)
            missing -= len(piece)
            if missing <= 0:
                break
        tail = "".join(reversed(pieces))
        return tail[-missing:] if missing < 0 else tail

    def _join(self) -> None:
        if self._pieces is not None:
            self._joined = "".join((self._joined, *(self._chunks or ()), *self._pieces))
            self._chunks = self._pieces = None
