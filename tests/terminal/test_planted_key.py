"""Accepted keys and a refused one in the real app: nothing it writes or shows contains them."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from chatgrid_tui.config.api_keys import save_key
from chatgrid_tui.config.stored_keys import StoredKey
from chatgrid_tui.demo.catalogue import KINDS
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.demo.services.context import DemoKeys
from cli.running import BOARDS
from fakes import StartDemo
from planted import BODY, PLANTED, leaks
from terminal.terminal import CTRL_Q, ENTER, Terminal, app


def _configure(folder: Path, demo: DemoServer) -> None:
    script = folder / "tell.key-script"
    script.write_text(f"print({PLANTED!r})\n", encoding="utf-8")
    kept = {
        "chatgrid": 'api_key_env = "ACME_KEY"',
        "chatiq": f'api_key_cmd = ["{sys.executable}", "{script}"]',
        "widget": "",
        "openai": f'api_key = "{PLANTED}"',
    }
    tables = [
        f'[providers.{kind}]\nkind = "{kind}"\nbase_url = "{demo.base_url(kind)}"\nboards = ["{BOARDS[kind]}"]\n'
        f"{kept[kind]}\n"
        for kind in KINDS
    ]
    (folder / "config.toml").write_text("\n".join(tables), encoding="utf-8")
    save_key("widget", StoredKey(PLANTED), folder / "keys.toml")


def _talk(folder: Path, kind: str, ending: str) -> None:
    with app(folder, "--provider", kind, "--log", str(folder / "app.log"), ACME_KEY=PLANTED) as terminal:
        terminal.sees("A new conversation")
        _say(terminal, "Hello")
        terminal.sees(ending)
        terminal.presses("\x1b[17~")  # F6, F1: what lists conversations and keys shows none
        terminal.presses("\x1bOP")
        terminal.sees("In the list of conversations")
        terminal.presses(CTRL_Q)
        assert terminal.ends() == 0
    assert BODY.encode() not in terminal.raw


def _say(terminal: Terminal, text: str) -> None:
    terminal.presses(text)
    terminal.sees(text)
    terminal.presses(ENTER)


async def test_keys_that_are_taken_are_written_nowhere(start_demo: StartDemo, tmp_path: Path) -> None:
    taken = DemoKeys(chatgrid=PLANTED, chatiq=PLANTED, widget=PLANTED, openai=PLANTED)
    _configure(tmp_path, await start_demo(DemoServer(pace=0, keys=taken)))
    for kind in KINDS:
        await asyncio.to_thread(_talk, tmp_path, kind, "Finished")
    assert (tmp_path / "app.log").read_text().count("Reply finished after ") == len(KINDS)
    assert leaks([tmp_path]) == []


def _repeat(folder: Path, kind: str) -> None:
    with app(folder, "--provider", kind, ACME_KEY=PLANTED) as terminal:
        terminal.sees("A new conversation")
        _say(terminal, "/key")
        terminal.sees("The key that you sent: [key ...9f3a]")
        terminal.sees("Finished")
        terminal.presses(CTRL_Q)
        assert terminal.ends() == 0
    assert BODY.encode() not in terminal.raw


async def test_a_key_that_a_bot_spells_is_written_nowhere(start_demo: StartDemo, tmp_path: Path) -> None:
    _configure(tmp_path, await start_demo(DemoServer(pace=0)))
    for kind in ("chatgrid", "openai"):
        await asyncio.to_thread(_repeat, tmp_path, kind)
    assert leaks([tmp_path]) == []


async def test_keys_that_are_refused_are_written_nowhere(start_demo: StartDemo, tmp_path: Path) -> None:
    _configure(tmp_path, await start_demo(DemoServer(pace=0, keys=DemoKeys())))
    for kind in KINDS:
        await asyncio.to_thread(_talk, tmp_path, kind, "The service refused the key")
    assert leaks([tmp_path]) == []
