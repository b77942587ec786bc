"""Run the command that prints a key."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Mapping, Sequence
from pathlib import Path

from chatgrid_tui.errors import KeyProblem
from chatgrid_tui.text import clean_line

_TIMEOUT = 10.0
"""Seconds: enough to touch a sensor, not so long that the program seems to hang."""
_LONGEST_OUTPUT = 16 * 1024
"""The largest output in bytes. The longest keys have a few thousand."""
_LONGEST_MESSAGES = 64 * 1024
"""The largest error output in bytes."""


async def first_line(
    command: Sequence[str], limit: float = _TIMEOUT, environment: Mapping[str, str] | None = None
) -> str:
    """Run `command` without a shell and return the only line that it prints, stripped.

    The command gets `environment`, by default that of this process. It is killed if it prints more than any key has.

    Raises:
        KeyProblem: it cannot be started, fails, takes more than `limit` seconds, or prints nothing, too much, or
            more than one line. The message contains its error output, cleaned, and nothing of its output.
    """
    name = f"The command {Path(command[0]).name}, which prints the key,"
    try:
        # In its own session, it cannot write over the screen, and can be killed with its children.
        transport, output = await asyncio.get_running_loop().subprocess_exec(
            _Output, *command, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, start_new_session=True, env=environment
        )
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "it holds a NUL character"
        raise KeyProblem(f"{name} cannot be started: {reason}.") from None
    try:
        async with asyncio.timeout(limit):
            await output.settled.wait()
    except TimeoutError:
        raise KeyProblem(f"{name} took more than {limit:g} seconds.") from None
    finally:
        if not output.ended.is_set():
            await _kill(transport, output)
        transport.close()
    if output.overflowed:
        raise KeyProblem(f"{name} printed far more than a key, and was stopped.")
    if code := transport.get_returncode():
        error_output = clean_line(output.text(2))
        raise KeyProblem(f"{name} failed ({code}){': ' if error_output else '.'}{error_output}")
    lines = output.text(1).strip().splitlines()
    if len(lines) != 1:
        raise KeyProblem(f"{name} printed {'more than one line' if lines else 'nothing'}. It must print one line.")
    return lines[0].strip()


class _Output(asyncio.SubprocessProtocol):
    """The output of a program, up to the limits."""

    def __init__(self) -> None:
        self._printed = {1: bytearray(), 2: bytearray()}
        self.exited = asyncio.Event()
        """Set when the program itself has ended, even if its children still hold its pipes."""
        self.ended = asyncio.Event()
        self.settled = asyncio.Event()
        """Set when the program has ended, or has printed too much."""
        self.overflowed = False

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        printed = self._printed[fd]
        limit = _LONGEST_OUTPUT if fd == 1 else _LONGEST_MESSAGES
        if len(printed) + len(data) > limit:
            self.overflowed = True
            self.settled.set()
        printed += data[: limit - len(printed)]

    def process_exited(self) -> None:
        self.exited.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended.set()
        self.settled.set()

    def text(self, fd: int) -> str:
        return self._printed[fd].decode("utf-8", "replace")


async def _kill(transport: asyncio.SubprocessTransport, output: _Output) -> None:
    """Kill the program and everything it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if os.name == "posix":
            os.killpg(transport.get_pid(), signal.SIGKILL)
        else:
            transport.kill()
    # The event loop may be closed next, so wait until it has noticed.
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(1):
            await output.exited.wait()
