"""Decompress bodies as they arrive, in parts of a bounded size."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final

PART: Final = 16 * 1024
"""The largest part in bytes. A bomb of 64 KiB becomes thousands of parts rather than one of 64 MiB."""
DECODED_LIMIT: Final = 256 * 1024 * 1024
"""The largest decompressed size of a body, in bytes."""

_GZIP: Final = 31
_ZLIB: Final = 15
_RAW: Final = -15
_NONE: Final = frozenset({"", "identity", "none", "utf-8"})
"""No coding. The last two are mistakes of some servers."""
_CODINGS: Final = {"gzip": "gzip", "x-gzip": "gzip", "deflate": "deflate"}
_GZIP_MAGIC: Final = b"\x1f"


class UnknownCoding(ValueError):
    """The body has an unsupported coding, or several."""


class BrokenCoding(ValueError):
    """The body does not match its coding, or ends early."""


class TooMuch(ValueError):
    """The decompressed body is too large."""


class ContentDecoder:
    """Decodes one body."""

    def __init__(self, content_encoding: str) -> None:
        """`content_encoding` is the value of the header `Content-Encoding`.

        Raises:
            UnknownCoding: it names anything other than gzip, deflate or nothing.
        """
        names = [name.strip() for name in content_encoding.lower().split(",")]
        codings = [name for name in names if name not in _NONE]
        if len(codings) > 1 or any(name not in _CODINGS for name in codings):
            raise UnknownCoding(", ".join(codings))
        self.coding = _CODINGS[codings[0]] if codings else ""
        """`gzip`, `deflate`, or empty if the body is not compressed."""
        self._inflater: zlib._Decompress | None = None
        self._held = b""
        """The first byte of a deflate body: it takes two to tell which of the two formats it has."""
        self._size = 0
        self._over = False
        """Whether the compressed body has ended, so that the rest is padding."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what `data` decompresses to, in parts that may be empty.

        Raises:
            BrokenCoding: it does not match its coding.
            TooMuch: the body is too large.
        """
        if not self.coding:
            yield data
            return
        data, self._held = self._held + data, b""
        if self._inflater is None:
            if len(data) < 2 and self.coding == "deflate":
                self._held = data
                return
            self._inflater = self._new_inflater(data)
        yield from self._parts(data)

    def close(self) -> None:
        """Raise `BrokenCoding` if the body ended in the middle of compressed data. An empty body is complete."""
        if self._held or (self._inflater is not None and not self._inflater.eof):
            raise BrokenCoding

    def _parts(self, data: bytes) -> Iterator[bytes]:
        part = b""
        while self._inflater is not None and not self._over and (data or len(part) == PART):
            if self._inflater.eof:  # of the current member
                if not data:
                    return
                if self.coding != "gzip" or not data.startswith(_GZIP_MAGIC):
                    self._over = True
                    return
                self._inflater = self._new_inflater(data)
            before = self._inflater.copy()
            try:
                part = self._inflater.decompress(data, PART)
            except zlib.error:
                yield from _sound(before, data)
                raise BrokenCoding from None
            data = self._inflater.unused_data if self._inflater.eof else self._inflater.unconsumed_tail
            self._size += len(part)
            if self._size > DECODED_LIMIT:
                raise TooMuch
            yield part

    def _new_inflater(self, start: bytes) -> zlib._Decompress:
        if self.coding == "gzip":
            return zlib.decompressobj(_GZIP)
        # RFC 9110 means zlib's format; some servers send raw deflate.
        has_header = start[0] & 0x0F == 8 and int.from_bytes(start[:2], "big") % 31 == 0
        return zlib.decompressobj(_ZLIB if has_header else _RAW)


def _sound(inflater: zlib._Decompress, data: bytes) -> Iterator[bytes]:
    """Yield the bytes before the damage in `data`. For a damaged piece, zlib alone would return nothing."""
    for at in range(len(data)):
        try:
            yield inflater.decompress(data[at : at + 1], PART)
        except zlib.error:
            return
