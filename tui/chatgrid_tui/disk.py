"""Private folders, safe ways to open and replace files, and locks between processes."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Self

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_LOCKED_BYTE: Final = 1 << 20
"""Windows makes locked bytes unreadable for others, so this one is far beyond the end of any such file."""
_NOT_SUPPORTED: Final = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP)
_PATIENCE: Final = 2.0
_LOOKS_APART: Final = 0.01
_FREE_FOR_ALL: Final = -1
"""Used instead of a descriptor if the file system has no locks."""


def make_folder(folder: Path) -> None:
    """Make `folder` and its missing parents, each for the owner only (0700). Existing ones are not changed.

    Raises:
        OSError: it cannot be made.
    """
    for missing in reversed([folder, *folder.parents]):
        if not missing.exists():
            if missing.is_symlink():
                message = f"{missing} links to {os.path.realpath(missing)}, which does not exist"
                raise FileNotFoundError(errno.ENOENT, message, str(missing))
            missing.mkdir(mode=0o700, exist_ok=True)
    # Fail now if a file is in the way, and not at the first write.
    folder.mkdir(mode=0o700, exist_ok=True)


def write_file(path: Path, data: bytes, *, follow: bool = True) -> None:
    """Replace the file at `path` by `data` atomically, with mode 0600.

    A symbolic link is kept, and the file that it leads to is replaced. Without `follow`, the link itself is replaced:
    it is there by mistake.

    Raises:
        OSError: it cannot be written, or is no ordinary file; what is there is untouched.
    """
    real = Path(os.path.realpath(path)) if follow else path
    make_folder(real.parent)
    if real.exists() and not real.is_file():  # a rename would replace even /dev/null
        raise OSError(errno.EINVAL, "it is not an ordinary file", str(real))
    if real.exists() and not os.access(real, os.W_OK):
        # The rename would succeed, but undo a deliberate protection.
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


class NewFile:
    """A new file with mode 0600 that is written in pieces, completely or not at all. Leaving its context without
    `finish` discards it.

    It is written under a temporary name, and then linked: unlike a rename, a link never replaces a file.
    """

    def __init__(self, path: Path) -> None:
        """Raises `OSError` if it cannot be written."""
        self._path = path
        descriptor, self._temporary = tempfile.mkstemp(prefix=f".{path.name[:100]}.", dir=path.parent)
        self._file = os.fdopen(descriptor, "wb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):  # a full disk: what is buffered cannot be written
            self._file.close()
        with contextlib.suppress(OSError):
            os.unlink(self._temporary)

    def write(self, data: bytes) -> None:
        """Append a piece.

        Raises:
            OSError: it cannot be written.
        """
        self._file.write(data)

    def finish(self) -> None:
        """Give the file its name.

        Raises:
            FileExistsError: there is something of that name.
            OSError: it cannot be written.
        """
        self._file.flush()
        os.fsync(self._file.fileno())
        try:
            os.link(self._temporary, self._path)
        except FileExistsError:
            raise
        except OSError:  # some file systems have no hard links
            os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            os.replace(self._temporary, self._path)


def write_new_file(path: Path, data: bytes) -> None:
    """Write a new file completely or not at all, with mode 0600.

    Raises:
        FileExistsError: there is something of that name.
        OSError: it cannot be written.
    """
    with NewFile(path) as file:
        file.write(data)
        file.finish()


def _sync_folder(folder: Path) -> None:
    """Make the rename survive a power cut, if the system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def open_owned(path: Path) -> int:
    """Open a file of the program for reading and writing, and create it (0600) if it is missing.

    In a folder that others can write to, something else may be in its place: a link to another file of the user,
    which must not be changed, or a pipe.

    Raises:
        OSError: it cannot be opened, or is not an ordinary file.
    """
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags, 0o600)
    except OSError as problem:
        if problem.errno == errno.ELOOP:
            raise _no_ordinary_file(path) from None
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _no_ordinary_file(path)
    return descriptor


def read_bounded(path: Path, limit: int) -> bytes:
    """Return the contents of a file. A pipe without a writer counts as empty.

    Raises:
        OSError: it cannot be read, is a folder, or is larger than `limit` bytes.
    """

    def without_waiting(name: str, flags: int) -> int:
        return os.open(name, flags | getattr(os, "O_NONBLOCK", 0))  # otherwise a pipe would wait for a writer

    with open(path, "rb", opener=without_waiting) as file:
        if hasattr(os, "set_blocking"):
            os.set_blocking(file.fileno(), True)
        data = file.read(limit + 1)
    if len(data) > limit:
        raise OSError(errno.EFBIG, f"it is larger than {limit // 1024:,} KiB", str(path))
    return data


