"""Where one has been and where one can go: boards and conversations, as far as they are known on this machine.

Nothing here waits for a service: what one listed before is remembered, and it is asked again beside.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from chatgrid_tui.errors import ChatgridError, StorageProblem
from chatgrid_tui.model.json import Json
from chatgrid_tui.model.provider import Board, Provider
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.session.providers.boards import boards_of
from chatgrid_tui.session.providers.clients import Clients
from chatgrid_tui.session.wording.refusals import is_no_board
from chatgrid_tui.store.history import History

_RECENT: Final = "recent places"
_BOARDS: Final = "boards "
"""With the name of the provider behind it: the key of what it listed."""
_GONE: Final = "boards that are gone"
_VISITS_AT_MOST: Final = 100
_GONE_AT_MOST: Final = 1_000
_BOARDS_AT_MOST: Final = 20_000
_NOTICED_AFTER: Final = 1.0
_ASKED_AGAIN_AFTER: Final = 60.0
"""Seconds for which a listing that came is taken for what there is."""
_MORE_FOR_EACH: Final = 0.6
"""Seconds more for each board: a long listing takes many requests, of which a service takes only so many."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Somewhere one was: a conversation, or a board on which nothing was said (then `conversation` is 0)."""

    provider: str
    board: Board
    conversation: int = 0

    @property
    def place(self) -> tuple[str, str]:
        """The provider's name and the board's id."""
        return self.provider, self.board.id


