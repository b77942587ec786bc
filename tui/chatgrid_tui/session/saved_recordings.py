"""Recordings in files that the user names."""

from __future__ import annotations

from pathlib import Path

from chatgrid_tui.engine.recording_files import FILE_LIMIT, RecordingFile, read_recording_file
from chatgrid_tui.engine.recording_reader import NotARecording
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.session.user_files import read_user_file


def load_recording_file(path: Path, kind: str = "") -> RecordingFile:
    """Read the recordings in a file of any format. `kind` is that of the service, if the user names it.

    This takes seconds for large files: call it in a thread.

    Raises:
        UsageProblem: it cannot be read, or holds no recording.
    """
    data = read_user_file(path, FILE_LIMIT)
    try:
        return read_recording_file(data, kind)
    except NotARecording as problem:
        raise UsageProblem(f"{path} cannot be opened. {problem}") from problem
