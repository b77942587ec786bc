"""The app as textual-serve runs it: no terminal, but packets through pipes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from terminal.terminal import TUI

WEB_DRIVER = "textual.drivers.web_driver:WebDriver"


def packet(kind: bytes, payload: bytes) -> bytes:
    """Return a packet as textual-serve sends them."""
    return kind + len(payload).to_bytes(4, "big") + payload


def test_the_app_starts_talks_and_ends_without_a_terminal(tmp_path: Path) -> None:
    own = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    command = [sys.executable, "-m", "chatgrid_tui", "--config", "config.toml", "--data-dir", "data"]
    variables = {**own, "PYTHONPATH": str(TUI), "TEXTUAL_DRIVER": WEB_DRIVER, "COLUMNS": "100", "ROWS": "30"}
    with subprocess.Popen(
        command, cwd=tmp_path, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        written = b""
        while b"Message" not in written:
            written += (chunk := os.read(process.stdout.fileno(), 65_536))
            assert chunk, "it ended"
        for typed in (b"\x1b[200~pasted\x1b\x11\x1b[201~", b"\x1b]11;rgb:0/0/0\x07", b" and typed"):
            process.stdin.write(packet(b"D", typed))
        process.stdin.flush()
        while b"typed" not in written:
            written += (chunk := os.read(process.stdout.fileno(), 65_536))
            assert chunk, "it ended"
        process.stdin.write(packet(b"M", json.dumps({"type": "quit"}).encode()))
        process.stdin.flush()
        out, errors = process.communicate(timeout=20)
    assert process.returncode == 129  # as when a terminal goes away
    assert any(b"and typed" in file.read_bytes() for file in (tmp_path / "data").iterdir()), "the draft is kept"
    assert b"Traceback" not in errors
    assert b"rgb" not in written + out
