"""Starting: CPU until the first full screen, until everything is idle, and with many conversations."""

from __future__ import annotations

from typing import Final

from bench.histories import many_conversations
from bench.outcome import Row, compared
from bench.stage import Stage, progress
from bench.terminal import Terminal

HELLO: Final = "hello"
_HELLO_SHOWN: Final = ("Say hello", "Leave")
_FRAME_SHOWN: Final = ("Conversations", "F1 Keys")
"""The list's head at the top left and the footer's end at the bottom right."""
_BOTS_SHOWN: Final = ("Showcase", "Trouble")
_MANY: Final = 10_000
_FEW: Final = 10


def start(stage: Stage, rounds: int) -> list[Row]:
    """Start with nothing configured: the app then runs its own bots, in its own process."""
    data = stage.folder()
    hello: list[float] = []
    frame: list[float] = []
    bots: list[float] = []
    for number in range(rounds + 1):
        progress(f"start: {number} of {rounds}")
        with Terminal(stage.ruler(HELLO), stage.environment) as terminal:
            terminal.wait_for(*_HELLO_SHOWN)
            hello.append(terminal.cpu)
        with Terminal(stage.app(data), stage.environment) as terminal:
            terminal.wait_for(*_FRAME_SHOWN)
            frame.append(terminal.cpu)
            terminal.wait_for(*_BOTS_SHOWN)
            bots.append(terminal.cpu)
    del hello[0], frame[0], bots[0]  # that one made the history, and compiled what was not yet
    return [
        compared("start: CPU to the first full screen", frame, hello, HELLO, 2.0),
        compared("the same, until its own bots run and are listed", bots, hello, HELLO),
        _at_rest(stage, rounds),
    ]


def _at_rest(stage: Stage, rounds: int) -> Row:
    """Start with one provider on loopback and wait until nothing runs any more."""
    data = stage.folder()
    hello: list[float] = []
    app: list[float] = []
    for _ in range(rounds + 1):
        for command, shown, cpu in (
            (stage.ruler(HELLO), _HELLO_SHOWN, hello),
            (stage.app(data, port=stage.bots), _FRAME_SHOWN, app),
        ):
            with Terminal(command, stage.environment) as terminal:
                terminal.wait_for(*shown)
                terminal.idle(share=0.02)
                cpu.append(terminal.cpu)
    del hello[0], app[0]
    return compared("start with a provider on loopback: CPU until at rest", app, hello, HELLO, 2.0)


def start_with_many(stage: Stage, rounds: int) -> list[Row]:
    """Start with 10,000 conversations and with ten: CPU until the newest of them is in the list."""
    sizes = (_FEW, _MANY)
    folders = {}
    for size in sizes:
        progress(f"many: preparing {size:,} conversations")
        folders[size] = many_conversations(stage.folder(), size)
    cpu: dict[int, list[float]] = {size: [] for size in sizes}
    move: dict[int, list[float]] = {size: [] for size in sizes}
    for number in range(rounds + 1):
        progress(f"many: {number} of {rounds}")
        for size in sizes:
            command = stage.app(folders[size], port=stage.bots)
            with Terminal(command, stage.environment) as terminal:
                terminal.wait_for(f"Chat {size - 1}", "F1 Keys")
                cpu[size].append(terminal.cpu)
                move[size].append(_moving(terminal))
    for size in sizes:
        del cpu[size][0], move[size][0]
    against = "with ten"
    return [
        compared("start with 10,000 conversations: CPU", cpu[_MANY], cpu[_FEW], against, 1.2),
        compared("moving in that list: CPU a key", move[_MANY], move[_FEW], against),
    ]


def _moving(terminal: Terminal) -> float:
    """Go down and up in the list of conversations, and return the CPU seconds of one key."""
    terminal.idle()
    terminal.type(b"\x1b[17~")  # F6: to the list
    terminal.quiet(0.2)
    before, keys = terminal.cpu, (b"\x1b[B",) * 8 + (b"\x1b[A",) * 8
    for key in keys:
        terminal.type(key)
        terminal.quiet(0.05)
    return (terminal.cpu - before) / len(keys)
