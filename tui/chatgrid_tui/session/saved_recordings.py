"""Recordings in files named by the user."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from pathlib import Path

from chatgrid_tui.engine.har import write_har
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.engine.recording_files import FILE_LIMIT, RecordingFile, read_recording_file
from chatgrid_tui.engine.recording_format import NotARecording, write_recordings
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.session.user_files import read_user_file, write_user_file


def load_recording_file(path: Path, kind: str = "") -> RecordingFile:
    """Read the recordings in a file of any format. `kind` is that of the service, if the user names it.

    Call it in a thread: large files take seconds.

    Raises:
        UsageProblem: the file cannot be read, or contains no recording.
    """
    data = read_user_file(path, FILE_LIMIT)
    try:
        return read_recording_file(data, kind)
    except NotARecording as problem:
        raise UsageProblem(f"{path} cannot be opened. {problem}") from problem


def save_recordings(path: Path, recordings: Iterable[Recording], *, replace: bool = False) -> int:
    """Write recordings, without keys, to a file, and return its size in bytes.

    A name that ends in `.har` selects HAR, any other name lines of JSON; a further `.gz` compresses either. With
    `replace`, an existing file is replaced.

    Call it in a thread: many megabytes take seconds.

    Raises:
        FileExists: the file exists, and `replace` is not set.
        UsageProblem: the file cannot be written.
    """
    name = path.name.lower()
    data = (write_har if name.removesuffix(".gz").endswith(".har") else write_recordings)(recordings)
    if name.endswith(".gz"):
        data = gzip.compress(data, mtime=0)
    write_user_file(path, data, replace=replace)
    return len(data)
