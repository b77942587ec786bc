"""A file to which recordings are appended."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.engine.recording_files import is_recording_lines
from chatgrid_tui.engine.recording_format import write_recording
from chatgrid_tui.errors import UsageProblem

_LOOKED_AT: Final = 64 * 1024


class RecordingLog:
    """Appends recordings to a file that only its owner can read."""

    def __init__(self, path: Path) -> None:
        """Open or create the file. Other users lose access to an existing one.

        Raises:
            UsageProblem: it cannot be written, or contains something other than recordings.
        """
        self._path = path
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        except (OSError, ValueError) as problem:
            raise self._problem(problem) from problem
        try:
            if not self._is_extensible():
                raise UsageProblem(f"{path} exists, and is not a recording that can be added to.")
            if stat.S_ISREG(os.fstat(self._file).st_mode):
                os.fchmod(self._file, 0o600)
        except OSError as problem:
            self.close()
            raise self._problem(problem) from problem
        except UsageProblem:
            self.close()
            raise

    def add(self, recording: Recording) -> None:
        """Append a recording completely or not at all.

        Raises:
            UsageProblem: it cannot be written.
        """
        data = write_recording(recording)
        try:
            size = os.fstat(self._file).st_size
            try:
                while data:
                    data = data[os.write(self._file, data) :]
            except OSError:
                os.ftruncate(self._file, size)
                raise
        except OSError as problem:
            raise self._problem(problem) from problem

    def _is_extensible(self) -> bool:
        """Return whether the file is empty, or contains whole recordings."""
        start, size = os.pread(self._file, _LOOKED_AT, 0), os.fstat(self._file).st_size
        is_whole = not size or os.pread(self._file, 1, size - 1) == b"\n"
        return not start or (is_whole and is_recording_lines(start))

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _problem(self, problem: OSError | ValueError) -> UsageProblem:
        reason = problem.strerror if isinstance(problem, OSError) else "not a valid file name"
        return UsageProblem(f"{self._path} cannot be written: {reason}.")
