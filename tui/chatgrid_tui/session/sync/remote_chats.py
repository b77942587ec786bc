"""The chats at the services: the list of a board, the messages of a chat, and changes to it."""

from __future__ import annotations

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.errors import ChatgridError, StorageProblem, UsageProblem
from chatgrid_tui.session.changes import SessionListener
from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.session.providers.clients import Clients
from chatgrid_tui.session.sync.chat_list import ChatList
from chatgrid_tui.session.sync.merge import GONE
from chatgrid_tui.session.sync.message_sync import MessageSync
from chatgrid_tui.session.sync.sync_status import OFFLINE, SyncStatus, is_gone, status_of_error
from chatgrid_tui.session.truth.checker import TruthChecker
from chatgrid_tui.session.wording.refusal_kinds import may_be_stored, status_of
from chatgrid_tui.store.history import History


class RemoteChats:
    """Reads and changes chats at their services. What was read is reported as changes."""

    def __init__(self, clients: Clients, history: History, listener: SessionListener, clock: Clock) -> None:
        self.chat_list = ChatList(clients, history, listener, clock)
        self.messages = MessageSync(clients, history, listener, clock)
        self.truth = TruthChecker(self.messages, clients, history, listener, clock)
        self._clients = clients

    def status(self, conversation: Conversation) -> SyncStatus:
        """Return the status to show for a conversation at its service."""
        return self.messages.status(conversation)

    def show(self, conversation: Conversation, estimate: int) -> None:
        """Fetch what is new on the board of a conversation that was just shown, and in the conversation. `estimate`
        is how many chats of the board are known.
        """
        provider = conversation.provider
        self.chat_list.show_board(provider, conversation.board, estimate)
        if not provider.embedded and provider.name in self._clients.settings.providers:
            self.messages.fetch(conversation)

    def reply_ended(self, conversation: Conversation, turn: Turn) -> None:
        """Compare a reply that ended with what the service stored, and merge what the service has more of it."""
        reply = turn.reply
        waits = conversation.retry_at is not None or conversation.deleting
        if reply is None or waits or not conversation.has_remote_messages:
            return
        if may_be_stored(reply) and conversation.provider.has_truth_check:
            self.truth.start(conversation, turn, reply)
            return
        gone = reply.failure is not None and status_of(reply.failure) == 404
        cut_short = reply.state != "finished" and may_be_stored(reply)
        if (gone or cut_short) and not conversation.provider.embedded:
            self.messages.fetch(conversation, force=True)

    async def memory(self, conversation: Conversation) -> tuple[str, ...]:
        """Return what the service remembers of a chat in addition to its messages.

        Raises:
            UsageProblem: there is no such memory, or the service does not return it.
        """
        if not _is_chat(conversation):
            raise UsageProblem("The service has no chat for this conversation, and so no memory of it.")
        client = await self._clients.get(conversation.provider)
        try:
            return (await client.chat(conversation.board.id, conversation.remote_id)).memory
        except ChatgridError as problem:
            raise self._usage_problem(conversation, problem) from problem

    async def fetch_now(self, conversation: Conversation) -> int:
        """Fetch new messages, and return how many arrived that are not in the history.

        Raises:
            UsageProblem: the service has none of this conversation, or does not return them.
            StorageProblem: they cannot be saved.
        """
        if not conversation.has_remote_messages:
            raise UsageProblem("The service has no messages of this conversation to fetch.")
        try:
            return await self.messages.fetch_now(conversation)
        except StorageProblem:
            raise
        except ChatgridError as problem:
            raise self._usage_problem(conversation, problem) from problem

    async def rename(self, conversation: Conversation, title: str) -> None:
        """Change the title of a chat at its service, if it is there.

        Raises:
            ChatgridError: the service refuses.
        """
        if self.is_at_service(conversation):
            client = await self._clients.get(conversation.provider)
            await client.rename_chat(conversation.board.id, conversation.remote_id, title)

    async def delete(self, conversation: Conversation) -> None:
        """Delete a chat at its service, unless it is gone already.

        Raises:
            ChatgridError: the service refuses.
        """
        try:
            client = await self._clients.get(conversation.provider)
            await client.delete_chat(conversation.board.id, conversation.remote_id)
        except ChatgridError as problem:
            if not is_gone(problem):
                raise

    def is_at_service(self, conversation: Conversation) -> bool:
        """Return whether a conversation is a chat that can be renamed and deleted at its service."""
        return _is_chat(conversation) and not conversation.gone

    async def close(self) -> None:
        """Cancel what is being fetched."""
        await self.truth.close()
        await self.chat_list.close()
        await self.messages.close()

    def _usage_problem(self, conversation: Conversation, problem: ChatgridError) -> UsageProblem:
        if is_gone(problem):
            return UsageProblem(GONE)
        status = status_of_error(problem, self._clients.key_status(conversation.provider))
        return UsageProblem("The service does not answer now." if status.text == OFFLINE else status.text)


def _is_chat(conversation: Conversation) -> bool:
    return DIALECTS[conversation.provider.kind].remote_chats is not None and bool(conversation.remote_id)
