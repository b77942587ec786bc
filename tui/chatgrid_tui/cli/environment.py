"""Describe the environment: terminal, versions, network settings and files. Nothing is opened or changed."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from chatgrid_tui.cli.configuration import open_folders
from chatgrid_tui.cli.streams import is_terminal
from chatgrid_tui.config.paths import Paths
from chatgrid_tui.session.system_facts import Facts, terminal_facts, version_facts
from chatgrid_tui.store.inspection import FILE_NAME, inspect_history
from chatgrid_tui.units import counted, size

_PROXIES: Final = (
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"),
)


def terminal(environment: Mapping[str, str]) -> Facts:
    """Describe the terminal, and whether the standard streams are one."""
    return terminal_facts(environment, *_size()) | {
        "input": "a terminal" if is_terminal(sys.stdin) else "not a terminal",
        "output": "a terminal" if is_terminal(sys.stdout) else "not a terminal",
    }


def versions() -> Facts:
    """Return the versions of the program and its dependencies, and which Python runs it."""
    facts = version_facts()
    return facts | {"Python": f"{facts['Python']} ({sys.executable})"}


def network(environment: Mapping[str, str]) -> Facts:
    """Return which environment variables change how services are reached, without their values."""
    names = [name for name in _PROXIES if environment.get(name) or environment.get(name.lower())]
    return {"set": ", ".join(names) or "no proxy or certificate variables"}


def folders(paths: Paths) -> tuple[Facts, list[str]]:
    """Return where files are stored and with which permissions, and the problems found."""
    report = inspect_history(paths.data_folder)
    count = "" if report.conversations is None else f" {counted(report.conversations, 'conversation')}."
    recorded = "" if report.recorded is None else f" Recordings take {size(report.recorded)}."
    about = f" Version {report.version}.{count}{recorded}" if report.version else ""
    facts = {
        "configuration": _described(paths.config_file.parent),
        "config.toml": _described(paths.config_file),
        "keys.toml": _described(paths.keys_file),
        "data": _described(paths.data_folder),
        "history": _described(paths.data_folder / FILE_NAME),
        "integrity": report.text + about,
    }
    problems = [report.text] if report.state in ("damaged", "newer", "not read") else []
    if _open_to_others(paths.keys_file):
        problems.append(f"Other users of this machine can read {paths.keys_file}. `chmod 600` prevents that.")
    if _open_to_others(paths.data_folder / FILE_NAME):
        problems.append("Other users of this machine can read the history. `chmod 600` prevents that.")
    return facts, [*problems, *open_folders(paths)]


def _described(path: Path) -> str:
    """Return a path with its mode, and for a file its size."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return f"{path}, missing"
    except OSError as problem:
        return f"{path}, unreadable: {problem.strerror}"
    mode = f"mode {stat.S_IMODE(status.st_mode):04o}"
    if stat.S_ISDIR(status.st_mode):
        return f"{path}, {mode}"
    return f"{path}, {mode}, {counted(status.st_size, 'byte')}"


def _open_to_others(path: Path) -> bool:
    try:
        return os.name == "posix" and bool(stat.S_IMODE(path.stat().st_mode) & 0o077)
    except OSError:
        return False


def _size() -> tuple[int, int]:
    """Return the size of the terminal, or else the values of COLUMNS and LINES, or zeros."""
    for stream in filter(is_terminal, (sys.stdout, sys.stdin, sys.stderr)):
        with contextlib.suppress(OSError):
            return os.get_terminal_size(stream.fileno())
    return shutil.get_terminal_size(fallback=(0, 0))
