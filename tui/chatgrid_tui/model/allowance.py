"""The requests that a service still accepts, according to the headers of its answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Allowance:
    """The requests that a service accepts within a time window. Values that it did not send are None."""

    limit: int | None = None
    """How many it accepts in the window."""
    remaining: int | None = None
    """How many of them are left."""
    resets_at: datetime | None = None
    """When the window ends; aware, in UTC, by this machine's clock."""
