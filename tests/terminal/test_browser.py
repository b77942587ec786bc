"""The app as textual-serve runs it: no terminal, but packets through pipes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import IO, Final

import pyte

from terminal.terminal import TUI

_READY: Final = b"__GANGLION__\n"
"""The line with which Textual's web driver begins."""
WEB_DRIVER = "textual.drivers.web_driver:WebDriver"


def packet(kind: bytes, payload: bytes) -> bytes:
    """Return a packet as textual-serve sends them."""
    return kind + len(payload).to_bytes(4, "big") + payload


class _Page:
    """The screen that a browser would show."""

    def __init__(self, output: IO[bytes]) -> None:
        self.written = b""
        self._output = output
        self._screen = pyte.Screen(100, 30)
        self._stream = pyte.ByteStream(self._screen)
        self._shown = 0

    def until(self, text: str) -> None:
        """Read until a text is on the screen."""
        while not any(text in line for line in self._screen.display):
            self.written += (chunk := os.read(self._output.fileno(), 65_536))
            assert chunk, "it ended"
            self._show()

    def _show(self) -> None:
        """Draw the packets that are complete."""
        start = self.written.find(_READY) + len(_READY) if not self._shown else self._shown
        while len(self.written) >= start + 5:
            end = start + 5 + int.from_bytes(self.written[start + 1 : start + 5], "big")
            if len(self.written) < end:
                break
            if self.written[start : start + 1] == b"D":
                self._stream.feed(self.written[start + 5 : end])
            start = self._shown = end


def test_the_app_starts_talks_and_ends_without_a_terminal(tmp_path: Path) -> None:
    own = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    command = [sys.executable, "-m", "chatgrid_tui", "--config", "config.toml", "--data-dir", "data"]
    variables = {**own, "PYTHONPATH": str(TUI), "TEXTUAL_DRIVER": WEB_DRIVER, "COLUMNS": "100", "ROWS": "30"}
    with subprocess.Popen(
        command, cwd=tmp_path, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        page = _Page(process.stdout)
        page.until("Message")
        for typed in (b"\x1b[200~pasted\x1b\x11\x1b[201~", b"\x1b]11;rgb:0/0/0\x07", b" and typed"):
            process.stdin.write(packet(b"D", typed))
        process.stdin.flush()
        page.until("and typed")
        process.stdin.write(packet(b"M", json.dumps({"type": "quit"}).encode()))
        process.stdin.flush()
        out, errors = process.communicate(timeout=20)
    assert process.returncode == 129  # as when a terminal goes away
    assert any(b"and typed" in file.read_bytes() for file in (tmp_path / "data").iterdir()), "the draft is kept"
    assert b"Traceback" not in errors
    assert b"rgb" not in page.written + out
