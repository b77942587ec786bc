"""The user's editor in the terminal of the app: it gets the terminal, and the app goes on meanwhile."""

from __future__ import annotations

import shlex
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from terminal.terminal import CTRL_C, CTRL_Q, ENTER, Terminal, app, is_restored

ALT_V = b"\x1bv"


def editor(folder: Path, script: str) -> str:
    """A command that runs Python with `file`, after it has said `editing` in the terminal."""
    file = folder / "an editor.py"
    head = "import os, sys, time\nfrom pathlib import Path\nfile = Path(sys.argv[-1])\nprint('editing', flush=True)\n"
    file.write_text(head + script, encoding="utf-8")
    return shlex.join([sys.executable, str(file), "--wait"])


def reply_length(folder: Path) -> int:
    with closing(sqlite3.connect(f"file:{folder / 'data' / 'history.db'}?mode=ro", uri=True)) as history:
        return int(history.execute("SELECT coalesce(sum(length(text)), 0) FROM bubble_pieces").fetchone()[0])


def writes(terminal: Terminal, text: str) -> None:
    terminal.presses(text)
    terminal.sees(text)


def test_a_reply_goes_on_while_the_message_is_in_the_editor(tmp_path: Path) -> None:
    command = editor(tmp_path, "line = input()\nfile.write_text(file.read_text() + line)")
    with app(tmp_path, EDITOR=command) as terminal:
        terminal.sees("Message Restaurant")
        writes(terminal, "/long 400 60")
        terminal.presses(ENTER)
        terminal.sees("Esc Stop")
        writes(terminal, "first line")
        terminal.presses(ALT_V)
        terminal.sees("The message is open in", "editing")
        before, written = reply_length(tmp_path), len(terminal.raw)
        # More than the frames that Textual's queue can take: a blocked app would stop here.
        terminal.until(lambda: reply_length(tmp_path) > before + 1_000, "more of the reply")
        assert len(terminal.raw) == written, "nothing is drawn over the editor"
        terminal.presses("second line\n")
        terminal.sees("▌ first line", "▌ second line", "Esc Stop")
        terminal.presses(CTRL_Q)
        assert terminal.ends() == 0
    assert is_restored(terminal.raw)


def test_an_editor_that_hangs_is_interrupted_and_the_message_stays(tmp_path: Path) -> None:
    with app(tmp_path, VISUAL=editor(tmp_path, "time.sleep(600)")) as terminal:
        terminal.sees("Message Restaurant")
        writes(terminal, "precious words")
        terminal.presses(ALT_V)
        terminal.sees("editing")
        terminal.presses(CTRL_C)
        terminal.sees("ended by signal 2. The message is as it", "precious words", "Ctrl+P Commands")
        terminal.presses(" and more")
        terminal.sees("precious words and more")
        terminal.presses(ALT_V)
        terminal.sees("editing")
        terminal.signals(signal.SIGTERM)
        assert terminal.ends() == 143
    with app(tmp_path) as terminal:
        terminal.sees("precious words and more")
        terminal.presses(ALT_V)
        terminal.sees("No editor is set.")
