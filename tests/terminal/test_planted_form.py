"""A key pasted into the form of the real app is written to its own file only."""

from __future__ import annotations

import asyncio
from pathlib import Path

from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.demo.services.context import DemoKeys
from fakes import StartDemo
from planted import BODY, PLANTED, leaks
from terminal.terminal import CTRL_Q, Terminal, app

_CTRL_S = "\x13"
_TAB = "\t"


def _pastes(terminal: Terminal, text: str) -> None:
    terminal.presses(f"\x1b[200~{text}\x1b[201~")


def _add(folder: Path, base: str) -> None:
    with app(folder) as terminal:
        terminal.sees("Add a provider")
        terminal.presses(_TAB)
        terminal.sees("Enter Open")
        terminal.presses("6")
        terminal.sees("Paste a cURL command")
        _pastes(
            terminal,
            f"curl '{base}/chat' \\\n -H 'authorization: Bearer {PLANTED}' -H 'cookie: a=b' \\\n"
            """ --data-raw '{"message":"hi","bot_slug":"echo"}'""",
        )
        terminal.sees("Taken from the command")
        terminal.sees("ends in …9f3a")
        terminal.presses(_CTRL_S)
        terminal.sees("is saved.")
        terminal.presses("Hello\r")
        terminal.sees("Finished")
        terminal.presses(CTRL_Q)
        assert terminal.ends() == 0
    assert BODY.encode() not in terminal.raw


async def test_a_pasted_key_is_written_into_its_file_alone(start_demo: StartDemo, tmp_path: Path) -> None:
    demo = await start_demo(DemoServer(pace=0, keys=DemoKeys(chatiq=PLANTED)))
    await asyncio.to_thread(_add, tmp_path, demo.base_url("chatiq"))
    assert leaks([tmp_path]) == []
    assert BODY not in (tmp_path / "config.toml").read_text()
    assert (tmp_path / "keys.toml").read_text().count(PLANTED) == 1
