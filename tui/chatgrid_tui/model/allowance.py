"""How much a service still takes, as the headers of its answers say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Allowance:
    """Requests that a service takes within a time of its own. What was not said is None."""

    limit: int | None = None
    """How many it takes in all."""
    remaining: int | None = None
    """How many of them are left."""
    resets_at: datetime | None = None
    """When it counts anew; aware, in UTC, on this machine's clock."""
