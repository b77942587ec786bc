"""What the services have of conversations: which there are, what was said in them, and changing that."""

from __future__ import annotations

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.errors import ChatgridError, StorageProblem, UsageProblem
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.session.changes import SyncListener
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.session.providers.clients import Clients
from chatgrid_tui.session.sync.chat_list import TITLE_LENGTH, ChatList
from chatgrid_tui.session.sync.merge import GONE
from chatgrid_tui.session.sync.messages import MessageSync, has_thread
from chatgrid_tui.session.wording.sync_status import OFFLINE, Said, is_gone, why
from chatgrid_tui.store.history import History
from chatgrid_tui.text import clean_line


class RemoteChats:
    """Chats and messages at the services. What it fetches it tells as changes; the screen reads its state here."""

    def __init__(self, clients: Clients, history: History, listener: SyncListener, clock: Clock) -> None:
        self.listing = ChatList(clients, history, listener, clock)
        self.threads = MessageSync(clients, history, listener, clock)
        self._services = clients
        self._history = history
        self._listener = listener

    def said_of(self, conversation: Conversation) -> Said:
        """Return what is to be said of a conversation at its service."""
        return self.threads.said(conversation)

    def shown(self, conversation: Conversation, known: int) -> None:
        """A conversation came on the screen: ask for what its board and itself have. `known` is how many chats of
        the board are in the list.
        """
        self.listing.show_board(conversation.provider, conversation.board, known)
        if not conversation.provider.embedded and self._is_configured(conversation.provider):
            self.threads.fetch(conversation)

    def reply_ended(self, conversation: Conversation) -> None:
        """After a stop or a failure nobody knows what the service stored: read it again."""
        newest = conversation.newest
        reply = newest.reply if newest is not None else None
        if reply is None or reply.state == "finished" or conversation.retry_at is not None or conversation.held:
            return
        failure = reply.failure
        arrived = failure is None or failure.kind == "stream" or failure.cause in ("dropped", "silence", "no text")
        if (arrived or failure.status == 404) and not conversation.provider.embedded:  # type: ignore[union-attr]
            self.threads.fetch(conversation, anew=True)

    async def memory(self, conversation: Conversation) -> tuple[str, ...]:
        """Return what the service remembers of a chat beside its messages.

        Raises:
            UsageProblem: there is no such memory, or the service does not tell.
        """
        if not _is_chat(conversation):
            raise UsageProblem("The service has no chat of this conversation, and so no memory of it.")
        client = await self._services.of(conversation.provider)
        try:
            return (await client.chat(conversation.board.id, conversation.remote_id)).memory
        except ChatgridError as problem:
            raise self._in_words(conversation, problem) from problem

    async def fetch_now(self, conversation: Conversation) -> int:
        """Fetch the messages that the service has now; return how many of them are not of this machine.

        Raises:
            UsageProblem: the service has none of this conversation, or does not tell.
            StorageProblem: they cannot be kept.
        """
        if not has_thread(conversation):
            raise UsageProblem("The service has no messages of this conversation that could be fetched.")
        try:
            return await self.threads.fetch_now(conversation)
        except StorageProblem:
            raise
        except ChatgridError as problem:
            raise self._in_words(conversation, problem) from problem

    async def rename(self, conversation: Conversation, title: str) -> None:
        """Give the chat of a conversation another title at its service, where it has one there.

        Raises:
            ChatgridError: the service does not take it.
        """
        if self.is_at_service(conversation):
            client = await self._services.of(conversation.provider)
            await client.rename_chat(conversation.board.id, conversation.remote_id, title)

    async def delete(self, conversation: Conversation) -> None:
        """Delete the chat of a conversation at its service. One that is gone there already is as good.

        Raises:
            ChatgridError: the service does not do it.
        """
        try:
            client = await self._services.of(conversation.provider)
            await client.delete_chat(conversation.board.id, conversation.remote_id)
        except ChatgridError as problem:
            if not is_gone(problem):
                raise

    def is_at_service(self, conversation: Conversation) -> bool:
        """Whether the service has the conversation as a chat that can be renamed and deleted there."""
        return _is_chat(conversation) and not conversation.gone

    async def close(self) -> None:
        """Stop asking."""
        await self.listing.close()
        await self.threads.close()

    def _in_words(self, conversation: Conversation, problem: ChatgridError) -> UsageProblem:
        if is_gone(problem):
            return UsageProblem(GONE)
        said = why(problem, self._services.key_status(conversation.provider))
        return UsageProblem("The service does not answer just now." if said.words == OFFLINE else said.words)

    def _is_configured(self, provider: Provider) -> bool:
        return provider.name in self._services.settings.providers


def _is_chat(conversation: Conversation) -> bool:
    """Return whether a conversation was begun as a chat that the service lists."""
    return DIALECTS[conversation.provider.kind].remote_chats is not None and bool(conversation.remote_id)


def cleaned_title(title: str) -> str:
    """Return a title as it is kept.

    Raises:
        UsageProblem: nothing is left of it.
    """
    cleaned = clean_line(title, TITLE_LENGTH).strip()
    if not cleaned:
        raise UsageProblem("The title is empty. The old one stays.")
    return cleaned
