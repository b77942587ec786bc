"""What the app opens on."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from chatgrid_tui.model.provider import Board, Provider
from chatgrid_tui.session.conversation import Conversation

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.session import Session


@dataclass(frozen=True, slots=True)
class LocalBot:
    """A demo bot on the first screen."""

    provider: Provider
    board: Board
    description: str


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast recorded replies are played."""

    speed: float = 1.0
    """How many times as fast as recorded; infinite without waiting."""
    idle_time_limit: float = math.inf
    """Seconds that a gap may take."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A session that has started, and the conversation to show first."""

    session: Session
    conversation: Conversation
    bots: tuple[LocalBot, ...] = ()
    """The demo bots, if the app opened on them."""
    notices: tuple[str, ...] = field(default=())
    """Sentences to show at once."""
    replay: Pace | None = None
    """How to play the replies of the conversation at once; None not to."""
    composer_text: str = ""
    """What the composer says if nothing can be sent, in place of the reason."""
    welcome: str = ""
    """What is shown before anything was said; in place of what is usual."""


Open: TypeAlias = Callable[[Callable[[str], None]], Awaitable["Opening"]]
"""Starts the session. Called after the first frame, with a function that shows progress.

Raises `ChatgridError` if nothing can be opened.
"""
