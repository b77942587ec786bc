"""Send messages: each is saved before it is sent, and waits for the reply to the one before."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import TYPE_CHECKING

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.errors import StorageProblem, UsageProblem
from chatgrid_tui.model.request import Request
from chatgrid_tui.session.changes import SessionListener, TurnAdded, TurnChanged, TurnsReplaced
from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.session.providers import removed
from chatgrid_tui.session.providers.clients import Clients
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.sync.chat_list import TITLE_LENGTH
from chatgrid_tui.session.tasks import report_storage
from chatgrid_tui.session.turns.runner import Runner
from chatgrid_tui.session.wording.failures import cannot_send
from chatgrid_tui.store.history import History
from chatgrid_tui.text import clean_line, mend_surrogates

if TYPE_CHECKING:  # not needed to be at rest
    from chatgrid_tui.engine.recording import Recording


class Outbox:
    """Sends and retries messages, those of each conversation in order."""

    def __init__(self, clients: Clients, history: History, listener: SessionListener, clock: Clock) -> None:
        self._clients = clients
        self._history = history
        self._listener = listener
        self._clock = clock
        self._runner = Runner(clients, history, listener, clock)
        self._unsaved: dict[Conversation, None] = {}

    @property
    def unsaved(self) -> tuple[Conversation, ...]:
        """The conversations that could not be added to the history."""
        return tuple(self._unsaved)

    def recordings_of(self, reply: Reply) -> Sequence[Recording]:
        """Return what goes over the wire for a reply, or nothing once that is in the history."""
        return self._runner.recordings_of(reply)

    async def send(self, conversation: Conversation, text: str, *, shown: str | None = None) -> Turn:
        """Save a message, and send it as soon as no reply is being written. Return its turn once it is saved.

        `shown` is what the user's bubble shows instead of the text: the label of a suggestion. A message without it
        was typed, so it empties the draft.

        Raises:
            UsageProblem: the service would not accept the message. Nothing was saved or sent.
        """
        text = mend_surrogates(text)  # a suggestion may contain half characters, which requests cannot
        self.check_send(conversation, text)
        if shown is None:
            conversation.draft = ""  # before the first await: what is typed during it is the next draft
        async with conversation.save_lock:
            conversation.retry_at, conversation.stop_at_start = None, False
            turn = Turn(0, text if shown is None else shown, text, self._clock.utc_now())
            turn.queued = conversation.live is not None or bool(conversation.queued)
            conversation.turns.append(turn)
            if not conversation.title:
                conversation.title = clean_line(turn.shown, TITLE_LENGTH)
            self._listener.notify(TurnAdded(conversation))
            await self._save(conversation, turn)
            if not turn.queued:
                self._runner.start(conversation, turn)
                if conversation.stop_at_start:
                    self._runner.stop(conversation)
        self.send_queued(conversation)
        return turn

    def check_send(self, conversation: Conversation, text: str) -> None:
        """Check whether a message can be sent.

        Raises:
            UsageProblem: as `send`.
        """
        removed.check(conversation.provider, self._clients.settings)
        DIALECTS[conversation.provider.kind].check(text)
        if self._listener.read_only:
            raise UsageProblem(cannot_send(self._listener.read_only))
        if conversation.deleting:
            raise UsageProblem("This conversation is being deleted. Nothing was sent.")

    def send_queued(self, conversation: Conversation) -> None:
        """Send the oldest queued message, unless another one is being saved or answered, or waits for a retry."""
        waits = conversation.deleting or conversation.save_lock.locked() or conversation.retry_at is not None
        if waits or conversation.live is not None or self._runner.closed or not conversation.queued:
            return
        turn = conversation.queued[0]
        turn.queued = False
        self._listener.notify(TurnsReplaced(conversation))
        self._runner.start(conversation, turn)

    async def take_back(self, conversation: Conversation, turn: Turn | None = None) -> str | None:
        """Remove a queued message, by default the newest one, and return its text; None if it is not queued."""
        async with conversation.save_lock:
            queued = conversation.queued
            if turn is None and queued:
                turn = queued[-1]
            if turn is None or turn not in queued:
                return None
            conversation.turns.remove(turn)
            self._listener.notify(TurnsReplaced(conversation))
            await self._report(self._history.delete_turn(turn.id))
        self.send_queued(conversation)
        return turn.sent

    async def move(self, conversation: Conversation, turn: Turn, step: int) -> None:
        """Move a queued message by `step` places, as far as the queue goes. The first one is sent next."""
        async with conversation.save_lock:
            queued = conversation.queued
            if turn in queued:
                at = queued.index(turn)
                queued.insert(max(0, at + step), queued.pop(at))
                await self._reorder(conversation, queued)
        self.send_queued(conversation)

    async def send_now(self, conversation: Conversation, turn: Turn) -> None:
        """Send a queued message before the others, and at once: stop the reply, or what waits to be sent again."""
        await self.move(conversation, turn, -len(conversation.turns))
        if turn.queued and not self.stop(conversation):
            self.cancel_retry(conversation)

    async def _reorder(self, conversation: Conversation, queued: Sequence[Turn]) -> None:
        if queued == conversation.queued:
            return
        conversation.turns[-len(queued) :] = queued  # they are the last ones
        self._listener.notify(TurnsReplaced(conversation))
        if all(turn.id for turn in queued):
            try:
                new = await self._history.reorder_turns([turn.id for turn in queued])
            except StorageProblem as problem:
                self._listener.storage_failed(problem)
                return
            for turn, turn_id in zip(queued, new, strict=True):
                turn.id = turn_id

    def stop(self, conversation: Conversation) -> bool:
        """Stop the reply that is being written or about to be, and keep its text. Return whether there was one."""
        if conversation.live is None:
            conversation.stop_at_start = conversation.save_lock.locked()
            return conversation.stop_at_start
        self._runner.stop(conversation)
        return True

    async def stop_and_save(self, conversation: Conversation) -> None:
        """Stop the reply of a conversation, or to a message that is being saved, and wait until it is saved."""
        async with conversation.save_lock:
            pass
        await self._runner.stop_and_save(conversation)

    def regenerate(self, conversation: Conversation, turn: Turn, message: str | None = None) -> None:
        """Send the newest message for another reply to it, or `message` instead, which the new reply answers then.

        Raises:
            UsageProblem: it cannot be sent now, or the service would not accept it. Nothing was sent.
        """
        self.check_regenerate(conversation, turn)
        if message is not None:
            message = mend_surrogates(message)
            DIALECTS[conversation.provider.kind].check(message)
        conversation.retry_at = None
        self._runner.start(conversation, turn, message=message)

    def check_regenerate(self, conversation: Conversation, turn: Turn) -> None:
        """Check whether a message can be sent again.

        Raises:
            UsageProblem: as `regenerate`.
        """
        if self._listener.read_only:
            raise UsageProblem(cannot_send(self._listener.read_only))
        removed.check(conversation.provider, self._clients.settings)
        if conversation.deleting:
            raise UsageProblem("This conversation is being deleted. Nothing was sent.")
        if conversation.live is not None or conversation.save_lock.locked():
            raise UsageProblem("A reply is being written. Nothing was sent.")
        if turn is not conversation.newest or turn.remote:
            raise UsageProblem(
                "Only the newest message sent from here can get another reply: what was said later continues from "
                "the reply that is there. Nothing was sent."
            )

    def resend(self, conversation: Conversation, turn: Turn, recording: Recording) -> None:
        """Send a recorded request of the newest message exactly as it was, for another reply to that message.

        Raises:
            UsageProblem: it cannot be sent now, or not exactly as it was. Nothing was sent.
        """
        again = self.check_resend(conversation, turn, recording)
        conversation.retry_at = None
        self._runner.start(conversation, turn, again)

    def check_resend(self, conversation: Conversation, turn: Turn, recording: Recording) -> Request:
        """Return the request that `resend` would send.

        Raises:
            UsageProblem: as `resend`.
        """
        from chatgrid_tui.engine.resending import request_again

        self.check_regenerate(conversation, turn)
        return request_again(recording, self._clients.current(conversation.provider))

    def cancel_retry(self, conversation: Conversation) -> None:
        """Do not send the newest message again automatically; continue with queued messages."""
        conversation.retry_at = None
        if conversation.newest is not None:
            self._listener.notify(TurnChanged(conversation, conversation.newest))
        self.send_queued(conversation)

    def resume(self, conversation: Conversation) -> None:
        """Continue after an undone deletion, with an automatic retry or with queued messages."""
        self._runner.resume_retry(conversation)
        self.send_queued(conversation)

    async def select_reply(self, conversation: Conversation, turn: Turn, number: int | None) -> None:
        """Select a reply of a turn by its index, or the newest one (None), unless a reply is being written. If the
        history is read-only, that is not saved.
        """
        if turn.replies and turn.replies[-1].live:
            return
        turn.selected = number
        self._listener.notify(TurnChanged(conversation, turn))
        if self._listener.read_only:
            return
        self._listener.row_changed(conversation)
        if turn.id:
            await self._report(self._history.select_reply(turn.id, number))

    async def choose_suggestion(self, conversation: Conversation, turn: Turn, number: int) -> None:
        """Save which suggestion of a reply was sent."""
        if turn.reply is None:
            return
        turn.reply.chosen = (*(sent for sent in turn.reply.chosen if sent != number), number)
        self._listener.notify(TurnChanged(conversation, turn))
        if not turn.reply.live:
            await self._report(self._history.save_reply(turn.reply.saved()))

    async def close(self) -> None:
        """Stop all replies, and wait until they are saved."""
        await self._runner.close()

    async def _save(self, conversation: Conversation, turn: Turn) -> None:
        try:
            if not conversation.id:
                conversation.id = await self._history.create(
                    conversation.provider.name, conversation.board.id, conversation.board.name, conversation.title
                )
                await self._listener.conversation_saved(conversation)
            self._unsaved.pop(conversation, None)
            turn.id = await self._history.add_turn(conversation.id, turn.shown, turn.sent, turn.sent_at)
        except StorageProblem as problem:
            if not conversation.id:
                self._unsaved[conversation] = None
            self._listener.storage_failed(problem)
        if conversation.id:
            self._listener.message_saved(conversation, turn)
            await self._report(self._history.save_draft(conversation.id, conversation.draft))

    async def _report(self, saving: Awaitable[None]) -> None:
        await report_storage(saving, self._listener.storage_failed)
