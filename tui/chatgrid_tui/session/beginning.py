"""A conversation in which nothing was said yet: what is typed in it is kept all the same."""

from __future__ import annotations

import json
from collections.abc import Mapping

from chatgrid_tui.errors import StorageProblem
from chatgrid_tui.model.provider import Board, Provider
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.session.options import has_options, restore, written
from chatgrid_tui.store.history import History

_PLACE = "beginning"


class Beginning:
    """The one conversation that has begun and is in no list yet. It outlives a switch and the program."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._conversation: Conversation | None = None

    def at(self, provider: Provider, board: Board) -> Conversation:
        """Return the conversation in which something is typed on a board already, else a new one."""
        known = self._conversation
        if known is None or not (known.draft or has_options(known)) or known.turns:
            return Conversation(provider, board)
        if (known.provider.name, known.board.id) != (provider.name, board.id):
            return Conversation(provider, board)
        known.provider = provider  # which may be configured otherwise by now
        return known

    async def keep(self, conversation: Conversation) -> None:
        """Keep where it is and what is typed in it.

        Raises:
            StorageProblem: it cannot be written.
        """
        self._conversation = conversation
        board = conversation.board
        place = [conversation.provider.name, board.id, board.name, conversation.draft, written(conversation)]
        await self._history.remember(_PLACE, json.dumps(place))

    async def restored(self, providers: Mapping[str, Provider]) -> Conversation | None:
        """Return the one that was kept when the program ended; None where there is none to be had."""
        try:
            name, board, board_name, draft, *more = json.loads(await self._history.recall(_PLACE) or "")
        except (StorageProblem, ValueError):
            return None
        if name not in providers:
            return None
        conversation = self.at(providers[name], Board(str(board), str(board_name)))
        conversation.draft = str(draft)
        restore(conversation, more[0] if more else None)
        return conversation
