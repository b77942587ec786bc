"""The session: open conversations, and the parts that work on them, with or without a screen.

Replies belong to the session, not to the screen: several may be written at the same time, and showing another
conversation stops none of them. `changes` reports what happens.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Final

from chatgrid_tui.engine.clock import SYSTEM_CLOCK, Clock
from chatgrid_tui.errors import StorageProblem, UsageProblem
from chatgrid_tui.model.provider import Board, Provider
from chatgrid_tui.model.saved_conversation import ConversationRow, ReadOnly, SaidMessage
from chatgrid_tui.session.alerts import Alerts
from chatgrid_tui.session.changes import (
    BoardChanged,
    Change,
    ChangeFeed,
    ListChanged,
    ReplyEnded,
    RowsChanged,
    TurnChanged,
)
from chatgrid_tui.session.conversation import Conversation, Parameters, Turn
from chatgrid_tui.session.library.conversation_index import ConversationIndex
from chatgrid_tui.session.library.deletions import Deletions
from chatgrid_tui.session.library.forks import Forks
from chatgrid_tui.session.library.history_monitor import HistoryMonitor
from chatgrid_tui.session.library.hues import Hues
from chatgrid_tui.session.library.loading import NewConversations, read_conversation, reload
from chatgrid_tui.session.library.manage import ConversationManager
from chatgrid_tui.session.library.recents import Recents
from chatgrid_tui.session.library.unsaved import write_unsaved
from chatgrid_tui.session.providers import removed
from chatgrid_tui.session.providers.board_choice import drop_placeholder_board
from chatgrid_tui.session.providers.clients import Clients
from chatgrid_tui.session.providers.monitor import ProviderMonitor
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.reply_marks import Marks
from chatgrid_tui.session.reply_reports import ReplyReports
from chatgrid_tui.session.sync.remote_chats import RemoteChats
from chatgrid_tui.session.tasks import BackgroundTasks, cooperatively, report_storage
from chatgrid_tui.session.transfers import Transfers
from chatgrid_tui.session.turns.outbox import Outbox
from chatgrid_tui.session.turns.reruns import Reruns
from chatgrid_tui.session.wording.failures import cannot_send
from chatgrid_tui.store.database import CLOSE_WITHIN
from chatgrid_tui.store.history import History

if TYPE_CHECKING:  # not needed to be at rest
    from chatgrid_tui.engine.recording import Recording
    from chatgrid_tui.session.wire_facts import WireFacts

_FIRST_ROWS: Final = 200
_ALL_ROWS: Final = 100_000
_MOST_SAID: Final = 5_000
"""The most messages of other conversations that are searched."""
_UNSAVED_FILE_TIME: Final = 0.3
"""Seconds of the closing time that are reserved for writing what could not be saved to a file."""


class Session:
    """Opens and closes conversations, keeps the list of them up to date, and connects the parts:

    `outbox` sends messages, `reruns` sends those of a conversation again, `remote` syncs with the services, `manager`
    renames, pins and archives, `deletions` deletes, `transfers` exports, imports and downloads, `forks` copies the
    beginning of a conversation, `marks` saves what the user says of replies, `recents` has boards and visits, `hues`
    their colours, `clients` the providers, and `alerts` what the user must not miss.
    """

    def __init__(
        self, clients: Clients, history: History, clock: Clock = SYSTEM_CLOCK, *, read_only: ReadOnly | None = None
    ) -> None:
        """`read_only` is why nothing can be sent or changed although the history can be written."""
        self.clients = clients
        self.clock = clock
        self.index = ConversationIndex([])
        self.watched: dict[Reply, Sequence[Recording]] = {}
        """The recordings of replies to other clients that are not in the history yet."""
        self.sources: list[Callable[[], Coroutine[object, object, None]]] = []
        """What stops each source of such replies, so that all is saved. `close` calls it."""
        self.visible: tuple[Conversation, ...] = ()
        """The conversations on the screen. Their replies count as read."""
        self.recents = Recents(clients, history, self.storage_failed, clock.monotonic)
        self._history = history
        self.search = history.search
        self._new_conversations = NewConversations(history)
        self._open: dict[int, Conversation] = {}
        self._feed = ChangeFeed(clock)
        self.alerts = Alerts(self.notify)
        self._history_monitor = HistoryMonitor(history, self.alerts, clock, read_only)
        self.not_saved = ""
        """Set by `close`: sentences on what could not be saved in the history, and where it is instead."""
        self._tasks = BackgroundTasks(self.notify)
        self.hues = Hues(clients, history, self._tasks, self.storage_failed)
        self._provider_monitor = ProviderMonitor(clients, self._tasks, clock)
        self.outbox = Outbox(clients, history, self, clock)
        self.reports = ReplyReports(history, self.outbox.recordings_of, self.notify)
        self.remote = RemoteChats(clients, history, self, clock)
        self.marks = Marks(history, self)
        self.transfers = Transfers(self, clients, history, self._open, clock)
        self.manager = ConversationManager(self, history)
        self.reruns = Reruns(self, self.outbox)
        self.deletions = Deletions(self, history, self.outbox, self.reruns, self._open, clock)
        self.forks = Forks(self, history, self._open)

    @property
    def read_only(self) -> ReadOnly | None:
        """Why the history is read-only; None if it is not."""
        return self._history_monitor.read_only

    async def load(self) -> None:
        """Read the newest rows of the list, for the first screen, and show the state of the history."""
        self._history_monitor.show_notice()
        await self.hues.load()
        self.index = ConversationIndex(await self._history.listed(limit=_FIRST_ROWS))
        if not await self._new_conversations.load(self.clients.settings.providers):
            self.alerts.add("Some drafts of new conversations could not be read.")
        if self.read_only:
            self._tasks.start(self._history_monitor.take_over(self._reload, self._show_again))

    async def load_rest(self) -> bool:
        """Read the rest of the list, and return whether there was any. From now on, the search index is updated."""
        if self.read_only is None:
            self._tasks.start(self.search.keep_indexing())
        if len(self.index) >= await self._history.count():
            return False
        await cooperatively(self.index.put_older(await self._history.conversations(limit=_ALL_ROWS)))
        return True

    def changes(self) -> AsyncIterator[list[Change]]:
        """Yield changes in batches, without end."""
        return self._feed.batches()

    def begin(self, provider: Provider, board: Board, *beside: Conversation) -> Conversation:
        """Return the new conversation of a board that has a draft, or an empty one; none of those `beside` it."""
        return self._new_conversations.get(provider, board, beside)

    async def forget_user(self, provider: Provider, board: Board) -> None:
        """Let the next conversation of a board start a fresh session, also if those of its provider share one.

        Raises:
            UsageProblem: nothing can be sent.
            StorageProblem: it cannot be saved that the session is over.
        """
        if self.read_only:
            raise UsageProblem(cannot_send(self.read_only))
        await self._history.saved_state.forget_shared_session(provider.name, board.id)

    async def open(self, conversation_id: int) -> Conversation:
        """Return the conversation with this id; read it from the history unless it is open.

        Raises:
            ChatgridError: it is being deleted, or cannot be read.
        """
        conversation = self._open.get(conversation_id) or await self._read(conversation_id)
        if self.index.is_hidden(conversation_id):
            raise UsageProblem("This conversation was just deleted. Undo that to open it.")
        return self._open.setdefault(conversation_id, conversation)

    async def _read(self, conversation_id: int) -> Conversation:
        conversation, row, unsent = await read_conversation(self._history, self.clients, conversation_id)
        if unsent and not self.read_only:
            await self._report(self._history.back_to_draft(row.id, unsent, conversation.draft))
        await self.remote.messages.restore(conversation)
        if self.index.get(row.id) is None:  # the rest of the list is not read yet
            self.index.insert([row])
        return conversation

    async def _reload(self) -> None:
        """Read everything again that another window may have changed."""
        self._tasks.start(self.search.keep_indexing())
        await self.hues.load()
        rows = await self._history.conversations(limit=_ALL_ROWS)
        self.index = ConversationIndex(rows[:_FIRST_ROWS])
        await cooperatively(self.index.put_older(rows))
        await self._new_conversations.load(self.clients.settings.providers)
        for conversation in list(self._open.values()):
            try:
                self.notify(await reload(conversation, self._history, self.clients))
                await self.remote.messages.restore(conversation)
            except StorageProblem as problem:
                self.storage_failed(problem)

    async def _show_again(self) -> None:
        self.notify(RowsChanged())
        visible = self.visible
        for conversation in reversed(visible):
            await self.show(conversation, *(other for other in visible if other is not conversation))

    async def open_last(self) -> Conversation | None:
        """Return the conversation shown last; None if there is none, or it cannot be read."""
        try:
            if last_shown := await self._history.saved_state.last_shown():
                last = await self.open(last_shown)
                return None if removed.is_removed(last.provider, self.clients.settings) else last
            return self._new_conversations.last(self.clients.settings.providers)
        except StorageProblem as problem:
            self.alerts.add(f"The conversation that was open last cannot be shown. {problem}")
            return None

    async def show(self, conversation: Conversation, *beside: Conversation) -> None:
        """Record that a conversation is on the screen, beside others or alone, and bring it up to date."""
        self.visible = (conversation, *beside)
        conversation.provider = self.clients.current(conversation.provider)
        self._provider_monitor.shown(conversation.provider)
        await self.recents.add_visit(conversation)
        self.remote.show(conversation, self.index.count_on(conversation.provider.name, conversation.board.id))
        is_new = not conversation.id
        await self._report(self._history.saved_state.save_last_shown(conversation.id))
        if is_new:  # also if it was sent in the meantime: it replaces the one that its draft was taken from
            await self._report(self._new_conversations.save(conversation))
            return
        if self.index.mark_read(conversation.id):
            self.notify(ListChanged(conversation))
            await self._report(self._history.mark_read(conversation.id))

    async def save_draft(self, conversation: Conversation, text: str) -> None:
        """Save text that was typed but not sent."""
        if conversation.draft == text:
            return
        conversation.draft = text
        if self.read_only and not self._history.read_only:
            return  # the draft of another window is being read, and will be joined with this one
        if conversation.id:
            self.row_changed(conversation)
            await self._report(self._history.save_draft(conversation.id, text))
        else:
            await self._report(self._new_conversations.save(conversation))

    async def set_options(
        self, conversation: Conversation, system: str | None, parameters: Parameters | None
    ) -> None:
        """Set the system prompt and the parameters of a conversation; None uses those of its provider."""
        conversation.system, conversation.parameters = system, parameters
        if conversation.id:
            await self._report(self._history.save_options(conversation.id, conversation.options))
        else:
            await self._report(self._new_conversations.save(conversation))

    def recordings_of(self, reply: Reply) -> Sequence[Recording]:
        """Return what goes over the wire for a reply, or nothing once that is in the history."""
        return self.outbox.recordings_of(reply) or self.watched.get(reply, ())

    async def wire_facts(self, conversation: Conversation, reply: Reply) -> WireFacts:
        """Return what was recorded of a reply.

        Raises:
            StorageProblem: it cannot be read.
        """
        from chatgrid_tui.session.wire_facts import load_wire_facts

        return await load_wire_facts(self._history, reply, self.recordings_of(reply), conversation.provider.kind)

    async def keep_recording(self, conversation: Conversation, turn: Turn, reply: Reply, keep: bool) -> None:
        """Set whether the recording of a reply is kept, however old it gets.

        Raises:
            UsageProblem: the reply is not in the history, or that can only be read.
        """
        if self._history.read_only:
            raise UsageProblem("The history is read-only here.")
        if not reply.id or self.read_only:
            raise UsageProblem("This reply is not in the history.")
        reply.recording_kept = keep
        await self._report(self._history.keep_recording(reply.id, keep))
        self.notify(TurnChanged(conversation, turn))

    async def said_elsewhere(self, conversation: Conversation) -> list[SaidMessage]:
        """Return the user's newest messages in other conversations.

        Raises:
            StorageProblem: they cannot be read.
        """
        return await self._history.said(conversation.id, _MOST_SAID)

    async def whole_message(self, message: SaidMessage) -> str:
        """Return the whole of a message.

        Raises:
            StorageProblem: it cannot be read, or was deleted.
        """
        return await self._history.message(message.turn_id)

    def providers_changed(self) -> None:
        """Apply the current configuration of the providers to open conversations. Live replies continue."""
        for conversation in (*self._open.values(), *self.visible):
            conversation.provider = removed.current(conversation.provider, self.clients)

    async def close(self, within: float = CLOSE_WITHIN, drafts: Sequence[tuple[Conversation, str]] = ()) -> None:
        """Stop all replies, save everything including `drafts`, and close, within a number of seconds."""
        until = asyncio.get_running_loop().time() + within
        self._history.hurry()
        for conversation, text in drafts:
            await self.save_draft(conversation, text)
        self.reruns.close()
        not_deleted = await self.deletions.close(within / 4)
        parts = (self._tasks, self.outbox, self.remote, self.reports, self.transfers)
        ending = (*(part.close() for part in parts), *(stop() for stop in self.sources))
        clients = asyncio.ensure_future(self.clients.close())
        await asyncio.wait({clients, *map(asyncio.ensure_future, ending)}, timeout=within / 2)
        await self.close_history(until - asyncio.get_running_loop().time() - _UNSAVED_FILE_TIME)
        self.not_saved = " ".join(filter(None, (self.not_saved, not_deleted)))
        if clients.done():
            clients.result()

    async def close_history(self, within: float) -> None:
        """Write what is pending. What the history does not accept goes to a file, which `not_saved` names. After a
        crash this can run in another event loop.
        """
        await self._history.close(max(0.0, within))
        every = dict.fromkeys((*self._open.values(), *self.outbox.unsaved, *self._new_conversations.conversations))
        self.not_saved = self.not_saved or await write_unsaved(every, self._history)

    def stop_saving(self) -> None:
        """Do not let `close` wait for a history that cannot be written."""
        self._history.stop_saving()

    # Callbacks for the parts

    def notify(self, change: Change) -> None:
        """Report a change to the interface."""
        self._feed.add(change)

    def row_changed(self, conversation: Conversation) -> None:
        """Update the row of a conversation."""
        if conversation.id:
            self.index.refresh(conversation)
            self.notify(ListChanged(conversation))

    def add_rows(self, rows: list[ConversationRow]) -> None:
        """Add rows that a service listed. Open conversations get their new titles."""
        self.index.insert(rows)
        for row in rows:
            if (conversation := self._open.get(row.id)) is not None:
                conversation.title, conversation.gone = row.title, row.gone
                self.row_changed(conversation)
        self.notify(RowsChanged())

    async def board_gone(self, provider: Provider, board: Board) -> None:
        """Forget a board that its service does not have."""
        await self.recents.remove_board(provider, board)

    def remove_rows(self, conversation_ids: list[int]) -> None:
        """Remove the rows of conversations that were merged into others."""
        for conversation_id in conversation_ids:
            self.index.remove(conversation_id)
        if conversation_ids:
            self.notify(RowsChanged())

    def storage_failed(self, problem: StorageProblem) -> None:
        """Report that something cannot be read from the history or written to it."""
        self._history_monitor.storage_failed(problem)

    async def board_found(self, conversation: Conversation) -> None:
        """Show the board that was found for a conversation, and record the visit."""
        self.row_changed(conversation)
        self.notify(BoardChanged(conversation))
        if conversation in self.visible:
            await self.recents.add_visit(conversation)

    async def reply_ended(self, conversation: Conversation) -> None:
        """Update the list, send what is queued, and compare with what the service stored."""
        ended = conversation.newest  # a queued message becomes the newest one when it is sent
        self._provider_monitor.reply_ended(conversation.provider)
        await self.recents.reply_ended(conversation)
        drop_placeholder_board(conversation)
        if conversation not in self.visible and conversation.id:
            self.index.count_unread(conversation.id)
            await self._report(self._history.bump_unread(conversation.id))
        first = sum(not turn.queued for turn in conversation.turns) == 1
        self.row_changed(conversation)
        self.outbox.send_queued(conversation)
        if ended is not None:
            self.remote.reply_ended(conversation, ended)
        if first:
            self._tasks.start(self.manager.take_title(conversation))
        await self.reruns.reply_ended(conversation)
        self.notify(ReplyEnded(conversation))

    async def conversation_saved(self, conversation: Conversation) -> None:
        """Add a conversation to the list, since its first message is being saved."""
        self._open[conversation.id] = conversation
        await self._report(self._new_conversations.remove(conversation))
        if conversation.has_options:
            await self._history.save_options(conversation.id, conversation.options)
        if conversation in self.visible:
            await self._history.saved_state.save_last_shown(conversation.id)
            await self.recents.add_visit(conversation)

    def message_saved(self, conversation: Conversation, turn: Turn) -> None:
        """Move the row of a conversation to the top of the list."""
        self.index.refresh(conversation, at=turn.sent_at)
        self.notify(ListChanged(conversation, moved=True))

    async def _report(self, access: Awaitable[None]) -> None:
        await report_storage(access, self.storage_failed)
