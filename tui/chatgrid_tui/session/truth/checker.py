"""Asks services what they stored of completed replies, and saves the result with the replies."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.engine.deadline import Deadline
from chatgrid_tui.errors import ChatgridError, ConnectionProblem, StorageProblem, UsageProblem
from chatgrid_tui.model.provider import KnownMessages
from chatgrid_tui.model.truth_check import TruthCheck
from chatgrid_tui.session.changes import SessionListener, TurnChanged
from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.session.providers.clients import Clients
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.sync.message_sync import MessageSync
from chatgrid_tui.session.sync.sync_status import OFFLINE, is_gone, status_of_error
from chatgrid_tui.session.tasks import BackgroundTasks, cooperatively, report_storage
from chatgrid_tui.session.truth.asking import ask_times, read_back
from chatgrid_tui.session.wording.truth import why_never
from chatgrid_tui.store.history import History

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.truth.comparison import Stored
logger = logging.getLogger(__name__)

_GONE: Final = "The service says that it does not have this conversation."
_NO_LIST: Final = "The service does not answer with a list of messages."
_SILENT: Final = "The service did not answer when it was asked what it stored."
_LIMITED: Final = "The service limits requests, so it was not asked again."
_TOO_FAR: Final = "The service has so many newer messages that this one was not reached."
_PATIENCE: Final = 60.0
"""Seconds to wait for a rate limit to end."""
_KEPT: Final = 8
"""The number of replies whose stored texts are remembered, for `diffs`."""


class TextDiff(NamedTuple):
    """How two texts that should be equal differ, word by word, and which texts they are."""

    names: tuple[str, str]
    text: str


class TruthChecker:
    """Compares replies with what their services stored: at their end, and on request."""

    def __init__(
        self, messages: MessageSync, clients: Clients, history: History, listener: SessionListener, clock: Clock
    ) -> None:
        self._messages = messages
        self._clients = clients
        self._history = history
        self._listener = listener
        self._clock = clock
        self._tasks = BackgroundTasks(listener.notify)
        self._stored: OrderedDict[Reply, Stored] = OrderedDict()

    def start(self, conversation: Conversation, turn: Turn, reply: Reply) -> None:
        """Check a completed reply in the background, until the stored text is equal or the last time to ask has
        passed.

        Additional messages of the service are merged into the conversation.
        """
        reply.is_compared = True
        self._tasks.start(self._check(conversation, turn, reply))

    async def check_again(self, conversation: Conversation, turn: Turn, reply: Reply) -> TruthCheck:
        """Check a reply now, and return the result.

        Raises:
            UsageProblem: the reply cannot be checked, or the service does not return its messages.
        """
        if reply.live:
            raise UsageProblem("The reply has not ended yet.")
        if turn.remote:
            raise UsageProblem("This was read from the service; there is nothing to compare it with.")
        if reason := why_never(conversation.provider, conversation.remote_id):
            raise UsageProblem(reason)
        try:
            client = await self._clients.get(conversation.provider)
            async for newest in read_back(client, conversation.board.id, conversation.remote_id):
                check = await self._compare(conversation, turn, reply, newest)
                if check is not None:
                    await self._settle(conversation, turn, reply)
                    return check
        except StorageProblem:
            raise
        except ChatgridError as problem:
            raise UsageProblem(self._reason(conversation, problem)) from problem
        raise UsageProblem(_TOO_FAR)

    async def diffs(self, conversation: Conversation, turn: Turn, reply: Reply) -> list[TextDiff]:
        """Return how texts that should be equal differ, according to the known stored messages."""
        if reply.live or turn.remote:
            return []
        stored = self._stored.get(reply)
        if stored is None and reply.truth is not None and reply.truth.verdict != "same":
            known = self._messages.known(conversation)
            stored = await self._find(conversation, turn, reply, known)

        def compared() -> list[TextDiff]:
            from chatgrid_tui.session.truth.comparison import unequal_texts
            from chatgrid_tui.session.truth.word_diff import word_diff

            pairs = unequal_texts(turn, reply, stored)
            return [TextDiff(pair.names, word_diff(pair.before, pair.after)) for pair in pairs]

        return await asyncio.to_thread(compared)  # texts may be megabytes

    async def close(self) -> None:
        """Stop asking."""
        await self._tasks.close()

    async def _check(self, conversation: Conversation, turn: Turn, reply: Reply) -> None:
        async for after in ask_times(self._clock):
            if conversation.deleting or turn not in conversation.turns or turn.reply is not reply:
                break  # the next try is compared separately
            try:
                async with Deadline(self._clock, _PATIENCE) as deadline:
                    known = await deadline.wait_for(self._messages.read(conversation))
                if turn is _newest_here(conversation):  # otherwise it would be on the newest page
                    known = known._replace(complete=True)
            except StorageProblem as problem:
                self._listener.storage_failed(problem)
                break
            except TimeoutError:
                reply.truth_problem = _LIMITED
                break
            except ChatgridError as problem:
                reply.truth_problem = self._reason(conversation, problem)
                logger.info("What was stored cannot be read: %s", type(problem).__name__)
                continue
            check = await self._compare(conversation, turn, reply, known, after)
            if check is not None and check.verdict == "same":
                break
        await self._settle(conversation, turn, reply)

    async def _compare(
        self, conversation: Conversation, turn: Turn, reply: Reply, known: KnownMessages, after: float | None = None
    ) -> TruthCheck | None:
        """Compare a reply with messages, note the outcome and return it; None if they do not reach back far enough.
        `after` is for the time after which the service will be asked again.
        """
        from chatgrid_tui.session.truth.comparison import compare

        stored = await self._find(conversation, turn, reply, known)
        if stored is None or reply not in turn.replies:
            return None
        seconds = self._since_end(reply) if after is None else after
        check = await asyncio.to_thread(compare, turn, reply, stored, after=seconds, settled=False)
        self._stored[reply] = stored
        self._stored.move_to_end(reply)
        if len(self._stored) > _KEPT:
            self._stored.popitem(last=False)
        reply.truth, reply.truth_problem = check, ""
        self._listener.notify(TurnChanged(conversation, turn))
        return check

    async def _find(
        self, conversation: Conversation, turn: Turn, reply: Reply, known: KnownMessages
    ) -> Stored | None:
        from chatgrid_tui.session.truth.comparison import find_stored

        turns = list(conversation.turns)
        return await cooperatively(find_stored(turns, turn, reply, known.messages, complete=known.complete))

    async def _settle(self, conversation: Conversation, turn: Turn, reply: Reply) -> None:
        """Note that the service will not be asked again, and save the result."""
        if reply.truth is not None:
            reply.truth = replace(reply.truth, settled=True)
            logger.info("Stored at the service: %s", reply.truth.verdict)
            if reply.id:
                saving = self._history.save_truth(reply.id, reply.truth)
                await report_storage(saving, self._listener.storage_failed)
        self._listener.notify(TurnChanged(conversation, turn))

    def _since_end(self, reply: Reply) -> float:
        ended = reply.started_at.timestamp() + (reply.duration or 0.0)
        return max(0.0, self._clock.utc_now().timestamp() - ended)

    def _reason(self, conversation: Conversation, problem: ChatgridError) -> str:
        if is_gone(problem):
            return _GONE
        if isinstance(problem, ConnectionProblem) and problem.failure.kind == "protocol":
            return _NO_LIST
        text = status_of_error(problem, self._clients.key_status(conversation.provider)).text
        return _SILENT if text == OFFLINE else text


def _newest_here(conversation: Conversation) -> Turn | None:
    """Return the newest turn that was sent from this machine."""
    here = (turn for turn in reversed(conversation.turns) if not turn.remote and not turn.queued)
    return next(here, None)
