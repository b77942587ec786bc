"""Messages stored by a service: fetched page by page, saved, and merged into the turns of their conversation."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias, TypeVar

from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.errors import ChatgridError, ServiceProblem, StorageProblem
from chatgrid_tui.model.provider import KnownMessages, RemoteMessage
from chatgrid_tui.session.changes import RemoteStatusChanged, SessionListener, TurnsMerged
from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.session.library.conversation_index import preview_of
from chatgrid_tui.session.providers.clients import Clients
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.sync.merge import fold, merge
from chatgrid_tui.session.sync.sync_status import (
    STATUS_DELAY,
    SyncStatus,
    is_gone,
    retry_after_limit,
    status_of_error,
)
from chatgrid_tui.session.tasks import BackgroundTasks, cooperatively, report_storage, run_now
from chatgrid_tui.store.history import History

if TYPE_CHECKING:  # not needed to be at rest
    from chatgrid_tui.engine.client import Client

Result = TypeVar("Result")

_FRESH: Final = 5.0
"""Seconds for which fetched messages count as up to date."""
_GAP_PAGES: Final = 10
"""The most pages to read to close the gap between saved messages and the newest page."""
_READ_AGAIN: Final = 3
"""The newest exchanges to read again from a service that has no pages, as what it stored may change."""
_MERGES: Final = 4
"""How often a merge is repeated if turns change in the meantime. The last merge blocks other tasks."""


class _Position(NamedTuple):
    """How far the messages of a conversation were read."""

    messages: list[RemoteMessage]
    cursor: str | None
    oldest: str | None
    complete: bool


@dataclass(slots=True, eq=False)
class _Thread:
    """The messages of a conversation at its service, as far as they were read."""

    messages: list[RemoteMessage] = field(default_factory=list)
    """Oldest first."""
    cursor: str | None = None
    """The cursor of the page before the one that was read last."""
    oldest: str | None = None
    """The id of the first message on the page that was read last."""
    complete: bool = False
    local_turns: int = 0
    """How many local turns there were when the thread was read."""
    read_at: float | None = None
    status: SyncStatus = field(default_factory=SyncStatus)
    in_background: bool = False
    """Whether a background task is fetching messages."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def position(self) -> _Position:
        """How far it was read."""
        return _Position(self.messages, self.cursor, self.oldest, self.complete)

    @position.setter
    def position(self, position: _Position) -> None:
        self.messages, self.cursor, self.oldest, self.complete = position


_Fetch: TypeAlias = Callable[[Conversation, _Thread], Awaitable[None]]


