"""`chatgrid-tui import`: add the conversations of a file to the history."""

from __future__ import annotations

import asyncio
import sys

from chatgrid_tui.config.paths import Paths
from chatgrid_tui.errors import StorageProblem
from chatgrid_tui.session.importing.file import import_conversations
from chatgrid_tui.session.user_files import path_of
from chatgrid_tui.store.history import History
from chatgrid_tui.text import clean


def import_file(name: str, paths: Paths) -> int:
    """Import a file, print what was done, and return the exit code.

    Raises:
        UsageProblem: nothing was imported, because of the file or because another window has the history.
    """
    try:
        asyncio.run(_import(name, paths))
    except StorageProblem as problem:
        sys.stderr.write(clean(f"chatgrid-tui: Nothing was imported. {problem}\n"))
        return 1
    return 0


async def _import(name: str, paths: Paths) -> None:
    path = path_of(name)
    history = await History.open(paths.data_folder)
    try:
        if history.in_memory:
            raise StorageProblem(history.notice)
        print(clean((await import_conversations(history, path)).report), flush=True)  # noqa: T201
        await history.search.catch_up()
    finally:
        await history.close()
