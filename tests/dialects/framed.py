"""What the tests of the fast path share: a stream read with frames, and with care only."""

from __future__ import annotations

from itertools import pairwise

import pytest

from chatgrid_tui.dialects import reading as reading_module
from chatgrid_tui.dialects.frames import Frame
from chatgrid_tui.dialects.reading import Arrival, Reading
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.model.provider import Kind


def said(arrivals: list[Arrival]) -> list[object]:
    """Return what arrivals say, without what was parsed for it."""
    return [(number, record and record[:4], events) for number, record, events in arrivals]


def outcome(kind: Kind, pieces: list[bytes], *, framed: bool) -> list[object]:
    """Return what each piece said, and the end, with or without frames."""
    wire = DIALECTS[kind].wire
    headers = {"content-type": "text/event-stream" if wire == "sse" else "application/x-ndjson"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading_module, "_LEARNT_FROM", 60)
        if not framed:
            patch.setattr(Frame, "around", lambda *_, **__: None)
        reading = Reading(DIALECTS[kind], headers=headers)
        outcomes: list[object] = [(said(reading.feed(piece)), reading.ended) for piece in pieces]
        return [*outcomes, said(reading.end())]


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    """Cut a stream at the places."""
    ends = [*sorted({place for place in places if place < len(stream)} | {0}), len(stream)]
    return [stream[start:end] for start, end in pairwise(ends)]


def read_with_care(kind: Kind, pieces: list[bytes]) -> tuple[int, int]:
    """Return how many records of a stream were in no frame, and how many there were."""
    with_care = 0
    decoded = Reading._with_care

    def counted(reading: Reading, data: bytes) -> list[Arrival]:
        nonlocal with_care
        arrivals = decoded(reading, data)
        with_care += len(arrivals)
        return arrivals

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Reading, "_with_care", counted)
        reading = Reading(DIALECTS[kind])
        records = sum(len(reading.feed(piece)) for piece in pieces)
    return with_care, records
