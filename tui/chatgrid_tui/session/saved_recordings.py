"""Recordings in files that the user names."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from pathlib import Path

from chatgrid_tui.engine.har import write_har
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.engine.recording_files import FILE_LIMIT, RecordingFile, read_recording_file
from chatgrid_tui.engine.recording_format import write_recordings
from chatgrid_tui.engine.recording_reader import NotARecording
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.session.user_files import read_user_file, write_user_file


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


def save_recordings(path: Path, recordings: Iterable[Recording], *, replace: bool = False) -> int:
    """Write recordings, without keys, into a file, and return its size in bytes.

    A name that ends in `.har` makes it a HAR, any other one lines of JSON; `.gz` after either compresses it. With
    `replace`, a file that is there is replaced.

    This takes seconds for many megabytes: call it in a thread.

    Raises:
        FileExists: there is one, and it is not to be replaced.
        UsageProblem: it cannot be written.
    """
    name = path.name.lower()
    data = (write_har if name.removesuffix(".gz").endswith(".har") else write_recordings)(recordings)
    if name.endswith(".gz"):
        data = gzip.compress(data, mtime=0)
    write_user_file(path, data, replace=replace)
    return len(data)
