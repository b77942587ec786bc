"""The filters of a search, as help texts and the search screen list them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

FILTERS: Final[Mapping[str, str]] = {
    "bot:NAME": "only bots with this in their name",
    "provider:NAME": "only a provider, by its name in the configuration",
    "from:me": "only your messages; from:bot only replies",
    "has:error": "only replies that failed",
    "has:file": "only replies with attachments",
    "has:note": "only replies with your note or verdict",
    "verdict:wrong": "only replies with this verdict of yours",
    "before:DATE": "only before 2026-11-30, 2026-11, 2026 or today",
    "after:DATE": "only from a day, month or year on",
}
"""The filters, and what they do."""
