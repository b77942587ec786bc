"""The messages that the services stored of conversations, fetched and shown among what was said here."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias, TypeVar

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.engine.client import Client
from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.errors import ChatgridError, ServiceProblem, StorageProblem
from chatgrid_tui.model.provider import RemoteMessage
from chatgrid_tui.session.changes import RemoteStatusChanged, SyncListener, TurnsMerged
from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.session.library.conversation_index import said_last
from chatgrid_tui.session.providers.clients import Clients
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.sync.merge import fold, merge
from chatgrid_tui.session.sync.rate_limit import retry_after_limit
from chatgrid_tui.session.tasks import BackgroundTasks, cooperatively, run_now
from chatgrid_tui.session.wording.sync_status import SOON, Said, is_gone, why
from chatgrid_tui.store.history import History

Result = TypeVar("Result")

_FRESH: Final = 5.0
"""Seconds for which messages are not fetched again by themselves."""
_GAP_PAGES: Final = 10
"""Pages that are read to close the gap between what was fetched once and what is the newest now."""


_ATTEMPTS: Final = 4
"""How often messages are put among turns that change meanwhile; the last time, nothing else is done meanwhile."""


class _Place(NamedTuple):
    """How far the messages of a conversation are read."""

    messages: list[RemoteMessage]
    cursor: str | None
    oldest: str | None
    complete: bool


@dataclass(slots=True, eq=False)
class _Thread:
    """What is known of a conversation's messages at its service."""

    messages: list[RemoteMessage] = field(default_factory=list)
    """Oldest first."""
    cursor: str | None = None
    """Where the page before the one that was read last begins."""
    oldest: str | None = None
    """The message that the page read last begins with."""
    complete: bool = False
    said_here: int = 0
    """How many turns there were of this machine when it was read last."""
    read_at: float | None = None
    said: Said = field(default_factory=Said)
    busy: bool = False
    """Whether somebody fetches without being waited for."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def place(self) -> _Place:
        """How far it is read."""
        return _Place(self.messages, self.cursor, self.oldest, self.complete)

    @place.setter
    def place(self, place: _Place) -> None:
        self.messages, self.cursor, self.oldest, self.complete = place


_Work: TypeAlias = Callable[[Conversation, _Thread], Awaitable[None]]


def has_thread(conversation: Conversation) -> bool:
    """Whether the service can be asked for the messages of a conversation."""
    provider = conversation.provider
    return bool(conversation.remote_id) and DIALECTS[provider.kind].has_messages and not provider.private


class MessageSync:
    """Fetches messages: the newest page of a chat first, older ones as far as somebody looks."""

    def __init__(self, clients: Clients, history: History, listener: SyncListener, clock: Clock) -> None:
        self._services = clients
        self._history = history
        self._listener = listener
        self._clock = clock
        self._tasks = BackgroundTasks(listener.notify)
        self._threads: dict[Conversation, _Thread] = {}

    def said(self, conversation: Conversation) -> Said:
        """Return what is to be said of fetching a conversation's messages."""
        thread = self._threads.get(conversation)
        return Said() if thread is None else thread.said

    def busy(self, conversation: Conversation) -> bool:
        """Whether messages of a conversation are being fetched."""
        thread = self._threads.get(conversation)
        return thread is not None and (thread.busy or thread.lock.locked())

    def stored(self, conversation: Conversation) -> int | None:
        """Return how many messages the service has of a conversation; None where that is not known."""
        thread = self._threads.get(conversation)
        if thread is None or not thread.complete or thread.said_here != _said_here(conversation):
            return None
        return len(thread.messages) or None

    async def restore(self, conversation: Conversation) -> None:
        """Show what was fetched in an earlier run.

        Raises:
            StorageProblem: it cannot be read.
        """
        if has_thread(conversation):
            thread = self._of(conversation)
            thread.messages = await self._history.messages(conversation.id)
            await self._merge(conversation, thread)

    def fetch(self, conversation: Conversation, *, anew: bool = False) -> None:
        """Fetch what the service has now, apart from whoever asks; `anew` also where that was done just now."""
        thread = self._of(conversation)
        fresh = thread.read_at is not None and self._clock.monotonic() - thread.read_at < _FRESH
        if has_thread(conversation) and not self.busy(conversation) and (anew or not fresh):
            thread.busy = True
            self._tasks.start(self._quietly(conversation, self._fetch))

    async def fetch_now(self, conversation: Conversation) -> int:
        """Fetch what the service has now, and return how many messages that are not of this machine it brought.

        Raises:
            ChatgridError: the service does not tell.
        """
        before = _from_elsewhere(conversation)
        await self._saying(conversation, self._fetch)
        return max(0, _from_elsewhere(conversation) - before)

    def older(self, conversation: Conversation) -> None:
        """Somebody looks at the beginning of what is shown: fetch what was said before."""
        thread = self._threads.get(conversation)
        if thread is None or thread.cursor is None or self.busy(conversation):
            return
        if not thread.said.words or thread.read_at is None or self._clock.monotonic() - thread.read_at > _FRESH:
            thread.busy = True
            self._tasks.start(self._quietly(conversation, self._fetch_older))

    def forget(self, conversation: Conversation) -> None:
        """The conversation was deleted."""
        self._threads.pop(conversation, None)

    async def close(self) -> None:
        """Stop asking."""
        await self._tasks.close()

    def _of(self, conversation: Conversation) -> _Thread:
        return self._threads.setdefault(conversation, _Thread())

    async def _quietly(self, conversation: Conversation, work: _Work) -> None:
        try:
            await self._saying(conversation, work)
        except StorageProblem as problem:
            self._listener.storage_failed(problem)
        except ChatgridError as problem:
            if not is_gone(problem):
                self._say(conversation, why(problem, self._services.key_status(conversation.provider)))
        finally:
            if (thread := self._threads.get(conversation)) is not None:
                thread.busy = False
            self._listener.notify(RemoteStatusChanged())

    async def _saying(self, conversation: Conversation, work: _Work) -> None:
        """Do some work, and say that it takes a while where it does. A conversation that is gone is marked."""
        thread = self._of(conversation)
        soon = BackgroundTasks(self._listener.notify)
        soon.start(self._say_soon(conversation))
        try:
            async with thread.lock:
                await work(conversation, thread)
            self._mark(conversation, gone=False)
            self._say(conversation, Said())
        except ChatgridError as problem:
            self._say(conversation, Said())
            if is_gone(problem):
                self._mark(conversation, gone=True)
            raise
        finally:
            thread.read_at = self._clock.monotonic()
            await soon.close()

    async def _fetch(self, conversation: Conversation, thread: _Thread) -> None:
        client = await self._services.of(conversation.provider)
        if client.dialect.remote_messages is not None:
            await self._fetch_since(client, conversation, thread)
            return
        before = thread.place
        try:
            joined = await self._fetch_newest(client, conversation, thread)
        except BaseException:
            thread.place = before  # rather than a hole between what was known and what is newest
            raise
        if joined and not thread.complete and any(message.id == before.oldest for message in thread.messages):
            thread.place = before._replace(messages=thread.messages)  # older ones go on from where they were
        await self._show(conversation, thread)

    async def _fetch_newest(self, client: Client, conversation: Conversation, thread: _Thread) -> bool:
        """Read the newest page, and those before it as far as to what was known; whether that was reached."""
        known = {message.id for message in thread.messages}
        read = await self._page(client, conversation, thread, newest=True)
        for _ in range(_GAP_PAGES):
            if thread.complete or not known or not known.isdisjoint(read):
                return not known.isdisjoint(read)
            read = await self._page(client, conversation, thread, newest=False)
        # Too much came meanwhile: what is older comes again when somebody looks.
        ids = [message.id for message in thread.messages]
        thread.messages = thread.messages[ids.index(thread.oldest) :] if thread.oldest in ids else thread.messages
        return False

    async def _fetch_older(self, conversation: Conversation, thread: _Thread) -> None:
        if thread.cursor is not None:
            client = await self._services.of(conversation.provider)
            await self._page(client, conversation, thread, newest=False)
            await self._show(conversation, thread)

    async def _fetch_since(self, client: Client, conversation: Conversation, thread: _Thread) -> None:
        """ChatIQ gives what came after a message in one go."""
        since = thread.messages[-1].created_at if thread.messages else ""
        found = await self._ask(conversation, lambda: client.conversation_messages(conversation.remote_id, since))
        known = {message.id for message in thread.messages}
        thread.messages += [message for message in found if message.id not in known]
        thread.complete = True
        await self._show(conversation, thread)

    async def _page(self, client: Client, conversation: Conversation, thread: _Thread, *, newest: bool) -> set[str]:
        """Read a page, or the newest one where its cursor has died; return the ids of its messages."""
        board, chat = conversation.board.id, conversation.remote_id
        cursor = None if newest else thread.cursor
        try:
            page = await self._ask(conversation, lambda: client.messages(board, chat, cursor))
        except ServiceProblem as problem:
            if problem.failure.code != "invalid_cursor" or cursor is None:
                raise
            newest = True
            page = await self._ask(conversation, lambda: client.messages(board, chat, None))
        found = page.items[::-1]
        thread.complete = page.cursor is None or page.cursor == cursor or not found  # else there would be no end
        before = None if newest else thread.oldest
        thread.messages = fold(thread.messages, found, before, first=page.cursor is None)
        thread.cursor = None if thread.complete else page.cursor
        thread.oldest = found[0].id if found else thread.oldest
        return {message.id for message in found}

    async def _show(self, conversation: Conversation, thread: _Thread) -> None:
        """Show and keep what is known now."""
        if self._threads.get(conversation) is not thread:  # deleted meanwhile
            return
        await self._merge(conversation, thread)
        thread.said_here = _said_here(conversation)
        self._listener.notify(TurnsMerged(conversation))
        if not conversation.id:
            return
        self._listener.row_changed(conversation)
        last = conversation.turns[-1] if conversation.turns else None
        preview, mine = said_last(conversation) if last is not None and last.remote else ("", False)
        await self._history.keep_messages(conversation.id, thread.messages, preview, mine)

    async def _merge(self, conversation: Conversation, thread: _Thread) -> None:
        """Put in what the service has. It is another list than before: whoever shows that goes over when told.
        A long history takes a while; what is said here meanwhile is not left out.
        """
        for attempt in range(_ATTEMPTS):
            before, name = _talk(conversation), conversation.board.name
            merging = merge(conversation.turns, thread.messages, name, _where_it_goes_on(conversation))
            turns = await cooperatively(merging) if attempt < _ATTEMPTS - 1 else run_now(merging)
            if _talk(conversation) == before:
                conversation.turns = turns
                return

    def _mark(self, conversation: Conversation, *, gone: bool) -> None:
        if conversation.gone != gone:
            conversation.gone = gone
            self._listener.notify(TurnsMerged(conversation))
            self._listener.row_changed(conversation)
            if conversation.id:
                self._tasks.start(self._keep_mark(conversation.id, gone))

    async def _keep_mark(self, conversation_id: int, gone: bool) -> None:
        try:
            await self._history.mark_gone(conversation_id, gone)
        except StorageProblem as problem:
            self._listener.storage_failed(problem)

    async def _ask(self, conversation: Conversation, ask: Callable[[], Awaitable[Result]]) -> Result:
        return await retry_after_limit(
            ask,
            lambda said: self._say(conversation, said),
            lambda: conversation in self._threads,
            self._clock.sleep,
        )

    async def _say_soon(self, conversation: Conversation) -> None:
        await self._clock.sleep(SOON)
        if not self.said(conversation).words:
            self._say(conversation, Said("Loading messages", "live"))

    def _say(self, conversation: Conversation, said: Said) -> None:
        thread = self._threads.get(conversation)
        if thread is not None and thread.said != said:
            thread.said = said
            self._listener.notify(RemoteStatusChanged())


def _talk(conversation: Conversation) -> tuple[list[Turn], list[Reply | None], Turn | None]:
    """Return what the messages of the service are put among."""
    return list(conversation.turns), [turn.reply for turn in conversation.turns], _where_it_goes_on(conversation)


def _where_it_goes_on(conversation: Conversation) -> Turn | None:
    """Return the turn that has to stay the newest: its reply is being written, or will be."""
    newest = conversation.newest
    busy = conversation.keeping.locked() or conversation.live is not None or conversation.retry_at is not None
    return newest if busy and newest is not None and not newest.remote else None


def _from_elsewhere(conversation: Conversation) -> int:
    return sum(len(turn.remote) for turn in conversation.turns)


def _said_here(conversation: Conversation) -> int:
    return sum(not turn.remote for turn in conversation.turns)
