"""Deleting conversations, here and at their services, with some time to undo it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Final

from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.errors import ChatgridError, UsageProblem
from chatgrid_tui.session.changes import RowsChanged
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.session.library.loading import without_turns
from chatgrid_tui.session.library.manage import ManagedSession, check_changeable, why_refused
from chatgrid_tui.session.tasks import BackgroundTasks, report_error
from chatgrid_tui.session.turns.outbox import Outbox
from chatgrid_tui.session.turns.reruns import Reruns
from chatgrid_tui.store.history import History
from chatgrid_tui.text import clean_line
from chatgrid_tui.units import counted

UNDO_SECONDS: Final = 10.0
_AT_ONCE: Final = 100
"""How many conversations are deleted at the same time, so that other writes do not wait long."""
_REQUESTS: Final = 4
"""How many of them are deleted at their services at the same time."""
_TITLE: Final = 40


@dataclass(frozen=True, slots=True, eq=False)
class Deletion:
    """Conversations that the user deleted together. `until` is when it can no longer be undone, on the clock."""

    conversations: tuple[Conversation, ...]
    at_service: bool
    until: float
    was_visible: int
    """The id of the conversation that was on the screen, if it is one of them, else 0."""


class Deletions:
    """Deletes conversations ten seconds after the user asked for it.

    Until then they are only hidden, so after a crash they are as they were before. Their replies go on, and nothing
    more is sent in them. `close` deletes them at once.
    """

    def __init__(
        self,
        session: ManagedSession,
        history: History,
        outbox: Outbox,
        reruns: Reruns,
        open_conversations: MutableMapping[int, Conversation],
        clock: Clock,
    ) -> None:
        """`open_conversations` maps ids to conversations; deleted ones are removed from it."""
        self._session = session
        self._history = history
        self._outbox = outbox
        self._reruns = reruns
        self._open = open_conversations
        self._clock = clock
        self._timers = BackgroundTasks(session.notify)
        self._waiting: list[Deletion] = []
        """The deletions that can be undone, newest last."""
        self._running: set[asyncio.Task[None]] = set()
        self._requests = asyncio.Semaphore(_REQUESTS)
        self._unfinished: set[Conversation] = set()
        """What is being deleted; at the end, what could not be."""
        self._closing = False

    @property
    def newest(self) -> Deletion | None:
        """The deletion that `undo` undoes."""
        return self._waiting[-1] if self._waiting else None

    @property
    def seconds_left(self) -> int:
        """For how many seconds the newest deletion can be undone; 0 if there is none."""
        return 0 if self.newest is None else max(1, math.ceil(self.newest.until - self._clock.monotonic()))

    def conversations(self, conversation_ids: Iterable[int]) -> tuple[Conversation, ...]:
        """Return conversations of the list: open ones, and others without their turns."""
        rows = filter(None, map(self._session.index.get, conversation_ids))
        return tuple(self._open.get(row.id) or without_turns(row, self._session.clients.settings) for row in rows)

    def delete(self, conversations: Sequence[Conversation], *, at_service: bool) -> None:
        """Delete conversations, with `at_service` also where their services can do that. This can be undone for ten
        seconds.

        Raises:
            UsageProblem: nothing can be changed.
        """
        # One of them may have been opened since they were chosen.
        conversations = tuple(self._open.get(one.id, one) for one in conversations)
        for conversation in conversations:
            check_changeable(self._session, conversation)
            if conversation.deleting:
                raise UsageProblem("It is being deleted already.")
        ids = tuple(conversation.id for conversation in conversations)
        until = self._clock.monotonic() + UNDO_SECONDS
        was_visible = next((one.id for one in self._session.visible if one in conversations), 0)
        deletion = Deletion(conversations, at_service, until, was_visible)
        for conversation in conversations:
            conversation.deleting = True
        self._session.index.hide(ids)
        self._waiting.append(deletion)
        self._timers.start(self._wait(deletion))
        self._session.notify(RowsChanged())

    def undo(self) -> Deletion | None:
        """Undo the newest deletion, and continue what was going on in its conversations. Return it, or None if it is
        too late.
        """
        if not self._waiting:
            return None
        deletion = self._waiting.pop()
        self._restore(deletion.conversations)
        return deletion

    async def finish(self) -> None:
        """Delete now what could still be undone, and wait until everything is deleted."""
        for deletion in self._waiting.copy():
            self._start(deletion)
        if self._running:
            await asyncio.wait(self._running)

    async def close(self, within: float) -> str:
        """Finish within some seconds. Return a sentence about what was not deleted, or an empty string."""
        self._closing = True
        await self._timers.close()
        try:
            await asyncio.wait_for(self.finish(), within)
        except TimeoutError:
            for task in self._running:
                task.cancel()
            await self.finish()
        count = len(self._unfinished)
        return (
            f"{counted(count, 'conversation')} could not be deleted at the service, and stayed here too."
            if count
            else ""
        )

    async def _wait(self, deletion: Deletion) -> None:
        await self._clock.sleep(UNDO_SECONDS)
        if deletion in self._waiting:
            self._start(deletion)

    def _start(self, deletion: Deletion) -> None:
        self._waiting.remove(deletion)
        self._unfinished.update(deletion.conversations)
        task = asyncio.create_task(self._run(deletion))
        self._running.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        report_error(task, self._session.notify)

    async def _run(self, deletion: Deletion) -> None:
        """Delete conversations, and report those that could not be deleted, by the reason."""
        refused: dict[str, list[Conversation]] = {}
        for begin in range(0, len(deletion.conversations), _AT_ONCE):
            some = deletion.conversations[begin : begin + _AT_ONCE]
            reasons = await asyncio.gather(*(self._delete(one, at_service=deletion.at_service) for one in some))
            for conversation, reason in zip(some, reasons, strict=True):
                if reason:
                    refused.setdefault(reason, []).append(conversation)
        self._session.notify(RowsChanged())
        if not self._closing:
            for reason, conversations in refused.items():
                self._unfinished.difference_update(conversations)
                self._session.alerts.add(f"{_named(conversations)} not deleted. {reason}")

    async def _delete(self, conversation: Conversation, *, at_service: bool) -> str:
        """Delete a conversation, at its service first. If that refuses, delete nothing and return the reason."""
        number, remote = conversation.id, self._session.remote
        try:
            await self._outbox.stop_and_save(conversation)
            if at_service and remote.is_at_service(conversation):
                async with self._requests:
                    await remote.delete(conversation)
            await self._history.delete(number)
        except BaseException as problem:
            self._restore([conversation])
            if isinstance(problem, ChatgridError):
                return why_refused(problem, conversation, self._session.clients)
            raise
        self._session.index.remove(number)
        self._open.pop(number, None)
        remote.messages.forget(conversation)
        self._reruns.stop(conversation)
        conversation.id = 0
        self._unfinished.discard(conversation)
        return ""

    def _restore(self, conversations: Sequence[Conversation]) -> None:
        """Show conversations again, and continue what was going on in them: retries, queued messages, reruns. When
        the session is being closed, nothing more is sent.
        """
        self._session.index.hide((conversation.id for conversation in conversations), hidden=False)
        self._session.notify(RowsChanged())
        if self._closing:
            return
        for conversation in conversations:
            conversation.deleting = False
            self._outbox.resume(conversation)
            self._timers.start(self._reruns.reply_ended(conversation))


def _named(conversations: Sequence[Conversation]) -> str:
    if len(conversations) > 1:
        return f"{counted(len(conversations), 'conversation')} were"
    return f'"{clean_line(conversations[0].title, _TITLE) or "Untitled"}" was'
