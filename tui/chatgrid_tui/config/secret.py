"""A key that does not end up in logs, tracebacks or files by accident."""

from __future__ import annotations

from collections.abc import Collection
from typing import NoReturn

_SHOWN = 4
_SHORTEST_TO_SHOW = 12
"""Four characters of a shorter key would reveal too much."""

_known: dict[str, Secret] = {}


def known_secrets() -> Collection[Secret]:
    """Return every key that this process has used, for masking in the log."""
    return _known.values()


class Secret:
    """A key. Printing it shows at most its last four characters; `reveal` returns it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value
        _known.setdefault(value, self)

    def reveal(self) -> str:
        """Return the key itself, for the one place that sends it."""
        return self._value

    def __repr__(self) -> str:
        return "…" + (self._value[-_SHOWN:] if len(self._value) >= _SHORTEST_TO_SHOW else "")

    __str__ = __repr__

    def __format__(self, how: str) -> str:
        return format(repr(self), how)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("A key is not written anywhere.")
