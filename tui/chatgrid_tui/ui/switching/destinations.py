"""Where a row of the switcher leads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from chatgrid_tui.model.provider import Board, Provider


@dataclass(frozen=True, slots=True)
class ToConversation:
    """To a conversation of the history."""

    id: int


@dataclass(frozen=True, slots=True)
class ToBoard:
    """To a new conversation on a board."""

    provider: Provider
    board: Board


@dataclass(frozen=True, slots=True)
class ToProvider:
    """To a new conversation at a provider: on the board that was used last, else on its first one."""

    provider: Provider


@dataclass(frozen=True, slots=True)
class MakeBoard:
    """Create a board."""

    provider: Provider


@dataclass(frozen=True, slots=True)
class AddProvider:
    """Add a provider."""


Destination: TypeAlias = ToConversation | ToBoard | ToProvider | MakeBoard | AddProvider
