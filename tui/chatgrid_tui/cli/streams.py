"""The standard streams. Each may be closed (`<&-`, `>&-`), and is None in Python then."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import BinaryIO, TextIO

from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.text import clean


def prepare() -> None:
    """Make the standard streams safe to use: errors can be written, and no file takes the place of a stream.

    Raises:
        UsageProblem: standard output is closed.
    """
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:  # otherwise the next opened file, such as the history, would get this descriptor
            os.open(os.devnull, os.O_RDWR)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 (it stays open)
    if sys.stdout is None:
        raise UsageProblem("Standard output is closed.")
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal may lack some characters


def standard_input() -> BinaryIO:
    """Return standard input as a stream of bytes.

    Raises:
        UsageProblem: it is closed.
    """
    if sys.stdin is None:
        raise UsageProblem("Standard input is closed.")
    return sys.stdin.buffer


def print_at_end(text: str) -> None:
    """Print on standard error. Errors, as from a closed terminal, do not change the exit code."""
    with contextlib.suppress(OSError):
        sys.stderr.write(clean(text))
    for stream in (sys.stderr, sys.stdout):
        try:
            stream.flush()
        except OSError:  # do not fail again on the rest of the buffer
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def is_terminal(stream: TextIO | None) -> bool:
    """Return whether `stream` is open, and a terminal."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # it is closed
        return False
