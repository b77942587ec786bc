"""Inspect the file of the history: what it is, whether it is sound, and the note that is kept next to it."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from chatgrid_tui.disk import open_owned, read_bounded
from chatgrid_tui.store import schema
from chatgrid_tui.store.reads import recorded_bytes
from chatgrid_tui.store.sqlite_connection import SQLITE_ERRORS, storage_problem
from chatgrid_tui.store.sqlite_file import SqliteFile

FILE_NAME: Final = "history.db"
SQLITE_VERSION: Final = sqlite3.sqlite_version
CHECKED_ALWAYS: Final = 64 * 1024 * 1024
"""Bytes of a file that is checked at each start. A larger one is checked only after damage was found in it."""
_CHUNK: Final = 1024 * 1024
_NOTE_LENGTH: Final = 300
"""Bytes of a note: a word, and the name of a file."""
_OUR_TABLES: Final = {"conversations", "turns", "bubble_pieces"}
_REPORT_TIMEOUT: Final = 10.0
"""Seconds that a report may take to check the file."""
_STEPS_PER_CHECK: Final = 10_000
"""Steps of SQLite's virtual machine between two checks of the time."""
_DAMAGED: Final = "The history is damaged. When the app opens, it recovers what can be read."

NoteWord: TypeAlias = Literal["nothing", "kept", "damaged", "recovering"]
Identity: TypeAlias = Literal["missing", "unmounted", "ours", "empty", "foreign", "unreadable", "special"]
State: TypeAlias = Literal["missing", "sound", "damaged", "newer", "not read"]


@dataclass(frozen=True, slots=True)
class Note:
    """What is known about the history from earlier runs: `kept`, it exists; `damaged`, the next start has to check
    it; `recovering`, it was renamed to `aside`, and its content is being copied.
    """

    word: NoteWord = "nothing"
    aside: str = ""


