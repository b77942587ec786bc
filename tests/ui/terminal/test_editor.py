"""An editor on a text: what comes back, and what is told if it fails."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import quiet
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.ui.terminal.editor import edit, editor_command


@contextmanager
def suspended() -> Iterator[None]:
    yield


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def editor(script: str) -> list[str]:
    """A command that runs Python with `file` and `Path`."""
    return [sys.executable, "-c", f"import os, sys; from pathlib import Path; file = Path(sys.argv[1]); {script}"]


async def test_the_text_comes_back_and_its_file_was_private(folder: Path) -> None:
    seen = folder / "seen"
    modes = "f'{file.name} {file.stat().st_mode:o} {file.parent.stat().st_mode:o}'"
    script = f"Path({str(seen)!r}).write_text({modes}); "
    script += "file.write_text(file.read_text() + 'zwei\\r\\n', newline='')"
    assert await edit("one", editor(script), suspended) == "one\nzwei\r"
    name, of_file, of_folder = seen.read_text().split()
    assert name == "message.md"
    assert (stat.S_IMODE(int(of_file, 8)), stat.S_IMODE(int(of_folder, 8))) == (0o600, 0o700)
    assert os.listdir(folder) == ["seen"], "nothing is left behind"
    assert await edit("one", editor("pass"), suspended) == "one"
    assert await edit("", editor("file.write_text('')"), suspended) == ""


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ("sys.exit(3)", r"failed with code 3\. The message is as it was\.$"),
        ("os.kill(os.getpid(), 2)", "ended by signal 2|failed with code"),
        ("file.unlink()", "The editor deleted the file. The message is as it was."),
        ("file.unlink(); file.mkdir()", "The editor deleted the file."),
        ("file.write_bytes(b'\\xff')", "is not text in UTF-8.*What the editor saved is in .*message.md"),
        ("file.write_text('new'); sys.exit(1)", "failed with code 1.*What the editor saved is in .*message.md"),
        ("file.write_bytes(b'x' * (16 * 1024 * 1024 + 1))", "it is larger than 16,384 KiB.*message.md"),
    ],
)
async def test_a_failure_is_told_and_what_was_saved_is_kept(folder: Path, script: str, problem: str) -> None:
    with pytest.raises(UsageProblem, match=problem) as told:
        await edit("text", editor(script), suspended)
    assert ("What the editor saved is in" in str(told.value)) == bool(os.listdir(folder))


def has_ended(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


async def test_the_event_loop_goes_on_and_an_editor_is_ended_with_the_app(folder: Path) -> None:
    pids = folder / "pids"
    os.mkfifo(pids)
    script = f"import time; Path({str(pids)!r}).write_text(str(os.getpid())); time.sleep(600)"
    running = asyncio.create_task(edit("text", editor(script), suspended))
    pid = int(await asyncio.to_thread(pids.read_text))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert os.listdir(folder) == ["pids"]
    await quiet.until(lambda: has_ended(pid))


def test_the_command_may_have_arguments_and_visual_comes_first() -> None:
    path = os.environ["PATH"]
    assert editor_command({"PATH": path, "EDITOR": "cat", "VISUAL": "sh -c 'a b' --wait"}) == [
        "sh",
        "-c",
        "a b",
        "--wait",
    ]
    assert editor_command({"PATH": path, "EDITOR": " cat ", "VISUAL": " "}) == ["cat"]
    for value, problem in (
        ("", "No editor is set"),
        ("no-such-program --wait", r"\$EDITOR is no-such-program, but there is no such program"),
        ("vi 'unclosed", r"\$EDITOR is no command: No closing quotation"),
        ("''", r"\$EDITOR is empty"),
        ("\x1b]0;x\x07", "\ufffd]0;x\ufffd, but there is no such program"),
        ("/etc/passwd", "no such program"),
    ):
        with pytest.raises(UsageProblem, match=problem):
            editor_command({"PATH": path, "EDITOR": value})


async def test_a_program_that_cannot_start_is_told(folder: Path) -> None:
    broken = folder / "broken"
    broken.write_bytes(b"\x7fELF")
    broken.chmod(0o700)
    with pytest.raises(UsageProblem, match="broken cannot be run: Exec format error"):
        await edit("text", [str(broken)], suspended)
