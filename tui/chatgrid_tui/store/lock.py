"""One owner of the history: a locked file with the owner's process id in it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from chatgrid_tui.disk import lock, open_owned, read_bounded

_NAME = "instance.lock"
_LONGEST = 100
"""Bytes: a process id is shorter."""


class InstanceLock:
    """The lock of a folder. The system lets go of it when the process ends, in whatever way."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _NAME
        self._descriptor: int | None = None

    def take(self) -> bool:
        """Try to become the owner; False where somebody else is.

        Raises:
            OSError: the file cannot be made or locked at all, or something else is in its place.
        """
        descriptor = open_owned(self._path)
        try:
            lock(descriptor)
        except BlockingIOError:
            os.close(descriptor)
            return False
        except OSError:
            os.close(descriptor)
            raise
        self._descriptor = descriptor
        if os.fstat(descriptor).st_nlink == 1:  # with another name it may be another program's file as well
            with contextlib.suppress(OSError):  # a full disk: others then do not know which process has the lock
                os.ftruncate(descriptor, 0)
                os.write(descriptor, str(os.getpid()).encode())
        return True

    def is_free(self) -> bool:
        """Return whether nobody is the owner just now."""
        try:
            free = self.take()
        except OSError:
            return False
        self.release()
        return free

    def owner(self) -> str:
        """Return the process id of the owner as a text, empty where it cannot be read."""
        try:
            text = read_bounded(self._path, _LONGEST).decode("ascii").strip()
        except (OSError, UnicodeError):
            return ""
        return text if text.isdigit() else ""

    def release(self) -> None:
        """Let go of the lock. The file stays: taking it away would let two owners lock two files."""
        if self._descriptor is not None:
            with contextlib.suppress(OSError):
                os.close(self._descriptor)
            self._descriptor = None
