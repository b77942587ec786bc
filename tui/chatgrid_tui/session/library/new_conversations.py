"""Conversations without a message. They are in no list yet, but their drafts and options outlive the program."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chatgrid_tui.errors import StorageProblem
from chatgrid_tui.model.history import NewConversation
from chatgrid_tui.model.provider import Board, Provider
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.session.providers.removed import stand_in
from chatgrid_tui.store.history import History

_MOST: Final = 100


class NewConversations:
    """Keeps one new conversation a board: those with a draft or options, and the one that was shown last."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._by_place: dict[tuple[str, str], Conversation] = {}
        """By the provider's name and the board's id; the one that was shown last comes last."""

    async def load(self, providers: Mapping[str, Provider]) -> bool:
        """Read what was saved, and return whether that worked."""
        try:
            saved = await self._history.new_conversations()
        except StorageProblem:
            return False
        for new in saved:
            provider = providers.get(new.provider) or stand_in(new.provider)
            conversation = Conversation(provider, new.board, draft=new.draft)
            conversation.restore_options(new.options)
            self._by_place.setdefault(_place(conversation), conversation)
        return True

    def get(self, provider: Provider, board: Board) -> Conversation:
        """Return the conversation of a board that has a draft or options, else a new one."""
        conversation = self._by_place.get((provider.name, board.id))
        if conversation is None or not _has_content(conversation):
            return Conversation(provider, board)
        conversation.provider = provider  # its configuration may have changed
        return conversation

    @property
    def conversations(self) -> tuple[Conversation, ...]:
        """All of them."""
        return tuple(self._by_place.values())

    def last(self, providers: Mapping[str, Provider]) -> Conversation | None:
        """Return the one that was shown last, if its provider is still configured."""
        conversation = next(reversed(self._by_place.values()), None)
        return conversation if conversation is not None and conversation.provider.name in providers else None

    async def save(self, conversation: Conversation) -> None:
        """Save a conversation as the one that was shown last.

        Raises:
            StorageProblem: it cannot be written.
        """
        if conversation.held:  # it was deleted
            return
        others = [
            other
            for other in self._by_place.values()
            if _place(other) != _place(conversation)
            and _has_content(other)
            and not _was_taken_along(other, conversation)
        ]
        self._by_place = {_place(one): one for one in (*others[1 - _MOST :], conversation)}
        await self._write()

    async def remove(self, conversation: Conversation) -> None:
        """Remove a conversation that has a message now.

        Raises:
            StorageProblem: that cannot be written.
        """
        if self._by_place.get(_place(conversation)) is conversation:
            del self._by_place[_place(conversation)]
            await self._write()

    async def _write(self) -> None:
        await self._history.save_new_conversations(
            [NewConversation(one.provider.name, one.board, one.draft, one.options) for one in self._by_place.values()]
        )


def _place(conversation: Conversation) -> tuple[str, str]:
    return conversation.provider.name, conversation.board.id


def _has_content(conversation: Conversation) -> bool:
    """Return whether something would be lost with a conversation."""
    is_new = not conversation.turns and not conversation.id
    return is_new and bool(conversation.draft or conversation.has_options)


def _was_taken_along(other: Conversation, conversation: Conversation) -> bool:
    """Return whether the draft of the other conversation was taken along into this one."""
    return bool(other.draft) and other.draft == conversation.draft and not other.has_options
