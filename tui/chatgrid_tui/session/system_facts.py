"""The environment of the program: the terminal, and the versions of everything it uses."""

from __future__ import annotations

import platform
import ssl
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Final, TypeAlias

from chatgrid_tui import __version__
from chatgrid_tui.store.inspection import SQLITE_VERSION

Facts: TypeAlias = dict[str, str]

_PACKAGES: Final = ("textual", "rich", "httpx", "platformdirs", "tomli-w", "pyperclip", "keyring")
_MULTIPLEXERS: Final = {"TMUX": "tmux", "STY": "screen", "ZELLIJ": "zellij"}


def terminal_facts(environment: Mapping[str, str], columns: int, rows: int) -> Facts:
    """Describe the terminal. Zeros mean an unknown size."""
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
    }


def version_facts() -> Facts:
    """Return the versions of the program and its dependencies, without importing them."""
    numbers = {"chatgrid-tui": __version__, "Python": platform.python_version()}
    numbers |= {package: _version(package) for package in _PACKAGES}
    system = platform.platform(terse=False)
    return numbers | {"SQLite": SQLITE_VERSION, "TLS": ssl.OPENSSL_VERSION, "system": system}


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
