"""A long conversation: the time to open it, and the memory it takes after paging through it."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Final

from bench.histories import newest, one_conversation
from bench.outcome import Row, compared
from bench.stage import Stage, progress
from bench.startup import HELLO
from bench.terminal import Terminal

_MANY: Final = 5_000
_FEW: Final = 50
_PAGE_UP: Final = b"\x1b[5~"
_PAGE_DOWN: Final = b"\x1b[6~"
_HOME: Final = b"\x1b[H"
_PAGES_UP: Final = 300
_PAGES_DOWN: Final = 100
_SETTLED: Final = 0.02


def open_many(stage: Stage, rounds: int) -> list[Row]:
    """Open 5,000 messages and 50, from the start of the process to the newest message on the screen."""
    sizes = (_FEW, _MANY)
    folders = {size: _prepared(stage, size) for size in sizes}
    cpu: dict[int, list[float]] = {size: [] for size in sizes}
    wall: dict[int, list[float]] = {size: [] for size in sizes}
    for number in range(rounds + 1):
        progress(f"open: {number} of {rounds}")
        for size in sizes:
            with Terminal(stage.app(folders[size], port=stage.bots), stage.environment) as terminal:
                shown = terminal.wait_for(newest(size))
                cpu[size].append(terminal.cpu)
                wall[size].append(shown - terminal.started)
    for size in sizes:
        del cpu[size][0], wall[size][0]
    against = "opening 50"
    return [
        compared(f"open {_MANY:,} messages: {name}", used[_MANY], used[_FEW], against, 1.5)
        for name, used in (("CPU", cpu), ("time", wall))
    ]


def memory(stage: Stage, rounds: int) -> list[Row]:
    """Page through 5,000 open messages, and compare the memory with that of the smallest app."""
    folder = _prepared(stage, _MANY)
    over: list[float] = []
    at_open: list[float] = []
    for number in range(1, rounds + 1):
        progress(f"memory: {number} of {rounds}")
        with Terminal(stage.ruler(HELLO), stage.environment) as terminal:
            terminal.wait_for("Say hello", "Leave")
            terminal.idle()
            floor = terminal.memory
        with Terminal(stage.app(folder, port=stage.bots), stage.environment) as terminal:
            terminal.wait_for(newest(_MANY))
            terminal.idle()
            at_open.append(terminal.memory - floor)
            for key in (_PAGE_UP,) * _PAGES_UP + (_HOME,) + (_PAGE_DOWN,) * _PAGES_DOWN:
                terminal.type(key)
                terminal.quiet(_SETTLED)
            terminal.idle()
            over.append(terminal.memory - floor)
    what = f"memory over the ruler's with {_MANY:,} messages open and paged through"
    return [Row(what, over, HELLO, f"{statistics.median(at_open):.1f} MiB before paging", 30.0, " MiB")]


def _prepared(stage: Stage, size: int) -> Path:
    progress(f"preparing {size:,} messages")
    return one_conversation(stage.folder(), size)
