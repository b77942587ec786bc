"""What is measured of a reply: its tokens, and how fast it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from chatgrid_tui.model.usage import TOKENS_IN, TOKENS_IN_ALL, TOKENS_OUT, token_count
from chatgrid_tui.units import per_second, rate

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


def pace(reply: Reply, count: int, unit: str = "token") -> str:
    """Return how fast `count` units of a reply came, or an empty string if that cannot be told: `62 tokens/s`."""
    until = reply.last_data or reply.duration
    span = 0.0 if reply.first_token is None or until is None else until - reply.first_token
    value = rate(count, span) if span > _SHORTEST_SPAN else None
    return "" if value is None else per_second(value, unit)
