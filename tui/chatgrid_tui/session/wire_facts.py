"""What was recorded of a reply: its requests, and the pieces of the answers that could not be read."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.engine.recording_format import NotARecording, read_recordings, write_recording
from chatgrid_tui.engine.trace import RecordingTrace, TracedRecord
from chatgrid_tui.model.events import Skipped, SkippedWhy
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.store.history import History
from chatgrid_tui.text import clean

_LONGEST_PIECE: Final = 800
"""Characters of a piece that could not be read that are shown."""
_MOST_PIECES: Final = 20


@dataclass(frozen=True, slots=True)
class UnreadablePiece:
    """A piece of a body that could not be read completely."""

    request: int
    """The index of its request."""
    t: float
    start: int
    end: int
    why: SkippedWhy
    text: str
    """Its start, cleaned for display."""


@dataclass(frozen=True, slots=True)
class WireFacts:
    """What was recorded of a reply: one recording for each request."""

    recordings: tuple[Recording, ...] = ()
    pieces: tuple[UnreadablePiece, ...] = ()
    """The unreadable pieces, at most as many as are shown."""
    is_damaged: bool = False
    """Whether a recording cannot be read."""


async def load_wire_facts(history: History, reply: Reply, unsaved: Sequence[Recording], kind: str) -> WireFacts:
    """Return what was recorded of a reply. `unsaved` are recordings that are not in the history yet; `kind` is the
    kind of its provider.

    Raises:
        StorageProblem: the history cannot be read.
    """
    snapshots = [recording.snapshot() for recording in unsaved]
    stored = await history.recordings(reply.id) if reply.id and not snapshots else []
    warnings = reply.warnings

    def read() -> WireFacts:
        lines = stored or [*map(write_recording, snapshots)]  # only what is written is free of keys
        return wire_facts(lines, kind, warnings)

    return await asyncio.to_thread(read)


def wire_facts(stored: Iterable[bytes], kind: str, warnings: int) -> WireFacts:
    """Read stored recordings, and find `warnings` unreadable pieces in them."""
    recordings: list[Recording] = []
    is_damaged = False
    for lines in stored:
        try:
            recordings += read_recordings(lines)
        except NotARecording:
            is_damaged = True
    # Tracing takes seconds for megabytes, so it stops at the last of the pieces.
    pieces = islice(_pieces_of(recordings, kind), min(warnings, _MOST_PIECES))
    return WireFacts(tuple(recordings), tuple(pieces), is_damaged)


def _pieces_of(recordings: Sequence[Recording], kind: str) -> Iterator[UnreadablePiece]:
    for number, recording in enumerate(recordings):
        if (dialect := DIALECTS.get(recording.kind or kind)) is not None:
            for record in RecordingTrace(recording, dialect).advance():
                yield from _pieces(number, record, recording)


def _pieces(request: int, record: TracedRecord, recording: Recording) -> Iterator[UnreadablePiece]:
    start, end = record.byte_span
    for event in record.events:
        if isinstance(event, Skipped):
            beginning = recording.part(start, min(end, start + 4 * _LONGEST_PIECE)).decode(errors="replace")
            text = clean(beginning).strip() or clean(event.what)
            if len(text) > _LONGEST_PIECE:
                text = f"{text[:_LONGEST_PIECE]}…"
            yield UnreadablePiece(request, record.t, start, end, event.why, text)
