"""Cut text into pieces of about the size of a model's tokens."""

from __future__ import annotations

import re

_PIECE = re.compile(r"\s{0,8}\S{1,6}|\s{1,8}")


def pieces(text: str) -> list[str]:
    """Return the text in pieces, which join to the same text."""
    return _PIECE.findall(text)


def estimate(text: str) -> int:
    """Return about how many tokens a model would count."""
    return max(1, (len(text) + 3) // 4)
