"""`chatgrid-tui decode`: a captured or recorded reply, read offline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Final

from chatgrid_tui.cli.outcome import exit_code, reply_json
from chatgrid_tui.cli.printing import TextPrinter, print_rest
from chatgrid_tui.cli.streams import standard_input
from chatgrid_tui.dialects.dialect import Dialect
from chatgrid_tui.dialects.kind_guess import guess_kind
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.dialects.response_parser import ResponseParser
from chatgrid_tui.engine.metered_trace import MeteredBody
from chatgrid_tui.engine.recording_files import FILE_LIMIT, is_recording_file, kind_unknown
from chatgrid_tui.engine.recording_format import NotARecording
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.model.key_status import KeyStatus
from chatgrid_tui.session.reply import Reply

_PIECE: Final = 64 * 1024
_LOOKED_AT: Final = 256 * 1024
"""Bytes at the beginning of a file that tell what is in it."""


def decode(kind: str, file: str, content_type: str, *, as_json: bool) -> int:
    """Read a file, or standard input for `-`, print the reply in it, the last one of several, and return the exit
    code. `kind` may be empty if the file tells it.

    Raises:
        UsageProblem: the file cannot be read.
    """
    source = _Source(file)
    try:
        start = source.read(_LOOKED_AT)
        if is_recording_file(start):
            return _print_recorded(start + source.read(FILE_LIMIT + 1 - len(start)), kind, as_json=as_json)
        headers = {"content-type": content_type} if content_type else {}
        dialect = DIALECTS.get(kind or guess_kind(start, headers))
        if dialect is None:
            raise NotARecording(kind_unknown() if start else "It is empty.")
        body = chain((start,), iter(lambda: source.read(_PIECE), b""))
        return _print_json(dialect, headers, body) if as_json else _print_text(dialect, headers, body)
    except NotARecording as problem:
        raise UsageProblem(f"{source.name} cannot be read. {problem}") from problem
    finally:
        source.close()


class _Source:
    """What is read: a file, or standard input for `-`."""

    def __init__(self, file: str) -> None:
        """Raises `UsageProblem` if it cannot be opened."""
        self.name = "Standard input" if file == "-" else file
        self._is_file = file != "-"
        try:
            self._source: BinaryIO = Path(file).open("rb") if self._is_file else standard_input()  # noqa: SIM115
        except (OSError, ValueError) as problem:
            raise self._unreadable(problem) from problem

    def read(self, size: int) -> bytes:
        """Return the next bytes. Raises `UsageProblem` if they cannot be read."""
        try:
            return self._source.read(size)
        except OSError as problem:
            raise self._unreadable(problem) from problem

    def close(self) -> None:
        """Close a file."""
        if self._is_file:
            self._source.close()

    def _unreadable(self, problem: OSError | ValueError) -> UsageProblem:
        reason = problem.strerror if isinstance(problem, OSError) else "not a valid file name"
        return UsageProblem(f"{self.name} cannot be read: {reason}.")


def _print_recorded(data: bytes, kind: str, *, as_json: bool) -> int:
    """Print the last reply of a file of recordings."""
    # Loaded only now: a captured body needs none of it.
    import asyncio
    import math

    from chatgrid_tui.cli.headless_replay import ReplayOptions, print_note, print_turn
    from chatgrid_tui.engine.recording_files import NO_TIMES, read_recording_file
    from chatgrid_tui.session.recorded_turns import recorded_turns

    recorded = read_recording_file(data, kind)
    for note in recorded.notes:
        if note != NO_TIMES:  # none are printed
            print_note(note)
    turn = recorded_turns(recorded.recordings)[-1]
    return asyncio.run(print_turn(turn, ReplayOptions("", speed=math.inf, json=as_json)))


def _print_text(dialect: Dialect, headers: Mapping[str, str], body: Iterable[bytes]) -> int:
    """Print a captured body as it grows, and return the exit code."""
    reply = Reply(0, "", datetime.now(UTC))
    printer = TextPrinter(reply, side_by_side=dialect.bubbles_are_choices)
    parser = ResponseParser(dialect, headers=headers)
    for piece in body:
        reply.apply_all(parser.feed(piece))
        printer.grow()
        if parser.ended:
            break
    reply.apply_all(parser.end())
    printer.finish()
    print_rest(reply, KeyStatus(), dialect.resend, dialect)
    return exit_code(reply)


def _print_json(dialect: Dialect, headers: Mapping[str, str], body: Iterable[bytes]) -> int:
    """Print a captured body as JSON, with the figures of the stream, and return the exit code."""
    reply = Reply(0, "", datetime.now(UTC))
    metered = MeteredBody(dialect, headers)
    for piece in body:
        for event in metered.feed(piece):
            reply.apply(event)
        if metered.ended:
            break
    for event in metered.end():
        reply.apply(event)
    print(reply_json(reply, stream=metered.report))  # noqa: T201
    return exit_code(reply)
