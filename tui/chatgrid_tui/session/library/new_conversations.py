"""Conversations in which nothing was said yet: what is typed in them is kept all the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final, TypeAlias

from chatgrid_tui.errors import StorageProblem
from chatgrid_tui.model.json import Json
from chatgrid_tui.model.provider import Board, Provider
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.session.options import has_options, restore, written
from chatgrid_tui.session.providers.removed import stand_in
from chatgrid_tui.store.history import History

REMEMBERED_AS: Final = "beginning"
"""What the history remembers them under."""
_AT_MOST: Final = 100

_Place: TypeAlias = tuple[str, str]
"""The name of a provider and the id of a board."""


class NewConversations:
    """The conversations that have begun and are in no list yet, one a board. They outlive the program."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._known: dict[_Place, Conversation] = {}
        """The one that was on the screen last at the end; of the others those in which something is typed."""

    async def load(self, providers: Mapping[str, Provider]) -> bool:
        """Read what was kept when the program ended, and return whether all of it could be read."""
        try:
            found: Json = json.loads(await self._history.recall(REMEMBERED_AS) or "[]")
        except (StorageProblem, ValueError, RecursionError):
            return False
        if not isinstance(found, list):
            return False
        complete = True
        for kept in [found] if found and isinstance(found[0], str) else found:  # there was one only, once
            conversation = _restored(kept, providers)
            if conversation is not None:
                self._known.setdefault(_place(conversation), conversation)
            else:
                complete = False
        return complete

    def at(self, provider: Provider, board: Board) -> Conversation:
        """Return the conversation in which something is typed on a board already, else a new one."""
        known = self._known.get((provider.name, board.id))
        if known is None or not _has_something(known):
            return Conversation(provider, board)
        known.provider = provider  # which may be configured otherwise by now
        return known

    @property
    def conversations(self) -> tuple[Conversation, ...]:
        """All of them."""
        return tuple(self._known.values())

    def last(self, providers: Mapping[str, Provider]) -> Conversation | None:
        """Return the one that was on the screen last; None where there is none to be had."""
        conversation = next(reversed(self._known.values()), None)
        return conversation if conversation is not None and conversation.provider.name in providers else None

    async def keep(self, conversation: Conversation) -> None:
        """Keep where it is and what is typed in it, and that it was on the screen last.

        Raises:
            StorageProblem: it cannot be written.
        """
        if conversation.held:  # it was deleted
            return
        others = [one for one in self._known.values() if _has_something(one) and not _went_along(one, conversation)]
        others = [one for one in others if _place(one) != _place(conversation)][1 - _AT_MOST :]
        self._known = {_place(one): one for one in (*others, conversation)}
        await self._write()

    async def said(self, conversation: Conversation) -> None:
        """Something was said in it: it is in the list now.

        Raises:
            StorageProblem: that cannot be written.
        """
        if self._known.get(_place(conversation)) is conversation:
            del self._known[_place(conversation)]
            await self._write()

    async def _write(self) -> None:
        kept = [[*_place(one), one.board.name, one.draft, written(one)] for one in self._known.values()]
        await self._history.remember(REMEMBERED_AS, json.dumps(kept))


def _place(conversation: Conversation) -> _Place:
    return conversation.provider.name, conversation.board.id


def _has_something(conversation: Conversation) -> bool:
    """Whether something would be lost with it."""
    begun = bool(conversation.turns or conversation.id)
    return not begun and bool(conversation.draft or has_options(conversation))


def _went_along(before: Conversation, now: Conversation) -> bool:
    """Whether what was typed in one was taken along into the other."""
    return bool(before.draft) and before.draft == now.draft and not has_options(before)


def _restored(kept: Json, providers: Mapping[str, Provider]) -> Conversation | None:
    if not isinstance(kept, list) or len(kept) < 4 or not all(isinstance(part, str) for part in kept[:4]):
        return None
    name, board, board_name, draft = map(str, kept[:4])
    conversation = Conversation(providers.get(name) or stand_in(name), Board(board, board_name), draft=draft)
    restore(conversation, kept[4] if len(kept) > 4 else None)
    return conversation
