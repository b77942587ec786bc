"""What scenarios need: temporary folders, the bots in a process of their own, and commands to run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import chatgrid_tui

_HERE: Final = Path(__file__).resolve().parent
_SOURCES: Final = Path(chatgrid_tui.__file__).resolve().parents[1]
_RUN: Final = "import sys; from chatgrid_tui.cli.main import main; sys.exit(main())"
"""What the installed command does."""


class Stage:
    """Everything that has to be cleared away again. Used as a context."""

    def __init__(self, only: str = "") -> None:
        """`only`: what the names of the cases hold that are measured, where a scenario has many."""
        self.only = only
        self._root = tempfile.TemporaryDirectory(prefix="chatgrid-bench-")
        self._folders = 0
        self._bots: subprocess.Popen[str] | None = None
        self._port = 0
        home = self.folder()
        self.environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_DATA_HOME": str(home / "data"),
            "PYTHONPATH": str(_SOURCES),
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._bots is not None:
            self._bots.terminate()
            self._bots.wait()
        with suppress(OSError):  # a program that is just ending may still write
            self._root.cleanup()

    def folder(self) -> Path:
        """Make an empty folder."""
        self._folders += 1
        made = Path(self._root.name) / str(self._folders)
        made.mkdir()
        return made

    def ruler(self, name: str, *arguments: str) -> list[str]:
        """Return the command for a ruler."""
        return [sys.executable, str(_HERE / "rulers" / f"{name}.py"), *arguments]

    def command(self, *arguments: str) -> list[str]:
        """Return the installed command with other arguments."""
        return [sys.executable, "-c", _RUN, *arguments]

    def app(self, data: Path, *, port: int | None = None, more: str = "") -> list[str]:
        """Return the command for the app with its history in `data`. `port` is that of its long writer; without it
        nothing is configured, and the app runs its own bots. `more` is added to the configuration of a port.
        """
        config = data / "config.toml"
        if port is not None:
            config.write_text(
                "[providers.bots]\n"
                'kind = "openai"\n'
                f'base_url = "http://127.0.0.1:{port}/openai/v1"\n'
                'boards = ["long-writer"]\n'
                f"{more}"
            )
        return self.command("--config", str(config), "--data-dir", str(data))

    @property
    def bots(self) -> int:
        """The port of the app's bots, which run as a process of their own from the first time it is asked for."""
        if self._bots is None:
            self._bots = subprocess.Popen(
                self.command("demo", "--serve"),
                stdout=subprocess.PIPE,
                text=True,
                env=self.environment,
            )
            assert self._bots.stdout is not None
            found = re.search(r":(\d+)/", self._bots.stdout.readline())
            assert found is not None, "the bots say where they are"
            self._port = int(found[1])
        return self._port


def progress(words: str) -> None:
    """Say on standard error what is being done: the table alone goes to standard output."""
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()
