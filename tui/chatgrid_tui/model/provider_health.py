"""The health of a provider, as a value."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

State: TypeAlias = Literal["unknown", "reachable", "key missing", "refused", "limited", "offline"]


@dataclass(frozen=True, slots=True)
class ProviderHealth:
    """The health of a provider. `summary` is a few words for the end of a row; empty if nothing is wrong."""

    state: State = "unknown"
    summary: str = ""
    until: datetime | None = None
    """When a limit ends; aware."""
    allowance: Allowance | None = None
    """The requests that it still accepts, as last reported."""
    credits: int | None = None
    """The remaining credits, as last reported."""


def shortly(seconds: float) -> str:
    """Return a duration in a suitable unit, rounded up: `18 s`, `3 min`, `5 h`."""
    whole = max(1, math.ceil(seconds))
    if whole <= 120:
        return f"{whole} s"
    return f"{math.ceil(whole / 60)} min" if whole <= 7_200 else f"{math.ceil(whole / 3_600)} h"


@dataclass(frozen=True, slots=True)
class Allowance:
    """The requests that a service accepts within a time window. Values that it did not send are None."""

    limit: int | None = None
    """How many it accepts in the window."""
    remaining: int | None = None
    """How many of them are left."""
    resets_at: datetime | None = None
    """When the window ends; aware, in UTC, by this machine's clock."""
