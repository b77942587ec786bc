"""Remove from a text what is private: keys, email addresses, the name of the home folder."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_PIECE: Final = 12
"""The shortest part of a key that is removed. Shorter secrets are removed as a whole."""
_SHORTEST: Final = 4
_MAIL: Final = re.compile(r"[\w.+-]+@(?=[\w-]+)")


class Redactor:
    """Removes secrets, and parts of them, from texts. The home folder becomes `~`."""

    def __init__(self, secrets: Iterable[str] = (), home: Path | None = None) -> None:
        self._secrets = [secret for secret in secrets if len(secret) >= _SHORTEST]
        self._home = str(home or Path.home())

    def add(self, secret: str) -> None:
        """Remove this secret from now on."""
        if len(secret) >= _SHORTEST:
            self._secrets.append(secret)

    def __call__(self, text: str) -> str:
        """Return the text without secrets."""
        for secret in self._secrets:
            text = _without(text, secret)
        if len(self._home) > 1:
            text = re.sub(re.escape(self._home) + r"(?=[/\\]|\W|\Z)", "~", text)
        return _MAIL.sub("…@", text)


def _without(text: str, secret: str) -> str:
    """Replace every run of characters that also occurs in the secret with an ellipsis."""
    length = min(_PIECE, len(secret))
    pieces = {secret[start : start + length] for start in range(len(secret) - length + 1)}
    covered = [False] * len(text)
    for start in range(len(text) - length + 1):
        if text[start : start + length] in pieces:
            covered[start : start + length] = [True] * length
    lines = [
        letter if not covered[place] else "…" if not place or not covered[place - 1] else ""
        for place, letter in enumerate(text)
    ]
    return "".join(lines)
