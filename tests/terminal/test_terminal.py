"""The app in a real terminal: what it writes, and the state in which it leaves the terminal."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from planted import BODY, PLANTED
from terminal.terminal import (
    CTRL_C,
    CTRL_K,
    CTRL_L,
    CTRL_P,
    CTRL_Q,
    CTRL_U,
    ENTER,
    ESCAPE,
    F1,
    TUI,
    Terminal,
    app,
    is_restored,
    not_allowed,
)

OPEN = "Message Restaurant"


def say(terminal: Terminal, text: str) -> None:
    """Type a message and send it."""
    terminal.presses(text)
    terminal.until(lambda: text[-12:] in terminal.text, "what was typed")
    terminal.presses(ENTER)


def test_the_first_token_is_on_the_screen_within_a_second_of_enter(tmp_path: Path) -> None:
    with app(tmp_path) as terminal:
        terminal.sees("Restaurant", "Showcase", "Long writer", "Echo", "Trouble", OPEN)
        terminal.presses("Hello")
        terminal.sees("Hello")
        terminal.presses(ENTER)
        # A second is the promise; a machine that is busy with other work gets more.
        terminal.sees("Welcome to The Terrace", within=10.0)
        terminal.sees("Finished")
        terminal.presses(CTRL_Q)
        assert terminal.ends() == 0
    assert is_restored(terminal.raw)
    assert not_allowed(terminal.raw) == []


def test_nothing_of_a_hostile_reply_reaches_the_terminal(tmp_path: Path) -> None:
    with app(tmp_path, "--provider", "demo-chatiq", "--board", "trouble", "demo") as terminal:
        terminal.sees("Message ")
        say(terminal, "/escape")
        terminal.sees("owned", "[@click=app.quit]quit[/]", "Finished")
        say(terminal, "/echo [@click=app.quit]x[/] [/etc/passwd]")
        terminal.sees("[/etc/passwd]", "Finished")
        terminal.presses(CTRL_Q)
        assert terminal.ends() == 0
    assert not_allowed(terminal.raw) == []
    assert b"owned" not in b"".join(re.findall(rb"\x1b\][^\x07]*", terminal.raw))


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGQUIT, 131), (signal.SIGINT, 130)],
)
def test_a_signal_during_a_reply_restores_the_terminal(tmp_path: Path, number: signal.Signals, code: int) -> None:
    with app(tmp_path) as terminal:
        terminal.sees(OPEN)
        say(terminal, "/slow 5")
        terminal.sees("This is a")
        terminal.presses("half a dra")
        terminal.sees("half a dra")
        terminal.signals(number)
        assert terminal.ends() == code
    assert is_restored(terminal.raw)
    assert not_allowed(terminal.raw) == []
    with closing(sqlite3.connect(tmp_path / "data" / "history.db")) as history:
        ((text, state, draft),) = history.execute(STORED)
    assert (text[:9], state, draft) == ("This is a", "interrupted", "half a dra")


STORED = """
SELECT (SELECT group_concat(text, '') FROM bubble_pieces), (SELECT state FROM replies), draft FROM conversations
"""


def test_a_closed_terminal_ends_the_program_and_keeps_what_was_said(tmp_path: Path) -> None:
    with app(tmp_path) as terminal:
        terminal.sees(OPEN)
        say(terminal, "/slow 5")
        terminal.sees("This is a")
        terminal.presses("half a dra")
        terminal.sees("half a dra")
        terminal.hangs_up()
        assert terminal.ends() == 129
    with app(tmp_path) as terminal:
        terminal.sees("This is a", "The program ended while", "half a dra")


def test_a_suspended_program_continues(tmp_path: Path) -> None:
    with app(tmp_path) as terminal:
        terminal.sees(OPEN)
        say(terminal, "/slow 20")
        terminal.sees("This is a")
        terminal.signals(signal.SIGSTOP)
        os.waitid(os.P_PID, terminal.pid, os.WSTOPPED)
        terminal.presses("half a draft")
        terminal.signals(signal.SIGCONT)
        terminal.sees("half a draft", "Finished")


def test_a_killed_program_loses_nothing_older_than_a_quarter_of_a_second(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('bubbles = "plain"\n')
    with app(tmp_path) as terminal:
        terminal.sees(OPEN)
        say(terminal, "/long 400 60")
        # Text in the order in which it came; what is on the screen now must be there after the fall.
        terminal.until(lambda: _reply(terminal).startswith("1. ") and len(_reply(terminal)) > 150, "some text")
        shown = _reply(terminal)
        time.sleep(0.3)
        terminal.signals(signal.SIGKILL)
        terminal.ends()
    with app(tmp_path) as terminal:
        terminal.sees("The program ended while this reply was being written.", "Regenerate")
        kept = _reply(terminal)
        assert kept.startswith(shown), f"{shown!r} is no beginning of {kept!r}"


def test_a_killed_program_keeps_what_was_typed_half_a_second_before(tmp_path: Path) -> None:
    with app(tmp_path) as terminal:
        terminal.sees(OPEN)
        typed: list[tuple[float, str]] = []
        while len(typed) < 50:  # without a pause that is long enough to count as one
            letter = "abcdefghij"[len(typed) % 10]
            terminal.presses(letter)
            typed.append((time.monotonic(), letter))
            terminal.until(lambda: time.monotonic() - typed[-1][0] > 0.04, "a moment")
        killed_at = time.monotonic()
        terminal.signals(signal.SIGKILL)
        terminal.ends()
    expected = "".join(letter for at, letter in typed if at < killed_at - 0.5)
    assert len(expected) > 20
    with app(tmp_path) as terminal:
        terminal.sees(expected)


def _reply(terminal: Terminal) -> str:
    """The text of the reply on the screen, which has a rule at its left."""
    page = [line[34:] for line in terminal.text.split("\n")]
    words = " ".join(line.strip()[1:] for line in page if line.strip()[:1] == "│")
    return " ".join(words.replace("▌", " ").split())


CRASHER = """
import os
import sys
from chatgrid_tui.cli.main import main
from chatgrid_tui.session.turns.outbox import Outbox

