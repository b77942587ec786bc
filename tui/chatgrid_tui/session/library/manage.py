"""Renaming, pinning and archiving conversations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.errors import ChatgridError, ConnectionProblem, ServiceProblem, UsageProblem
from chatgrid_tui.session.alerts import Alerts
from chatgrid_tui.session.changes import RowsChanged, SessionListener
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.session.library.conversation_index import ConversationIndex
from chatgrid_tui.session.providers.clients import Clients
from chatgrid_tui.session.sync.chat_list import TITLE_LENGTH
from chatgrid_tui.session.sync.remote_chats import RemoteChats
from chatgrid_tui.session.sync.sync_status import is_gone
from chatgrid_tui.session.tasks import report_storage
from chatgrid_tui.session.wording.failures import cannot_change, explain
from chatgrid_tui.store.history import History
from chatgrid_tui.text import clean_line


class ManagedSession(SessionListener, Protocol):
    """What the manager needs of the session."""

    index: ConversationIndex
    remote: RemoteChats
    clients: Clients
    alerts: Alerts
    visible: tuple[Conversation, ...]


class ConversationManager:
    """Renames conversations, here and at their services, and arranges the list of them."""

    def __init__(self, session: ManagedSession, history: History) -> None:
        self._session = session
        self._history = history

    async def rename(self, conversation: Conversation, title: str) -> str:
        """Change the title of a conversation, here and at its service. Return a warning if the service refuses; the
        new title is kept here even so.

        Raises:
            UsageProblem: the title is empty, or nothing can be changed.
            StorageProblem: it cannot be written.
        """
        check_changeable(self._session, conversation)
        title = clean_line(title, TITLE_LENGTH).strip()
        if not title:
            raise UsageProblem("The title is empty. The old one stays.")
        await self._history.rename(conversation.id, title, by_service=False)
        conversation.title, conversation.renamed = title, True
        self._session.row_changed(conversation)
        try:
            await self._session.remote.rename(conversation, title)
        except ChatgridError as problem:
            provider = clean_line(conversation.provider.shown, 60)
            reason = why_refused(problem, conversation, self._session.clients)
            return f"It was renamed here, but keeps its old title at {provider}. {reason}"
        return ""

    async def take_title(self, conversation: Conversation) -> None:
        """Use the title that the service gave a chat, unless the user gave it one."""
        if DIALECTS[conversation.provider.kind].remote_chats is None or not conversation.remote_id:
            return
        try:
            client = await self._session.clients.get(conversation.provider)
            title = (await client.chat(conversation.board.id, conversation.remote_id)).title
        except ChatgridError:
            return  # the first line of the message stays the title
        if title and title != conversation.title and conversation.id and not conversation.renamed:
            conversation.title = clean_line(title, TITLE_LENGTH)
            self._session.row_changed(conversation)
            saving = self._history.rename(conversation.id, conversation.title, by_service=True)
            await report_storage(saving, self._session.storage_failed)

    async def pin(self, conversation_ids: Sequence[int], pinned: bool) -> None:
        """Put conversations first in the list, or no longer. Those that are archived return to it.

        Raises:
            UsageProblem: nothing can be changed.
            StorageProblem: it cannot be written.
        """
        self._arrange(conversation_ids, pinned=pinned, archived=False)
        await self._history.pin(conversation_ids, pinned)

    async def archive(self, conversation_ids: Sequence[int], archived: bool) -> None:
        """Take conversations out of the list, where they are no longer pinned, or put them back.

        Raises:
            UsageProblem: nothing can be changed.
            StorageProblem: it cannot be written.
        """
        self._arrange(conversation_ids, pinned=False, archived=archived)
        await self._history.archive(conversation_ids, archived)

    def _arrange(self, conversation_ids: Sequence[int], *, pinned: bool, archived: bool) -> None:
        check_changeable(self._session)
        index = self._session.index
        for row in filter(None, map(index.get, conversation_ids)):
            index.put(replace(row, pinned=pinned, archived=archived))
        self._session.notify(RowsChanged())


def check_changeable(session: ManagedSession, conversation: Conversation | None = None) -> None:
    """Raise UsageProblem if nothing can be changed in the history, or the conversation is not in it."""
    if reason := session.read_only:
        raise UsageProblem(cannot_change(reason))
    if conversation is not None and not conversation.id:
        raise UsageProblem("This conversation is empty, so there is nothing to change.")


def why_refused(problem: ChatgridError, conversation: Conversation, clients: Clients) -> str:
    """Return a sentence on why a conversation could not be changed at its service, or in the history."""
    match problem:
        case ServiceProblem() if is_gone(problem):
            return f"{clean_line(conversation.provider.shown, 60)} no longer has this chat."
        case ConnectionProblem(failure=failure) | ServiceProblem(failure=failure):
            return explain(failure, clients.key_status(conversation.provider), "safe").headline
        case _:
            return str(problem)
