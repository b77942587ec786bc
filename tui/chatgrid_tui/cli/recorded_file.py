"""Recording files, as `open` and `replay` read them."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from chatgrid_tui.cli.streams import standard_input
from chatgrid_tui.engine.recording_files import FILE_LIMIT, RecordingFile, read_recording_file
from chatgrid_tui.engine.recording_format import NotARecording
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.session.recorded_turns import RecordedTurn, recorded_turns
from chatgrid_tui.session.saved_recordings import load_recording_file
from chatgrid_tui.session.user_files import path_of

STANDARD_INPUT: Final = "-"


@dataclass(frozen=True, slots=True)
class RecordedFile:
    """The content of a recording file."""

    name: str
    turns: tuple[RecordedTurn, ...]
    notes: tuple[str, ...]
    """What the user should know about the file, one sentence each."""


def read_recorded_file(file: str, kind: str = "") -> RecordedFile:
    """Read a file, or standard input for `-`. `kind` is that of the service, if the file does not name it.

    Raises:
        UsageProblem: it cannot be read, or contains no recording.
    """
    if file == STANDARD_INPUT:
        name, read = "Standard input", _standard_input(kind)
    else:
        path = path_of(file)
        name, read = path.name, load_recording_file(path, kind)
        _date(read, path)
    return RecordedFile(name, tuple(recorded_turns(read.recordings)), read.notes)


def _date(read: RecordingFile, path: Path) -> None:
    """Use the time of the file for recordings without a date."""
    with contextlib.suppress(OSError, OverflowError, ValueError):
        written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        for recording in read.recordings:
            recording.started_at = recording.started_at or written_at


def _standard_input(kind: str) -> RecordingFile:
    try:
        return read_recording_file(standard_input().read(FILE_LIMIT + 1), kind)
    except OSError as problem:
        raise UsageProblem(f"Standard input cannot be read: {problem.strerror}.") from problem
    except NotARecording as problem:
        raise UsageProblem(f"Standard input cannot be read. {problem}") from problem
