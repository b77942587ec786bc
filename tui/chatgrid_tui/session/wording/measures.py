"""What is measured of a reply, and of all replies of a conversation: tokens, times, and speed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from chatgrid_tui.engine.stream_report import FEWEST_FOR_P95, percentile
from chatgrid_tui.model.usage import TOKENS_IN, TOKENS_IN_ALL, TOKENS_OUT, token_count
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.units import per_second, rate, seconds

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


def spread_of_times(conversation: Conversation) -> Iterator[tuple[str, str]]:
    """Yield the percentiles of a conversation's replies, with labels: of the times to the first text, and to the end
    of those that finished. Nothing is yielded for a single reply.
    """
    replies = [reply for turn in conversation.turns if not turn.copied for reply in turn.replies]
    rows = (
        ("To first text", (reply.first_token for reply in replies)),
        ("To the end", (reply.duration for reply in replies if reply.state == "finished")),
    )
    for label, times in rows:
        if text := _spread(times):
            yield label, text


def _spread(times: Iterable[float | None]) -> str:
    values = sorted(time for time in times if time is not None)
    if len(values) < 2:
        return ""
    shares = (("p50", 0.5), ("p95", 0.95)) if len(values) >= FEWEST_FOR_P95 else (("p50", 0.5),)
    parts = [f"{name} {seconds(percentile(values, share))}" for name, share in shares]
    return f"{', '.join([*parts, f'longest {seconds(values[-1])}'])}, of {len(values):,} replies"
