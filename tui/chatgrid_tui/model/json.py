"""The types of JSON values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
"""Any JSON value. Lists and objects are read-only: what the service sent is never changed in place."""

JsonObject: TypeAlias = Mapping[str, Json]
"""A JSON object as it was on the wire."""
