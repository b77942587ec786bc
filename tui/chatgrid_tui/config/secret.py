"""A key that does not end up in logs, tracebacks or files by accident."""

from __future__ import annotations

import threading
from typing import NoReturn, Self

_SHOWN = 4
_SHORTEST_TO_SHOW = 12
"""Four characters of a shorter key would reveal too much."""

_MOST_SEEN = 200

_known: dict[str, Secret] = {}
_seen: dict[str, Secret] = {}
_gate = threading.Lock()


def known_secrets() -> tuple[Secret, ...]:
    """Return every key that this process has used, and those seen last in requests, for masking in the log."""
    with _gate:
        return (*_known.values(), *_seen.values())


def is_known(value: str) -> bool:
    """Return whether a value is a key that this process has used."""
    with _gate:
        return value in _known


class Secret:
    """A key. Printing it shows at most its last four characters; `reveal` returns it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value
        with _gate:
            _known.setdefault(value, self)

    @classmethod
    def seen(cls, value: str) -> Self:
        """Return a key from a request. Only the newest of these stay known, since other clients may send a new one
        with each request.
        """
        secret = cls.__new__(cls)
        secret._value = value
        with _gate:
            if value not in _known:
                _seen.pop(value, None)
                _seen[value] = secret
                if len(_seen) > _MOST_SEEN:
                    del _seen[next(iter(_seen))]
        return secret

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
