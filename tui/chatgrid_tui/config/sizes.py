"""Numbers of bytes as text with a unit, such as `8 MiB`."""

from __future__ import annotations

import re
from typing import Final

_SIZE: Final = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,3}))? ?([kmgt]?i?)b?", re.IGNORECASE)
_UNITS: Final = ("", "k", "m", "g", "t")
_NAMES: Final = ("B", "KiB", "MiB", "GiB", "TiB")


def size_in(text: str) -> int | None:
    """Return the bytes in a text such as `8 MiB`, `8MB` or `1.5 GB`; None if it is no size. Units with an `i` are
    powers of 1,024, those without powers of 1,000.
    """
    if (size := _SIZE.fullmatch(text.strip())) is None or size[3].lower() == "i":
        return None
    unit = size[3].lower()
    factor: int = (1024 if unit.endswith("i") else 1000) ** _UNITS.index(unit.removesuffix("i"))
    return round(float(f"{size[1]}.{size[2] or 0}") * factor)


def size_text(size: int) -> str:
    """Return a number of bytes in the largest unit, a power of 1,024, that divides it."""
    number = 0
    while size and size % 1024 == 0 and number < len(_NAMES) - 1:
        size, number = size // 1024, number + 1
    return f"{size} {_NAMES[number]}"
