"""When something appeared on the screen, determined afterwards with a terminal emulator."""

from __future__ import annotations

import re
from typing import Final

import pyte

from bench.terminal import COLUMNS, ROWS, Written
from bench.texts import letters

_UNKNOWN: Final = re.compile(
    rb"\x1b\[(?:[<>=][0-9;]*[a-zA-Z]|\??[0-9;]*\$p)|\x1bP[^\x1b]*\x1b\\|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
)
"""What the emulator would print instead of ignoring it."""


def when_shown(wanted: str, written: Written, not_before: float) -> float | None:
    """Return when the letters `wanted` were first on the screen together, not earlier than `not_before` (monotonic);
    None if they never were. `written` is the whole output, since a frame only contains what changed.
    """
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.ByteStream(screen)
    for moment, piece in zip(written.times, written.pieces, strict=True):
        stream.feed(_UNKNOWN.sub(b"", piece))
        if moment >= not_before and wanted in letters("".join(screen.display)):
            return moment
    return None
