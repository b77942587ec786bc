"""`chatgrid-tui mock`: serves recordings to other clients, and reports how the clients behave."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from shutil import get_terminal_size
from textwrap import fill
from typing import Final, TextIO, assert_never

from chatgrid_tui.cli.serving import LinePrinter, check_origin, listen, stop_event
from chatgrid_tui.cli.streams import is_terminal
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.mock.book import Book, Entry, book_of
from chatgrid_tui.mock.mock_server import MockServer
from chatgrid_tui.mock.mounts import UNKNOWN_KIND
from chatgrid_tui.mock.verdict import Ending, Finding, Observation, ending_of, verdict
from chatgrid_tui.session.saved_recordings import load_recording_file
from chatgrid_tui.session.user_files import path_of
from chatgrid_tui.text import clean_line
from chatgrid_tui.units import counted, seconds

_LISTED: Final = 20
"""The number of recordings listed at the start."""
_LAST_CHANCE: Final = 1.0
"""Seconds that `--once` waits after the last answer in case a client asks again."""
_LONGEST_SENTENCE: Final = 1_000
_SHORTEST_PATH: Final = 28
_LONGEST_PATH: Final = 60
_BESIDE_PATH: Final = 50
"""Columns of a line that are not for the path."""
_ENDINGS: Final[dict[Ending, str]] = {
    "whole": "ends in order",
    "cut": "is cut",
    "reset": "is reset",
    "silence": "falls silent",
}


@dataclass(frozen=True, slots=True)
class MockOptions:
    """The arguments of the command line."""

    files: Sequence[str]
    kind: str = ""
    port: int = 0
    speed: float = 1.0
    extra: int = 404
    loop: bool = False
    once: bool = False
    json: bool = False
    allow_origin: str = ""


def mock(options: MockOptions) -> int:
    """Serve recordings until the program is interrupted, print the verdict on the clients, and return the exit code.

    Raises:
        UsageProblem: a file cannot be served, the port cannot be used, or the origin is invalid.
    """
    return asyncio.run(_mock(options))


async def _mock(options: MockOptions) -> int:
    book, notes = await asyncio.to_thread(_load, options)
    stopped = stop_event()
    out = sys.stderr if options.json else sys.stdout
    printer = LinePrinter(out)
    say = printer.add
    server = MockServer(
        book,
        port=options.port,
        speed=options.speed,
        extra=options.extra,
        allowed_origin=options.allow_origin,
        requested=lambda seen: say(_request_line(seen)),
        refused=lambda sentence: say(f"   -  {_time()}  A client was refused. {sentence}"),
    )
    await listen(server, options.port)
    printing = asyncio.create_task(printer.run())
    printing.add_done_callback(lambda printing: stopped.set())  # nobody reads the output any more
    try:
        say("\n".join(_opening(book, notes, server.origin)))
        await _until_over(server, stopped, once=options.once)
    finally:
        ended_at = server.elapsed
        await server.close()
    findings = verdict(server.seen, ended_at)
    say("\n".join(["", *(_wrapped(sentence, out) for sentence in _closing(book, server.seen, findings))]))
    printer.close()
    await printing
    if options.json:
        print(_as_json(book, notes, server.seen, findings))  # noqa: T201
    return 0


def _load(options: MockOptions) -> tuple[Book, list[str]]:
    """Return the recordings of all files, and notes about them."""
    check_origin(options.allow_origin)
    recordings: list[Recording] = []
    notes: list[str] = []
    for name in options.files:
        file = load_recording_file(path_of(name), options.kind)
        recordings += file.recordings
        notes += [f"{name}: {note}" for note in file.notes]
    book = book_of(recordings, loop=options.loop)
    if not book.entries:
        raise UsageProblem(" ".join(book.notes))
    return book, [*notes, *book.notes]


async def _until_over(server: MockServer, stopped: asyncio.Event, *, once: bool) -> None:
    """Wait until the program is interrupted, or with `once`, until everything was served."""
    if not once:
        await stopped.wait()
        return
    waits = [asyncio.create_task(event.wait()) for event in (stopped, server.served)]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
    with suppress(TimeoutError):
        async with asyncio.timeout(_LAST_CHANCE):
            await stopped.wait()


def _wrapped(sentence: str, out: TextIO) -> str:
    """Return a sentence, wrapped between words on a terminal."""
    width = get_terminal_size().columns
    return fill(clean_line(sentence, _LONGEST_SENTENCE), width) if is_terminal(out) else sentence


def _opening(book: Book, notes: Sequence[str], origin: str) -> Iterator[str]:
    """Give the lines that are printed at the start."""
    for mount in book.mounts:
        yield f"{mount.kind or UNKNOWN_KIND:9} {mount.url(origin)}"
    yield ""
    several = len(book.mounts) > 1
    yield f"{counted(len(book.entries), 'recording')}. No key is needed. Ctrl+C stops it and prints the verdict."
    for entry in book.entries[:_LISTED]:
        kind = f"{entry.mount.kind or UNKNOWN_KIND:9} " if several else ""
        yield f"{entry.number:4}  {kind}{_described(entry)}"
    if len(book.entries) > _LISTED:
        yield f"      and {len(book.entries) - _LISTED:,} more"
    yield from (f"Note: {note}" for note in notes)
    yield ""


def _described(entry: Entry) -> str:
    """Return the request and the answer of a recording as text."""
    recording = entry.recording
    asks = f'"{clean_line(entry.message, 20)}"' if entry.message else _short(entry.place.path or "any message", 22)
    ending = _ENDINGS[ending_of(recording)]
    if recording.head is None:
        return f"{asks:22}  no answer; {ending}"
    reads = f"{counted(recording.read_count, 'read')} in {seconds(max(recording.latest, 0.0))}"
    return f"{asks:22}  {recording.status}, {reads}, {ending}"


def _request_line(seen: Observation) -> str:
    """Return the line for a request."""
    width = min(max(_SHORTEST_PATH, get_terminal_size().columns - _BESIDE_PATH), _LONGEST_PATH)
    asked = f"{clean_line(seen.method, 10):4} {_short(seen.path, width):{width}}"
    return f"{seen.number:4}  {_time()}  {asked}  {_outcome(seen)}"


def _outcome(seen: Observation) -> str:
    """Return how a request was answered, and how it differs from the recorded one."""
    match seen.source:
        case "needed":
            return f"{seen.status}: needed by clients"
        case "no message":
            return f"{seen.status}: no message in it"
        case "not recorded":
            return f"{seen.status}: not recorded"
        case "recording":
            again = " again" if seen.repeated else ""
            if seen.differences is None:
                return f"recording {seen.recording}{again}, not compared"
            differences = f"differs: {'; '.join(seen.differences)}" if seen.differences else "equal"
            return f"recording {seen.recording}{again}, {differences}"
        case _:
            assert_never(seen.source)


def _closing(book: Book, seen: Sequence[Observation], findings: Sequence[Finding]) -> Iterator[str]:
    """Give the lines that are printed at the end."""
    yield f"{_counts(seen)}."
    if never := [entry.number for entry in book.entries if not entry.served]:
        numbers = ", ".join(map(str, never[:_LISTED])) + (" and more" if len(never) > _LISTED else "")
        yield f"Never asked for: {numbers}."
    yield from (finding.sentence for finding in findings)


def _counts(seen: Sequence[Observation]) -> str:
    """Return the number of requests of each sort."""
    recorded = [request for request in seen if request.recording is not None]
    counts = {
        "as recorded": sum(request.differences == () for request in recorded),
        "different": sum(bool(request.differences) for request in recorded),
        "not compared": sum(request.differences is None for request in recorded),
        "needed by clients": sum(request.source == "needed" for request in seen),
        "without a message": sum(request.source == "no message" for request in seen),
        "not recorded": sum(request.source == "not recorded" for request in seen),
    }
    sorts = ", ".join(f"{count:,} {sort}" for sort, count in counts.items() if count)
    return counted(len(seen), "request") + (f": {sorts}" if sorts else "")


def _as_json(book: Book, notes: Sequence[str], seen: Sequence[Observation], findings: Sequence[Finding]) -> str:
    """Return everything as one JSON object, in ASCII. Times are seconds since the mock started."""
    return json.dumps(
        {
            "recordings": [
                {"number": entry.number, "kind": entry.mount.kind or None, "served": entry.served}
                for entry in book.entries
            ],
            "requests": [_request_json(request) for request in seen],
            "verdict": [
                {"kind": finding.kind, "text": finding.text, "requests": finding.requests} for finding in findings
            ],
            "notes": list(notes),
        }
    )


def _request_json(seen: Observation) -> dict[str, object]:
    return {
        "number": seen.number,
        "t": round(seen.asked_at, 6),
        "method": seen.method,
        "path": seen.path,
        "answered_by": seen.source,
        "recording": seen.recording,
        "repeated": seen.repeated,
        "differences": seen.differences,
        "status": seen.status or None,
        "ending": seen.ending,
        "reads": seen.reads,
        "sent": seen.sent,
        "answered_at": _rounded(seen.answered_at),
        "ended_at": _rounded(seen.ended_at),
        "left_at": _rounded(seen.left_at),
    }


def _rounded(t: float | None) -> float | None:
    return None if t is None else round(t, 6)


def _time() -> str:
    return datetime.now().astimezone().strftime("%H:%M:%S.%f")[:-3]


def _short(path: str, width: int) -> str:
    """Return a path with its middle left out if it is longer than `width`."""
    path = clean_line(path, 400)
    half = width // 2
    return path if len(path) <= width else f"{path[: half - 1]}…{path[half - width :]}"
