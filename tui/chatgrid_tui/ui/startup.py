"""What the app opens on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from chatgrid_tui.model.provider import Board, Provider
from chatgrid_tui.session.conversation import Conversation

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.session import Session


@dataclass(frozen=True, slots=True)
class LocalBot:
    """An embedded bot as the first screen offers it."""

    provider: Provider
    board: Board
    description: str


@dataclass(frozen=True, slots=True)
class Opening:
    """A session that has begun, and the conversation to show first."""

    session: Session
    conversation: Conversation
    bots: tuple[LocalBot, ...] = ()
    """The embedded bots, where they are what the app opened on."""
    notices: tuple[str, ...] = field(default=())
    """Sentences to be said at once."""


Open: TypeAlias = Callable[[Callable[[str], None]], Awaitable["Opening"]]
"""Begins the session. Called once the first frame is on the screen, with what shows how far it is.

Raises `ChatgridError` where nothing can be opened.
"""
