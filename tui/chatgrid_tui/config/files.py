"""Writes small files so that a crash leaves either the old or the new one, readable by their owner alone."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from pathlib import Path

from chatgrid_tui.disk import make_folder


def write_file(path: Path, data: bytes, *, follow: bool = True) -> None:
    """Replace the file at `path` by `data` atomically, with mode 0600.

    A symbolic link stays one: the file it leads to is replaced. Without `follow`, the link itself is replaced: nobody
    means to have one there.

    Raises:
        OSError: it cannot be written; the old file is untouched.
    """
    real = Path(os.path.realpath(path)) if follow else path
    make_folder(real.parent)
    if real.exists() and not os.access(real, os.W_OK):
        # The rename would succeed, and undo a protection that was set on purpose.
        raise PermissionError(errno.EACCES, "it is write-protected", str(real))
    # mkstemp makes it 0600. A rename is atomic within one folder only.
    descriptor, temporary = tempfile.mkstemp(prefix=f".{real.name}.", dir=real.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, real)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    _sync_folder(real.parent)


def _sync_folder(folder: Path) -> None:
    """Make the rename survive a power cut, if the system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
