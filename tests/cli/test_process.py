"""The program as a process of its own: streams, signals, and what it imports."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from chatgrid_tui.demo.catalogue import KINDS
from chatgrid_tui.demo.server import DemoServer
from cli.running import environment, run, run_process, start, write_config
from engine.raw import raw_server
from fakes import DONE, delta
from quiet import PATIENCE


async def test_with_nothing_configured() -> None:
    ran = await run_process("send", "--board", "echo", "Grüße 🍛")
    assert (ran.code, ran.out, ran.err) == (0, "Grüße 🍛\n", "")


async def test_a_terminal_that_knows_fewer_characters() -> None:
    ran = await run_process("send", "--board", "echo", "Grüße", PYTHONIOENCODING="ascii")
    assert (ran.code, ran.stdout, ran.err) == (0, b"Gr??e\n", "")


async def test_an_argument_that_is_no_utf_8() -> None:
    ran = await run_process("send", "--board", "echo", "--json", os.fsdecode(b"\xff"))
    assert (ran.code, ran.json["bubbles"]) == (0, ["\ufffd"])


async def test_text_comes_out_while_it_streams(demo: DemoServer, tmp_path: Path) -> None:
    config = write_config(tmp_path, demo)
    process = await start("send", "--config", str(config), "--provider", "openai", "/stall 60")
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE):
        assert await process.stdout.readuntil(b"60 s.") == b"I say this much, then nothing for 60 s."
        process.send_signal(signal.SIGINT)
        _, err = await process.communicate()
    assert process.returncode == 130
    assert b"You stopped this reply" in err
    assert b"Traceback" not in err


async def test_stopped_before_anything_came() -> None:
    asked = asyncio.Event()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await reader.read()
        writer.close()

    async with raw_server(handler) as server:
        file = Path("config.toml")
        file.write_text(f'[providers.a]\nkind = "openai"\nbase_url = "{server.url}"\nboards = ["m"]\n')
        process = await start("send", "--config", "config.toml", "--json", "Hello")
        async with asyncio.timeout(PATIENCE):
            await asked.wait()
            process.send_signal(signal.SIGINT)
            out, err = await process.communicate()
    assert (process.returncode, err) == (130, b"")
    assert b'"finish": "stopped"' in out


@pytest.mark.parametrize("arguments", [(), ("--json",)], ids=["text", "json"])
@pytest.mark.parametrize("size", [10, 1_000_000])
async def test_the_reader_closes_the_pipe(arguments: tuple[str, ...], size: int) -> None:
    reading, writing = os.pipe()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "chatgrid_tui", "decode", "--kind", "openai", *arguments, "-"),
        stdin=asyncio.subprocess.PIPE,
        stdout=writing,
        stderr=asyncio.subprocess.PIPE,
        env=environment(),
    )
    os.close(writing)
    os.close(reading)
    async with asyncio.timeout(PATIENCE):
        _, err = await process.communicate(delta("x" * size) + DONE)
    assert (process.returncode, err) == (141, b"")


async def test_demo_serves_its_bots(tmp_path: Path) -> None:
    process = await start("demo", "--serve")
    assert process.stdout is not None
    addresses: dict[str, str] = {}
    async with asyncio.timeout(PATIENCE):
        for _ in KINDS:
            kind, address = (await process.stdout.readline()).decode().split()
            addresses[kind] = address
        assert tuple(addresses) == KINDS
        for kind, address in addresses.items():
            config = tmp_path / f"{kind}.toml"
            config.write_text(f'[providers.a]\nkind = "{kind}"\nbase_url = "{address}"\n')
            ran = await run("send", "--config", str(config), "--board", board_of(kind), "/echo Hello")
            assert (ran.code, ran.out) == (0, "Hello\n")
        port = addresses["chatgrid"].split(":")[2].split("/")[0]
        second = await run_process("demo", "--serve", "--port", port)
        assert (second.code, second.out) == (2, "")
        assert f"Cannot listen on port {port}" in second.err
        process.send_signal(signal.SIGTERM)
        _, err = await process.communicate()
    assert (process.returncode, err) == (0, b"")


def board_of(kind: str) -> str:
    return "Echo" if kind == "chatgrid" else "echo"


async def imported(code: str, *arguments: str) -> set[str]:
    """Run code in a new interpreter, and return the modules that it has then."""
    after = "\nimport sys\nsys.stdout.flush(); print('\\n' + ' '.join(sys.modules))"
    ran = await run_process("-c", code + after, *arguments, module="")
    assert ran.code == 0, ran.err
    return set(ran.out.splitlines()[-1].split())


MAIN = "from chatgrid_tui.cli.main import main\nimport sys\nassert main(sys.argv[1:]) == 0"


async def test_sending_imports_neither_textual_nor_rich_for_ourselves() -> None:
    modules = await imported(MAIN, "send", "--board", "echo", "Hello")
    assert "httpx" in modules
    assert "textual" not in modules
    assert "markdown_it" not in modules
    assert "sqlite3" not in modules, "the history is left alone"
    # httpx takes rich in where it is installed, for a command line of its own; none of ours is among its users.
    assert not any(module.startswith("chatgrid_tui.ui") for module in modules)


async def test_decoding_imports_no_network(tmp_path: Path) -> None:
    file = tmp_path / "captured"
    file.write_bytes(delta("Hi") + DONE)
    modules = await imported(MAIN, "decode", "--kind", "openai", str(file))
    for absent in ("textual", "rich", "httpx", "asyncio", "sqlite3", "ssl", "markdown_it"):
        assert absent not in modules, absent


async def test_the_first_frame_needs_neither_session_nor_history() -> None:
    modules = await imported("import chatgrid_tui.cli.app")
    for absent in ("chatgrid_tui.session.session", "chatgrid_tui.store", "sqlite3", "httpx", "markdown_it"):
        assert absent not in modules, absent
    for dialog in ("confirm", "text_screen", "name_screen", "menu_screen"):
        assert f"chatgrid_tui.ui.overlays.{dialog}" not in modules, dialog


async def test_a_session_at_rest_needs_nothing_that_sends_searches_or_repairs() -> None:
    modules = await imported("import chatgrid_tui.session.session")
    absent = "engine.client engine.recording session.turns.turn_run session.wire_facts store.salvage"
    for name in f"{absent} engine.download store.portable store.search_query model.search".split():
        assert f"chatgrid_tui.{name}" not in modules, name


@pytest.mark.parametrize(
    ("packages", "absent"),
    [
        (
            "wire.sse wire.ndjson dialects.registry dialects.response_parser model.events text errors",
            "asyncio ssl sqlite3",
        ),
        (
            "session.session engine.client engine.exchange store.history",
            "httpx textual rich",
        ),
        ("config.settings config.api_keys config.themes store.history", "httpx textual rich markdown_it"),
        ("engine.http", "textual"),
        ("demo.server", "httpx textual rich chatgrid_tui.dialects chatgrid_tui.wire chatgrid_tui.model"),
    ],
)
async def test_what_the_layers_import(packages: str, absent: str) -> None:
    modules = await imported("\n".join(f"import chatgrid_tui.{package}" for package in packages.split()))
    assert modules.isdisjoint(absent.split()), modules & set(absent.split())


CLOSED = "\n".join(
    ("import os, sys", "for number in sys.argv[1]: os.close(int(number))", "os.execv(sys.argv[2], sys.argv[2:])")
)


@pytest.mark.parametrize(
    ("closed", "arguments", "code", "says"),
    [
        ("0", (), 2, "The app needs a terminal."),
        ("1", (), 2, "Standard output is closed."),
        ("012", (), 2, ""),
        ("1", ("send", "--board", "echo", "hi"), 2, "Standard output is closed."),
        ("0", ("send", "--board", "echo", "-"), 2, "Standard input is closed."),
        ("02", ("send", "--board", "echo", "hi"), 0, ""),
        ("0", ("decode", "--kind", "openai", "-"), 2, "Standard input is closed."),
        ("12", ("decode", "--kind", "openai", "-"), 2, ""),
        ("2", ("decode", "--kind", "openai", "-"), 4, ""),
        ("1", ("doctor",), 2, "Standard output is closed."),
        ("1", ("--help",), 2, "Standard output is closed."),
        ("2", ("--nonsense",), 2, ""),
    ],
)
async def test_closed_streams(closed: str, arguments: tuple[str, ...], code: int, says: str) -> None:
    ran = await run_process("-c", CLOSED, closed, sys.executable, "-m", "chatgrid_tui", *arguments, module="")
    assert ran.code == code
    assert says in ran.err
    assert ran.err.count("\n") == bool(says)


INTERRUPTED = """
import os, signal, sys
module = sys.argv.pop()
class Interrupt:
    def find_spec(self, name, path, target=None):
        if name == module:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupt())
from chatgrid_tui.__main__ import run
sys.exit(run())
"""


@pytest.mark.parametrize("module", ["argparse", "chatgrid_tui.cli.app", "textual.app"])
async def test_ctrl_c_while_the_program_is_imported(module: str) -> None:
    ran = await run_process("-c", INTERRUPTED, module, module="")
    assert (ran.code, ran.out, ran.err) == (130, "", "")
