"""What a row of the switcher leads to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from chatgrid_tui.model.provider import Board, Provider


@dataclass(frozen=True, slots=True)
class ToConversation:
    """A conversation of the history."""

    id: int


@dataclass(frozen=True, slots=True)
class ToBoard:
    """A board, to begin a conversation on."""

    provider: Provider
    board: Board


@dataclass(frozen=True, slots=True)
class ToProvider:
    """A provider: the board of it that was used last, else its first one."""

    provider: Provider


@dataclass(frozen=True, slots=True)
class MakeBoard:
    """A board that is yet to be made."""

    provider: Provider


@dataclass(frozen=True, slots=True)
class AddProvider:
    """A provider that is yet to be added."""


Destination: TypeAlias = ToConversation | ToBoard | ToProvider | MakeBoard | AddProvider
