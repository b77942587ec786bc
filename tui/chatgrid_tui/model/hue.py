"""The hue of a board, which distinguishes its name and bubbles from those of other boards."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Final, Literal, TypeAlias, get_args

Hue: TypeAlias = Literal["green", "sky", "indigo", "plum", "rose"]
HUES: Final[tuple[Hue, ...]] = get_args(Hue)


def hue_for(provider: str, board: str, taken: Iterable[Hue] = ()) -> Hue:
    """Return a hue for a board that has none yet. `taken` has the hue of each board that has one.

    It is one of the hues with the fewest boards; the hash of provider and board decides among them.
    """
    counts = dict.fromkeys(HUES, 0)
    for hue in taken:
        counts[hue] += 1
    start = zlib.crc32(f"{provider}/{board}".encode("utf-8", "replace")) % len(HUES)
    return min((*HUES[start:], *HUES[:start]), key=counts.__getitem__)


def chip_letter(name: str) -> str:
    """Return the first letter or digit of a name in upper case, or an empty string."""
    letter = next((character for character in name if character.isalnum()), "")
    upper = letter.upper()
    return upper if len(upper) == 1 else letter
