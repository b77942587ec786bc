"""How late the reads of a recording come when `mock` serves it, against a bare loop that writes at the same times."""

from __future__ import annotations

import asyncio
import json
import random
import re
import statistics
import subprocess
import time
from collections.abc import Sequence
from operator import truediv
from pathlib import Path
from typing import Final, TypeAlias

from bench.outcome import Row, milliseconds, percentile
from bench.stage import Stage, progress
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.engine.recording import Head, Recording
from chatgrid_tui.engine.recording_format import write_recording
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.model.request import Outgoing

_READS: Final = 500
_SECONDS: Final = 5.0
_CLIENTS: Final = 4
_PATH: Final = "/v1/chat/completions"
_PORT: Final = re.compile(r"(?:127\.0\.0\.1:)?(\d+)")
_RULER: Final = "paced"
_MOST: Final = 20.0
_MOST_OF_RULER: Final = 1.5
_Found: TypeAlias = tuple[list[list[float]], list[list[float]]]
"""Seconds that reads were late, for each round: ours, and the ruler's."""


def mock(stage: Stage, rounds: int) -> list[Row]:
    """Read the same recording with four clients at a time, from `mock` and from the ruler, in turn."""
    chance = random.Random(_READS)
    times = sorted(chance.uniform(0.05, _SECONDS) for _ in range(_READS))
    folder = stage.folder()
    file, list_of_times = folder / "recording.jsonl", folder / "times.json"
    request = _record(file, times)
    list_of_times.write_text(json.dumps(times))
    commands = (stage.command("mock", str(file), "--loop"), stage.ruler(_RULER, str(list_of_times)))
    found: _Found = ([], [])
    for number in range(1, rounds + 1):
        progress(f"mock: {number} of {rounds}")
        for command, late in zip(commands, found, strict=True):
            late.append(_lateness(stage, command, request, times))
    what = f"mock: p95 of how late {_READS * _CLIENTS:,} reads come"
    return [_row(what, 0.95, found), _row("the same: the latest one", 1.0, found)]


def _row(what: str, share: float, found: _Found) -> Row:
    """Compare how late reads came. Where something else had the processor, the ruler is late as well."""
    ours, theirs = ([percentile(late, share) * 1_000 for late in runs] for runs in found)
    words = " / ".join(milliseconds(percentile([late for run in runs for late in run], share)) for runs in found)
    excused = statistics.median(map(truediv, ours, theirs)) <= _MOST_OF_RULER
    return Row(what, ours, _RULER, words, _MOST, " ms", f", or {_MOST_OF_RULER:g} of the ruler", excused)


def _record(file: Path, times: Sequence[float]) -> bytes:
    """Write a recording with a read at each time, and return the request that it answers."""
    dialect = DIALECTS["openai"]
    asked = dialect.message(Outgoing(Provider("p", "openai", "https://bots.example/v1"), "b", "Hello", ""))
    recording = Recording(asked, "openai")
    recording.head = Head(0.0, 200, {"content-type": "text/event-stream"})
    for number, t in enumerate(times):
        recording.add_read(t, f"data: {number}\n\n".encode())
    recording.finish(times[-1], "eof")
    file.write_bytes(write_recording(recording))
    body = json.dumps(asked.body).encode()
    head = f"POST {_PATH} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
    return f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body


def _lateness(stage: Stage, command: Sequence[str], request: bytes, times: Sequence[float]) -> list[float]:
    """Return how many seconds after its time each read came, of all clients."""
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=stage.environment
    ) as server:
        try:
            assert server.stdout is not None
            port = _PORT.search(server.stdout.readline().replace("http://", "").rpartition(" ")[2])
            assert port is not None, "a server says where it is"
            return asyncio.run(_read_by_all(int(port[1]), request, times))
        finally:
            server.terminate()


async def _read_by_all(port: int, request: bytes, times: Sequence[float]) -> list[float]:
    late = await asyncio.gather(*(_read(port, request, times) for _ in range(_CLIENTS)))
    return [seconds for each in late for seconds in each]


async def _read(port: int, request: bytes, times: Sequence[float]) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    began = time.monotonic()
    writer.write(request)
    await reader.readuntil(b"\r\n\r\n")
    late: list[float] = []
    for t in times:
        size = int(await reader.readuntil(b"\r\n"), 16)
        await reader.readexactly(size + 2)
        late.append(time.monotonic() - began - t)
    writer.close()
    return late
