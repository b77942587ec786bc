"""How the times of a conversation's replies are spread, as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chatgrid_tui.engine.stream_report import FEWEST_FOR_P95, percentile
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.units import seconds


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
