"""Runs the program: in this process, which costs nothing, or as a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import chatgrid_tui
from chatgrid_tui.cli.main import main
from chatgrid_tui.demo.catalogue import ECHO, KINDS, Kind
from chatgrid_tui.demo.server import DemoServer
from quiet import PATIENCE

SOURCES = Path(chatgrid_tui.__file__).parents[1]

BOARDS: dict[Kind, str] = {"chatgrid": ECHO.board_id, "chatiq": "echo", "widget": "echo", "openai": "echo"}
"""The bot that says what is said to it, as each kind names it."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run left behind."""

    code: int
    stdout: bytes
    stderr: bytes

    @property
    def out(self) -> str:
        """Standard output as text."""
        return self.stdout.decode()

    @property
    def err(self) -> str:
        """Standard error as text."""
        return self.stderr.decode()

    @property
    def json(self) -> dict[str, object]:
        """The one object on standard output."""
        value = json.loads(self.stdout)
        assert isinstance(value, dict)
        return value


async def run(*arguments: str, stdin: bytes = b"") -> Ran:
    """Run the program in a thread, next to the loop in which the test's embedded bots answer."""
    return await asyncio.to_thread(_run, arguments, stdin)


def _run(arguments: tuple[str, ...], stdin: bytes) -> Ran:
    out, err = io.BytesIO(), io.BytesIO()
    streams = [io.TextIOWrapper(stream, "utf-8", write_through=True) for stream in (out, err)]
    given = io.TextIOWrapper(io.BytesIO(stdin), "utf-8")
    with (
        contextlib.redirect_stdout(streams[0]),
        contextlib.redirect_stderr(streams[1]),
        mock.patch.object(sys, "stdin", given),
    ):
        try:
            code = main(list(arguments))
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
    for stream in streams:
        stream.flush()
    return Ran(code, out.getvalue(), err.getvalue())


def environment(**more: str) -> dict[str, str]:
    """Return the environment of a process that runs the program."""
    return {**os.environ, "PYTHONPATH": str(SOURCES), **more}


async def start(*arguments: str, module: str = "chatgrid_tui", **more: str) -> asyncio.subprocess.Process:
    """Start the program as a separate process."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *(("-m", module) if module else ()),
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment(**more),
    )


async def run_process(*arguments: str, stdin: bytes = b"", module: str = "chatgrid_tui", **more: str) -> Ran:
    """Run the program as a separate process until it ends."""
    process = await start(*arguments, module=module, **more)
    async with asyncio.timeout(PATIENCE):
        out, err = await process.communicate(stdin)
    assert process.returncode is not None
    return Ran(process.returncode, out, err)


def write_config(folder: Path, server: DemoServer, *, silence: float = 30, extra: str = "") -> Path:
    """Write a configuration with a provider of each kind, called like it, and return its path."""
    tables = [
        f'[providers.{kind}]\nkind = "{kind}"\nbase_url = "{_address(server, kind)}"\n'
        f'boards = ["{BOARDS[kind]}"]\nsilence_timeout = {silence}\n'
        for kind in KINDS
    ]
    file = folder / "config.toml"
    file.write_text(extra + "\n".join(tables))
    return file


def _address(server: DemoServer, kind: Kind) -> str:
    return server.base_url("widget", ECHO) if kind == "widget" else server.base_url(kind)


def controls_in(data: bytes) -> set[str]:
    """Return what a terminal would act on in an output: control characters but newline and tab."""
    return {character for character in data.decode() if character not in "\n\t" and _acts(character)}


def _acts(character: str) -> bool:
    code = ord(character)
    return code < 0x20 or 0x7F <= code < 0xA0 or 0x202A <= code <= 0x202E or 0x2066 <= code <= 0x2069
