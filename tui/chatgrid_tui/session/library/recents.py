"""The boards of each provider, and the boards and conversations that were visited. Both are saved between runs.

Nothing here waits for a service: the last list of boards is used at once and updated later.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from chatgrid_tui.errors import ChatgridError, StorageProblem
from chatgrid_tui.model.provider import Board, Provider
from chatgrid_tui.model.saved_conversation import Visit
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.session.providers.board_choice import boards_of
from chatgrid_tui.session.providers.clients import Clients
from chatgrid_tui.session.tasks import report_storage
from chatgrid_tui.session.wording.refusal_kinds import is_no_board
from chatgrid_tui.store.history import History

_MOST_VISITS: Final = 100
_MOST_GONE: Final = 1_000
_MOST_BOARDS: Final = 20_000
_NOTICEABLE: Final = 1.0
_FRESH: Final = 60.0
"""Seconds for which a list of boards is up to date."""
_FRESH_PER_BOARD: Final = 0.6
"""Additional seconds per board: a long list takes many requests, which services limit."""


class Recents:
    """The boards of each provider, and the visits, newest first."""

    def __init__(
        self,
        clients: Clients,
        history: History,
        on_error: Callable[[StorageProblem], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`on_error` is called if the history cannot save something."""
        self.visits: list[Visit] = []
        self._clients = clients
        self._history = history
        self._on_error = on_error
        self._clock = clock
        self._listed: dict[str, list[Board]] = {}
        self._listed_at: dict[str, float] = {}
        self._requested_at: dict[str, float] = {}
        """When the lists that have not arrived yet were requested."""
        self._gone: set[tuple[str, str]] = set()
        self._loading = asyncio.Lock()
        self._loaded = False

    async def load(self) -> None:
        """Read what was saved, unless that is done already."""
        async with self._loading:
            if self._loaded:
                return
            self._loaded = True
            try:
                visits = await self._history.saved_state.visits()
                gone = await self._history.saved_state.gone_boards()
                for provider in self._clients.settings.providers.values():
                    boards = [] if provider.embedded else await self._history.saved_state.boards(provider.name)
                    self._listed.setdefault(provider.name, boards)
            except StorageProblem as problem:
                self._on_error(problem)
                return
            self.visits = _newest_of_each([*self.visits, *visits])
            self._gone |= gone

    def boards(self, provider: Provider) -> list[Board]:
        """Return the boards of a provider: first the visited ones, then the configured ones, then the rest."""
        listed = {board.id: board for board in self._listed.get(provider.name, ())}
        # The configuration may name a board by its name.
        listed_by_name = {board.name: board for board in listed.values()} if provider.boards else {}
        configured = [listed.get(name) or listed_by_name.get(name) or Board(name, name) for name in provider.boards]
        visited = [visit.board for visit in self.visits if visit.provider == provider.name and visit.board.id]
        boards: dict[str, Board] = {}
        for board in (*visited, *configured):
            stand_in = board.id == provider.shown and board.id not in listed and board not in configured
            if board in configured or not (stand_in or self.is_gone(provider.name, board.id)):
                boards.setdefault(board.id, listed.get(board.id, board))
        for board in listed.values():
            boards.setdefault(board.id, board)
        return list(boards.values())

    def is_gone(self, provider: str, board: str) -> bool:
        """Return whether the service reported that it has no such board."""
        return (provider, board) in self._gone

    def default_board(self, provider: Provider) -> Board | None:
        """Return the board of a provider that was visited last, else its first board, if any."""
        return next(iter(self.boards(provider)), None)

    def is_due(self, provider: Provider) -> bool:
        """Return whether to request a provider's boards: its list is old, and none has been requested."""
        listed_at = self._listed_at.get(provider.name)
        fresh = _FRESH + _FRESH_PER_BOARD * len(self._listed.get(provider.name, ()))
        is_old = listed_at is None or self._clock() - listed_at >= fresh
        return is_old and provider.name not in self._requested_at

    def is_loading(self, provider: Provider) -> bool:
        """Return whether a provider's list was requested a noticeable time ago and has not arrived."""
        since = self._requested_at.get(provider.name)
        return since is not None and self._clock() - since >= _NOTICEABLE

    async def refresh(self, provider: Provider) -> bool:
        """Request the boards of a provider, and return whether they arrived. If not, the old list stays, and the
        provider's health gives the reason.
        """
        self._requested_at[provider.name] = self._clock()
        try:
            boards = await boards_of(await self._clients.get(provider))
        except ChatgridError:
            return False
        finally:
            self._requested_at.pop(provider.name, None)
        self._listed_at[provider.name] = self._clock()
        await self._set_boards(provider, boards[:_MOST_BOARDS])
        return True

    def forget(self, provider: str) -> None:
        """Forget the boards of a provider whose configuration changed, until it lists them again."""
        self._listed.pop(provider, None)
        self._listed_at.pop(provider, None)
        self.visits = [visit for visit in self.visits if visit.conversation or visit.provider != provider]

    async def add_board(self, provider: Provider, board: Board) -> None:
        """Add a board that was just created."""
        await self._set_boards(provider, [board, *self._listed.get(provider.name, [])])

    async def add_visit(self, conversation: Conversation) -> None:
        """Record that a conversation is on the screen."""
        await self.load()  # saving must not replace visits that were not read yet
        board = conversation.board
        visit = Visit(conversation.provider.name, Board(board.id, board.name, board.detail), conversation.id)
        if self.visits[:1] == [visit]:
            return
        newest = self.visits[0] if self.visits else None
        was_new = newest is not None and not newest.conversation and newest.place == visit.place
        self.visits = _newest_of_each([visit, *self.visits[was_new:]])
        await self._save(self._history.saved_state.save_visits(self.visits))

    async def reply_ended(self, conversation: Conversation) -> None:
        """Record what a reply, or its failure, says about the board of its conversation."""
        reply = conversation.newest.reply if conversation.newest is not None else None
        if reply is None:
            return
        if reply.failure is not None and is_no_board(reply.failure):
            await self.remove_board(conversation.provider, conversation.board)
        elif reply.state == "finished":
            await self._set_gone(self._gone - {(conversation.provider.name, conversation.board.id)})

    async def remove_board(self, provider: Provider, board: Board) -> None:
        """Remove a board that its service does not have."""
        await self.load()
        place = (provider.name, board.id)
        await self._set_gone(self._gone | {place})
        if remaining := [other for other in self._listed.get(provider.name, []) if other.id != board.id]:
            await self._set_boards(provider, remaining)
        self.visits = [visit for visit in self.visits if visit.conversation or visit.place != place]
        await self._save(self._history.saved_state.save_visits(self.visits))

    async def _set_boards(self, provider: Provider, boards: list[Board]) -> None:
        """Replace the list of a provider. Boards that it no longer contains are gone."""
        await self.load()
        previous = self._listed.get(provider.name, [])
        self._listed[provider.name] = boards
        ids = {board.id for board in boards}
        dropped = {board.id for board in previous} - ids - set(provider.boards)
        gone = {(name, board) for name, board in self._gone if name != provider.name or board not in ids}
        await self._set_gone(gone | {(provider.name, board) for board in dropped})
        if previous != boards and not provider.embedded:
            await self._save(self._history.saved_state.save_boards(provider.name, boards))

    async def _set_gone(self, gone: set[tuple[str, str]]) -> None:
        if gone != self._gone:
            self._gone = set(sorted(gone)[:_MOST_GONE])
            await self._save(self._history.saved_state.save_gone_boards(self._gone))

    async def _save(self, saving: Awaitable[None]) -> None:
        await report_storage(saving, self._on_error)


def _newest_of_each(visits: Iterable[Visit]) -> list[Visit]:
    """Return the newest visit of each conversation and board."""
    newest: dict[object, Visit] = {}
    for visit in visits:
        newest.setdefault(visit.conversation or visit.place, visit)
    return list(newest.values())[:_MOST_VISITS]
