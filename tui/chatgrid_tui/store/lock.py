"""The lock that makes one window the owner of the history: a file with the owner's process id in it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Final

from chatgrid_tui.disk import lock, open_owned, read_bounded

_NAME: Final = "instance.lock"
_LONGEST: Final = 100
"""Bytes to read: a process id is shorter."""


class InstanceLock:
    """The lock of a folder. The system releases it when the process ends, whatever the reason."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _NAME
        self._descriptor: int | None = None

    def take(self) -> bool:
        """Try to become the owner, and return whether that succeeded.

        Raises:
            OSError: the file cannot be created or locked at all, or is not an ordinary file.
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
        if os.fstat(descriptor).st_nlink == 1:  # under a second name, it may be another program's file
            with contextlib.suppress(OSError):  # a full disk: others cannot see which process is the owner
                os.ftruncate(descriptor, 0)
                os.write(descriptor, str(os.getpid()).encode())
        return True

    def is_free(self) -> bool:
        """Return whether there is no owner now."""
        try:
            free = self.take()
        except OSError:
            return False
        self.release()
        return free

    def owner(self) -> str:
        """Return the process id of the owner, empty if it cannot be read."""
        try:
            text = read_bounded(self._path, _LONGEST).decode("ascii").strip()
        except (OSError, UnicodeError):
            return ""
        return text if text.isdigit() else ""

    def release(self) -> None:
        """Release the lock. The file stays: without it, two owners could lock two files."""
        if self._descriptor is not None:
            with contextlib.suppress(OSError):
                os.close(self._descriptor)
            self._descriptor = None