async def send(self, conversation, text, *, shown=None):
    key = os.environ["A_KEY"]
    raise RuntimeError(f"{text} {key}")

Outbox.send = send
sys.exit(main())
"""


def test_an_internal_error_restores_the_terminal_and_reports_no_texts(tmp_path: Path) -> None:
    driver = tmp_path / "driver.py"
    driver.write_text(CRASHER, encoding="utf-8")
    places = ("--config", str(tmp_path / "config.toml"), "--data-dir", str(tmp_path / "data"))
    log = tmp_path / "app.log"
    command = (sys.executable, str(driver), *places, "--log", str(log))
    with Terminal(command, environment={"PYTHONPATH": str(TUI), "A_KEY": PLANTED}, folder=tmp_path) as terminal:
        terminal.sees(OPEN)
        terminal.presses("my secret message")
        terminal.sees("my secret message")
        at = len(terminal.raw)
        terminal.presses(ENTER)
        assert terminal.ends() == 1
    after = terminal.raw[at:]
    assert is_restored(terminal.raw)
    said = after[after.rindex(b"\x1b[?1049l") :]
    assert b"the program failed (RuntimeError)" in said
    reports = list((tmp_path / "data").glob("crash-*.txt"))
    assert len(reports) == 1
    assert reports[0].stat().st_mode & 0o777 == 0o600
    assert reports[0].name.encode() in said.replace(b"\r\n", b"")
    report = reports[0].read_text(encoding="utf-8")
    logged = log.read_text(encoding="utf-8")
    assert "CRITICAL chatgrid_tui.cli.app: Unhandled exception\n  builtins.RuntimeError\n" in logged
    for text in (report, logged):
        assert "chatgrid_tui.ui.chat.message_actions" in text
    for text in (said.decode(), report, logged):
        assert "secret" not in text
        assert BODY not in text
        assert "Traceback" not in text


def test_errors_at_the_start_are_printed_without_a_traceback(tmp_path: Path) -> None:
    for arguments, words in ((("--theme", "neon"), "neon"), (("--provider", "nobody", "demo"), "nobody")):
        with app(tmp_path, *arguments) as terminal:
            assert terminal.ends() == 2
            terminal.sees(words)
            assert "Traceback" not in terminal.text
            assert b"\x1b" not in terminal.raw or is_restored(terminal.raw)


LATE_ANSWERS = (
    b"\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\",
    b"\x1bP>|XTerm(388)\x1b\\",
    b"\x1b[?64;1;2c",
    b"\x1b[24;80R",
)


def test_what_the_terminal_sends_becomes_keys_and_text(tmp_path: Path) -> None:
    with app(tmp_path) as terminal:
        terminal.sees(OPEN)
        for answer in LATE_ANSWERS:
            terminal.presses(answer[:3])
            terminal.presses(answer[3:])
        _types(terminal, b"typed", "▌ typed")
        _types(terminal, b"before \xe9 after", "▌ before \ufffd after")
        _types(terminal, b"\x1b[200~and pa\xff\xfested\x1b[201~", "▌ and pa\ufffd\ufffdsted")
        _types(terminal, "caf\u00e9".encode(), "▌ caf\u00e9")
        terminal.presses(CTRL_C)
        terminal.sees("Ctrl+Q quits")
        say(terminal, "/two")
        terminal.sees("The second of two.")
        terminal.presses(b"\x1b[200~two\nlines\x07 and a bell\x1b[201~")
        terminal.sees("▌ two", "▌ lines")
        terminal.presses(b"\x1b[200~ so \x1b\x11far\x1b\r\x1b[201~")
        terminal.sees("so \ufffd\ufffdfar")
        terminal.presses(ESCAPE)
        terminal.presses(CTRL_Q)
        assert terminal.ends() == 0
    assert is_restored(terminal.raw)
    assert not_allowed(terminal.raw) == []


def _types(terminal: Terminal, sent: bytes, seen: str) -> None:
    """Send bytes, wait for what they are in the composer, and empty it again."""
    terminal.presses(sent)
    terminal.sees(seen)
    terminal.presses(CTRL_U)
    terminal.until(lambda: seen not in terminal.text, "an empty composer")


def test_the_size_comes_from_the_terminal_and_not_the_environment(tmp_path: Path) -> None:
    with app(tmp_path, COLUMNS="200", LINES="50") as terminal:
        terminal.sees(OPEN)
        terminal.until(lambda: "Keys" in terminal.text.split("\n")[29], "the lowest row")
        before = terminal.text
        terminal.resizes(70, 20)
        terminal.until(lambda: "Keys" in terminal.text.split("\n")[19], "the lowest row")
        terminal.resizes(100, 30)
        terminal.until(lambda: terminal.text == before, "all that was there before")
        terminal.resizes(70, 20)
        terminal.resizes(100, 30)
        terminal.until(lambda: terminal.text == before, "what the terminal lost in between")
        terminal.forgets()
        terminal.until(lambda: terminal.text == before, "all of it in the same size")
        terminal.forgets(CTRL_L)
        terminal.until(lambda: terminal.text == before, "all of it after a key")
        terminal.presses(CTRL_Q)
        assert terminal.ends() == 0


OVERLAYS = (
    ("", F1, "   Keys", "Esc Close   ↑ ↓ Scroll"),
    ("", CTRL_K, "Go to", "Enter Go"),
    ("", CTRL_P, "Commands  ", "Enter Run"),
    ("add a prov", ENTER, "Add a provider", "Ctrl+S Save"),
    ("providers and", ENTER, "Providers and keys", "T Test"),
    ("rename conv", ENTER, "Rename", "Enter Save"),
)


def test_overlays_appear_in_place_at_once(tmp_path: Path) -> None:
    with app(tmp_path) as terminal:
        terminal.sees(OPEN)
        say(terminal, "/two")
        terminal.sees("The second of two.", "Finished")
        for overlay in OVERLAYS:
            _opens_in_place(terminal, *overlay)


def test_completions_leave_nothing_on_the_screen(tmp_path: Path) -> None:
    with app(tmp_path) as terminal:
        terminal.resizes(80, 24)
        terminal.sees(OPEN)
        say(terminal, "/two")
        terminal.sees("The second of two.", "Finished")
        terminal.presses("/split")
        terminal.sees("Tab chooses")
        terminal.until(lambda: _drafts(tmp_path) == ["/split"], "the saved draft, which the hidden list shows")
        terminal.presses(ESCAPE)
        terminal.until(lambda: "Tab chooses" not in terminal.text, "the conversation below")


def _drafts(folder: Path) -> list[str]:
    with closing(sqlite3.connect(f"file:{folder / 'data' / 'history.db'}?mode=ro", uri=True)) as history:
        return [draft for (draft,) in history.execute("SELECT draft FROM conversations")]


def _opens_in_place(terminal: Terminal, command: str, keys: bytes, title: str, below: str) -> None:
    if command:
        terminal.presses(CTRL_P)
        terminal.sees("Type what you want to do")
        terminal.presses(command)
        terminal.until(lambda: bool(re.search(r"\d of \d", terminal.text)), f"what {command} finds")
    frames = [frame for frame in terminal.frames(keys, title, below) if below in frame]
    assert len({_rows(frame, title, below) for frame in frames}) == 1, title
    terminal.presses(ESCAPE)
    terminal.until(lambda: below not in terminal.text, f"{title} closed")


def _rows(frame: str, *words: str) -> tuple[int, ...]:
    """The first row that each of these is in."""
    lines = frame.splitlines()
    return tuple(next(at for at, line in enumerate(lines) if each in line) for each in words)
