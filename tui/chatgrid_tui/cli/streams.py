"""The standard streams. Any of them may be closed (`<&-`, `>&-`), and Python has None in its place then."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import BinaryIO, TextIO

from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.text import clean


def prepare() -> None:
    """Make the standard streams safe to use: errors can be written somewhere, and no file takes a stream's place.

    Raises:
        UsageProblem: standard output is closed.
    """
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:  # the next file to be opened, such as the history, would get this number
            os.open(os.devnull, os.O_RDWR)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 (it stays open)
    if sys.stdout is None:
        raise UsageProblem("Standard output is closed.")
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal may know fewer characters


def standard_input() -> BinaryIO:
    """Return standard input, to read bytes from.

    Raises:
        UsageProblem: it is closed.
    """
    if sys.stdin is None:
        raise UsageProblem("Standard input is closed.")
    return sys.stdin.buffer


def print_at_end(text: str) -> None:
    """Print on standard error, and let nothing of that change the exit code: the terminal may have gone away."""
    with contextlib.suppress(OSError):
        sys.stderr.write(clean(text))
    for stream in (sys.stderr, sys.stdout):
        try:
            stream.flush()
        except OSError:  # what is left in the buffer would be written, and fail, once more
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def is_terminal(stream: TextIO | None) -> bool:
    """Return whether `stream` is open, and a terminal."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # it is closed
        return False
