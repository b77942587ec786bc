"""Files named by the user, to open or to save: read up to a limit, and written completely or not at all.

Existing files are only replaced on request. Saved files can contain conversations, so only their owner can read them
(0600).
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Self

from chatgrid_tui.disk import NewFile, read_bounded, write_file, write_new_file
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.text import MARK, clean_line

_SEPARATORS: Final = re.compile(r"[/\\:]+")
_UNSAFE: Final = str.maketrans("", "", f'<>"|?*{MARK}')
_RESERVED: Final = frozenset(
    {"CON", "PRN", "AUX", "NUL", *(f"{port}{number}" for port in ("COM", "LPT") for number in "0123456789¹²³")}
)
"""Names of devices on Windows, with any extension."""
_NAME_LOOKED_AT: Final = 1_000
_LONGEST_NAME: Final = 120
"""In bytes; file systems allow 255, and the name of the temporary file is longer."""
_LONGEST_EXTENSION: Final = 10
_MOST_NUMBERS: Final = 100


class FileExists(UsageProblem):
    """A file of that name exists already."""


def path_of(name: str) -> Path:
    """Return the absolute path of a name, in which `~` is the home folder.

    Raises:
        UsageProblem: the name is not a valid path.
    """
    if not name.strip() or "\0" in name:
        raise UsageProblem("That is not a valid file name.")
    try:
        return Path(name).expanduser().absolute()
    except (RuntimeError, OSError) as problem:
        raise UsageProblem(f"{name}: {problem}") from problem


def current_folder() -> str:
    """Return the path of the current folder; empty if it was deleted."""
    try:
        return str(Path.cwd())
    except OSError:
        return ""


def safe_name(name: str, otherwise: str = "file") -> str:
    """Return a name that someone else gave as a file name for every system: without separators, control characters,
    leading dots or `~`, and reserved words, and of a bounded length, with its extension. If nothing is left of it,
    return `otherwise`.
    """
    printable = "".join(character for character in name[:_NAME_LOOKED_AT] if character.isprintable())
    cleaned = clean_line(_SEPARATORS.sub("-", printable), _NAME_LOOKED_AT).translate(_UNSAFE).strip(" .-~")
    stem, dot, extension = cleaned.rpartition(".")
    if not stem or len(extension) > _LONGEST_EXTENSION:
        stem, dot, extension = cleaned, "", ""
    room = _LONGEST_NAME - len(f"{dot}{extension}".encode())
    stem = stem.encode()[:room].decode(errors="ignore").rstrip(" .-~") or otherwise
    if stem.partition(".")[0].rstrip().upper() in _RESERVED:
        stem = f"{otherwise}-{stem}"
    return f"{stem}{dot}{extension}"


def free_name(name: str, folder: Path) -> str:
    """Return a name, with a number if a folder has something of that name."""
    stem, dot, extension = name.rpartition(".") if "." in name else (name, "", "")
    numbered = (f"{stem}-{number}{dot}{extension}" for number in range(2, _MOST_NUMBERS))
    return next((free for free in (name, *numbered) if not os.path.lexists(folder / free)), name)


def shown_path(path: Path) -> str:
    """Return a path in its shortest form: relative to the current folder, or to the home folder."""
    for folder, before in ((Path.cwd, ""), (Path.home, "~/")):
        with contextlib.suppress(OSError, RuntimeError, ValueError):
            return f"{before}{path.relative_to(folder())}"
    return str(path)


def read_user_file(path: Path, limit: int) -> bytes:
    """Return the content of a file.

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
    """Raise an error if no file can be written at a path, as far as this can be known in advance.

    Raises:
        FileExists: a file exists there.
        UsageProblem: something else exists there, the folder is missing, or nothing can be written to it.
    """
    if os.path.isdir(path):  # unlike the methods of Path, this never raises
        raise UsageProblem(f"{path} is a folder.")
    if os.path.lexists(path):
        raise FileExists(f"{path} already exists.")
    if not os.path.isdir(path.parent):
        raise UsageProblem(f"There is no folder {path.parent}.")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise UsageProblem(f"Nothing can be written to the folder {path.parent}. Choose a folder that is yours.")


def write_user_file(path: Path, data: bytes, *, replace: bool = False) -> None:
    """Write a file completely or not at all. With `replace`, an existing ordinary file is replaced.

    Raises:
        FileExists: the file exists, and `replace` is not set.
        UsageProblem: it cannot be written.
    """
    try:
        check_new_file(path)
    except FileExists:
        if not replace:
            raise
        if not os.path.isfile(path):
            raise UsageProblem(f"{path} is not an ordinary file.") from None
    with _write_errors(path):
        if replace:
            write_file(path, data)
        else:
            write_new_file(path, data)


class NewUserFile:
    """A file named by the user that is written in pieces, completely or not at all, and never over an existing one.
    Leaving its context without `finish` discards it. All errors are `UsageProblem`s.
    """

    def __init__(self, path: Path) -> None:
        check_new_file(path)
        self._path = path
        self.size = 0
        """The bytes that were written."""
        with _write_errors(path):
            self._file = NewFile(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.__exit__(*error)

    def write(self, data: bytes) -> None:
        """Append a piece."""
        with _write_errors(self._path):
            self._file.write(data)
        self.size += len(data)

    def finish(self) -> None:
        """Give the file its name."""
        with _write_errors(self._path):
            self._file.finish()


@contextlib.contextmanager
def _write_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError:  # created in the meantime
        raise FileExists(f"{path} already exists.") from None
    except OSError as problem:
        raise UsageProblem(f"{path} cannot be written: {_reason(problem)}.") from problem


def _reason(problem: OSError | ValueError) -> str:
    if not isinstance(problem, OSError):
        return "not a valid file name"
    return problem.strerror or str(problem)
