"""When the program crashes: a report that can be shown to anybody, and the message that leads to it.

It contains only names of modules, functions and types. The messages of errors and the values of variables may
contain what the user wrote, what a bot answered, or a key.
"""

from __future__ import annotations

import platform
import traceback
from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from chatgrid_tui import __version__
from chatgrid_tui.disk import write_file

_FRAMES: Final = 40
"""The most calls to name for each error, so that endless recursion does not make an endless report."""


def keep_report(error: BaseException, folder: Path) -> Path | None:
    """Write a report of `error` to `folder` and return its file, or None if that fails."""
    file = folder / f"crash-{datetime.now().astimezone():%Y%m%d-%H%M%S}.txt"
    try:
        write_file(file, report_of(error).encode("utf-8"), follow=False)
    except OSError:
        return None
    return file


def crash_words(error: BaseException, report: Path | None, not_saved: str = "") -> str:
    """Return the message for the terminal. `not_saved` says what the history could not save; it may be empty."""
    where = f"A report without messages and keys is in {report}.\n" if report is not None else ""
    saved_note = not_saved or "Your conversations are saved."
    return f"chatgrid-tui: the program failed ({type(error).__qualname__}). {saved_note}\n{where}"


def report_of(error: BaseException) -> str:
    """Return what happened and where, the first cause first."""
    system = f"Python {platform.python_version()}, Textual {version('textual')}, {platform.system()}"
    lines = [f"chatgrid-tui {__version__}, {system}"]
    for one in reversed(list(_chain(error))):
        lines += ["", *_traceback(one)]
    return "\n".join(lines) + "\n"


def traceback_lines(error: BaseException) -> list[str]:
    """Return the types and calls of `error` and its causes, the first cause first."""
    return [line for one in reversed(list(_chain(error))) for line in _traceback(one)]


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and its causes, each once."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ if error.__suppress_context__ or error.__cause__ else error.__context__


def _traceback(error: BaseException) -> list[str]:
    return [f"{type(error).__module__}.{type(error).__qualname__}", *_calls(error)]


def _calls(error: BaseException) -> list[str]:
    calls = [
        f"  {frame.f_globals.get('__name__', '?')}:{line} {frame.f_code.co_qualname}"
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    return calls[-_FRAMES:]
