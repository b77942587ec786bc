"""How much of what goes over the wire is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

PER_REPLY: Final = 8 * 1024 * 1024
TOTAL: Final = 512 * 1024 * 1024
SMALLEST_LIMIT: Final = 64 * 1024
"""The least that can be set for a reply."""
LARGEST_RECORDING: Final = 64 * 1024 * 1024
"""Bytes of bodies that can be recorded of one reply, and are read from a file."""


@dataclass(frozen=True, slots=True)
class RecordingLimits:
    """Bounds for recordings, in bytes."""

    per_reply: int = PER_REPLY
    """What is recorded of the bodies of one reply. The bytes after that are only counted."""
    total: int = TOTAL
    """What all recordings may take in the history, compressed. If it is more, the oldest are deleted."""
