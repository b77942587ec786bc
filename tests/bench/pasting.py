"""The longest delay of a key after a large paste, and while the message is sent."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from bench.outcome import Row, milliseconds
from bench.stage import Stage, progress
from bench.terminal import CTRL_Q, Terminal

_MEGABYTE: Final = 1_000_000
PASTES: Final = {
    "lines": "the quick brown fox jumps over the lazy dog\r",
    "one line": "x",
    "short lines": "a\r",
    "CJK": "漢字",
    "Thai": "กำลัง ",
    "emoji": "👩‍👩‍👧 ",
}
_LETTERS: Final = [chr(code) for code in range(0x0410, 0x0450)]
"""Letters that are in no paste and no reply: each is typed once."""
_TYPED: Final = 12
_GOAL: Final = 100.0


def paste(stage: Stage, rounds: int) -> list[Row]:
    """Paste a megabyte of each kind and type behind it, then send it and type on. It is done once."""
    return [_row(stage, name, piece) for name, piece in PASTES.items() if stage.only in name]


def _row(stage: Stage, name: str, piece: str) -> Row:
    progress(f"paste: {name}")
    text = piece.encode() * (_MEGABYTE // len(piece.encode()))
    letters = iter(_LETTERS)
    command = [*stage.app(stage.folder()), "--provider", "demo-openai", "--board", "showcase", "demo"]
    with Terminal(command, stage.environment) as terminal:
        terminal.wait_for("Message")
        terminal.idle()
        for start in range(0, len(pasted := b"\x1b[200~" + text + b"\x1b[201~"), 4096):
            terminal.type(pasted[start : start + 4096])
        first = _wait(terminal, lambda: terminal.echo(next(letters)))
        later = max(_wait(terminal, lambda: terminal.echo(next(letters))) for _ in range(_TYPED))
        terminal.type(b"\r")
        sending = max(_wait(terminal, lambda: terminal.echo(next(letters))) for _ in range(_TYPED))
        terminal.type(CTRL_Q)
        terminal.wait_for_end()
    longest = max(first, later, sending)
    words = ", ".join(
        f"{what} {milliseconds(seconds)} ({milliseconds(cpu)} CPU)"
        for what, (seconds, cpu) in (("first key", first), ("later", later), ("sending", sending))
    )
    return Row(
        f"1 MB pasted: {name}",
        [longest[0] * 1_000],
        "none",
        words,
        _GOAL,
        " ms",
        ", or of CPU",
        max(cpu for _, cpu in (first, later, sending)) * 1_000 <= _GOAL,
    )


def _wait(terminal: Terminal, echo: Callable[[], float]) -> tuple[float, float]:
    """Return the delay of a key, and the CPU seconds that the program used meanwhile."""
    used = terminal.cpu
    seconds = echo()
    cpu = terminal.cpu - used
    time.sleep(0.05)
    return seconds, cpu
