"""Renaming and deleting conversations, here and at their services."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Protocol

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.errors import ChatgridError, ConnectionProblem, ServiceProblem, StorageProblem, UsageProblem
from chatgrid_tui.model.saved_conversation import ReadOnly
from chatgrid_tui.session.changes import RowsChanged, SessionListener
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.session.library.conversation_index import ConversationIndex
from chatgrid_tui.session.providers.clients import Clients
from chatgrid_tui.session.sync.chat_list import TITLE_LENGTH
from chatgrid_tui.session.sync.remote_chats import RemoteChats
from chatgrid_tui.session.turns.outbox import Outbox
from chatgrid_tui.session.wording.failures import cannot_change, explain
from chatgrid_tui.session.wording.sync_status import is_gone
from chatgrid_tui.store.history import History
from chatgrid_tui.text import clean_line


class ManagedSession(SessionListener, Protocol):
    """What the manager needs of the session."""

    index: ConversationIndex
    remote: RemoteChats
    clients: Clients

    @property
    def read_only(self) -> ReadOnly | None: ...


class ConversationManager:
    """Renames and deletes conversations."""

    def __init__(
        self,
        session: ManagedSession,
        history: History,
        outbox: Outbox,
        open_conversations: MutableMapping[int, Conversation],
    ) -> None:
        """`open_conversations` maps ids to conversations; deleted ones are removed from it."""
        self._session = session
        self._history = history
        self._outbox = outbox
        self._open = open_conversations

    async def rename(self, conversation: Conversation, title: str) -> str:
        """Change the title of a conversation, here and at its service. Return a warning if the service refuses; the
        new title is kept here even so.

        Raises:
            UsageProblem: the title is empty, or nothing can be changed.
            StorageProblem: it cannot be written.
        """
        self._check(conversation)
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
            return f"It was renamed here, but keeps its old title at {provider}. {self._why(conversation, problem)}"
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
            try:
                await self._history.rename(conversation.id, conversation.title, by_service=True)
            except StorageProblem as problem:
                self._session.storage_failed(problem)

    async def delete(self, conversation: Conversation, *, at_service: bool) -> None:
        """Delete a conversation here and, with `at_service`, the chat at its service first. If the service refuses,
        nothing is deleted.

        Raises:
            UsageProblem: nothing can be changed, or the service does not delete the chat.
            StorageProblem: it cannot be written.
        """
        self._check(conversation)
        if conversation.deleting:
            raise UsageProblem("It is being deleted already.")
        conversation.deleting, conversation.retry_at = True, None
        try:
            await self._outbox.stop_and_save(conversation)
            if at_service:
                await self._session.remote.delete(conversation)
            await self._history.delete(conversation.id)
        except BaseException as problem:
            conversation.deleting = False
            self._outbox.cancel_retry(conversation)  # send what is queued
            if isinstance(problem, ConnectionProblem | ServiceProblem):
                raise UsageProblem(f"Nothing was deleted. {self._why(conversation, problem)}") from problem
            raise
        self._session.index.remove(conversation.id)
        self._open.pop(conversation.id, None)
        self._session.remote.messages.forget(conversation)
        conversation.id = 0
        self._session.notify(RowsChanged())

    def _check(self, conversation: Conversation) -> None:
        if reason := self._session.read_only:
            raise UsageProblem(cannot_change(reason))
        if not conversation.id:
            raise UsageProblem("This conversation is empty, so there is nothing to change.")

    def _why(self, conversation: Conversation, problem: ChatgridError) -> str:
        """Return a sentence on why a service refused."""
        match problem:
            case ServiceProblem() if is_gone(problem):
                return f"{clean_line(conversation.provider.shown, 60)} no longer has this chat."
            case ConnectionProblem(failure=failure) | ServiceProblem(failure=failure):
                key_status = self._session.clients.key_status(conversation.provider)
                return explain(failure, key_status, "safe").headline
            case _:
                return str(problem)
