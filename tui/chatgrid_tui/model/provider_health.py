"""How a provider stands, as a value."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from chatgrid_tui.model.allowance import Allowance

State: TypeAlias = Literal["unknown", "reachable", "key missing", "refused", "limited", "offline"]


@dataclass(frozen=True, slots=True)
class ProviderHealth:
    """How a provider stands. `words` are a few, for the right end of a row; empty where nothing is wrong."""

    state: State = "unknown"
    summary: str = ""
    until: datetime | None = None
    """When a limit passes by itself; aware."""
    allowance: Allowance | None = None
    """The requests it still takes, as it said last."""
    credits: int | None = None
    """What is left to be spent, as it said last."""


def shortly(seconds: float) -> str:
    """Return a length of time in its largest fitting unit, never less than there is: `18 s`, `3 min`, `5 h`."""
    whole = max(1, math.ceil(seconds))
    if whole <= 120:
        return f"{whole} s"
    return f"{math.ceil(whole / 60)} min" if whole <= 7_200 else f"{math.ceil(whole / 3_600)} h"
