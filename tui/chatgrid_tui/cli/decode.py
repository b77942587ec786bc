"""`chatgrid-tui decode`: captured bytes read as a reply, offline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from chatgrid_tui.cli.outcome import exit_code, reply_json
from chatgrid_tui.cli.printing import TextPrinter, print_rest
from chatgrid_tui.cli.streams import standard_input
from chatgrid_tui.dialects.dialect import Dialect
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.dialects.response_parser import ResponseParser
from chatgrid_tui.engine.metered_trace import MeteredBody
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
    headers = {"content-type": content_type} if content_type else {}
    if as_json:
        return _print_json(dialect, headers, file)
    reply = Reply(0, "", datetime.now(UTC))
    printer = TextPrinter(reply, side_by_side=dialect.bubbles_are_choices)
    parser = ResponseParser(dialect, headers=headers)
    for piece in _pieces(file):
        reply.apply_all(parser.feed(piece))
        printer.grow()
        if parser.ended:
            break
    reply.apply_all(parser.end())
    printer.finish()
    print_rest(reply, KeyStatus(), dialect.resend, dialect)
    return exit_code(reply)


def _print_json(dialect: Dialect, headers: Mapping[str, str], file: str) -> int:
    """Print a captured body as JSON, with the figures of the stream, and return the exit code."""
    reply = Reply(0, "", datetime.now(UTC))
    metered = MeteredBody(dialect, headers)
    for piece in _pieces(file):
        for event in metered.feed(piece):
            reply.apply(event)
        if metered.ended:
            break
    for event in metered.end():
        reply.apply(event)
    print(reply_json(reply, stream=metered.report))  # noqa: T201
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
