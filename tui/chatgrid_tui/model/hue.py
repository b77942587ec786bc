"""The hue of a board, which sets its name and bubbles apart from those of other boards."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Final, Literal, TypeAlias, get_args

Hue: TypeAlias = Literal["green", "sky", "indigo", "plum", "rose"]
HUES: Final[tuple[Hue, ...]] = get_args(Hue)


def hue_for(provider: str, board: str, taken: Iterable[Hue] = ()) -> Hue:
    """Return the hue for a board that has none yet. `taken` has the hue of each board that has one.

    The hash of provider and board says where to start; from there it is the first hue that the fewest boards have.
    """
    counts = dict.fromkeys(HUES, 0)
    for hue in taken:
        counts[hue] += 1
    start = zlib.crc32(f"{provider}/{board}".encode("utf-8", "replace")) % len(HUES)
    return min((*HUES[start:], *HUES[:start]), key=counts.__getitem__)


def chip_letter(name: str) -> str:
    """Return the first letter or digit of a name in upper case; empty if it has none."""
    letter = next((character for character in name if character.isalnum()), "")
    upper = letter.upper()
    return upper if len(upper) == 1 else letter
