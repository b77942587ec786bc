"""What the parts of a session tell it, and ask of it: each takes the least of these that it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from chatgrid_tui.errors import StorageProblem
from chatgrid_tui.model.history import ConversationRow, ReadOnly
from chatgrid_tui.session.changes import Change
from chatgrid_tui.session.conversation import Conversation

if TYPE_CHECKING:
    from chatgrid_tui.session.places import Places


class Told(Protocol):
    """Whoever is told what became of conversations."""

    def tell(self, change: Change) -> None: ...
    def row_changed(self, conversation: Conversation) -> None: ...
    def trouble(self, problem: StorageProblem) -> None: ...


class ToldOfReplies(Told, Protocol):
    """Whoever is told how replies come along."""

    def absorbed(self, conversation_ids: list[int]) -> None: ...
    async def reply_ended(self, conversation: Conversation) -> None: ...
    async def board_found(self, conversation: Conversation) -> None: ...


class ToldOfServices(Told, Protocol):
    """Whoever is told what came from a service."""

    @property
    def read_only(self) -> ReadOnly | None: ...
    @property
    def places(self) -> Places: ...
    def rows_came(self, rows: list[ConversationRow]) -> None: ...
