"""What was recorded of a reply: its requests, and the pieces of the answers that could not be read."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.engine.recording_format import NotARecording, read_recordings, write_recording
from chatgrid_tui.engine.trace import TracedRecord, trace
from chatgrid_tui.model.events import Skipped, SkippedWhy
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.store.history import History
from chatgrid_tui.text import clean

_LONGEST_PIECE: Final = 800
"""Characters of a piece that could not be read that are shown."""
_MOST_PIECES: Final = 20


@dataclass(frozen=True, slots=True)
class UnreadablePiece:
    """A piece of a body that could not be read, or not all of it."""

    request: int
    """The number of its request, from 0."""
    t: float
    start: int
    end: int
    why: SkippedWhy
    text: str
    """Its beginning, cleaned."""


@dataclass(frozen=True, slots=True)
class WireFacts:
    """What was recorded of a reply: one recording for each request."""

    recordings: tuple[Recording, ...] = ()
    pieces: tuple[UnreadablePiece, ...] = ()
    """The pieces that could not be read, not more of them than are shown."""
    is_damaged: bool = False
    """Whether a recording cannot be read."""


async def load_wire_facts(history: History, reply: Reply, unsaved: Sequence[Recording], kind: str) -> WireFacts:
    """Return what was recorded of a reply. `unsaved` are recordings that are not in the history yet; `kind` is that
    of the provider.

    Raises:
        StorageProblem: the history cannot be read.
    """
    snapshots = [recording.snapshot() for recording in unsaved]
    stored = await history.recordings(reply.id) if reply.id and not snapshots else []
    has_warnings = reply.warnings > 0

    def read() -> WireFacts:
        lines = stored or [*map(write_recording, snapshots)]  # only what is written is free of keys
        return wire_facts(lines, kind, with_pieces=has_warnings)

    return await asyncio.to_thread(read)


def wire_facts(stored: Iterable[bytes], kind: str, *, with_pieces: bool) -> WireFacts:
    """Read recordings as they are stored. `with_pieces`: look for the pieces that could not be read."""
    recordings: list[Recording] = []
    is_damaged = False
    for lines in stored:
        try:
            recordings += read_recordings(lines)
        except NotARecording:
            is_damaged = True
    pieces: list[UnreadablePiece] = []
    for number, recording in enumerate(recordings if with_pieces else ()):
        dialect = DIALECTS.get(recording.kind or kind)
        if dialect is not None:
            body = recording.body
            pieces += (piece for record in trace(recording, dialect) for piece in _pieces(number, record, body))
    return WireFacts(tuple(recordings), tuple(pieces[:_MOST_PIECES]), is_damaged)


def _pieces(request: int, record: TracedRecord, body: bytes) -> Iterator[UnreadablePiece]:
    start, end = record.byte_span
    for event in record.events:
        if isinstance(event, Skipped):
            text = clean(body[start:end][: 4 * _LONGEST_PIECE].decode(errors="replace").strip()).strip() or event.what
            if len(text) > _LONGEST_PIECE:
                text = f"{text[:_LONGEST_PIECE]}…"
            yield UnreadablePiece(request, record.t, start, end, event.why, text)
