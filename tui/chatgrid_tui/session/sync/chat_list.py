"""The chats of a board as its service lists them, page by page, as far as somebody looks."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.errors import ChatgridError, ServiceProblem, StorageProblem
from chatgrid_tui.model.history import ListedChat
from chatgrid_tui.model.provider import Board, Chat, Page, Provider
from chatgrid_tui.session.changes import RemoteStatusChanged, SyncListener
from chatgrid_tui.session.providers.clients import Clients
from chatgrid_tui.session.sync.align import parse_time
from chatgrid_tui.session.sync.rate_limit import retry_after_limit
from chatgrid_tui.session.tasks import BackgroundTasks
from chatgrid_tui.session.wording.read_only import not_listed
from chatgrid_tui.session.wording.refusals import is_no_board
from chatgrid_tui.session.wording.sync_status import SOON, Said, why
from chatgrid_tui.store.history import History
from chatgrid_tui.text import clean_line

TITLE_LENGTH: Final = 80
_FRESH: Final = 20.0
"""Seconds for which the first page is not asked for again."""
_AGAIN: Final = 5.0
"""Seconds after which looking on asks again where the service did not answer."""
_RESTARTS: Final = 3
_PAGES_AT_MOST: Final = 1_000
"""Pages that one listing takes: a service that always has one more would be listed for ever."""


@dataclass(slots=True, eq=False)
class _Place:
    """A board, and how far its chats are listed."""

    provider: Provider
    board: Board
    about: int = 0
    """How many chats of it were known before."""
    ids: set[str] = field(default_factory=set)
    """The chats that were listed since the listing began."""
    cursor: str | None = None
    asked: set[str] = field(default_factory=set)
    """The cursors that were gone on from since the listing began."""
    horizon: datetime | None = None
    """Everything that was begun after this is listed; None before the first page."""
    complete: bool = False
    read_at: float | None = None
    busy: bool = False

    def take(self, page: Page[Chat], *, newest: bool) -> None:
        """Note how far the listing is with this page. The newest one, read again, changes nothing of that, unless
        so much is new that it does not reach to what was listed.
        """
        new = {chat.id for chat in page.items}
        if not newest or not self.ids or self.ids.isdisjoint(new):
            if newest:
                self.asked.clear()
            elif self.cursor is not None:
                self.asked.add(self.cursor)
            ends = page.cursor is None or page.cursor in self.asked or not page.items
            self.cursor, self.complete = page.cursor, ends or len(self.asked) >= _PAGES_AT_MOST
            if page.items:
                self.horizon = _begun(page.items[-1])
        self.ids |= new


class ChatList:
    """Lists the chats of the board that is shown. The embedded bots forget theirs."""

    def __init__(self, clients: Clients, history: History, listener: SyncListener, clock: Clock) -> None:
        self.said = Said()
        """What is to be said below the list."""
        self._services = clients
        self._history = history
        self._listener = listener
        self._clock = clock
        self._tasks = BackgroundTasks(listener.notify)
        self._places: dict[tuple[str, str], _Place] = {}
        self._here: _Place | None = None
        self._seen: datetime | None = None

    @property
    def busy(self) -> bool:
        """Whether the board that is shown is being listed."""
        return self._here is not None and self._here.busy

    def show_board(self, provider: Provider, board: Board, about: int) -> None:
        """List the newest chats of a board. `about` is how many are known of it."""
        if DIALECTS[provider.kind].remote_chats is None or provider.embedded or not board.id:
            self._here = None
            self._say(Said())
            return
        place = self._places.setdefault((provider.name, board.id), _Place(provider, board))
        place.provider, place.board, place.about = provider, board, about
        moved, self._here = self._here is not place, place
        if moved:
            self._say(Said())
        if reason := self._listener.read_only:
            self._say(Said(not_listed(reason), "waiting"))
        elif not place.busy and (place.read_at is None or self._clock.monotonic() - place.read_at > _FRESH):
            self._begin(place, newest=True)

    def seen_to(self, at: datetime) -> None:
        """Somebody sees rows of the list as old as this: list as far."""
        self._seen = at
        place = self._here
        if place is None or place.busy or place.read_at is None or not self._wanted(place):
            return
        if place.provider.name not in self._services.settings.providers:  # it was taken away meanwhile
            return
        if not self.said.words or self._clock.monotonic() - place.read_at > _AGAIN:
            self._begin(place, newest=False)

    async def close(self) -> None:
        """Stop asking."""
        await self._tasks.close()

    def _wanted(self, place: _Place) -> bool:
        if place.complete or self._here is not place:
            return False
        return place.horizon is None or (self._seen is not None and self._seen <= place.horizon)

    def _begin(self, place: _Place, *, newest: bool) -> None:
        place.busy = True
        self._tasks.start(self._run(place, newest=newest))

    async def _run(self, place: _Place, *, newest: bool) -> None:
        soon = BackgroundTasks(self._listener.notify)
        soon.start(self._say_soon(place))
        try:
            await self._list(place, newest=newest)
            self._say_of(place, Said())
        except StorageProblem as problem:
            self._say_of(place, Said())
            self._listener.storage_failed(problem)
        except ChatgridError as problem:
            self._say_of(place, self._why(place, problem))
            if isinstance(problem, ServiceProblem) and is_no_board(problem.failure):
                await self._listener.board_gone(place.provider, place.board)
        finally:
            place.busy = False
            place.read_at = self._clock.monotonic()
            await soon.close()
            self._listener.notify(RemoteStatusChanged())

    async def _list(self, place: _Place, *, newest: bool) -> None:
        place.provider = self._services.current(place.provider)  # it may have another address by now
        client = await self._services.of(place.provider)
        restarts = 0
        while True:
            cursor = None if newest else place.cursor
            try:
                page = await retry_after_limit(
                    lambda cursor=cursor: client.chats(place.board.id, cursor),  # type: ignore[misc]
                    lambda said: self._say_of(place, said),
                    lambda: self._here is place,
                    self._clock.sleep,
                )
            except ServiceProblem as problem:
                # ChatGrid's cursors die with the row they stand on (pagination): the listing begins anew.
                if problem.failure.code != "invalid_cursor" or cursor is None or restarts == _RESTARTS:
                    raise
                restarts, newest = restarts + 1, True
                place.ids.clear()
                continue
            await self._take(place, page)
            place.take(page, newest=newest)
            newest = False
            if not self._wanted(place):
                return
            if self.said.words:
                self._say_of(place, self._how_far(place))

    async def _take(self, place: _Place, page: Page[Chat]) -> None:
        chats = await asyncio.to_thread(_as_kept, page)  # a service may put thousands on a page
        board = place.board
        rows = await self._history.take_chats(place.provider.name, board.id, board.name, chats)
        if rows:
            self._listener.rows_came(rows)

    def _how_far(self, place: _Place) -> Said:
        listed = len(place.ids)
        if not listed:
            return Said("Loading", "live")
        of = f" of about {place.about:,}" if place.about > listed else " so far"
        return Said(f"Loading, {listed:,}{of}", "live")

    def _why(self, place: _Place, problem: ChatgridError) -> Said:
        said = why(problem, self._services.key_status(place.provider))
        listed = len(place.ids)
        if said.tone != "failed":
            return said
        kept = f"{listed:,} chats were listed." if listed else "Shown from this machine."
        return Said(f"{said.words} {kept}", said.tone)

    async def _say_soon(self, place: _Place) -> None:
        await self._clock.sleep(SOON)
        if not self.said.words:
            self._say_of(place, self._how_far(place))

    def _say_of(self, place: _Place, said: Said) -> None:
        if self._here is place:
            self._say(said)

    def _say(self, said: Said) -> None:
        if said != self.said:
            self.said = said
            self._listener.notify(RemoteStatusChanged())


def _as_kept(page: Page[Chat]) -> list[ListedChat]:
    now = datetime.now(UTC)
    return [
        ListedChat(
            chat.id, clean_line(chat.title, TITLE_LENGTH), parse_time(chat.last_message_at) or _begun(chat, now)
        )
        for chat in page.items
    ]


def _begun(chat: Chat, otherwise: datetime | None = None) -> datetime:
    return parse_time(chat.created_at) or otherwise or datetime.fromtimestamp(0, UTC)
