"""What a session reports to the interface, and how often.

A change names what changed; the new state is read from there.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from chatgrid_tui.engine.clock import SYSTEM_CLOCK, Clock
from chatgrid_tui.errors import StorageProblem
from chatgrid_tui.model.provider import Board, Provider
from chatgrid_tui.model.saved_conversation import ConversationRow, ReadOnly
from chatgrid_tui.session.conversation import Conversation, Turn

INTERVAL: Final = 1 / 20
"""The least number of seconds between two batches. The screen is drawn no more often."""
_PAUSE_FACTOR: Final = 4
"""A batch that took long to handle is followed by a pause of this many times as long."""


@dataclass(frozen=True, slots=True)
class TurnAdded:
    """A turn was added to the end of the conversation."""

    conversation: Conversation


@dataclass(frozen=True, slots=True)
class TurnChanged:
    """A turn changed: its reply grew or ended, or another reply was started or selected."""

    conversation: Conversation
    turn: Turn


@dataclass(frozen=True, slots=True)
class TurnsReplaced:
    """Turns were removed, or left the queue."""

    conversation: Conversation


@dataclass(frozen=True, slots=True)
class TurnsMerged:
    """Turns of the service were added, anywhere in the conversation. What the user is reading stays in view."""

    conversation: Conversation


@dataclass(frozen=True, slots=True)
class Reloaded:
    """A whole conversation was read again. `draft` is its draft before that; `elsewhere` is what was typed in another
    window in the meantime.
    """

    conversation: Conversation
    draft: str
    elsewhere: str


@dataclass(frozen=True, slots=True)
class ReplyEnded:
    """A reply of the conversation ended, and is saved."""

    conversation: Conversation


@dataclass(frozen=True, slots=True)
class RowsChanged:
    """Rows were added to the list, removed or moved."""


@dataclass(frozen=True, slots=True)
class RemoteStatusChanged:
    """The state of listing chats, or of fetching messages, changed."""


@dataclass(frozen=True, slots=True)
class ListChanged:
    """The row of a conversation changed; `moved` if it is new or came to the top."""

    conversation: Conversation
    moved: bool = False


@dataclass(frozen=True, slots=True)
class BoardChanged:
    """A board was found for the conversation."""

    conversation: Conversation


@dataclass(frozen=True, slots=True)
class AlertsChanged:
    """A condition began, changed or ended, or a message was added (`session.alerts`)."""


@dataclass(frozen=True, slots=True, eq=False)
class UnhandledError:
    """A background task ended with an unexpected error. The interface must exit."""

    error: BaseException


ConversationChange: TypeAlias = TurnAdded | TurnChanged | TurnsReplaced | TurnsMerged | Reloaded | BoardChanged
"""What happened in one conversation."""
Change: TypeAlias = (
    ConversationChange | ReplyEnded | RowsChanged | RemoteStatusChanged | ListChanged | AlertsChanged | UnhandledError
)


class ChangeFeed:
    """Collects changes and passes them on in batches.

    The first change after a pause is passed on immediately, so that the first token does not wait.
    """

    def __init__(self, clock: Clock = SYSTEM_CLOCK) -> None:
        self._clock = clock
        self._pending: dict[Change, None] = {}
        self._added = asyncio.Event()

    def add(self, change: Change) -> None:
        """Add a change. It is not added again while it is pending."""
        self._pending[change] = None
        self._added.set()

    async def batches(self) -> AsyncIterator[list[Change]]:
        """Yield pending changes in batches, oldest first, without end. Handle each before asking for the next."""
        while True:
            await self._added.wait()
            self._added.clear()
            batch = list(self._pending)
            self._pending.clear()
            started = self._clock.monotonic()
            yield batch
            await self._clock.sleep(max(INTERVAL, _PAUSE_FACTOR * (self._clock.monotonic() - started)))


class SessionListener(Protocol):
    """The session, as its parts see it: it receives what they find out."""

    @property
    def read_only(self) -> ReadOnly | None: ...
    def notify(self, change: Change) -> None: ...
    def row_changed(self, conversation: Conversation) -> None: ...
    def add_rows(self, rows: list[ConversationRow]) -> None: ...
    def remove_rows(self, conversation_ids: list[int]) -> None: ...
    def storage_failed(self, problem: StorageProblem) -> None: ...
    async def conversation_saved(self, conversation: Conversation) -> None: ...
    def message_saved(self, conversation: Conversation, turn: Turn) -> None: ...
    async def reply_ended(self, conversation: Conversation) -> None: ...
    async def board_found(self, conversation: Conversation) -> None: ...
    async def board_gone(self, provider: Provider, board: Board) -> None: ...
