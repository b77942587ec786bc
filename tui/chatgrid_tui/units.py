"""Measured values as text, the same everywhere: durations, sizes, counts and rates."""

from __future__ import annotations

from typing import Final

_SIZES: Final = ("kB", "MB", "GB")


def seconds(value: float) -> str:
    """Return a measured duration: `38 ms`, `1.9 s`, `1,200 s`."""
    if value < 0.0005:
        return "< 1 ms"
    if value < 0.9995:
        return f"{value * 1000:.0f} ms"
    return f"{value:.1f} s" if value < 99.95 else f"{value:,.0f} s"


def size(count: int) -> str:
    """Return a number of bytes in a readable unit: `812 B`, `9.9 kB`, `84 kB`."""
    if count < 1000:
        return f"{count} B"
    value = float(count)
    for unit in _SIZES:
        value /= 1000
        if value < 999.5 or unit == _SIZES[-1]:
            return f"{value:.1f} {unit}" if value < 9.95 else f"{value:,.0f} {unit}"
    raise AssertionError("the last unit takes all that is left")


def counted(number: int, word: str, plural: str = "s") -> str:
    """Return a number and its noun: `1 line`, `1,240 lines`."""
    return f"{number:,} {word}{'' if number == 1 else plural}"


def per_second(value: float, word: str) -> str:
    """Return a rate and its noun: `1 chunk/s`, `62 tokens/s`, `0.4 chunks/s`."""
    number = f"{value:,.0f}" if value >= 0.95 else f"{value:.1f}"
    return f"{number} {word}{'' if number == '1' else 's'}/s"


def rate(count: int, span: float) -> float | None:
    """Return how many of `count` came per second, if `span` is the time from the first to the last: the first one
    takes none of it. None if that cannot be told.
    """
    return (count - 1) / span if count > 1 and span > 0 else None
