"""Retry a message once, automatically, if a service refused it because of a rate limit."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeAlias

from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.session.changes import Change
from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.tasks import BackgroundTasks
from chatgrid_tui.session.wording.refusal_kinds import is_limit, is_long_limit

logger = logging.getLogger(__name__)

StartTurn: TypeAlias = Callable[[Conversation, Turn], None]


def retry_delay(reply: Reply) -> float | None:
    """Return the seconds after which the message may be sent again without asking, or None if it may not be.

    It may be if the service named a time, the time is short, and the message was not accepted.
    """
    failure = reply.failure
    if reply.state != "failed" or failure is None or not is_limit(failure) or is_long_limit(failure):
        return None
    return failure.retry_after


class RetryScheduler:
    """Sends each message again at most once, at `Conversation.retry_at`."""

    def __init__(self, start: StartTurn, notify: Callable[[Change], None], clock: Clock) -> None:
        """`start` sends the message of a turn."""
        self._start = start
        self._clock = clock
        self._tasks = BackgroundTasks(notify)
        self._retried: set[Turn] = set()

    def plan(self, conversation: Conversation, turn: Turn, reply: Reply) -> None:
        """Schedule sending the message of `turn` again, if `reply` allows it and nothing has taken its place."""
        delay = retry_delay(reply)
        if delay is not None and conversation.newest is turn and turn not in self._retried:
            self._retried.add(turn)
            conversation.retry_at = self._clock.monotonic() + delay
            logger.info("Message refused by a limit, sent again in %g s", delay)

    def wait(self, conversation: Conversation, turn: Turn) -> None:
        """Send the message in the background when its time comes, unless the schedule changes before, or the
        conversation is being deleted. Call it again if that is undone.
        """
        if conversation.retry_at is not None:
            self._tasks.start(self._retry_at(conversation.retry_at, conversation, turn))

    async def close(self) -> None:
        """Cancel all retries."""
        await self._tasks.close()

    async def _retry_at(self, planned: float, conversation: Conversation, turn: Turn) -> None:
        await self._clock.sleep(max(0.0, planned - self._clock.monotonic()))
        if conversation.deleting:
            return
        if conversation.retry_at == planned and conversation.newest is turn and conversation.live is None:
            conversation.retry_at = None
            self._start(conversation, turn)