class NoteFile:
    """The note next to the history. It is kept if the history vanishes, so that this is noticed."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / f"{FILE_NAME}.note"

    def is_next_to(self, file: Path) -> bool:
        """Return whether a file is in the same folder, and not elsewhere behind a link."""
        return file.parent == Path(os.path.realpath(self._path.parent))

    def read(self) -> Note:
        """Return the note. An unreadable note counts as empty."""
        try:
            fields = os.fsdecode(read_bounded(self._path, _NOTE_LENGTH)).rstrip().split(" ", 1)
        except OSError:
            return Note()
        match fields:
            case ["kept" | "damaged" as word]:
                return Note(word)
            case ["recovering", name] if ".corrupt-" in name and name == os.path.basename(name):
                return Note("recovering", name)
            case _:
                return Note()

    def write(self, word: NoteWord, aside: str = "") -> None:
        """Write the note in place, always with the same length: a full disk does not prevent that.

        Raises:
            OSError: it cannot be written.
        """
        if self.read() == Note(word, aside):
            return
        descriptor = open_owned(self._path)
        try:
            os.write(descriptor, os.fsencode(f"{word} {aside}").ljust(_NOTE_LENGTH))
        finally:
            os.close(descriptor)

    def try_to_write(self, word: NoteWord) -> None:
        """Write the note if that is possible. Without it, the next start knows less, but nothing is lost."""
        with contextlib.suppress(OSError):
            self.write(word)


def companions(file: Path) -> tuple[Path, ...]:
    """Return the paths of the files that SQLite creates next to a database."""
    return tuple(file.with_name(file.name + ending) for ending in ("-wal", "-shm", "-journal"))


def identify(file: Path) -> Identity:
    """Return what is at `file`, without changing it. A damaged history may be `unreadable`.

    Raises:
        OSError: it cannot be read.
    """
    try:
        status = file.stat()
    except FileNotFoundError:
        return "unmounted" if file.is_symlink() else "missing"
    if not stat.S_ISREG(status.st_mode):
        return "special"
    identity = _identity_of(file, with_log=False)  # reading a long log takes a while, and is rarely needed
    return identity if identity == "ours" else _identity_of(file, with_log=True)


def _identity_of(file: Path, *, with_log: bool) -> Identity:
    with SqliteFile(file, with_log=with_log) as pages:
        if not pages.has_header:
            return "unreadable"
        schema_tree = pages.tree(1)
        entries = [values for number in schema_tree.pages for _, values in pages.rows(number)]
    names = {str(values[1]) for values in entries if values is not None and len(values) > 1}
    if names >= _OUR_TABLES:
        return "ours"
    if schema_tree.broken:
        return "unreadable"
    return "foreign" if names else "empty"


def refusal(file: Path, identity: Identity) -> str:
    """Return a sentence on why a file must not be touched, or an empty string if it may be."""
    target = os.path.realpath(file)
    if identity == "unmounted":
        return f"{file} links to {target}, which does not exist. Its drive may not be mounted."
    if identity == "foreign":
        return f"{file} is the database of another program."
    if identity in ("unreadable", "special") and file.is_symlink():
        return f"{file} links to {target}, which is not a history of this program."
    if identity == "special" and file.is_dir():
        return f"{file} is a folder, not a file."
    return ""


def obstacle(file: Path) -> str:
    """Return a sentence about something next to the history that would block SQLite, such as a pipe."""
    for companion in companions(Path(os.path.realpath(file))):
        try:
            is_file = stat.S_ISREG(companion.stat().st_mode)
        except OSError:
            continue
        if not is_file:
            return f"{companion} is not an ordinary file."
    return ""


def is_sound(
    file: Path, connection: sqlite3.Connection, progress: Callable[[int, int], None], *, thorough: bool
) -> bool:
    """Return whether a file is as SQLite left it; with `thorough`, including its indexes. Call `progress` with the
    bytes that were read and the size of the file.

    Raises:
        sqlite3.Error, UnicodeDecodeError: it cannot be read, or is too damaged to be checked.
    """
    size = file.stat().st_size
    # Reading from the disk takes the most time, and SQLite cannot report progress. So SQLite reads from memory.
    try:
        with file.open("rb") as opened:
            for at in range(0, size, _CHUNK):
                progress(at, size)
                opened.read(_CHUNK)
    except OSError:  # a bad sector
        return False
    connection.set_progress_handler(lambda: progress(size, size), 100_000)
    try:
        check = "integrity_check" if thorough else "quick_check"
        answer: str = connection.execute(f"PRAGMA {check}(1)").fetchone()[0]
    finally:
        connection.set_progress_handler(None, 0)
    return answer == "ok"


@dataclass(frozen=True, slots=True)
class HistoryReport:
    """What can be said about the history without opening it."""

    state: State
    text: str
    """The state in a sentence."""
    version: int = 0
    conversations: int | None = None
    recorded: int | None = None
    """The bytes that recordings take; None if an earlier version of the program wrote the history."""


def inspect_history(folder: Path) -> HistoryReport:
    """Return a report about the history in `folder`. Nothing is written or repaired. Blocks while it reads."""
    file = folder / FILE_NAME
    try:
        if sentence := obstacle(file):
            return HistoryReport("not read", sentence)
        identity = identify(file)
        if identity == "missing" and NoteFile(folder).read() != Note():
            return HistoryReport("not read", f"The history in {file} was moved or deleted.")
        if identity == "missing":
            return HistoryReport("missing", "There is no history yet.")
        if sentence := refusal(file, identity):
            return HistoryReport("not read", sentence)
        if identity in ("unreadable", "special"):
            return HistoryReport("damaged", _DAMAGED)
        with contextlib.closing(_connect_for_report(file)) as connection:
            return _report(connection)
    except OSError as problem:
        return HistoryReport("not read", f"The history cannot be read: {problem.strerror}.")
    except sqlite3.OperationalError as problem:
        if problem.sqlite_errorname == "SQLITE_INTERRUPT":
            text = f"The history is too large to check in {_REPORT_TIMEOUT:g} seconds."
            return HistoryReport("not read", text)
        return HistoryReport("not read", str(storage_problem(problem)))
    except SQLITE_ERRORS:
        return HistoryReport("damaged", _DAMAGED)


def connect_without_writing(file: Path) -> sqlite3.Connection:
    """Return a connection that writes nothing, not even the files that SQLite keeps next to one in use.

    Raises:
        sqlite3.Error: it cannot be opened.
    """
    in_use = file.with_name(f"{file.name}-wal").exists()
    return sqlite3.connect(f"{file.absolute().as_uri()}?{'mode=ro' if in_use else 'immutable=1'}", uri=True)


def _connect_for_report(file: Path) -> sqlite3.Connection:
    connection = connect_without_writing(file)
    until = time.monotonic() + _REPORT_TIMEOUT
    connection.set_progress_handler(lambda: time.monotonic() > until, _STEPS_PER_CHECK)
    return connection


def _report(connection: sqlite3.Connection) -> HistoryReport:
    version = schema.version_of(connection)
    if not schema.is_plausible(version):
        return HistoryReport("damaged", _DAMAGED)
    if version > schema.VERSION:
        text = f"A newer version of this program made it ({version}, this one knows {schema.VERSION})."
        return HistoryReport("newer", text, version)
    answer: str = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if answer != "ok":
        return HistoryReport("damaged", _DAMAGED, version)
    if not version:
        return HistoryReport("sound", "The history has no tables yet.")
    count: int = connection.execute("SELECT count(*) FROM conversations").fetchone()[0]
    recorded = recorded_bytes(connection) if version == schema.VERSION else None
    return HistoryReport("sound", "The history is sound.", version, count, recorded)
