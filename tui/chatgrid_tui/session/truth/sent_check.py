"""The truth check of a single turn without an app, for `send --check`."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from chatgrid_tui.engine.client import Client
from chatgrid_tui.engine.clock import SYSTEM_CLOCK, Clock
from chatgrid_tui.errors import ChatgridError, UsageProblem
from chatgrid_tui.model.provider import RemoteMessage
from chatgrid_tui.model.truth_check import TruthCheck
from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.tasks import cooperatively
from chatgrid_tui.session.truth.asking import ask_times, read_back
from chatgrid_tui.session.truth.comparison import compare, find_stored
from chatgrid_tui.session.wording.refusal_kinds import may_be_stored
from chatgrid_tui.session.wording.truth import why_never


class SentCheck:
    """Compares the reply to one message with what the service stored of it."""

    def __init__(self, client: Client, message: str, clock: Clock = SYSTEM_CLOCK) -> None:
        """Check the reply to `message`.

        Raises:
            UsageProblem: the service cannot be asked what it stored.
        """
        if reason := why_never(client.provider, "to come"):
            raise UsageProblem(f"{reason} Nothing was sent.")
        self.outcome: TruthCheck | None = None
        """The result so far."""
        self.problem = ""
        """Why the service could not be asked, as a sentence."""
        self._client = client
        self._message = message
        self._clock = clock
        self._board = ""
        self._earlier: Collection[str] = ()

    async def begin(self, board: str, conversation: str) -> None:
        """Record the content of a conversation before the message is sent. `conversation` is empty for a new one.

        Raises:
            ChatgridError: the service does not return it.
        """
        self._board = board
        if conversation:
            self._earlier = {message.id for message in await self._newest(conversation)}

    async def run(self, conversation: str, reply: Reply) -> None:
        """Ask until the stored text is equal or the last time has passed; set `outcome`, or else `problem`."""
        turn = Turn(0, self._message, self._message, reply.started_at, [reply])
        self.problem = why_never(self._client.provider, conversation)
        if not self.problem and not may_be_stored(reply):
            self.problem = "The service did not accept the message, so nothing can be stored."
        if self.problem:
            return
        async for after in ask_times(self._clock):
            try:
                messages = await self._newest(conversation)
            except ChatgridError as problem:
                self.problem = str(problem)
                continue
            new = [message for message in messages if message.id not in self._earlier]
            stored = await cooperatively(find_stored([turn], turn, reply, new, complete=True))
            assert stored is not None, "no message is missing"
            self.outcome, self.problem = compare(turn, reply, stored, after=after), ""
            if self.outcome.verdict == "same":
                return

    async def _newest(self, conversation: str) -> Sequence[RemoteMessage]:
        """Return the newest page of messages, which contains those of one turn."""
        async for known in read_back(self._client, self._board, conversation):
            return known.messages
        return ()
