"""However the app is ended, and whatever the terminal and the disk do: it ends, and loses nothing."""

from __future__ import annotations

import array
import fcntl
import json
import signal
import sqlite3
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from terminal.terminal import CTRL_Q, ENTER, PATIENCE, TUI, Terminal, app, is_restored


@contextmanager
def writing(folder: Path) -> Iterator[Terminal]:
    """Open the app and let a bot write for longer than the test takes."""
    with app(folder) as terminal:
        let_write(terminal)
        yield terminal


def let_write(terminal: Terminal) -> None:
    """Send a message, and wait for the beginning of the long reply."""
    terminal.sees("Message Restaurant")
    terminal.presses("/slow 2")
    terminal.sees("/slow 2")
    terminal.presses(ENTER)
    terminal.sees("This is a")


def run_script(folder: Path, script: str) -> Terminal:
    """Open the app from a script that changes it."""
    file = folder / "driver.py"
    file.write_text(script, encoding="utf-8")
    places = ("--config", str(folder / "config.toml"), "--data-dir", str(folder / "data"))
    return Terminal((sys.executable, str(file), *places), environment={"PYTHONPATH": str(TUI)})


def stop_reading(terminal: Terminal) -> None:
    """Let the output pile up until the program cannot write any more."""
    waiting, looks = array.array("i", [0]), 0
    while looks < 100:
        terminal.presses(b"\x1b[5~\x1b[6~")
        before = waiting[0]
        fcntl.ioctl(terminal.master, termios.FIONREAD, waiting)
        looks = looks + 1 if waiting[0] == before and waiting[0] > 2048 else 0
        time.sleep(0.01)


def ended(terminal: Terminal) -> int:
    """Wait for the end without reading what the program writes."""
    latest = time.monotonic() + PATIENCE
    while not terminal.has_ended():
        assert time.monotonic() < latest, "it is still there"
        time.sleep(0.02)
    return terminal.ends()


CRASHING = """
import sys
from chatgrid_tui.cli.main import main
from chatgrid_tui.session.turns.outbox import Outbox

send = Outbox.send

async def send_or_fail(self, conversation, text, *, shown=None):
    if text == "fail":
        raise RuntimeError
    await send(self, conversation, text, shown=shown)

Outbox.send = send_or_fail
sys.exit(main())
"""


WAYS: dict[str, tuple[int, ...]] = {
    "TERM, closed": (143, 129),
    "not read, HUP, closed": (129,),
    "not read, TERM": (143,),
    "closed": (129,),
}
"""What happens, one step after the other, and how the program ends then."""


@pytest.mark.parametrize("way", WAYS)
def test_the_process_ends_whatever_the_terminal_does(tmp_path: Path, way: str) -> None:
    with writing(tmp_path) as terminal:
        for step in way.split(", "):
            match step:
                case "not read":
                    stop_reading(terminal)
                case "closed":
                    terminal.hangs_up()
                case _:
                    terminal.signals(signal.Signals[f"SIG{step}"])
        assert ended(terminal) in WAYS[way]
    with closing(sqlite3.connect(tmp_path / "data" / "history.db")) as history:
        ((text,),) = history.execute("SELECT group_concat(text, '') FROM bubble_pieces")
        assert text.startswith("This is a")


def unsaved(folder: Path) -> list[str]:
    """Return the messages in the file of what could not be saved."""
    (file,) = (folder / "data").glob("chatgrid-tui-unsaved-*.json")
    assert file.stat().st_mode & 0o777 == 0o600
    content = json.loads(file.read_text("utf-8"))
    return [turn["reply"]["bubbles"][0][:9] for one in content["conversations"] for turn in one["turns"]]


IMPATIENT = """
import sys
from chatgrid_tui.cli.main import main
from chatgrid_tui.ui import ending

ending._QUIT_WITHIN = 2.0
sys.exit(main())
"""

ENDINGS = {"TERM": 143, "TERM twice": 143, "quit": 1, "quit twice": 1}
"""How the program is told to end, and its exit code."""


def test_it_ends_while_another_program_locks_the_history(tmp_path: Path) -> None:
    with ExitStack() as stack:
        terminals: dict[str, Terminal] = {}
        for end in ENDINGS:  # all at the same time, since each takes seconds to start and to give up
            folder = tmp_path / end
            folder.mkdir()
            terminals[end] = stack.enter_context(run_script(folder, IMPATIENT))
        for end, terminal in terminals.items():
            let_write(terminal)
            folder = tmp_path / end
            other = stack.enter_context(closing(sqlite3.connect(folder / "data" / "history.db")))
            other.isolation_level = None
            other.execute("BEGIN IMMEDIATE")
        for end, terminal in terminals.items():
            terminal.sees("! Not saved", "Another program keeps the history locked")
            tell_to_end(terminal, end)
        for end, terminal in terminals.items():
            assert terminal.ends() == ENDINGS[end], end
            assert "1 conversation could not be saved" in terminal.text.replace("\n", ""), end
            assert is_restored(terminal.raw), end
            assert unsaved(tmp_path / end) == ["This is a"], end


def tell_to_end(terminal: Terminal, end: str) -> None:
    """Send the signal or the key, twice if it says so."""
    if end.startswith("TERM"):
        terminal.signals(signal.SIGTERM)
    else:
        terminal.presses(CTRL_Q)
        terminal.sees("Saving, ")
    if end == "TERM twice":
        terminal.signals(signal.SIGTERM)
    elif end == "quit twice":
        terminal.presses(CTRL_Q)


def test_a_crash_keeps_what_the_history_could_not_take(tmp_path: Path) -> None:
    with run_script(tmp_path, CRASHING) as terminal:
        terminal.sees("Message Restaurant")
        terminal.presses("\t2")
        terminal.sees("Message Showcase")
        with closing(sqlite3.connect(tmp_path / "data" / "history.db")) as other:
            other.isolation_level = None
            other.execute("BEGIN IMMEDIATE")
            terminal.presses("/length")
            terminal.sees("/length")
            terminal.presses(ENTER)
            terminal.sees("This is a", "! Not saved", "Incomplete")
            terminal.presses("fail")
            terminal.sees("fail")
            terminal.presses(ENTER)
            assert terminal.ends() == 1
        assert "1 conversation could not be saved" in terminal.text.replace("\n", "")
        assert is_restored(terminal.raw)
    assert unsaved(tmp_path) == ["This is a"]
