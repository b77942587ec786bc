"""Describe the environment: terminal, versions, network settings and files. Nothing is opened or changed."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import ssl
import stat
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final, TypeAlias

from chatgrid_tui import __version__
from chatgrid_tui.cli.configuration import open_folders
from chatgrid_tui.cli.streams import is_terminal
from chatgrid_tui.config.paths import Paths
from chatgrid_tui.session.wording.measures import counted, size
from chatgrid_tui.store.inspection import FILE_NAME, SQLITE_VERSION, inspect_history

Facts: TypeAlias = dict[str, str]

_PACKAGES: Final = ("textual", "rich", "httpx", "platformdirs", "tomli-w", "pyperclip", "keyring")
_MULTIPLEXERS: Final = {"TMUX": "tmux", "STY": "screen", "ZELLIJ": "zellij"}
_PROXIES: Final = (
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"),
)


def terminal(environment: Mapping[str, str]) -> Facts:
    """Describe the terminal."""
    columns, rows = _size()
    program = " ".join(filter(None, (environment.get("TERM_PROGRAM"), environment.get("TERM_PROGRAM_VERSION"))))
    within = [name for variable, name in _MULTIPLEXERS.items() if environment.get(variable)]
    remote = "over SSH" if environment.get("SSH_CONNECTION") else "on this machine"
    return {
        "TERM": environment.get("TERM", "") or "not set",
        "program": program or "unknown",
        "size": f"{columns}x{rows}" if columns and rows else "unknown",
        "colours": _colours(environment),
        "encoding": f"{_encoding()}, {_locale(environment)}",
        "multiplexer": ", ".join(within) or "none",
        "runs": f"{remote}, in WSL" if environment.get("WSL_DISTRO_NAME") else remote,
        "input": "a terminal" if is_terminal(sys.stdin) else "not a terminal",
        "output": "a terminal" if is_terminal(sys.stdout) else "not a terminal",
    }


def versions() -> Facts:
    """Return the versions of the program and its dependencies, without importing them."""
    numbers = {"chatgrid-tui": __version__, "Python": f"{platform.python_version()} ({sys.executable})"}
    numbers |= {package: _version(package) for package in _PACKAGES}
    system = platform.platform(terse=False)
    return numbers | {"SQLite": SQLITE_VERSION, "TLS": ssl.OPENSSL_VERSION, "system": system}


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
        problems.append(f"Others on this machine can read {paths.keys_file}. `chmod 600` keeps them out.")
    if _open_to_others(paths.data_folder / FILE_NAME):
        problems.append("Others on this machine can read the history. `chmod 600` keeps them out.")
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


def _colours(environment: Mapping[str, str]) -> str:
    if environment.get("NO_COLOR"):
        return "off (NO_COLOR)"
    if environment.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return "16 million (COLORTERM)"
    return "256 (TERM)" if "256color" in environment.get("TERM", "") else "16 (TERM)"


def _encoding() -> str:
    return (getattr(sys.stdout, "encoding", None) or "unknown").lower()


def _locale(environment: Mapping[str, str]) -> str:
    name = next((name for name in ("LC_ALL", "LC_CTYPE", "LANG") if environment.get(name)), "")
    return f"{name}={environment[name]}" if name else "no locale set"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
