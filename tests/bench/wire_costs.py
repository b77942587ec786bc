"""The wire pane: what it costs while a reply streams, how soon a long reply is listed, how it scrolls, its memory."""

from __future__ import annotations

import time
from typing import Final

from bench.outcome import Row, compared, milliseconds
from bench.relay import Relay
from bench.reply_server import ReplyServer
from bench.stage import Stage, progress
from bench.terminal import CTRL_Q, Terminal

_TOKENS: Final = "2000 at 200"
_EVENTS: Final = 10_000
_MANY_EVENTS: Final = 1_000_000
_ONE_CHARACTER: Final = 1
_LARGEST_RECORDING: Final = '[recordings]\nper_reply = "64 MiB"\n'
_F2: Final = b"\x1bOQ"
_ESCAPE: Final = b"\x1b"
_DOWN: Final = b"\x1b[B"
_UP: Final = b"\x1b[A"
_PAGE_DOWN: Final = b"\x1b[6~"
_PAGE_UP: Final = b"\x1b[5~"
_HOME: Final = b"\x1b[H"
_END: Final = b"\x1b[F"
_SCROLLING: Final = [
    *[_PAGE_DOWN, _DOWN] * 30,
    *[_END, _UP, _PAGE_UP, _HOME, _DOWN, _PAGE_DOWN] * 10,
]
_STILL: Final = 0.15
"""Seconds without a change before a key, so that the next change is its own."""
_MOST_OF_CLOSED: Final = 1.3
_OPEN_SOON: Final = 200.0
_LONGEST_WAIT: Final = 100.0
_PATIENCE: Final = 300.0


def wire(stage: Stage, rounds: int) -> list[Row]:
    """Stream with the pane open and closed, open a reply of 10,000 events, and let a million come."""
    return [_streaming(stage, rounds), *_opening(stage, rounds), *_memory(stage)]


def _streaming(stage: Stage, rounds: int) -> Row:
    """Stream the same reply with the pane open and closed, in turn."""
    cpu: dict[bool, list[float]] = {True: [], False: []}
    with Relay(stage.bots) as relay:
        for number in range(1, rounds + 1):
            for is_open in (False, True) if number % 2 else (True, False):
                progress(f"wire: streaming, {'open' if is_open else 'closed'}, {number} of {rounds}")
                cpu[is_open].append(_streamed(stage, relay, is_open=is_open))
    what = "2,000 tokens at 200/s with the wire pane open: CPU"
    return compared(what, cpu[True], cpu[False], "closed", _MOST_OF_CLOSED)


def _streamed(stage: Stage, relay: Relay, *, is_open: bool) -> float:
    """Return the CPU seconds from Enter until the reply has been shown."""
    with Terminal(stage.app(stage.folder(), port=relay.port), stage.environment) as terminal:
        terminal.wait_for("Message long-writer")
        terminal.idle()
        if is_open:
            _open_pane(terminal, "no reply yet")
            terminal.type(_ESCAPE)  # back to the message
            terminal.quiet(0.3)
        terminal.type(_TOKENS.encode())
        terminal.quiet(0.3)
        relay.begin()
        before, deadline = terminal.cpu, time.monotonic() + _PATIENCE
        terminal.type(b"\r")
        while relay.last_byte is None and time.monotonic() < deadline:
            time.sleep(0.05)
        assert relay.last_byte is not None, "the reply ends"
        terminal.idle()
        return terminal.cpu - before


def _opening(stage: Stage, rounds: int) -> list[Row]:
    """Open the pane of a stored reply in a new process each time, and scroll in it."""
    data = stage.folder()
    opened: list[float] = []
    opening_cpu: list[float] = []
    listed: list[float] = []
    waits: list[float] = []
    waiting_cpu: list[float] = []
    with ReplyServer() as server:
        command = stage.app(data, port=server.port)
        with Terminal(command, stage.environment) as terminal:
            terminal.wait_for("Message long-writer")
            terminal.idle()
            _send(terminal, _EVENTS)
            terminal.type(CTRL_Q)
            terminal.wait_for_end()
        for number in range(1, rounds + 1):
            progress(f"wire: {_EVENTS:,} events, {number} of {rounds}")
            with Terminal(command, stage.environment) as terminal:
                terminal.wait_for("Message")
                terminal.idle()
                before = terminal.cpu
                pressed = terminal.type(_F2)
                opened.append((terminal.wait_for("+1 character", after=pressed) - pressed) * 1_000)
                opening_cpu.append((terminal.cpu - before) * 1_000)
                listed.append(terminal.wait_for(f"{_EVENTS + 2:,} records", after=pressed) - pressed)
                terminal.idle()
                wait, cpu = _scroll(terminal)
                waits.append(wait * 1_000)
                waiting_cpu.append(cpu * 1_000)
    return [
        Row(
            f"F2 to the first rows of {_EVENTS:,} events",
            opened,
            "none",
            f"{max(opening_cpu):.0f} ms CPU at most, all listed after {milliseconds(max(listed))}",
            _OPEN_SOON,
            " ms",
            ", or of CPU",
            max(opening_cpu) <= _OPEN_SOON,
        ),
        Row(
            f"the same: longest wait of {len(_SCROLLING)} keys that scroll",
            waits,
            "none",
            f"{max(waiting_cpu):.0f} ms CPU at most",
            _LONGEST_WAIT,
            " ms",
            ", or of CPU",
            max(waiting_cpu) <= _LONGEST_WAIT,
        ),
    ]


def _scroll(terminal: Terminal) -> tuple[float, float]:
    """Press key after key; return the longest wait, and the most CPU seconds that the program used in one."""
    longest = most = 0.0
    for key in _SCROLLING:
        terminal.quiet(_STILL)
        before = terminal.cpu
        longest = max(longest, terminal.change(key))
        most = max(most, terminal.cpu - before)
    return longest, most


def _memory(stage: Stage) -> list[Row]:
    """Let a million events come with the pane open, then close it. It is done once, however many rounds.

    The recording may be as large as it can be set, so that it has room for all of them.
    """
    progress(f"wire: {_MANY_EVENTS:,} events with the pane open")
    with ReplyServer() as server:
        command = stage.app(stage.folder(), port=server.port, more=_LARGEST_RECORDING)
        with Terminal(command, stage.environment) as terminal:
            terminal.wait_for("Message long-writer")
            terminal.idle()
            _open_pane(terminal, "no reply yet")
            terminal.type(_ESCAPE)
            terminal.quiet(0.3)
            _send(terminal, 100)
            before = terminal.memory
            _send(terminal, _MANY_EVENTS)
            during, peak = terminal.memory, terminal.peak_memory
            terminal.type(_F2)  # the rows get the keys
            terminal.quiet(0.3)
            terminal.type(_F2)
            terminal.idle()
            after = terminal.memory
    words = f"{during:.0f} MiB in all, at most {peak:.0f}"
    return [
        Row(f"memory of the open pane with {_MANY_EVENTS:,} events", [during - before], "", words, None, " MiB"),
        Row("the same: what is left after closing it", [after - before], "", f"{after:.0f} MiB in all", None, " MiB"),
    ]


def _open_pane(terminal: Terminal, words: str) -> None:
    pressed = terminal.type(_F2)
    terminal.wait_for(words, after=pressed)
    terminal.idle()


def _send(terminal: Terminal, events: int) -> None:
    terminal.type(f"{events} {_ONE_CHARACTER}".encode())
    terminal.quiet(0.3)
    sent = terminal.type(b"\r")
    terminal.wait_for("Finished", after=sent, patience=_PATIENCE)
    terminal.idle()
