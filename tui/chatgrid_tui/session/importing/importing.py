"""Adds the conversations of a file to the history."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.model.saved_conversation import ConversationRow
from chatgrid_tui.session.importing.file import ImportFile, read_import
from chatgrid_tui.session.wording.failures import cannot_change
from chatgrid_tui.store.history import History
from chatgrid_tui.store.imports import Added
from chatgrid_tui.units import counted


@dataclass(frozen=True, slots=True)
class Imported:
    """What was added, and sentences on it."""

    rows: tuple[ConversationRow, ...]
    report: str


async def import_conversations(history: History, path: Path) -> Imported:
    """Add the conversations of a file, all or none.

    Raises:
        UsageProblem: the file cannot be imported, or the history cannot be changed. Nothing was added.
        StorageProblem: they could not be written. Nothing was added.
    """
    if history.read_only is not None:
        raise UsageProblem(f"Nothing was imported. {cannot_change(history.read_only)}")
    with _collection_paused():
        file = await asyncio.to_thread(read_import, path)
        added = await history.imports.add(file.conversations)
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
