"""The chats of a board as its service lists them, read page by page as the user scrolls down."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.errors import ChatgridError, ServiceProblem, StorageProblem
from chatgrid_tui.model.provider import Board, Chat, Page, Provider
from chatgrid_tui.model.saved_conversation import ListedChat
from chatgrid_tui.session.changes import RemoteStatusChanged, SessionListener
from chatgrid_tui.session.providers.clients import Clients
from chatgrid_tui.session.sync.align import parse_time
from chatgrid_tui.session.sync.sync_status import STATUS_DELAY, SyncStatus, retry_after_limit, status_of_error
from chatgrid_tui.session.tasks import BackgroundTasks
from chatgrid_tui.session.wording.failures import cannot_list
from chatgrid_tui.session.wording.refusal_kinds import is_no_board
from chatgrid_tui.store.history import History
from chatgrid_tui.text import clean_line

TITLE_LENGTH: Final = 80
_FRESH: Final = 20.0
"""Seconds for which the first page counts as up to date."""
_RETRY_AFTER: Final = 5.0
"""Seconds after which scrolling requests a missing page again."""
_RESTARTS: Final = 3
_MOST_PAGES: Final = 1_000
"""The most pages to read of one board: a service might claim to have more forever."""


@dataclass(slots=True, eq=False)
class _Listing:
    """A board, and how far its chats were listed."""

    provider: Provider
    board: Board
    estimate: int = 0
    """How many chats of the board were known before."""
    ids: set[str] = field(default_factory=set)
    """The chats listed so far."""
    cursor: str | None = None
    used_cursors: set[str] = field(default_factory=set)
    oldest: datetime | None = None
    """When the oldest listed chat was started; None before the first page."""
    complete: bool = False
    read_at: float | None = None
    busy: bool = False

    def add(self, page: Page[Chat], *, newest: bool) -> None:
        """Add a page. The newest page, read again, does not change how far the list was read, unless it is so new
        that it does not reach the chats listed before.
        """
        ids = {chat.id for chat in page.items}
        if not newest or not self.ids or self.ids.isdisjoint(ids):
            if newest:
                self.used_cursors.clear()
            elif self.cursor is not None:
                self.used_cursors.add(self.cursor)
            is_last = page.cursor is None or page.cursor in self.used_cursors or not page.items
            self.cursor, self.complete = page.cursor, is_last or len(self.used_cursors) >= _MOST_PAGES
            if page.items:
                self.oldest = _created_at(page.items[-1])
        self.ids |= ids


class ChatList:
    """Lists the chats of the board on the screen, if its service can. The demo bots forget their chats."""

    def __init__(self, clients: Clients, history: History, listener: SessionListener, clock: Clock) -> None:
        self.status = SyncStatus()
        """What to show below the list."""
        self._clients = clients
        self._history = history
        self._listener = listener
        self._clock = clock
        self._tasks = BackgroundTasks(listener.notify)
        self._listings: dict[tuple[str, str], _Listing] = {}
        self._current: _Listing | None = None
        self._oldest_in_view: datetime | None = None

    @property
    def busy(self) -> bool:
        """Whether chats of the current board are being listed."""
        return self._current is not None and self._current.busy

    def show_board(self, provider: Provider, board: Board, estimate: int) -> None:
        """List the newest chats of a board. `estimate` is how many of it are known."""
        if DIALECTS[provider.kind].remote_chats is None or provider.embedded or not board.id:
            self._current = None
            self._set_status(SyncStatus())
            return
        listing = self._listings.setdefault((provider.name, board.id), _Listing(provider, board))
        listing.provider, listing.board, listing.estimate = provider, board, estimate
        changed, self._current = self._current is not listing, listing
        if changed:
            self._set_status(SyncStatus())
        if reason := self._listener.read_only:
            self._set_status(SyncStatus(cannot_list(reason), "waiting"))
        elif not listing.busy and (listing.read_at is None or self._clock.monotonic() - listing.read_at > _FRESH):
            self._start(listing, newest=True)

    def scrolled_to(self, oldest: datetime) -> None:
        """List as far as the oldest row in view."""
        self._oldest_in_view = oldest
        listing = self._current
        if listing is None or listing.busy or listing.read_at is None or not self._needs_more(listing):
            return
        if listing.provider.name not in self._clients.settings.providers:  # removed in the meantime
            return
        if not self.status.text or self._clock.monotonic() - listing.read_at > _RETRY_AFTER:
            self._start(listing, newest=False)

    async def close(self) -> None:
        """Cancel what is being listed."""
        await self._tasks.close()

    def _needs_more(self, listing: _Listing) -> bool:
        if listing.complete or self._current is not listing:
            return False
        if listing.oldest is None:
            return True
        return self._oldest_in_view is not None and self._oldest_in_view <= listing.oldest

    def _start(self, listing: _Listing, *, newest: bool) -> None:
        listing.busy = True
        self._tasks.start(self._run(listing, newest=newest))

    async def _run(self, listing: _Listing, *, newest: bool) -> None:
        delayed = BackgroundTasks(self._listener.notify)
        delayed.start(self._show_loading(listing))
        try:
            await self._list(listing, newest=newest)
            self._show_status(listing, SyncStatus())
        except StorageProblem as problem:
            self._show_status(listing, SyncStatus())
            self._listener.storage_failed(problem)
        except ChatgridError as problem:
            self._show_status(listing, self._status_of(listing, problem))
            if isinstance(problem, ServiceProblem) and is_no_board(problem.failure):
                await self._listener.board_gone(listing.provider, listing.board)
        finally:
            listing.busy = False
            listing.read_at = self._clock.monotonic()
            await delayed.close()
            self._listener.notify(RemoteStatusChanged())

    async def _list(self, listing: _Listing, *, newest: bool) -> None:
        listing.provider = self._clients.current(listing.provider)  # its address may have changed
        client = await self._clients.get(listing.provider)
        restarts = 0
        while True:
            cursor = None if newest else listing.cursor
            try:
                page = await retry_after_limit(
                    lambda cursor=cursor: client.chats(listing.board.id, cursor),  # type: ignore[misc]
                    lambda status: self._show_status(listing, status),
                    lambda: self._current is listing,
                    self._clock.sleep,
                )
            except ServiceProblem as problem:
                # A cursor becomes invalid if its row is deleted: start again from the newest page.
                if problem.failure.code != "invalid_cursor" or cursor is None or restarts == _RESTARTS:
                    raise
                restarts, newest = restarts + 1, True
                listing.ids.clear()
                continue
            await self._save(listing, page)
            listing.add(page, newest=newest)
            newest = False
            if not self._needs_more(listing):
                return
            if self.status.text:
                self._show_status(listing, _progress(listing))

    async def _save(self, listing: _Listing, page: Page[Chat]) -> None:
        chats = await asyncio.to_thread(_listed_chats, page)  # a service may put thousands on a page
        board = listing.board
        rows = await self._history.save_chats(listing.provider.name, board.id, board.name, chats)
        if rows:
            self._listener.add_rows(rows)

    def _status_of(self, listing: _Listing, problem: ChatgridError) -> SyncStatus:
        status = status_of_error(problem, self._clients.key_status(listing.provider))
        if status.tone != "failed":
            return status
        count = len(listing.ids)
        rest = f"{count:,} chats were listed." if count else "Shown from this machine."
        return SyncStatus(f"{status.text} {rest}", status.tone)

    async def _show_loading(self, listing: _Listing) -> None:
        await self._clock.sleep(STATUS_DELAY)
        if not self.status.text:
            self._show_status(listing, _progress(listing))

    def _show_status(self, listing: _Listing, status: SyncStatus) -> None:
        if self._current is listing:
            self._set_status(status)

    def _set_status(self, status: SyncStatus) -> None:
        if status != self.status:
            self.status = status
            self._listener.notify(RemoteStatusChanged())


def _progress(listing: _Listing) -> SyncStatus:
    count = len(listing.ids)
    if not count:
        return SyncStatus("Loading", "live")
    total = f" of about {listing.estimate:,}" if listing.estimate > count else " so far"
    return SyncStatus(f"Loading, {count:,}{total}", "live")


def _listed_chats(page: Page[Chat]) -> list[ListedChat]:
    now = datetime.now(UTC)
    return [
        ListedChat(
            chat.id,
            clean_line(chat.title, TITLE_LENGTH),
            parse_time(chat.last_message_at) or _created_at(chat, now),
        )
        for chat in page.items
    ]


def _created_at(chat: Chat, default: datetime | None = None) -> datetime:
    return parse_time(chat.created_at) or default or datetime.fromtimestamp(0, UTC)