def writable_by_others(folder: Path) -> Path | None:
    """Return the folder, or the parent, in which other users of this machine can replace files, or None.

    The group counts unless it is the owner's private group, which many systems have. Parents count unless they are
    sticky, like `/tmp`, in which nobody can replace the files of another user.
    """
    if os.name != "posix":
        return None
    real = Path(os.path.realpath(folder))
    for place in (real, *real.parents):
        try:
            status = place.stat()
        except OSError:
            continue
        if not stat.S_ISDIR(status.st_mode):  # reported elsewhere
            continue
        shared = bool(status.st_mode & stat.S_IWOTH) or (
            bool(status.st_mode & stat.S_IWGRP) and not _is_private_group(status.st_gid, status.st_uid)
        )
        if shared and (place == real or not status.st_mode & stat.S_ISVTX):
            return place
        if status.st_uid not in (os.getuid(), 0):
            return place
    return None


def _is_private_group(group_id: int, user_id: int) -> bool:
    """Return whether a group has no members except this user."""
    import grp
    import pwd

    try:
        group, user = grp.getgrgid(group_id), pwd.getpwuid(user_id)
    except KeyError:
        return False
    return user.pw_gid == group_id and group.gr_name == user.pw_name and set(group.gr_mem) <= {user.pw_name}


def _no_ordinary_file(path: Path) -> OSError:
    return OSError(errno.ELOOP, f"{path.name} is a link or no ordinary file, and was not touched", str(path))


def lock(descriptor: int) -> None:
    """Lock an open file exclusively. The system unlocks it when it is closed, for whatever reason.

    Raises:
        BlockingIOError: somebody else has locked it.
        OSError: it cannot be locked.
    """
    if sys.platform == "win32":
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError as problem:
            raise BlockingIOError from problem
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def is_unsupported(problem: OSError) -> bool:
    """Return whether locking failed because the file system has no locks."""
    return problem.errno in _NOT_SUPPORTED


@contextlib.contextmanager
def held_for_writing(file: Path, busy: Exception) -> Iterator[None]:
    """Keep other processes that do the same away from `file` while it is read and written again. Without locks in the
    file system, this does nothing.

    Raises `busy` if somebody else holds it for two seconds or longer.
    """
    real = Path(os.path.realpath(file))
    beside = real.with_name(f".{real.name}.lock")
    until = time.monotonic() + _PATIENCE
    while (descriptor := _held(beside)) is None:
        if time.monotonic() > until:
            raise busy
        time.sleep(_LOOKS_APART)
    try:
        yield
    finally:
        if descriptor != _FREE_FOR_ALL:
            _let_go(beside, descriptor)


def _held(beside: Path) -> int | None:
    """Return the descriptor of a lock that is now held, or `_FREE_FOR_ALL`; or None if somebody else holds it."""
    try:
        make_folder(beside.parent)
        descriptor = open_owned(beside)
    except OSError:
        return _FREE_FOR_ALL  # the caller reports why it cannot write there
    try:
        lock(descriptor)
        if _is_still_there(beside, descriptor):
            return descriptor
    except BlockingIOError:
        pass
    except OSError:
        _let_go(beside, descriptor)
        return _FREE_FOR_ALL
    os.close(descriptor)
    return None


def _is_still_there(beside: Path, descriptor: int) -> bool:
    """Return whether the locked file is still the one that others find: its last holder may have removed it."""
    try:
        found = os.stat(beside)
    except OSError:
        return False
    return os.path.samestat(found, os.fstat(descriptor))


def _let_go(beside: Path, descriptor: int) -> None:
    """Remove the file, then unlock it, so that nobody else's lock file is removed. Windows cannot remove a file that
    somebody has open; there, it is removed afterwards if nobody has.
    """
    if sys.platform != "win32":
        _take_away(beside)
        os.close(descriptor)
    else:
        os.close(descriptor)
        _take_away(beside)


def _take_away(beside: Path) -> None:
    with contextlib.suppress(OSError):
        beside.unlink()
