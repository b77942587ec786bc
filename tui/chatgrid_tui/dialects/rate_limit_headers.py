"""Read the headers that say how many requests a service still accepts.

Four families are in use: `X-RateLimit-*` with the time as seconds since 1970 (ChatGrid API, rate-limits) or as
milliseconds (OpenRouter), `x-ratelimit-*-requests` with the time as a length such as `6m0s` (OpenAI), and the
IETF's drafts: `RateLimit-Limit` and the like with the time in seconds (draft-ietf-httpapi-ratelimit-headers, up to
06), later `RateLimit: limit=100, remaining=50, reset=30` (07) and `RateLimit: "default";r=50;t=30` (from 08).
Invalid values are ignored: a service that counts wrongly must not break a reply.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from chatgrid_tui.model.provider_health import Allowance

_READ: Final = 1_000
"""How many characters of a header are read."""
_MOST_REQUESTS: Final = 10**12
_FARTHEST: Final = timedelta(days=366)
_EPOCH_FROM: Final = 1_000_000_000.0
"""From here on, a number of seconds is a time since 1970; smaller ones are durations."""
_MILLISECONDS_FROM: Final = 100_000_000_000.0
"""From here on, a time since 1970 is in milliseconds."""
_COUNT: Final = re.compile(r"\s*([0-9]{1,13})\s*(?:[,;].*)?", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]{1,17}(?:\.[0-9]{1,9})?", re.ASCII)
_LENGTH: Final = re.compile(r"(?:[0-9]{1,9}(?:\.[0-9]{1,9})?(?:ms|us|µs|ns|s|m|h|d))+")
_PART: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|us|µs|ns|s|m|h|d)")
_UNITS: Final = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_PARAMETER: Final = re.compile(r"\b(r|t|q|limit|remaining|reset)\s*=\s*([0-9]{1,13})\b")
_FAMILIES: Final = (
    ("x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
    ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"),
    ("ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"),
)


def read_allowance(headers: Mapping[str, str], now: datetime) -> Allowance | None:
    """Return the remaining requests that the headers of an answer report, or None.

    Names are lower case; `now` is when the answer arrived, aware. Times by the clock of the service are converted
    with its `Date`, since clocks differ.
    """
    for limit, remaining, reset in _FAMILIES:
        found = Allowance(
            _count(headers.get(limit, "")),
            _count(headers.get(remaining, "")),
            _time(headers.get(reset, ""), headers, now),
        )
        if found.limit is not None or found.remaining is not None:
            return found
    return _structured(headers, now)


def _structured(headers: Mapping[str, str], now: datetime) -> Allowance | None:
    """Read the header of the later drafts, and the first of several policies."""
    value = headers.get("ratelimit", "")[:_READ]
    first = value if "limit=" in value.replace(" ", "") else value.partition(",")[0]
    said = {name: number for name, number in _PARAMETER.findall(first)}
    remaining = _count(said.get("r") or said.get("remaining", ""))
    limit = _count(said.get("limit", ""))
    if remaining is None and limit is None:
        return None
    if limit is None:
        policy = headers.get("ratelimit-policy", "")[:_READ].partition(",")[0]
        limit = _count(dict(_PARAMETER.findall(policy)).get("q", ""))
    return Allowance(limit, remaining, _time(said.get("t") or said.get("reset", ""), headers, now))


def _count(value: str) -> int | None:
    """Read a number of requests, which may be followed by policies."""
    found = _COUNT.fullmatch(value[:_READ])
    number = int(found[1]) if found else -1
    return number if 0 <= number <= _MOST_REQUESTS else None


def _time(value: str, headers: Mapping[str, str], now: datetime) -> datetime | None:
    """Read when the limit resets, or return None if that is invalid or too far away."""
    value = value.strip()[:_READ]
    if _NUMBER.fullmatch(value):
        seconds = float(value)
        if seconds >= _EPOCH_FROM:
            since = seconds / 1_000 if seconds >= _MILLISECONDS_FROM else seconds
            seconds = since - _their_now(headers, now).timestamp()
    elif _LENGTH.fullmatch(value):
        seconds = sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(value))
    else:
        return None
    if not -_FARTHEST.total_seconds() <= seconds <= _FARTHEST.total_seconds():
        return None
    return now.astimezone(UTC) + timedelta(seconds=max(0.0, seconds))


def _their_now(headers: Mapping[str, str], now: datetime) -> datetime:
    from email.utils import parsedate_to_datetime

    try:
        date = parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, OverflowError):
        return now
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)
