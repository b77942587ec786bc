"""The timed log of one exchange: what was asked, and each piece of bytes that came, with its time.

Stored as lines of JSON: a head, then `[seconds, base64]` for each piece. The key of a provider is no part of a
request; keys in other headers are not stored, keys in an address and those that the reply spelt are masked.
A body that came compressed is recorded decompressed; the recorded headers still name its coding.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from chatgrid_tui.engine.key_mask import KeyMask
from chatgrid_tui.engine.spelt_keys import mask_spelt
from chatgrid_tui.model.json import Json
from chatgrid_tui.model.request import Request

RECORDING_LIMIT: Final = 8 * 1024 * 1024
"""Bytes of the wire that one recording keeps; what comes after is counted only."""
_COOKIES: Final = frozenset({"set-cookie", "set-cookie2", "cookie"})


@dataclass(slots=True)
class Recording:
    """What went over the wire for one reply. Seconds count from sending."""

    request: Request
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    answered: float = 0.0
    pieces: list[tuple[float, bytes]] = field(default_factory=list)
    kept: int = 0
    dropped: int = 0
    mask: KeyMask | None = None
    """Masks the keys of the request."""
    spelt: int = 0
    """How many keys the events of the reply spelt that its bytes do not show as they are."""

    def answer(self, status: int, headers: Mapping[str, str], elapsed: float) -> None:
        """Note the head of the answer."""
        self.status, self.answered = status, elapsed
        self.headers = {name: "[not kept]" if name in _COOKIES else value for name, value in headers.items()}

    def add(self, data: bytes, elapsed: float) -> None:
        """Note a piece of the body, as long as there is room; after the first that had none, no more is kept."""
        if self.dropped or self.kept + len(data) > RECORDING_LIMIT:
            self.dropped += len(data)
            return
        self.kept += len(data)
        self.pieces.append((elapsed, data))

    def to_bytes(self) -> bytes:
        """Return the recording as it is stored."""
        pieces, dropped = self._without_spelt_keys()
        head: dict[str, Json] = {
            "method": self.request.method,
            "url": self.request.url,
            "body": self.request.body,
            "status": self.status,
            "headers": self.headers,
            "answered": round(self.answered, 6),
            "dropped": dropped,
        }
        lines = [json.dumps(head if self.mask is None else self.mask.json(head))]
        lines += [f'[{elapsed:.6f},"{b64encode(data).decode()}"]' for elapsed, data in pieces]
        return "\n".join(lines).encode()

    def _without_spelt_keys(self) -> tuple[list[tuple[float, bytes]], int]:
        """Return the pieces, and how many bytes are dropped. If the keys in them cannot be found, all are."""
        if self.mask is None or not self.spelt:
            return self.pieces, self.dropped
        pieces, masked = mask_spelt(self.pieces, self.mask)
        return (pieces, self.dropped) if masked >= self.spelt else ([], self.dropped + self.kept)

    @classmethod
    def from_bytes(cls, stored: bytes) -> Recording:
        """Return the recording that `to_bytes` stored.

        Raises:
            ValueError: it is no recording.
        """
        first, *rest = stored.decode().split("\n")
        head = json.loads(first)
        try:
            request = Request(head["method"], head["url"], head["body"])
            recording = cls(request, head["status"], head["headers"], head["answered"])
            for line in rest:
                elapsed, data = json.loads(line)
                recording.add(b64decode(data, validate=True), elapsed)
            recording.dropped = head["dropped"]
        except (KeyError, TypeError) as problem:
            raise ValueError("This is no recording.") from problem
        return recording
