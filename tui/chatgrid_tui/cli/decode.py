"""`chatgrid-tui decode`: captured bytes read as a reply, offline."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from chatgrid_tui.cli.outcome import exit_code, reply_json
from chatgrid_tui.cli.printing import TextPrinter, print_rest
from chatgrid_tui.cli.streams import standard_input
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.dialects.response_parser import ResponseParser
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.wording.failures import KeyStatus

_PIECE: Final = 64 * 1024


def decode(kind: str, file: str, content_type: str, *, as_json: bool) -> int:
    """Read a file, or standard input for `-`, print what it says, and return the exit code.

    Raises:
        UsageProblem: the file cannot be read.
    """
    dialect = DIALECTS[kind]
    reply = Reply(0, "", datetime.now(UTC))
    printer = TextPrinter(reply, side_by_side=dialect.bubbles_are_choices)
    parser = ResponseParser(dialect, headers={"content-type": content_type} if content_type else {})
    for piece in _pieces(file):
        reply.apply_all(parser.feed(piece))
        if not as_json:
            printer.grow()
        if parser.ended:
            break
    reply.apply_all(parser.end())
    if as_json:
        print(reply_json(reply))  # noqa: T201
    else:
        printer.finish()
        print_rest(reply, KeyStatus(), dialect.resend, dialect)
    return exit_code(reply)


def _pieces(file: str) -> Iterator[bytes]:
    try:
        with nullcontext(standard_input()) if file == "-" else Path(file).open("rb") as source:
            while piece := source.read(_PIECE):
                yield piece
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "that is no name of a file"
        name = "Standard input" if file == "-" else file
        raise UsageProblem(f"{name} cannot be read: {reason}.") from problem
