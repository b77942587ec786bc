"""Opening conversations: new ones, whose drafts are saved between runs, and those in the history."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Final

from chatgrid_tui.config.settings import Settings
from chatgrid_tui.errors import StorageProblem
from chatgrid_tui.model.provider import Board, Provider
from chatgrid_tui.model.saved_conversation import ConversationRow, NewConversation, ReadOnly, SavedTurn
from chatgrid_tui.session.changes import Reloaded
from chatgrid_tui.session.conversation import Conversation, Turn, unsent
from chatgrid_tui.session.providers import removed
from chatgrid_tui.session.providers.clients import Clients
from chatgrid_tui.store.history import History

_MOST_NEW: Final = 100
_WRITTEN_ELSEWHERE: Final = "Another window receives this reply. It appears here once that window has ended."


class NewConversations:
    """Keeps the new conversations with a draft or options, and the one shown last."""

    def __init__(self, history: History) -> None:
        self._history = history
        self.conversations: tuple[Conversation, ...] = ()
        """All of these conversations. The one shown last is at the end."""

    async def load(self, providers: Mapping[str, Provider]) -> bool:
        """Read what was saved, and return whether that succeeded."""
        try:
            saved = await self._history.saved_state.new_conversations()
        except StorageProblem:
            return False
        known = {(_place(one), one.draft) for one in self.conversations}
        for new in saved:
            provider = providers.get(new.provider) or removed.placeholder(new.provider)
            conversation = Conversation(provider, new.board, draft=new.draft)
            conversation.restore_options(new.options)
            if (_place(conversation), conversation.draft) not in known:
                self.conversations += (conversation,)
        return True

    def get(self, provider: Provider, board: Board, beside: Container[Conversation]) -> Conversation:
        """Return the newest of a board that has a draft or options and is not `beside` it, or an empty one."""
        for conversation in reversed(self.conversations):
            is_there = _place(conversation) == (provider.name, board.id)
            if is_there and conversation not in beside and _has_content(conversation):
                conversation.provider = provider  # its configuration may have changed
                return conversation
        return Conversation(provider, board)

    def last(self, providers: Mapping[str, Provider]) -> Conversation | None:
        """Return the one shown last, if its provider is still configured."""
        conversation = next(reversed(self.conversations), None)
        return conversation if conversation is not None and conversation.provider.name in providers else None

    async def save(self, conversation: Conversation) -> None:
        """Save a conversation as the one shown last.

        Raises:
            StorageProblem: it cannot be written.
        """
        if conversation.deleting:  # it was deleted
            return
        others = [
            other
            for other in self.conversations
            if other is not conversation and _has_content(other) and not _was_taken_along(other, conversation)
        ]
        self.conversations = (*others[1 - _MOST_NEW :], conversation)
        await self._write()

    async def remove(self, conversation: Conversation) -> None:
        """Remove a conversation that now has a message.

        Raises:
            StorageProblem: this cannot be written.
        """
        if conversation in self.conversations:
            self.conversations = tuple(one for one in self.conversations if one is not conversation)
            await self._write()

    async def _write(self) -> None:
        await self._history.saved_state.save_new_conversations(
            [NewConversation(one.provider.name, one.board, one.draft, one.options) for one in self.conversations]
        )


def _place(conversation: Conversation) -> tuple[str, str]:
    return conversation.provider.name, conversation.board.id


def _has_content(conversation: Conversation) -> bool:
    """Return whether deleting a conversation would lose something."""
    is_new = not conversation.turns and not conversation.id
    return is_new and bool(conversation.draft or conversation.has_options)


def _was_taken_along(other: Conversation, conversation: Conversation) -> bool:
    """Return whether the draft of `other` was taken along into `conversation`, where it may have been continued."""
    continued = conversation.turns[0].sent if conversation.turns else conversation.draft
    return bool(other.draft) and continued.startswith(other.draft) and not other.has_options


def without_turns(row: ConversationRow, settings: Settings) -> Conversation:
    """Return the conversation of a row of the list, as far as the row tells it."""
    provider = settings.providers.get(row.provider) or removed.placeholder(row.provider)
    return Conversation(
        provider,
        Board(row.board, row.board_name or row.board),
        row.id,
        row.title,
        "" if provider.embedded else row.remote_id,  # the demo bots were restarted with the program
        row.draft,
        gone=row.gone,
    )


async def read_conversation(
    history: History, clients: Clients, conversation_id: int
) -> tuple[Conversation, ConversationRow, list[int]]:
    """Return a conversation, its row in the list, and the ids of the turns that were never sent: their texts become
    part of the draft. Nothing can be sent if its provider is no longer configured.

    Raises:
        StorageProblem: it cannot be read.
    """
    row = await history.conversation(conversation_id)
    conversation, unsent_turns = restored(
        row, await history.turns(conversation_id), clients.settings, history.read_only
    )
    conversation.restore_options(await history.options(conversation_id))
    return conversation, row, unsent_turns


def restored(
    row: ConversationRow, saved: Sequence[SavedTurn], settings: Settings, read_only: ReadOnly | None
) -> tuple[Conversation, list[int]]:
    """Return a conversation from what the history has of it, without its options, and the ids of the turns that were
    never sent. `read_only` is why the history is.
    """
    queued = unsent(saved)
    turns = [Turn.restored(turn, row.board_name) for turn in saved[: len(saved) - len(queued)]]
    if read_only is not None:
        _end_live_replies(turns, read_only)
    draft = "\n".join(filter(None, (*(turn.sent for turn in queued), row.draft)))
    conversation = without_turns(row, settings)
    conversation.draft = conversation.draft_read = draft
    conversation.turns = turns
    return conversation, [turn.id for turn in queued]


async def reload(conversation: Conversation, history: History, clients: Clients) -> Reloaded:
    """Read an open conversation again, after another window has released the history. A draft that was typed here is
    appended to the one typed there.

    Raises:
        StorageProblem: it cannot be read.
    """
    newer, row, unsent_turns = await read_conversation(history, clients, conversation.id)
    draft = conversation.draft
    draft_elsewhere = newer.draft if newer.draft != conversation.draft_read else ""
    if draft == conversation.draft_read:
        conversation.draft = newer.draft
    else:
        conversation.draft = "\n".join(filter(None, (draft_elsewhere, draft)))
    conversation.draft_read = newer.draft
    conversation.turns[:] = newer.turns
    conversation.title, conversation.remote_id, conversation.gone = newer.title, newer.remote_id, newer.gone
    conversation.system, conversation.parameters = newer.system, newer.parameters
    await history.back_to_draft(row.id, unsent_turns, conversation.draft)
    return Reloaded(conversation, draft, draft_elsewhere)


def _end_live_replies(turns: Sequence[Turn], reason: ReadOnly) -> None:
    """End replies that this program is not writing, so that they are not shown as live."""
    for turn in turns:
        if turn.reply is not None and turn.reply.live:
            if reason == "another window":
                turn.reply.state, turn.note = "finished", _WRITTEN_ELSEWHERE
            else:
                turn.reply.state = "interrupted"
