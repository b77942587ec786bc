"""Extremely long replies: the memory they leave in use, and the peak."""

from __future__ import annotations

from typing import Final

from bench.outcome import Row
from bench.reply_server import ReplyServer
from bench.stage import Stage, progress
from bench.terminal import Terminal

_SHORT: Final = (100, 2)
_EVENTS: Final = (1_000_000, 2)
_LONG: Final = (100, 1_000_000)
"""Events, and characters of each: 100 MB."""
_PATIENCE: Final = 300.0


def reply_memory(stage: Stage, rounds: int) -> list[Row]:
    """Let a million events come, and a reply of 100 MB, of which the first 32 MiB are taken."""
    grown: list[float] = []
    peaks: list[float] = []
    left: list[float] = []
    with ReplyServer() as server:
        for number in range(1, rounds + 1):
            progress(f"reply memory: {number} of {rounds}")
            before, after, _ = _reply(stage, server.port, *_EVENTS, "Finished")
            grown.append(after - before)
            before, after, peak = _reply(stage, server.port, *_LONG, "is too long")
            peaks.append(peak - before)
            left.append(after - before)
    return [
        Row("memory that a million events leave", grown, "", "", 10.0, " MiB"),
        Row("memory that a reply of 100 MB takes at most", peaks, "", "", 200.0, " MiB"),
        Row("the same: what it leaves", left, "", "", 150.0, " MiB"),
    ]


def _reply(stage: Stage, port: int, events: int, characters: int, end: str) -> tuple[float, float, float]:
    """Return the memory before a reply, after it, and at its peak. A short reply has come before it, so that what the
    first one loads does not count.
    """
    with Terminal(stage.app(stage.folder(), port=port), stage.environment) as terminal:
        terminal.wait_for("Message long-writer")
        terminal.idle()
        _send(terminal, f"{_SHORT[0]} {_SHORT[1]}", "Finished")
        before = terminal.memory
        _send(terminal, f"{events} {characters}", end)
        return before, terminal.memory, terminal.peak_memory


def _send(terminal: Terminal, message: str, end: str) -> None:
    terminal.type(message.encode())
    terminal.quiet(0.3)
    sent = terminal.type(b"\r")
    terminal.wait_for(end, after=sent, patience=_PATIENCE)
    terminal.idle()
