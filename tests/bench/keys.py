"""The longest delay of a key while a hard reply arrives and after the next start, and the time to quit."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.floods import PLAIN, Event, Flood, floods
from bench.key_server import KeyServer
from bench.outcome import Row, milliseconds
from bench.stage import Stage, progress
from bench.terminal import CTRL_Q, Terminal
from chatgrid_tui.demo.catalogue import Kind

_ALPHABETS: Final = (
    (0x0400, 0x0482),
    (0x048A, 0x0530),
    (0x10D0, 0x10FB),
    (0x0531, 0x0557),
    (0x0100, 0x0250),
    (0x1401, 0x166D),
    (0xA000, 0xA48D),
)
"""Letters that are in no reply: each is typed once, so that its first showing is its echo."""
_BETWEEN_KEYS: Final = 0.03
_CLEAR: Final = b"\x15"
"""Ctrl+U deletes what is in the composer up to the cursor."""
_A_MESSAGE: Final = 30
"""Letters after which the composer is cleared: they fit on a line, and Ctrl+U deletes no more than that."""
_AT_LEAST: Final = 1.5
"""Seconds of typing after a reply has been written, and after a start."""
_AT_MOST: Final = 60.0
_CALM: Final = 0.5
"""The share of a core below which the program has nothing left to do but to echo keys."""
_GOAL: Final = 100.0


@dataclass(frozen=True, slots=True)
class Wait:
    """The delay of a key, and the CPU seconds that the program used meanwhile."""

    seconds: float
    cpu: float


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was seen of one reply."""

    writing: Wait
    start: float
    """Seconds from the next start to the conversation on the screen."""
    again: Wait
    quit: float


def keys(stage: Stage, rounds: int) -> list[Row]:
    """Type letters while each hard reply arrives, whole and in pieces. It is done once, however many rounds."""
    rows: list[Row] = []
    with KeyServer() as server:
        for flood in (PLAIN, *(flood for flood in floods() if stage.only in flood.name)):
            for how, events in (("whole", flood.whole), ("in pieces", flood.pieces)):
                if len(events) == 1 and how == "in pieces":
                    continue
                progress(f"keys: {flood.name}, {how}")
                rows.append(_row(f"{flood.name}, {how}", _seen(stage, server, flood, events)))
                progress(f"  {rows[-1].median:.0f} ms: {rows[-1].medians}")
    return rows


def _row(name: str, seen: _Seen) -> Row:
    longest = max(seen.writing, seen.again, key=lambda wait: wait.seconds)
    words = (
        f"writing {_words(seen.writing)}, next start {milliseconds(seen.start)}, "
        f"then {_words(seen.again)}, quit {milliseconds(seen.quit)}"
    )
    excused = max(seen.writing.cpu, seen.again.cpu) * 1_000 <= _GOAL
    return Row(name, [longest.seconds * 1_000], "none", words, _GOAL, " ms", ", or of CPU", excused)


def _words(wait: Wait) -> str:
    return f"{milliseconds(wait.seconds)} ({milliseconds(wait.cpu)} CPU)"


def _seen(stage: Stage, server: KeyServer, flood: Flood, events: Sequence[Event]) -> _Seen:
    data = stage.folder()
    command = _command(stage, data, server.port, flood.kind)
    letters = (chr(code) for first, behind in _ALPHABETS for code in range(first, behind))
    with Terminal(command, stage.environment) as terminal:
        terminal.wait_for("Message")
        terminal.idle()
        server.answer_with(events)
        terminal.type(b"go\r")
        writing = _type(terminal, letters, server)
        leaving = _quit(terminal)
    with Terminal(command, stage.environment) as terminal:
        start = terminal.wait_for("flood · bots") - terminal.started
        again = _type(terminal, letters, server)
        leaving = max(leaving, _quit(terminal))
    return _Seen(writing, start, again, leaving)


def _type(terminal: Terminal, letters: Iterator[str], server: KeyServer) -> Wait:
    """Type letter after letter until the program has had nothing to do for a while; return the longest wait."""
    began = time.monotonic()
    longest = Wait(0.0, 0.0)
    calm_since, cpu = began, terminal.cpu
    for typed, letter in enumerate(letters, start=1):
        now = time.monotonic()
        if now - calm_since >= _AT_LEAST:
            busy = (terminal.cpu - cpu) / (now - calm_since)
            if server.ended.is_set() and busy < _CALM:
                break
            calm_since, cpu = now, terminal.cpu
        if now - began > _AT_MOST:
            break
        used = terminal.cpu
        wait = Wait(terminal.echo(letter), terminal.cpu - used)
        longest = max(longest, wait, key=lambda wait: wait.seconds)
        if not typed % _A_MESSAGE:
            terminal.type(_CLEAR)
        time.sleep(_BETWEEN_KEYS)
    terminal.type(_CLEAR)
    return longest


def _quit(terminal: Terminal) -> float:
    began = terminal.type(CTRL_Q)
    terminal.wait_for_end()
    return time.monotonic() - began


def _command(stage: Stage, data: Path, port: int, kind: Kind) -> list[str]:
    path = "/v1" if kind == "openai" else "/api"
    command = stage.app(data)
    (data / "config.toml").write_text(
        f'[providers.bots]\nkind = "{kind}"\nbase_url = "http://127.0.0.1:{port}{path}"\nboards = ["flood"]\n'
    )
    return command
