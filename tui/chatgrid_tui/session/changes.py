"""What a session tells those who show it. Each carries its conversation, whose state is then read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

from chatgrid_tui.errors import StorageProblem
from chatgrid_tui.model.history import ConversationRow, ReadOnly
from chatgrid_tui.model.provider import Board, Provider
from chatgrid_tui.session.conversation import Conversation, Turn


@dataclass(frozen=True, slots=True)
class TurnAdded:
    """A turn came to the end of the conversation."""

    conversation: Conversation


@dataclass(frozen=True, slots=True)
class TurnChanged:
    """A turn changed: its reply grew or ended, or another one was begun."""

    conversation: Conversation
    turn: Turn


@dataclass(frozen=True, slots=True)
class TurnsReplaced:
    """Turns were taken away: the whole conversation is to be read again."""

    conversation: Conversation


@dataclass(frozen=True, slots=True)
class TurnsMerged:
    """The service has more of a conversation: its turns are others now, and those that were there before are among
    them. What is being read stays.
    """

    conversation: Conversation


@dataclass(frozen=True, slots=True)
class Reloaded:
    """All of a conversation was read again. `draft` is what was its draft before, `elsewhere` what was typed in
    another window since.
    """

    conversation: Conversation
    draft: str
    elsewhere: str


@dataclass(frozen=True, slots=True)
class RowsChanged:
    """Rows came into the list, went out of it, or stand elsewhere in it."""


@dataclass(frozen=True, slots=True)
class RemoteStatusChanged:
    """What is said of the listing of chats, or of the messages that are fetched, is something else."""


@dataclass(frozen=True, slots=True)
class ListChanged:
    """A row of the list says something else; `moved` if it came to the top as well, or is new."""

    conversation: Conversation
    moved: bool = False


@dataclass(frozen=True, slots=True)
class BoardChanged:
    """The conversation is on another board than before: the one that was found for it."""

    conversation: Conversation


@dataclass(frozen=True, slots=True)
class AlertsChanged:
    """A condition began, changed or ended, or there is another message to be read (`session.alerts`)."""


@dataclass(frozen=True, slots=True, eq=False)
class UnhandledError:
    """An error of the program's own, in what nobody waits for. Whoever shows this had better end."""

    error: BaseException


Change: TypeAlias = (
    TurnAdded
    | TurnChanged
    | TurnsReplaced
    | TurnsMerged
    | Reloaded
    | RowsChanged
    | RemoteStatusChanged
    | ListChanged
    | BoardChanged
    | AlertsChanged
    | UnhandledError
)


class SessionListener(Protocol):
    """Whoever is told what became of conversations."""

    def notify(self, change: Change) -> None: ...
    def row_changed(self, conversation: Conversation) -> None: ...
    def storage_failed(self, problem: StorageProblem) -> None: ...


class ReplyListener(SessionListener, Protocol):
    """Whoever is told how replies come along."""

    def absorbed(self, conversation_ids: list[int]) -> None: ...
    async def reply_ended(self, conversation: Conversation) -> None: ...
    async def board_found(self, conversation: Conversation) -> None: ...


class SyncListener(SessionListener, Protocol):
    """Whoever is told what came from a service."""

    @property
    def read_only(self) -> ReadOnly | None: ...
    async def board_gone(self, provider: Provider, board: Board) -> None: ...
    def rows_came(self, rows: list[ConversationRow]) -> None: ...
