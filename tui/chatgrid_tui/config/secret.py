"""A key that does not end up in a log, a traceback or a file by accident."""

from __future__ import annotations

from collections.abc import Collection
from typing import NoReturn

_SHOWN = 4
_SHORTEST_TO_SHOW = 12
"""Four letters of a shorter key would reveal too much."""

_known: dict[str, Secret] = {}


def known_secrets() -> Collection[Secret]:
    """Return every key that this process has had, for the log to mask."""
    return _known.values()


class Secret:
    """A key. Printing it in any way shows at most its last four letters; `reveal` returns it."""

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
