"""Sixels: pictures for terminals in the tradition of DEC's VT340.

Six rows of pixels form a band. A band is written once for each of its colours: a character tells for each column in
which of the six rows the colour is.
"""

from __future__ import annotations

import re
from typing import Final

_BAND: Final = 6
_END: Final = b"\x1b\\"
_NONE_SET: Final = b"?"
"""No row of the column has the colour. The six rows are bits, added to this character."""
_CHARACTERS: Final = bytes(range(_NONE_SET[0], _NONE_SET[0] + 2**_BAND)).ljust(256, b"\0")
_RUN: Final = re.compile(rb"(.)\1{3,}")


def encoded(pixels: bytes, width: int, palette: bytes, most: int) -> str | None:
    """Return a picture as sixels; None if that would be more than `most` characters.

    Each pixel is a byte, the number of its colour in `palette`, which has three bytes for each.
    """
    height = len(pixels) // width
    parts = [b'\x1bP0;1q"1;1;%d;%d' % (width, height)]  # square pixels; those that are not set stay as they are
    for start in range(0, len(palette), 3):
        red, green, blue = (round(value * 100 / 255) for value in palette[start : start + 3])
        parts.append(b"#%d;2;%d;%d;%d" % (start // 3, red, green, blue))
    size = sum(map(len, parts)) + len(_END)
    for start in range(0, len(pixels), _BAND * width):
        band = _encoded_band(pixels[start : start + _BAND * width], width)
        size += len(band)
        if size > most:
            return None
        parts.append(band)
    return b"".join((*parts, _END)).decode("ascii")


def _encoded_band(pixels: bytes, width: int) -> bytes:
    rows = [pixels[start : start + width] for start in range(0, len(pixels), width)]
    parts: list[bytes] = []
    for colour in sorted(set(pixels)):
        is_colour = bytes(colour) + b"\1" + bytes(255 - colour)
        columns = 0  # a byte for each, and in it a bit for each row
        for number, row in enumerate(rows):
            if colour in row:
                columns |= int.from_bytes(row.translate(is_colour), "big") << number
        characters = columns.to_bytes(width, "big").translate(_CHARACTERS).rstrip(_NONE_SET)
        parts.append(b"#%d" % colour + _RUN.sub(_shortened, characters))
    return b"$".join(parts) + b"-"


def _shortened(run: re.Match[bytes]) -> bytes:
    return b"!%d%b" % (len(run[0]), run[1])
