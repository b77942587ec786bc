"""What the app is given by the system around it."""

from __future__ import annotations

import webbrowser

import pyperclip
import pytest


@pytest.fixture
def clipboard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was copied, oldest first."""
    copied: list[str] = []
    monkeypatch.setattr(pyperclip, "copy", copied.append)
    for variable in ("SSH_CONNECTION", "SSH_TTY"):
        monkeypatch.delenv(variable, raising=False)
    return copied


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that were opened, oldest first."""
    visited: list[str] = []

    class Browser:
        def open(self, url: str, new: int = 0) -> bool:
            visited.append(url)
            return True

    monkeypatch.setenv("BROWSER", "a-browser")
    monkeypatch.setattr(webbrowser, "get", Browser)
    return visited
