"""`chatgrid-tui export`: conversations of the history on standard output, or in a new file."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chatgrid_tui.config.api_keys import find_key
from chatgrid_tui.config.paths import Paths
from chatgrid_tui.config.settings import Settings, load_usable
from chatgrid_tui.errors import KeyProblem, UsageProblem
from chatgrid_tui.model.export_format import Format, format_of
from chatgrid_tui.model.saved_conversation import ConversationRow
from chatgrid_tui.session.export.exporter import Exporter
from chatgrid_tui.session.user_files import check_new_file, path_of, shown_path
from chatgrid_tui.store import reads
from chatgrid_tui.store.read_only import UnlockedHistory, read_only
from chatgrid_tui.text import clean, clean_line
from chatgrid_tui.units import counted, size

_MOST: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """The arguments of the command line."""

    conversations: Sequence[str] = ()
    """Ids; none for all conversations."""
    format: Format | None = None
    output: str = ""
    """The name of the file; empty for standard output."""


def export(options: ExportOptions, paths: Paths) -> int:
    """Export conversations, and return the exit code.

    Raises:
        UsageProblem: there is no such conversation, or the file cannot be written.
        StorageProblem: the history cannot be read.
    """
    path = path_of(options.output) if options.output else None
    if path is not None:
        check_new_file(path)
    with read_only(paths.data_folder) as connection:
        rows = [] if connection is None else reads.conversations(connection, _MOST, None)
        if options.conversations:
            rows = [*{row.id: row for wanted in options.conversations for row in _with_id(rows, wanted)}.values()]
        if connection is None or not rows:
            raise UsageProblem(f"There are no conversations in {paths.data_folder}.")
        settings, _ = load_usable(paths.config_file)
        exporter = Exporter(UnlockedHistory(connection), settings)
        format_ = options.format or format_of(options.output) or "markdown"
        if format_ != "json":  # which is complete, so that it can be imported
            asyncio.run(_look_up_keys(settings, {row.provider for row in rows}, paths.keys_file))
        if path is not None:
            asyncio.run(_save(exporter, rows, format_, path))
            return 0
        broken = asyncio.run(_print(exporter, rows, format_))
    if broken is not None:
        raise broken  # out here, where it is not taken for a problem with the history
    return 0


async def _look_up_keys(settings: Settings, names: Set[str], keys_file: Path) -> None:
    """Look up the keys of some providers, so that they are masked where someone pasted one into a message."""
    hidden = {source.variable for source in settings.key_sources.values() if source.variable}
    for name in sorted(names & settings.providers.keys() & settings.key_sources.keys()):
        with contextlib.suppress(KeyProblem):  # nothing is sent, so this need not be said
            await find_key(settings.providers[name], settings.key_sources[name], keys_file, hidden=hidden)


async def _print(exporter: Exporter, rows: Sequence[ConversationRow], format_: Format) -> OSError | None:
    """Print the document. Return the error if the output cannot be written."""
    async for piece in exporter.pieces(rows, format_):
        try:
            sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()
        except OSError as problem:
            return problem
    return None


async def _save(exporter: Exporter, rows: Sequence[ConversationRow], format_: Format, path: Path) -> None:
    length = await exporter.save(rows, format_, path)
    exported = f"Exported {counted(len(rows), 'conversation')}, {size(length)}, to {shown_path(path)}."
    print(clean(exported))  # noqa: T201


def _with_id(rows: Sequence[ConversationRow], wanted: str) -> list[ConversationRow]:
    """Return the conversation with an id of the history, or those with an id of their service."""
    found = [row for row in rows if str(row.id) == wanted] or [row for row in rows if row.remote_id == wanted != ""]
    if not found:
        raise UsageProblem(f"There is no conversation {clean_line(wanted, 80)} in the history.")
    return found
