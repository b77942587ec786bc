"""Reads a file with conversations, of this program, ChatGPT, Claude or llm, and adds them to the history."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from chatgrid_tui.engine.json_parsing import parsed_in_steps
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.model.saved_conversation import ConversationRow
from chatgrid_tui.session.export.formats import OUR_FORMAT, OUR_VERSION
from chatgrid_tui.session.importing import IMPORTED_TITLES, chatgpt, claude, llm
from chatgrid_tui.session.importing.foreign import ForeignConversation, items_of, object_of, text_of
from chatgrid_tui.session.user_files import read_user_file
from chatgrid_tui.session.wording.failures import cannot_change
from chatgrid_tui.store.history import History
from chatgrid_tui.store.imports import Added
from chatgrid_tui.store.llm_logs import read_llm_logs
from chatgrid_tui.store.portable import ConversationRows, rows_of
from chatgrid_tui.text import clean_line
from chatgrid_tui.units import counted

FILE_LIMIT: Final = 256 * 1024 * 1024
"""The maximum bytes of a file, and of what is in a zip."""
_MOST_VALUES: Final = 20_000_000
"""More values would take gigabytes, however small the file is."""
_PART: Final = 1 << 20
_STEPS: Final = 4
"""The levels that are parsed step by step: the file, its list, a conversation, and its turns."""
_SQLITE: Final = b"SQLite format 3\0"
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_IN_ZIP: Final = "conversations.json"
_WHAT_IS_READ: Final = (
    "JSON of `export`, `conversations.json` of ChatGPT or Claude (or the zip with it), or the `logs.db` of llm"
)
_READERS: Final = {chatgpt.PROVIDER: chatgpt, claude.PROVIDER: claude}

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class ImportFile:
    """The conversations in a file."""

    origin: str
    """The title of the program that wrote it; empty for our own."""
    conversations: tuple[ConversationRows, ...]
    notes: tuple[str, ...] = ()
    """Sentences on what was left out."""


def read_import(path: Path) -> ImportFile:
    """Return the conversations in a file. Blocks; other threads can run meanwhile.

    Raises:
        UsageProblem: it cannot be read, or has none. The message says what is wrong, and where.
    """
    try:
        return _read(path)
    except UsageProblem as problem:
        if str(problem).startswith(str(path)):
            raise
        raise UsageProblem(f"{path} cannot be imported. {problem}") from None


def _read(path: Path) -> ImportFile:
    if os.path.isfile(path):
        if os.path.getsize(path) > FILE_LIMIT and not _starts_with(path, _SQLITE):
            raise UsageProblem(f"It is larger than {FILE_LIMIT >> 20} MiB.")
        if _starts_with(path, _SQLITE):
            logged = read_llm_logs(path)
            return _converted(llm.PROVIDER, logged, llm.read_conversation)
    data = read_user_file(path, FILE_LIMIT)
    if not data.strip():
        raise UsageProblem("It is empty.")
    if data.startswith(_ZIP):
        return _merged([_from_json(text) for text in _unzipped(path)])
    return _from_json(data)


def _starts_with(path: Path, start: bytes) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read(len(start)) == start
    except OSError:
        return False


def _unzipped(path: Path) -> list[bytes]:
    from zipfile import BadZipFile, ZipFile  # rarely needed

    try:
        with ZipFile(path) as bundle:
            names = [name for name in bundle.namelist() if _holds_conversations(name)]
            if not names:
                raise UsageProblem(f"There is no {_IN_ZIP} in the zip.")
            texts: list[bytes] = []
            left = FILE_LIMIT
            for name in names:
                with bundle.open(name) as member:  # whose size may be another than the zip says
                    is_small = bundle.getinfo(name).file_size <= left
                    texts.append(member.read(left + 1) if is_small else b"")
                left -= len(texts[-1])
                if left < 0 or not is_small:
                    raise UsageProblem(f"Unpacked, it is larger than {FILE_LIMIT >> 20} MiB.")
            return texts
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError):
        raise UsageProblem("The zip was cut, is damaged or has a password.") from None


def _holds_conversations(name: str) -> bool:
    """Return whether a file in a zip has conversations; large exports have several, with numbers."""
    stem, _, extension = name.rpartition("/")[2].rpartition(".")
    return extension == "json" and stem.rstrip("0123456789").rstrip("-_") == "conversations"


def _from_json(data: bytes) -> ImportFile:
    value = _parsed(data)
    if object_of(value).get("format") == OUR_FORMAT:
        return _ours(object_of(value))
    items = items_of(value) or items_of(object_of(value).get("conversations")) or [value]
    for provider, reader in _READERS.items():
        if any(map(reader.is_conversation, items)):
            return _converted(provider, items, reader.read_conversation)
    if value == []:
        raise UsageProblem("There are no conversations in it.")
    raise UsageProblem(f"It is JSON of another program. What can be imported: {_WHAT_IS_READ}.")


def _parsed(data: bytes) -> Json:
    try:
        text = data.decode(json.detect_encoding(data)).removeprefix("\ufeff")
    except UnicodeDecodeError as problem:
        raise UsageProblem(f"It is no text: byte {problem.start:,} is none of {problem.encoding}.") from None
    parts = (text[at : at + _PART] for at in range(0, len(text), _PART))  # no other thread runs while one is searched
    if sum(part.count(sign) for part in parts for sign in "[{,") > _MOST_VALUES:
        raise UsageProblem(f"It has more than {_MOST_VALUES:,} values.")
    try:
        return parsed_in_steps(text, _STEPS)
    except json.JSONDecodeError as problem:
        if text.lstrip()[:1] not in ("{", "["):
            raise UsageProblem(f"It is no JSON. What can be imported: {_WHAT_IS_READ}.") from None
        place = f"line {problem.lineno:,}, column {problem.colno:,}"
        if problem.pos >= len(text.rstrip()) or problem.msg.startswith("Unterminated string"):
            raise UsageProblem(f"It was cut: the JSON does not end ({place}).") from None
        raise UsageProblem(f"It is no JSON at {place}.") from None
    except ValueError:
        raise UsageProblem("It has values that are nested too deeply, or numbers that are too long.") from None


def _ours(value: JsonObject) -> ImportFile:
    version = value.get("version")
    if not isinstance(version, int) or version > OUR_VERSION:
        raise UsageProblem(f"It was written by a newer version of this program (format {version}).")
    if "conversations" not in value:
        raise UsageProblem("It has no conversations.")
    items = value["conversations"]
    if isinstance(items, str) or not isinstance(items, Sequence):
        raise UsageProblem("conversations is no list.")
    rows = [rows_of(item, f"conversations[{number}]") for number, item in enumerate(items)]
    unknown = sorted({name for conversation in rows for name in conversation.unknown})
    shown = clean_line(", ".join(unknown), 200)
    notes = [f"Left out, as this version does not know them: {shown}."] if unknown else []
    return ImportFile("", tuple(rows), tuple(notes))


def _converted(provider: str, items: Iterable[_Item], read: Callable[[_Item], ForeignConversation]) -> ImportFile:
    """Convert the conversations of another program. Those that cannot be read are left out, and counted."""
    rows: list[ConversationRows] = []
    problems: list[str] = []
    branches = 0
    for number, item in enumerate(items, 1):
        try:
            found = read(item)
            title = clean_line(text_of(found.conversation["title"]), 60)
            rows.append(rows_of(found.conversation, f'"{title}"'))
            branches += found.left_out
        except UsageProblem as problem:
            problems.append(f"Conversation {number}: {problem}")
    if not rows:
        raise UsageProblem(problems[0] if problems else "There are no conversations in it.")
    notes: list[str] = []
    if problems:
        notes.append(f"{counted(len(problems), 'conversation')} could not be read. {problems[0]}")
    if branches:
        notes.append(f"{counted(branches, 'message')} on other branches left out.")
    return ImportFile(IMPORTED_TITLES[provider], tuple(rows), tuple(notes))


def _merged(files: Sequence[ImportFile]) -> ImportFile:
    """Return the conversations of the files of one zip."""
    conversations = tuple(conversation for file in files for conversation in file.conversations)
    notes = dict.fromkeys(note for file in files for note in file.notes)
    return ImportFile(files[0].origin, conversations, tuple(notes))


@dataclass(frozen=True, slots=True)
class Imported:
    """What was added, and sentences on it."""

    rows: tuple[ConversationRow, ...]
    report: str


async def import_conversations(history: History, path: Path, open_ids: Collection[int] = ()) -> Imported:
    """Add the conversations of a file, all or none. Those in `open_ids` stay as they are.

    Raises:
        UsageProblem: the file cannot be imported, or the history cannot be changed. Nothing was added.
        StorageProblem: they could not be written. Nothing was added.
    """
    if history.read_only is not None:
        raise UsageProblem(f"Nothing was imported. {cannot_change(history.read_only)}")
    with _collection_paused():
        file = await asyncio.to_thread(read_import, path)
        added = await history.imports.add(file.conversations, open_ids)
    return Imported(added.rows, " ".join(_report(file, added)))


@contextlib.contextmanager
def _collection_paused() -> Iterator[None]:
    """Keep the garbage collector from going through millions of new objects, while all other threads wait (measured:
    1.4 s for 110 MB).
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _report(file: ImportFile, added: Added) -> Iterator[str]:
    count = len(added.rows)
    messages = sum(conversation.messages for conversation in file.conversations)
    of_all = "" if added.known else f" with {counted(messages, 'message')}"
    origin = f" from {file.origin}" if file.origin else ""
    yield f"Imported {counted(count, 'conversation')}{of_all}{origin}." if count else "Nothing was imported."
    if added.known:
        stayed = (
            "was here already and stayed as it was"
            if added.known == 1
            else "were here already and stayed as they are"
        )
        yield f"{counted(added.known, 'conversation')} {stayed}."
    if added.newer:
        yield f"The file has newer messages of {added.newer:,} of these: delete them here first to import them again."
    yield from file.notes
