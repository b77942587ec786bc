"""Limits for recordings of what goes over the wire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

PER_REPLY: Final = 8 * 1024 * 1024
TOTAL: Final = 512 * 1024 * 1024
SMALLEST_LIMIT: Final = 64 * 1024
"""The smallest limit that can be set for a reply."""
LARGEST_RECORDING: Final = 64 * 1024 * 1024
"""The maximum bytes of bodies in the recording of one reply, also when read from a file."""


@dataclass(frozen=True, slots=True)
class RecordingLimits:
    """Limits for recordings, in bytes."""

    per_reply: int = PER_REPLY
    """The bytes recorded of the bodies of one reply. Further bytes are only counted."""
    total: int = TOTAL
    """The compressed size of all recordings in the history. The oldest are deleted beyond it."""
