"""Files that the user names, to open or to save: read within a bound, and written whole or not at all.

Nothing that exists is replaced unless that is asked for. What is saved can hold conversations, so only its owner can
read it (0600).
"""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from pathlib import Path

from chatgrid_tui.disk import read_bounded, write_file
from chatgrid_tui.errors import UsageProblem


class FileExists(UsageProblem):
    """There is a file of that name already."""


def path_of(name: str) -> Path:
    """Return the absolute path that a user wrote, in which `~` is the home folder.

    Raises:
        UsageProblem: it names no file.
    """
    if not name.strip() or "\0" in name:
        raise UsageProblem("That is not a valid file name.")
    try:
        return Path(name).expanduser().absolute()
    except (RuntimeError, OSError) as problem:
        raise UsageProblem(f"{name}: {problem}") from problem


def shown_path(path: Path) -> str:
    """Return a path as short as a user would write it: from the current folder, or from the home folder."""
    for folder, before in ((Path.cwd, ""), (Path.home, "~/")):
        with contextlib.suppress(OSError, RuntimeError, ValueError):
            return f"{before}{path.relative_to(folder())}"
    return str(path)


def read_user_file(path: Path, limit: int) -> bytes:
    """Return what a file holds.

    Raises:
        UsageProblem: it cannot be read, or is larger than `limit` bytes.
    """
    try:
        return read_bounded(path, limit)
    except (OSError, ValueError) as problem:
        if isinstance(problem, OSError) and problem.errno == errno.EFBIG:
            raise UsageProblem(f"{path} is larger than {limit >> 20:,} MiB.") from problem
        raise UsageProblem(f"{path} cannot be read: {_reason(problem)}.") from problem


def check_new_file(path: Path) -> None:
    """Raise an error if no file can be written at a path, as far as that can be told before.

    Raises:
        FileExists: there is one.
        UsageProblem: there is something else, or no such folder, or nothing can be written to it.
    """
    if os.path.isdir(path):  # unlike those of a Path, these never raise
        raise UsageProblem(f"{path} is a folder.")
    if os.path.lexists(path):
        raise FileExists(f"{path} already exists.")
    if not os.path.isdir(path.parent):
        raise UsageProblem(f"There is no folder {path.parent}.")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise UsageProblem(f"Nothing can be written to {path.parent}: {os.strerror(errno.EACCES)}.")


def write_user_file(path: Path, data: bytes, *, replace: bool = False) -> None:
    """Write a file, all of it or nothing. With `replace`, an ordinary file that is there is replaced.

    Raises:
        FileExists: there is one, and it is not to be replaced.
        UsageProblem: it cannot be written.
    """
    try:
        check_new_file(path)
    except FileExists:
        if not replace:
            raise
        if not os.path.isfile(path):
            raise UsageProblem(f"{path} is not an ordinary file.") from None
    try:
        if replace:
            write_file(path, data)
        else:
            _write_new(path, data)
    except FileExistsError:  # since a moment ago
        raise FileExists(f"{path} already exists.") from None
    except OSError as problem:
        raise UsageProblem(f"{path} cannot be written: {_reason(problem)}.") from problem


def _write_new(path: Path, data: bytes) -> None:
    """Write a file under another name, and give it its own: unlike a rename, a link never replaces a file."""
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name[:100]}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, path)
        except FileExistsError:
            raise
        except OSError:  # some file systems have no links
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            os.replace(temporary, path)
    finally:
        with contextlib.suppress(OSError):
            os.unlink(temporary)


def _reason(problem: OSError | ValueError) -> str:
    if not isinstance(problem, OSError):
        return "not a valid file name"
    return problem.strerror or str(problem)
