"""Token counts of a reply, by the names that services use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chatgrid_tui.model.json import Json

TOKENS_IN: Final = ("prompt_tokens", "input_tokens", "promptTokens", "inputTokens")
TOKENS_OUT: Final = ("completion_tokens", "output_tokens", "completionTokens", "outputTokens")
TOKENS_IN_ALL: Final = ("total_tokens", "totalTokens")


def token_count(usage: Mapping[str, Json], names: tuple[str, ...]) -> int | None:
    """Return the count under the first of the names that has one, or None."""
    for name in names:
        value = usage.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**12:
            return value
    return None
