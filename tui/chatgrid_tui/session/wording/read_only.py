"""What is said of a history that can only be read, and of what cannot be done for that reason."""

from __future__ import annotations

from typing import Final

from chatgrid_tui.model.history import ReadOnly

_WHY: Final[dict[ReadOnly, str]] = {
    "another window": "Another window has this history",
    "newer version": "A newer version of this program made this history",
    "not writable": "This history cannot be written just now",
}


def refusals(reason: ReadOnly) -> tuple[str, ...]:
    """Return everything that is said when something cannot be done for this reason."""
    return only_read(reason), not_changed(reason), not_listed(reason)


def only_read(reason: ReadOnly) -> str:
    """Say why nothing is sent."""
    return f"{_WHY[reason]}; here it can only be read."


def not_changed(reason: ReadOnly) -> str:
    """Say why nothing is renamed or deleted."""
    return f"{_WHY[reason]}; nothing can be changed here."


def not_listed(reason: ReadOnly) -> str:
    """Say why the chats of a service are not listed."""
    where = "listed there" if reason == "another window" else "not listed here"
    return f"{_WHY[reason]}. The chats of the service are {where}."
