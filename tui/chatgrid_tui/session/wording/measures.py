"""Measured values as text: durations, sizes, counts, and how fast a reply was written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from chatgrid_tui.model.usage import TOKENS_IN, TOKENS_IN_ALL, TOKENS_OUT, token_count

if TYPE_CHECKING:
    from chatgrid_tui.session.reply import Reply

_SHORTEST_SPAN: Final = 0.2
"""Seconds of writing below which a rate is meaningless."""


class Usage(NamedTuple):
    """The tokens that a service reports for a reply. Each is None if it does not."""

    read: int | None
    written: int | None
    total: int | None


def usage_of(reply: Reply) -> Usage:
    """Return the tokens that the service reports for a reply."""
    usage = reply.usage or {}
    return Usage(token_count(usage, TOKENS_IN), token_count(usage, TOKENS_OUT), token_count(usage, TOKENS_IN_ALL))


def rate(reply: Reply, count: int, until: float, unit: str = "tokens") -> str:
    """Return how fast a reply was written until `until` seconds after sending, or an empty string if it was short."""
    span = 0.0 if reply.first_token is None else until - reply.first_token
    return f"{count / span:,.0f} {unit}/s" if span > _SHORTEST_SPAN and count > 1 else ""


def seconds(value: float) -> str:
    """Return a measured duration: `38 ms`, `1.9 s`, `1,200 s`."""
    if value < 0.0005:
        return "< 1 ms"
    if value < 0.9995:
        return f"{value * 1000:.0f} ms"
    return f"{value:.1f} s" if value < 100 else f"{value:,.0f} s"


def counted(number: int, word: str, plural: str = "s") -> str:
    """Return a number and its noun: `1 line`, `1,240 lines`."""
    return f"{number:,} {word}{'' if number == 1 else plural}"


def size(count: int) -> str:
    """Return a number of bytes in a readable unit: `84 kB`."""
    if count < 1000:
        return f"{count} B"
    value = float(count)
    for unit in ("kB", "MB", "GB"):
        value /= 1000
        if value < 1000 or unit == "GB":
            return f"{value:.0f} {unit}" if value >= 10 or unit == "kB" else f"{value:.1f} {unit}"
    raise AssertionError("the last unit takes all that is left")