class MessageSync:
    """Fetches the newest page of a conversation first, and older ones when the user scrolls up to them."""

    def __init__(self, clients: Clients, history: History, listener: SessionListener, clock: Clock) -> None:
        self._clients = clients
        self._history = history
        self._listener = listener
        self._clock = clock
        self._tasks = BackgroundTasks(listener.notify)
        self._threads: dict[Conversation, _Thread] = {}

    def status(self, conversation: Conversation) -> SyncStatus:
        """Return the status to show for the messages of a conversation."""
        thread = self._threads.get(conversation)
        return SyncStatus() if thread is None else thread.status

    def busy(self, conversation: Conversation) -> bool:
        """Return whether messages of a conversation are being fetched."""
        thread = self._threads.get(conversation)
        return thread is not None and (thread.in_background or thread.lock.locked())

    def count(self, conversation: Conversation) -> int | None:
        """Return how many messages of a conversation the service has, or None if that is not known."""
        thread = self._threads.get(conversation)
        if thread is None or not thread.complete or thread.local_turns != _local_turns(conversation):
            return None
        return len(thread.messages) or None

    async def restore(self, conversation: Conversation) -> None:
        """Merge the messages that were fetched in an earlier run.

        Raises:
            StorageProblem: they cannot be read.
        """
        if conversation.has_remote_messages:
            thread = self._thread(conversation)
            thread.messages = await self._history.messages(conversation.id)
            await self._merge(conversation, thread)

    def fetch(self, conversation: Conversation, *, force: bool = False) -> None:
        """Fetch new messages in the background, unless they were just fetched; with `force` in any case."""
        thread = self._thread(conversation)
        if conversation.has_remote_messages and not self.busy(conversation) and (force or not self._is_fresh(thread)):
            self._start(conversation, thread, self._fetch)

    def fetch_older(self, conversation: Conversation) -> None:
        """Fetch the page before the oldest message in the background, if there is one."""
        thread = self._threads.get(conversation)
        if thread is None or thread.cursor is None or self.busy(conversation):
            return
        if not thread.status.text or not self._is_fresh(thread):
            self._start(conversation, thread, self._fetch_older)

    async def fetch_now(self, conversation: Conversation) -> int:
        """Fetch new messages, and return how many arrived that are not in the history.

        Raises:
            ChatgridError: the service does not return them, or they cannot be saved.
        """
        before = _remote_messages(conversation)
        await self._with_status(conversation, self._fetch)
        return max(0, _remote_messages(conversation) - before)

    async def read(self, conversation: Conversation) -> KnownMessages:
        """Fetch new messages without a status, and return all that are known.

        Raises:
            ChatgridError: the service does not return them, or they cannot be saved.
        """
        thread = self._thread(conversation)
        try:
            async with thread.lock:
                await self._fetch(conversation, thread)
            thread.read_at = self._clock.monotonic()
        finally:
            self._show_status(conversation, SyncStatus())  # a limit may have been shown
        return self.known(conversation)

    def known(self, conversation: Conversation) -> KnownMessages:
        """Return the messages that are known, without asking for more."""
        thread = self._thread(conversation)
        return KnownMessages(thread.messages, thread.complete)

    def forget(self, conversation: Conversation) -> None:
        """Forget a conversation that was deleted."""
        self._threads.pop(conversation, None)

    async def close(self) -> None:
        """Cancel what is being fetched."""
        await self._tasks.close()

    def _thread(self, conversation: Conversation) -> _Thread:
        return self._threads.setdefault(conversation, _Thread())

    def _is_fresh(self, thread: _Thread) -> bool:
        return thread.read_at is not None and self._clock.monotonic() - thread.read_at < _FRESH

    # Running in the background, with a status

    def _start(self, conversation: Conversation, thread: _Thread, fetch: _Fetch) -> None:
        thread.in_background = True
        self._tasks.start(self._in_background(conversation, thread, fetch))

    async def _in_background(self, conversation: Conversation, thread: _Thread, fetch: _Fetch) -> None:
        try:
            await self._with_status(conversation, fetch)
        except StorageProblem as problem:
            self._listener.storage_failed(problem)
        except ChatgridError as problem:
            if not is_gone(problem):
                key_status = self._clients.key_status(conversation.provider)
                self._show_status(conversation, status_of_error(problem, key_status))
        finally:
            thread.in_background = False
            self._listener.notify(RemoteStatusChanged())

    async def _with_status(self, conversation: Conversation, fetch: _Fetch) -> None:
        """Run `fetch`, show a status if it takes long, and mark a conversation that its service does not have."""
        thread = self._thread(conversation)
        delayed = BackgroundTasks(self._listener.notify)
        delayed.start(self._show_loading(conversation))
        try:
            async with thread.lock:
                await fetch(conversation, thread)
            self._mark_gone(conversation, gone=False)
            self._show_status(conversation, SyncStatus())
        except ChatgridError as problem:
            self._show_status(conversation, SyncStatus())
            if is_gone(problem):
                self._mark_gone(conversation, gone=True)
            raise
        finally:
            thread.read_at = self._clock.monotonic()
            await delayed.close()

    async def _show_loading(self, conversation: Conversation) -> None:
        await self._clock.sleep(STATUS_DELAY)
        if not self.status(conversation).text:
            self._show_status(conversation, SyncStatus("Loading messages", "live"))

    def _show_status(self, conversation: Conversation, status: SyncStatus) -> None:
        thread = self._threads.get(conversation)
        if thread is not None and thread.status != status:
            thread.status = status
            self._listener.notify(RemoteStatusChanged())

    def _mark_gone(self, conversation: Conversation, *, gone: bool) -> None:
        if conversation.gone != gone:
            conversation.gone = gone
            self._listener.notify(TurnsMerged(conversation))
            self._listener.row_changed(conversation)
            if conversation.id:
                saving = self._history.mark_gone(conversation.id, gone)
                self._tasks.start(report_storage(saving, self._listener.storage_failed))

    # Reading pages

    async def _fetch(self, conversation: Conversation, thread: _Thread) -> None:
        client = await self._clients.get(conversation.provider)
        if client.dialect.remote_messages is not None:
            await self._fetch_since(client, conversation, thread)
            return
        before = thread.position
        try:
            joined = await self._fetch_newest(client, conversation, thread)
        except BaseException:
            thread.position = before  # do not leave a gap before the newest messages
            raise
        if joined and not thread.complete and any(message.id == before.oldest for message in thread.messages):
            thread.position = before._replace(messages=thread.messages)  # older pages continue from there
        await self._merge_and_save(conversation, thread)

    async def _fetch_newest(self, client: Client, conversation: Conversation, thread: _Thread) -> bool:
        """Read the newest page, and older ones up to the messages that were read before. Return whether those were
        reached.
        """
        ids_before = {message.id for message in thread.messages}
        ids = await self._read_page(client, conversation, thread, newest=True)
        for _ in range(_GAP_PAGES):
            joined = not ids_before.isdisjoint(ids)
            if thread.complete or not ids_before or joined:
                return joined
            ids = await self._read_page(client, conversation, thread, newest=False)
        # The gap is too long: drop what is before it, to be read again later.
        for place, message in enumerate(thread.messages):
            if message.id == thread.oldest:
                thread.messages = thread.messages[place:]
                break
        return False

    async def _fetch_older(self, conversation: Conversation, thread: _Thread) -> None:
        if thread.cursor is not None:
            client = await self._clients.get(conversation.provider)
            await self._read_page(client, conversation, thread, newest=False)
            await self._merge_and_save(conversation, thread)

    async def _fetch_since(self, client: Client, conversation: Conversation, thread: _Thread) -> None:
        """Read the newest exchanges again and everything after them, from a service that has no pages."""
        before = _before_newest(thread.messages)
        since = before[-1].created_at if before else ""
        messages = await self._request(
            conversation, lambda: client.conversation_messages(conversation.remote_id, since)
        )
        ids = {message.id for message in before}
        thread.messages = before + [message for message in messages if message.id not in ids]
        thread.complete = True
        await self._merge_and_save(conversation, thread)

    async def _read_page(
        self, client: Client, conversation: Conversation, thread: _Thread, *, newest: bool
    ) -> set[str]:
        """Read the next older page, or the newest one if the cursor has become invalid. Return the ids on it."""
        board, chat = conversation.board.id, conversation.remote_id
        cursor = None if newest else thread.cursor
        try:
            page = await self._request(conversation, lambda: client.messages(board, chat, cursor))
        except ServiceProblem as problem:
            if problem.failure.code != "invalid_cursor" or cursor is None:
                raise
            newest = True
            page = await self._request(conversation, lambda: client.messages(board, chat, None))
        messages = page.items[::-1]
        thread.complete = page.cursor is None or page.cursor == cursor or not messages  # avoid an endless loop
        before = None if newest else thread.oldest
        thread.messages = fold(thread.messages, messages, before, first=page.cursor is None)
        thread.cursor = None if thread.complete else page.cursor
        thread.oldest = messages[0].id if messages else thread.oldest
        return {message.id for message in messages}

    async def _request(self, conversation: Conversation, request: Callable[[], Awaitable[Result]]) -> Result:
        return await retry_after_limit(
            request,
            lambda status: self._show_status(conversation, status),
            lambda: conversation in self._threads,
            self._clock.sleep,
        )

    # Merging

    async def _merge_and_save(self, conversation: Conversation, thread: _Thread) -> None:
        if self._threads.get(conversation) is not thread:  # deleted in the meantime
            return
        before = conversation.turns
        await self._merge(conversation, thread)
        thread.local_turns = _local_turns(conversation)
        if conversation.turns is not before:
            self._listener.notify(TurnsMerged(conversation))
        if not conversation.id:
            return
        self._listener.row_changed(conversation)
        last = conversation.turns[-1] if conversation.turns else None
        preview, mine = preview_of(conversation) if last is not None and last.remote else ("", False)
        await self._history.save_messages(conversation.id, thread.messages, preview, mine)

    async def _merge(self, conversation: Conversation, thread: _Thread) -> None:
        """Merge the messages into a new list of turns, unless they change nothing. This takes a while for a long
        history, and turns that change in the meantime are not lost.
        """
        for attempt in range(_MERGES):
            before, name = _state(conversation), conversation.board.name
            merging = merge(conversation.turns, thread.messages, name, _pinned(conversation))
            turns = await cooperatively(merging) if attempt < _MERGES - 1 else run_now(merging)
            if _state(conversation) == before:
                if turns != conversation.turns:
                    conversation.turns = turns
                return


def _before_newest(messages: list[RemoteMessage]) -> list[RemoteMessage]:
    """Return the messages before the newest exchanges. All that are left out are later than the last of them."""
    questions = [place for place, message in enumerate(messages) if message.role == "user"]
    end = questions[-_READ_AGAIN] if len(questions) >= _READ_AGAIN else 0
    while end and messages[end - 1].created_at == messages[end].created_at:
        end -= 1
    return messages[:end]


def _state(conversation: Conversation) -> tuple[list[Turn], list[Reply | None], Turn | None]:
    """Return what a merge depends on."""
    return list(conversation.turns), [turn.reply for turn in conversation.turns], _pinned(conversation)


def _pinned(conversation: Conversation) -> Turn | None:
    """Return the turn that must stay the newest, since its reply is being written or is queued."""
    newest = conversation.newest
    busy = conversation.save_lock.locked() or conversation.live is not None or conversation.retry_at is not None
    return newest if busy and newest is not None and not newest.remote else None


def _remote_messages(conversation: Conversation) -> int:
    return sum(len(turn.remote) for turn in conversation.turns)


def _local_turns(conversation: Conversation) -> int:
    return sum(not turn.remote for turn in conversation.turns)
