"""The places of a recorded reply at which the behaviour of a client is of interest."""

from __future__ import annotations

from typing import NamedTuple

from chatgrid_tui.dialects.dialect import Dialect
from chatgrid_tui.dialects.response_parser import ResponseParser
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.model.events import Finished, Skipped


class Landmarks(NamedTuple):
    """Numbers of reads, from 0; None if there is no such place."""

    end_mark: int | None = None
    """The read that contained the end mark."""
    unreadable: int | None = None
    """The first read that contained an unreadable record."""


def landmarks(recording: Recording, dialect: Dialect | None) -> Landmarks:
    """Return the landmarks of a reply. This parses all of it."""
    if dialect is None:
        return Landmarks()
    parser = ResponseParser(dialect, status=recording.status, headers=recording.headers)
    unreadable: int | None = None
    for number, read in enumerate(recording.iter_reads()):
        events = [event for record in parser.feed(read.data) for event in record.events]
        if unreadable is None and any(isinstance(event, Skipped) for event in events):
            unreadable = number
        if any(isinstance(event, Finished) for event in events):
            return Landmarks(number, unreadable)
        if parser.ended:
            break
    return Landmarks(None, unreadable)
