"""The rows that the wire pane lists for a reply: those received so far, stored, or reached by a replay."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.ui.wire.wire_log import WireLog

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.player import Player
    from chatgrid_tui.session.session import Session

_INTERVAL: Final = 0.5
"""Seconds between checks of a reply that is being written. At each, all rows in sight may have to be drawn."""
_REPLAY_INTERVAL: Final = 0.05
"""Seconds between checks of a replay, whose text and rows should appear together."""
_REPLAY_LOOKS: Final = 10
"""The number of checks without progress in a replay, after which the pane is updated nevertheless."""


class Listing:
    """Lists the rows of a reply in a log."""

    def __init__(
        self, session: Session, conversation: Conversation, reply: Reply, log: WireLog, player: Player | None
    ) -> None:
        """`player` is that of the replay, if the reply is being replayed."""
        self.session = session
        self.conversation = conversation
        self.reply = reply
        self._log = log
        self._player = player
        self._replayed = iter(()) if player is None else log.advance(player.recordings, live=False)

    @property
    def goes_on(self) -> bool:
        """Whether more rows may follow."""
        return self.reply.live if self._player is None else not self._player.ended

    async def more(self) -> None:
        """Wait until there may be more rows."""
        if self._player is None:
            await asyncio.sleep(_INTERVAL)
            return
        for _ in range(_REPLAY_LOOKS):
            await asyncio.sleep(_REPLAY_INTERVAL)
            if self._is_behind(self._player):
                return

    async def rows(self) -> Iterator[None]:
        """Return an iterator that lists the available rows, one step for each.

        Raises:
            StorageProblem: the stored recording cannot be read.
        """
        if self._player is not None:
            return self._reached(self._player)
        live = self.reply.live
        recordings: Sequence[Recording] = self.session.recordings_of(self.reply) or self._log.recordings
        if not recordings and not live:
            recordings = (await self.session.wire_facts(self.conversation, self.reply)).recordings
        return self._log.advance(recordings, live=live)

    def _reached(self, player: Player) -> Iterator[None]:
        while self._is_behind(player):
            try:
                yield next(self._replayed)
            except StopIteration:
                return

    def _is_behind(self, player: Player) -> bool:
        return player.ended or self._log.reached < player.reached