class Recents:
    """The boards of each provider, and the visits, the newest first. Both outlive the program."""

    def __init__(
        self,
        clients: Clients,
        history: History,
        trouble: Callable[[StorageProblem], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`trouble` is told where the history cannot keep something."""
        self.visits: list[Visit] = []
        self._services = clients
        self._history = history
        self._trouble = trouble
        self._clock = clock
        self._listed: dict[str, list[Board]] = {}
        self._asked: dict[str, float] = {}
        """When each provider's listing came."""
        self._asking: dict[str, float] = {}
        """Since when a provider's listing is waited for."""
        self._gone: set[tuple[str, str]] = set()
        self._loading = asyncio.Lock()
        self._loaded = False

    async def load(self) -> None:
        """Read what was remembered, unless that was done. What was visited meanwhile stays before it."""
        async with self._loading:
            if not self._loaded:
                self._loaded = True
                await self._load()

    async def _load(self) -> None:
        try:
            visits = _visits_in(_json(await self._history.recall(_RECENT)))
            gone = _pairs_in(_json(await self._history.recall(_GONE)))
            for provider in self._services.settings.providers.values():
                remembered = "" if provider.embedded else await self._history.recall(_BOARDS + provider.name)
                self._listed.setdefault(provider.name, _boards_in(_json(remembered)))
        except StorageProblem as problem:
            self._trouble(problem)
            return
        self.visits = _newest([*self.visits, *visits])
        self._gone |= gone

    def boards(self, provider: Provider) -> list[Board]:
        """Return the boards of a provider: the configured ones, those it listed, and those that were visited."""
        listed = {board.id: board for board in self._listed.get(provider.name, ())}
        # One that is configured may be called by its name there.
        names = {board.name: board for board in listed.values()} if provider.boards else {}
        configured = [listed.get(board) or names.get(board) or Board(board, board) for board in provider.boards]
        visited = (visit.board for visit in self.visits if visit.provider == provider.name and visit.board.id)
        if provider.shown not in listed:  # what stands in for a board while none is known
            visited = (board for board in visited if board.id != provider.shown)
        known: dict[str, Board] = {}
        for board in (*visited, *configured):
            if board in configured or not self.is_gone(provider.name, board.id):
                known.setdefault(board.id, listed.get(board.id, board))
        return list((known | {board: it for board, it in listed.items() if board not in known}).values())

    def is_gone(self, provider: str, board: str) -> bool:
        """Whether the service said that it knows no such board."""
        return (provider, board) in self._gone

    def board_of(self, provider: Provider) -> Board | None:
        """Return the board of a provider that was visited last, else the first one; None where none is known."""
        return next(iter(self.boards(provider)), None)

    def is_due(self, provider: Provider) -> bool:
        """Whether a provider's boards had better be asked for: not while that is being done, nor soon after."""
        asked = self._asked.get(provider.name)
        fresh = _ASKED_AGAIN_AFTER + _MORE_FOR_EACH * len(self._listed.get(provider.name, ()))
        waited = asked is None or self._clock() - asked >= fresh
        return waited and provider.name not in self._asking

    def waits_for(self, provider: Provider) -> bool:
        """Whether a provider's listing is being waited for, for longer than nobody would notice."""
        since = self._asking.get(provider.name)
        return since is not None and self._clock() - since >= _NOTICED_AFTER

    async def ask(self, provider: Provider) -> bool:
        """Ask a service for its boards; whether it told. What it told before stays known where it does not: what
        is wrong then, its standing says.
        """
        self._asking[provider.name] = self._clock()
        try:
            boards = await boards_of(await self._services.of(provider))
        except ChatgridError:
            return False
        finally:
            self._asking.pop(provider.name, None)
        self._asked[provider.name] = self._clock()
        await self._take(provider, boards[:_BOARDS_AT_MOST])
        return True

    def forget(self, provider: str) -> None:
        """Forget the boards of a provider that is another one now, until it tells of its own."""
        self._listed.pop(provider, None)
        self._asked.pop(provider, None)
        self.visits = [visit for visit in self.visits if visit.conversation or visit.provider != provider]

    async def made(self, provider: Provider, board: Board) -> None:
        """Take in a board that was made just now."""
        await self._take(provider, [board, *self._listed.get(provider.name, [])])

    async def visit(self, conversation: Conversation) -> None:
        """Note that a conversation is on the screen."""
        await self.load()  # what is written now must not replace what was not read yet
        board = conversation.board
        visit = Visit(conversation.provider.name, Board(board.id, board.name, board.detail), conversation.id)
        if self.visits[:1] == [visit]:
            return
        newest = self.visits[0] if self.visits else None
        begun_here = newest is not None and not newest.conversation and newest.place == visit.place
        self.visits = _newest([visit, *self.visits[begun_here:]])
        await self._keep_visits()

    async def reply_ended(self, conversation: Conversation) -> None:
        """Take in what a reply, or its failure, told about its board."""
        reply = conversation.newest.reply if conversation.newest is not None else None
        if reply is None:
            return
        place = (conversation.provider.name, conversation.board.id)
        if reply.failure is not None and is_no_board(reply.failure):
            await self.lost(conversation.provider, conversation.board)
        elif reply.state == "finished":
            await self._keep_gone(self._gone - {place})

    async def lost(self, provider: Provider, board: Board) -> None:
        """Take in that the service knows no such board: it is no longer remembered."""
        await self.load()
        await self._keep_gone(self._gone | {(provider.name, board.id)})
        listed = self._listed.get(provider.name, [])
        if left := [known for known in listed if known.id != board.id]:
            await self._take(provider, left)
        self.visits = [
            visit for visit in self.visits if visit.conversation or visit.place != (provider.name, board.id)
        ]
        await self._keep_visits()

    async def _take(self, provider: Provider, boards: list[Board]) -> None:
        """Take what a provider has now. What it listed before and no longer does is not remembered as visited."""
        await self.load()
        ids = {board.id for board in boards}
        before = self._listed.get(provider.name, [])
        dropped = {board.id for board in before} - ids - set(provider.boards)
        self._listed[provider.name] = boards
        still = {(name, board) for name, board in self._gone if name != provider.name or board not in ids}
        await self._keep_gone(still | {(provider.name, board) for board in dropped})
        if before != boards and not provider.embedded:
            written = json.dumps([[board.id, board.name, board.detail] for board in boards])
            await self._remember(_BOARDS + provider.name, written)

    async def _keep_gone(self, gone: set[tuple[str, str]]) -> None:
        if gone != self._gone:
            self._gone = set(sorted(gone)[:_GONE_AT_MOST])
            await self._remember(_GONE, json.dumps(sorted(self._gone)))

    async def _keep_visits(self) -> None:
        written = [[visit.provider, visit.board.id, visit.board.name, visit.conversation] for visit in self.visits]
        await self._remember(_RECENT, json.dumps(written))

    async def _remember(self, key: str, value: str) -> None:
        try:
            await self._history.remember(key, value)
        except StorageProblem as problem:
            self._trouble(problem)


def _newest(visits: Iterable[Visit]) -> list[Visit]:
    """Return each place once. A board on which something was said since is that conversation."""
    kept: list[Visit] = []
    seen: set[object] = set()
    for visit in visits:
        key: object = visit.conversation or visit.place
        if key not in seen:
            seen.add(key)
            kept.append(visit)
    return kept[:_VISITS_AT_MOST]


def _json(text: str | None) -> Json:
    try:
        value: Json = json.loads(text or "[]")
    except (ValueError, RecursionError):
        return []
    return value


def _texts(item: Json, count: int) -> Sequence[Json]:
    """Return the parts of a remembered entry, none where it is not like one."""
    fits = isinstance(item, list) and len(item) >= count and all(isinstance(part, str) for part in item[:count])
    return item if fits and isinstance(item, list) else ()


def _pairs_in(value: Json) -> set[tuple[str, str]]:
    entries = (_texts(item, 2) for item in (value if isinstance(value, list) else []))
    return {(str(entry[0]), str(entry[1])) for entry in entries if entry}


def _boards_in(value: Json) -> list[Board]:
    entries = (_texts(item, 3) for item in (value if isinstance(value, list) else []))
    return [Board(str(entry[0]), str(entry[1]), str(entry[2])) for entry in entries if entry]


def _visits_in(value: Json) -> list[Visit]:
    entries = (_texts(item, 3) for item in (value if isinstance(value, list) else []))
    return [
        Visit(str(entry[0]), Board(str(entry[1]), str(entry[2])), entry[3] if isinstance(entry[3], int) else 0)
        for entry in entries
        if len(entry) == 4
    ]
